"""Simulated mail: the inbox of every seat, a mail, and where its link leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import mail
from his.chart.acting import Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard
from his.shell.frames import Page

bp = Blueprint("mailing", __name__, url_prefix="/mail")


@dataclass(frozen=True, kw_only=True)
class MailView:
    """A mail of the list; `body` and `link` only of the one that is open."""

    id: str
    sender: str
    address: str
    subject: str
    at: str
    status: str
    state: str
    href: str
    chosen: bool = False
    body: Sequence[str] = ()
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, kw_only=True)
class InboxView:
    mails: Sequence[MailView]
    chosen: MailView | None = None


@dataclass(frozen=True, kw_only=True)
class LandingView:
    """Where a link led: `lure` chooses the words."""

    mail: str
    subject: str
    sender: str
    address: str
    link: str
    lure: str
    reported: bool


@bp.get("/")
def inbox() -> Response:
    """Show what has been delivered."""
    return _draw()


@bp.get("/<key>")
def open_mail(key: str) -> Response:
    """Open a mail."""
    try:
        keyboard.perform(mail.open_mail, mail=key)
    except Refused as refused:
        return _draw(refusal=refused)
    return _draw(key)


@bp.post("/<key>/report")
def report(key: str) -> Response:
    """Report a mail as suspicious; the list stays, the mail need not be opened."""
    shown = request.form.get("shown", "")
    return doing.do(
        "mail.report",
        lambda: keyboard.perform(mail.report, mail=key),
        then=lambda _: url_for(".open_mail", key=shown) if shown else url_for(".inbox"),
        again=lambda refused: _draw(shown, refused),
    )


@bp.post("/<key>/link")
def follow_link(key: str) -> Response:
    """Follow the link of a mail."""
    return doing.do(
        "mail.link_follow",
        lambda: keyboard.perform(mail.follow_link, mail=key),
        then=lambda _: url_for(".landing", key=key),
        again=lambda refused: _draw(key, refused),
    )


@bp.get("/<key>/link")
def landing(key: str) -> Response:
    """Say where the link led and what that would have meant."""
    with keyboard.looking() as act:
        found = next((each for each in mail.inbox(act) if each["id"] == key), None)
    if found is None or found["followed_at"] is None:
        return _draw()
    view = LandingView(
        mail=key,
        subject=_text(found, "subject"),
        sender=_text(found, "sender"),
        address=found["sender_address"] or "",
        link=found["link"] or "",
        lure=found["lure"] or "none",
        reported=found["status"] == mail.REPORTED,
    )
    return frames.show(Page(template="shell/landing.html", title="tab.mail", tab="mail", view=view))


def _draw(key: str = "", refusal: Refused | None = None) -> Response:
    with keyboard.looking() as act:
        rows = [_row(each, key) for each in mail.inbox(act)]
    view = InboxView(mails=rows, chosen=next((each for each in rows if each.chosen), None))
    here = url_for(".open_mail", key=key) if view.chosen else url_for(".inbox")
    return frames.show(
        Page(template="shell/mail.html", title="tab.mail", tab="mail", view=view, here=here, refusal=refusal)
    )


def _row(found: Record, key: str) -> MailView:
    link = found["link"] or ""
    return MailView(
        id=found["id"],
        sender=_text(found, "sender"),
        address=found["sender_address"] or "",
        subject=_text(found, "subject"),
        at=keyboard.when(found["delivered_at"]),
        status=found["status"],
        state=keyboard.glossary().name("mail_status", found["status"]),
        href=url_for(".open_mail", key=found["id"]),
        chosen=found["id"] == key,
        body=_text(found, "body").split("\n"),
        link=link,
        link_text=_text(found, "link") or link,
    )


def _text(found: Record, stem: str) -> str:
    return str(found[f"{stem}_{keyboard.language()}"] or found[f"{stem}_zh"] or "")
