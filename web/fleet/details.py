"""One instance or one cell, closely: what happened and when, its log, and what IT can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.health import story
from sandbox.health.story import Event, Story
from sandbox.overview import InstanceLine
from sandbox.provisioning.model import Cell, CellState, Instance, LogWish, Observed
from web import presenting
from web.fleet import views
from web.fleet.naming import Who
from web.wording import _

NEWEST_EVENTS = 200
ATTENTION = frozenset({CellState.QUARANTINED})


@dataclass(frozen=True, kw_only=True)
class FactRow:
    name: str
    words: str = ""
    at: datetime | None = None
    mono: bool = False


@dataclass(frozen=True, kw_only=True)
class CellLink:
    id: str
    state: str
    tone: str
    epoch: str
    since: datetime
    trouble: str
    trouble_words: str


@dataclass(frozen=True, kw_only=True)
class InstancePage:
    id: str
    owner: str
    title: str
    state: str
    tone: str
    trouble: str
    trouble_words: str
    failed: bool
    live: bool
    facts: tuple[FactRow, ...]
    cells: tuple[CellLink, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class CellPage:
    id: str
    state: str
    tone: str
    raw: str
    trouble: str
    trouble_words: str
    instance: str
    quarantined: bool
    facts: tuple[FactRow, ...]
    events: tuple[Event, ...]
    log: str
    """The kept end of its log, '' if none is kept; escaped line by line when it was fetched."""
    log_state: str
    waiting: bool
    """The worker has not answered yet: the page looks again."""


def instance(line: InstanceLine, found: Story, who: Who) -> InstancePage:
    """Return the page of one instance."""
    one = line.instance
    words, tone = views.observed_words(one.observed)
    return InstancePage(
        id=one.id,
        owner=line.owner.name if line.owner else one.owner,
        title=presenting.title(line),
        state=words,
        tone=tone,
        trouble=one.trouble,
        trouble_words=presenting.trouble(one.trouble),
        failed=one.observed is Observed.FAILED,
        live=one.observed is not Observed.CLOSED,
        facts=tuple(_instance_facts(one)),
        cells=tuple(_link(cell) for cell in found.cells),
        events=_newest(found, who),
    )


def cell(one: Cell, found: Story, who: Who, *, log: str, wish: LogWish | None) -> CellPage:
    """Return the page of one cell, of a trainee's or of nobody's."""
    words, tone = views.cell_words(one.state)
    return CellPage(
        id=one.id,
        state=words,
        tone=tone,
        raw=one.state.value,
        trouble=one.trouble,
        trouble_words=presenting.trouble(one.trouble),
        instance=one.instance or "",
        quarantined=one.state in ATTENTION,
        facts=tuple(_cell_facts(one)),
        events=_newest(found, who, about=one.id),
        log=log,
        log_state=_log_state(one, wish, kept=bool(log)),
        waiting=wish is not None and wish.kept_at is None and not wish.trouble,
    )


def _instance_facts(one: Instance) -> list[FactRow]:
    return [
        FactRow(name=_("Launched"), at=one.queued_at),
        FactRow(name=_("First open"), at=one.opened_at),
        FactRow(name=_("Last used"), at=one.last_request_at),
        FactRow(name=_("Expires"), at=one.expires_at if one.observed is not Observed.CLOSED else None),
        FactRow(name=_("Epoch"), words=str(one.epoch)),
        FactRow(name=_("Reference"), words=one.cause or "–", mono=True),
    ]


def _cell_facts(one: Cell) -> list[FactRow]:
    return [
        FactRow(name=_("Planned"), at=one.begun_at),
        FactRow(name=_("First ready"), at=one.ready_at),
        FactRow(name=_("In this state since"), at=one.since),
        FactRow(name=_("Epoch"), words="–" if one.epoch is None else str(one.epoch)),
        FactRow(name="uid", words=str(one.uid)),
        FactRow(name=_("Engine id"), words=(one.engine_id or "–")[:12], mono=True),
        FactRow(name=_("Image"), words=one.image.removeprefix("sha256:")[:12], mono=True),
        FactRow(name=_("Pool"), words=one.pool_key, mono=True),
    ]


def _link(one: Cell) -> CellLink:
    words, tone = views.cell_words(one.state)
    return CellLink(
        id=one.id,
        state=words,
        tone=tone,
        epoch="–" if one.epoch is None else str(one.epoch),
        since=one.since,
        trouble=one.trouble,
        trouble_words=presenting.trouble(one.trouble),
    )


def _newest(found: Story, who: Who, *, about: str = "") -> tuple[Event, ...]:
    """Return what happened, the newest first; `about`: only what names this cell."""
    told: Sequence[Event] = [one for one in story.events(found) if about in one.what]
    return tuple(replace(one, actor=who(one.actor) if one.actor else "") for one in reversed(told[-NEWEST_EVENTS:]))


def _log_state(one: Cell, wish: LogWish | None, *, kept: bool) -> str:
    if wish is not None and wish.trouble:
        return presenting.trouble(wish.trouble)
    if wish is not None and wish.kept_at is None:
        return _("Asked for; the worker fetches it.")
    if wish is not None and wish.kept_at is not None:
        return _("Fetched %(time)s.", time=presenting.clock(wish.kept_at))
    if kept:
        return _("Kept when the cell went.")
    return _("A cell that is gone kept no log.") if one.state is CellState.GONE else _("Not fetched yet.")
