"""The person at the keyboard: session, seat, language and words of the present request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from his.chart.acting import NOBODY, Acting, Who
from his.chart.hospital import Hospital
from his.chart.terminals import Presence
from his.shell.desks import Desk
from his.shell.glossary import Glossary
from his.shell.sessions import Session
from his.shell.wording import Catalogue

R = TypeVar("R")


def hospital() -> Hospital:
    """Return the hospital this application serves."""
    return cast(Hospital, current_app.extensions["hospital"])


def session() -> Session:
    """Return the browser's session."""
    return cast(Session, g.session)


def presence() -> Presence | None:
    """Return who has logged in at this browser."""
    return cast("Presence | None", g.get("presence"))


def who() -> Who:
    """Return who acts; before the log-in nobody does."""
    here = presence()
    return NOBODY if here is None else here.who


def desk() -> Desk | None:
    """Return the desk that the asked page belongs to, None for the shell's own."""
    return cast("Desk | None", current_app.extensions["desk_of"].get(request.blueprint))


def may_look() -> bool:
    """Say whether the desk of the asked page opens to whoever sits here: logged in, not barred, of a post of the desk.

    Pages that belong to no desk open to everybody.
    """
    asked, here = desk(), presence()
    return asked is None or (here is not None and not here.who.barred and here.who.role in asked.roles)


def language() -> str:
    """Return zh or en."""
    return session().language


def say(key: str, **values: object) -> str:
    """Return a text of the catalogue in the language of the page."""
    return cast(Catalogue, current_app.extensions["wording"]).say(key, language(), **values)


def perform(operation: Callable[..., R], **fields: Any) -> R:
    """Carry out an operation as the person at the keyboard."""
    return hospital().perform(who(), operation, **fields)


@contextmanager
def looking() -> Iterator[Acting]:
    """Read what a page shows besides the journaled view."""
    with hospital().looking(who()) as act:
        yield act


def glossary() -> Glossary:
    """Return the names of codes in the language of the page, read once per dataset."""
    kept: dict[tuple[str, str], Glossary] = current_app.extensions["glossaries"]
    arming = hospital().arming
    key = (language(), "" if arming is None else f"{arming.instance}:{arming.epoch}")
    if key not in kept:
        kept[key] = Glossary(looking, language())
    return kept[key]


def when(seconds: int | None) -> str:
    """Return a stored hospital time as people read it: month, day, hour and minute."""
    if seconds is None:
        return ""
    with looking() as act:
        return act.iso(seconds)[5:16].replace("T", " ")
