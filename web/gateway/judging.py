"""May this request reach a cell? One verdict per request, from the rows as they are at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sandbox.bootstrap import Services
from sandbox.contract import layout
from sandbox.errors import TicketError
from sandbox.overview import Doorway
from sandbox.provisioning import tickets
from sandbox.provisioning.model import InstanceId, Observed
from sandbox.provisioning.tickets import Pass
from web.gateway.doors import Doors

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Reason(StrEnum):
    """Why not. Each has a page of its own."""

    UNKNOWN = "unknown"
    NO_PASS = "no_pass"  # noqa: S105 - a reason, no password
    FOREIGN = "foreign"
    FORGED = "forged"
    CLOSED = "closed"
    FAILED = "failed"
    COMING = "coming"
    ASLEEP = "asleep"
    TICKET = "ticket"
    SILENT = "silent"
    """The cell does not answer; nginx found out."""


@dataclass(frozen=True, kw_only=True)
class Knock:
    """One request at the door of an instance, as nginx tells it."""

    instance: InstanceId
    method: str
    passes: tuple[str, ...]
    """Values of the pass cookie; more than one means that somebody tossed a cookie at us."""
    site: str | None
    """Sec-Fetch-Site."""
    origin: str | None


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """Let it through to this socket."""

    socket: Path


Verdict = Admitted | Reason


def judge(services: Services, doors: Doors, knock: Knock, *, now: datetime) -> Verdict:
    """Return the socket of the instance's present cell, or why the request must not reach it."""
    if knock.method not in SAFE_METHODS and not _sent_by_own_page(services, knock):
        return Reason.FORGED
    entry = _shown_pass(services, knock, now)
    if isinstance(entry, Reason):
        return entry
    doorway = doors.of(knock.instance)
    if doorway is None:
        return Reason.UNKNOWN
    if doorway.owner != entry.person:
        return Reason.FOREIGN
    if login_mark(doorway) != entry.login:
        return Reason.NO_PASS
    return _cell_of(services, doorway)


def login_mark(doorway: Doorway) -> str | None:
    """Return a fingerprint of the owner's present log-in, or None if there is none or the account is disabled."""
    if doorway.login is None or doorway.disabled:
        return None
    return tickets.fingerprint(doorway.login)[:16]


def _sent_by_own_page(services: Services, knock: Knock) -> bool:
    """Say whether an unsafe request comes from the instance's own page; a sibling host is not the same origin."""
    if knock.site is not None:
        return knock.site == "same-origin"
    return knock.origin == f"http://{knock.instance}.localhost:{services.settings.gateway.port}"


def _shown_pass(services: Services, knock: Knock, now: datetime) -> Pass | Reason:
    if len(knock.passes) != 1:
        return Reason.NO_PASS
    lasts = services.settings.security.login_absolute_s
    try:
        entry = tickets.read(services.secret, knock.passes[0], now=now, lasts_s=lasts)
    except TicketError:
        return Reason.NO_PASS
    return entry if entry.instance == knock.instance else Reason.FOREIGN


def _cell_of(services: Services, doorway: Doorway) -> Verdict:
    if doorway.observed is Observed.OPEN and doorway.cell is not None:
        return Admitted(socket=services.settings.site.run / doorway.cell / layout.HTTP_SOCKET)
    if doorway.observed is Observed.CLOSED:
        return Reason.CLOSED
    if doorway.observed is Observed.HIBERNATED:
        return Reason.ASLEEP
    return Reason.FAILED if doorway.observed is Observed.FAILED else Reason.COMING
