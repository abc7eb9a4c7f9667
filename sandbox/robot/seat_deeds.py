"""What the robot does at any desk: log-in matters, mail, reports, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sandbox.exercises.scripts import Act
from sandbox.robot.client import Client, RobotError
from sandbox.robot.pages import Page
from sandbox.robot.trainee import SeatCard

if TYPE_CHECKING:
    from sandbox.robot.hospital import Hospital

OWN_TERMINAL = "1"
"""The window a seat works in, unless an act names another."""


def settle_in(robot: Hospital, client: Client, card: SeatCard) -> None:
    """Log in and do what the hospital asks of newcomers, for runs that are about something else."""
    client.get(robot.home)
    page = client.submit(client.form("auth.login"), {"account": card.account, "password": card.password})
    if page.form("auth.password_change") is not None:
        new = f"Neu!{card.password[::-1]}"
        page = client.submit(client.form("auth.password_change"), {"old": card.password, "new": new, "again": new})
        robot.passwords[card.name] = new
    if page.form("auth.agreement_sign") is not None:
        page = client.submit(client.form("auth.agreement_sign"), {"agreed": "yes"})
    if any(page.form(each) is not None for each in ("auth.login", "auth.password_change", "auth.agreement_sign")):
        raise RobotError(f"{card.account} was not let in to the hospital")


def _log_in(robot: Hospital, client: Client, act: Act) -> Page:
    card = robot.seats[act.seat]
    account = str(act.fields.get("account", card.account))
    client.get(robot.home)
    return client.submit(client.form(act.action), {"account": account, "password": _password(robot, act, "password")})


def _change_password(robot: Hospital, client: Client, act: Act) -> Page:
    old, new = _password(robot, act, "old"), str(act.fields["new"])
    form = client.form(act.action)
    if not new:
        return client.submit(form, to=form.buttons[0])
    page = client.submit(form, {"old": old, "new": new, "again": new})
    if not page.marked("problem"):
        robot.passwords[act.seat] = new
    return page


def _sign(_robot: Hospital, client: Client, act: Act) -> Page:
    return client.submit(client.form(act.action), {"agreed": "yes"})


def _lock(robot: Hospital, client: Client, act: Act) -> Page:
    _have_a_page(robot, client)
    return client.submit(client.form(act.action), {"by": str(act.fields.get("by", "user"))})


def _unlock(robot: Hospital, client: Client, act: Act) -> Page:
    return client.submit(client.form(act.action), {"password": _password(robot, act, "password")})


def _log_out(robot: Hospital, client: Client, act: Act) -> Page:
    _have_a_page(robot, client)
    return client.submit(client.form(act.action))


def _open_mail(robot: Hospital, client: Client, act: Act) -> Page:
    page = _tab(robot, client, "mail")
    subject = _subject(robot, act)
    for each in page.marked("mail"):
        if each.tag == "a" and each.text.strip() == subject:
            return client.get(each.attributes["href"])
    raise RobotError(f"no mail {subject} in the inbox")


def _report_mail(robot: Hospital, client: Client, act: Act) -> Page:
    """Report from the list: a mail need not be opened for that."""
    return client.submit(client.form(act.action, mail=_in_list(robot, client, act)))


def _follow_link(_robot: Hospital, client: Client, act: Act) -> Page:
    """Press the link of the mail that is open."""
    return client.submit(client.form(act.action))


def _report_incident(robot: Hospital, client: Client, act: Act) -> Page:
    _tab(robot, client, "safety")
    values = {name: str(act.fields.get(name, "")) for name in ("kind", "text")}
    return client.submit(client.form(act.action), values)


def _request_export(robot: Hospital, client: Client, act: Act) -> Page:
    page = _tab(robot, client, "safety")
    client.get(page.link("safety", "export") or page.url)
    values = {name: str(act.fields.get(name, "")) for name in ("what", "purpose")}
    return client.submit(client.form(act.action), values)


def _answer(robot: Hospital, client: Client, act: Act) -> Page:
    _tab(robot, client, "answers")
    given = act.fields["value"]
    value = [str(each) for each in given] if isinstance(given, list) else str(given)
    return client.submit(client.form(act.action, check=str(act.fields["check"])), {"value": value})


def _in_list(robot: Hospital, client: Client, act: Act) -> str:
    """Return the hospital's own name of a mail, read from the list."""
    page = _tab(robot, client, "mail")
    subject = _subject(robot, act)
    found = [each.data("mail") or "" for each in page.marked("mail") if each.text.strip() == subject]
    if not found:
        raise RobotError(f"no mail {subject} in the inbox")
    return found[0]


def _subject(robot: Hospital, act: Act) -> str:
    return robot.mails[str(act.fields["target"]).lstrip("$")]


def _tab(robot: Hospital, client: Client, name: str) -> Page:
    page = _have_a_page(robot, client)
    address = page.link("tab", name)
    if address is None:
        raise RobotError(f"no tab {name} on {page.url}")
    return client.get(address)


def _have_a_page(robot: Hospital, client: Client) -> Page:
    """Return the page in front, or the desk's first one where none with tabs is."""
    page = client.page
    return page if page is not None and page.marked("tab") else client.get(robot.home)


def _password(robot: Hospital, act: Act, name: str) -> str:
    given = act.fields.get(name)
    return robot.passwords.get(act.seat, robot.seats[act.seat].password) if given is None else str(given)


WAYS: Mapping[str, Callable[[Hospital, Client, Act], Page]] = {
    "auth.login": _log_in,
    "auth.password_change": _change_password,
    "auth.agreement_sign": _sign,
    "auth.lock_screen": _lock,
    "auth.unlock_screen": _unlock,
    "auth.logout": _log_out,
    "mail.open": _open_mail,
    "mail.report": _report_mail,
    "mail.link_follow": _follow_link,
    "incident.report": _report_incident,
    "export.request": _request_export,
    "answer.give": _answer,
}
