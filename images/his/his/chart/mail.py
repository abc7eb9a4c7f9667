"""Simulated mail inside the hospital: an inbox per seat, reporting what looks false, following a link."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

NEW, OPENED, REPORTED = "new", "opened", "reported"

PHISHING, PRODUCTION = "phishing", "production"
"""Where a link may lead besides a page of the house: into a trap, or to the simulated real system."""


def inbox(act: Acting) -> list[Record]:
    """Return what has been delivered to the acting person by now, latest first."""
    return act.rows(
        'SELECT * FROM "mail" WHERE ("recipient" IS NULL OR "recipient" = ?) AND "delivered_at" <= ? '
        'ORDER BY "delivered_at" DESC, LENGTH("id") DESC, "id" DESC',
        act.who.staff,
        act.now,
    )


def unread(act: Acting) -> int:
    """Count the mails that nobody has opened or reported."""
    return sum(each["status"] == NEW for each in inbox(act))


def open_mail(act: Acting, *, mail: str) -> Record:
    """Open a mail and return it; only the first time is an act of its own."""
    found = _delivered(act, "mail.open", mail)
    if found["opened_at"] is None:
        status = OPENED if found["status"] == NEW else found["status"]
        act.update("mail", found, {"opened_at": act.now, "status": status})
        act.record("mail.open", target=mail, data=_about(found))
    return act.fetch("mail", mail)


def report(act: Acting, *, mail: str) -> None:
    """Report a mail as suspicious; it need not be opened for that. E-GEN-01 if it was reported before."""
    found = _delivered(act, "mail.report", mail)
    if found["status"] == REPORTED:
        raise Refused("E-GEN-01", hint_zh="该邮件已举报", hint_en="This mail has been reported already")
    act.update("mail", found, {"status": REPORTED})
    act.record("mail.report", target=mail, data=_about(found))


def follow_link(act: Acting, *, mail: str) -> Record:
    """Follow the link of a mail, wherever it leads; return the mail. E-GEN-03 if it has none."""
    found = _delivered(act, "mail.link_follow", mail)
    if not found["link"]:
        raise Refused("E-GEN-03", hint_zh="该邮件没有链接", hint_en="This mail has no link")
    act.update("mail", found, {"followed_at": act.now})
    act.record("mail.link_follow", target=mail, data=_about(found))
    return found


def _delivered(act: Acting, action: str, mail: str) -> Record:
    found = act.fetch("mail", mail)
    act.attempt(action, target=mail, data=_about(found))
    if mail not in {each["id"] for each in inbox(act)}:
        raise Refused("E-GEN-06")
    return found


def _about(mail: Record) -> dict[str, str]:
    return {"lure": mail["lure"] or "none"}


ACTIONS: Mapping[str, Operation] = {"mail.open": open_mail, "mail.report": report, "mail.link_follow": follow_link}
