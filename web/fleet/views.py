"""What IT's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sandbox.errors import Language
from sandbox.overview import CellLine, InstanceLine, InstanceOrder
from sandbox.provisioning.model import CellState, Observed
from web import listing, presenting, wording
from web.listing import Head, Order
from web.wording import _

PAGE = 50
CELLS_SHOWN = 100
"""Those in trouble come first, so that a full house never hides them."""
PRESENT = frozenset(CellState) - {CellState.GONE}
CELL_KINDS = {
    "trouble": frozenset({CellState.QUARANTINED, CellState.BROKEN}),
    "ready": frozenset({CellState.READY}),
    "coming": frozenset({CellState.PLANNED, CellState.CREATED, CellState.STARTED}),
    "used": frozenset({CellState.CLAIMED, CellState.ARMED}),
    "leaving": frozenset({CellState.SEALED, CellState.ARCHIVED}),
}
SORTABLE: tuple[InstanceOrder, ...] = ("owner", "observed", "epoch", "queued_at", "last_request_at")
LIVE = frozenset(Observed) - {Observed.CLOSED}


@dataclass(frozen=True, kw_only=True)
class InstanceRow:
    id: str
    owner: str
    department: str
    title: str
    observed: str
    state: str
    tone: str
    closed: bool
    epoch: int
    cell: str
    queued_at: datetime
    last_request_at: datetime | None
    trouble: str
    trouble_words: str


@dataclass(frozen=True, kw_only=True)
class CellRow:
    id: str
    raw: str
    state: str
    tone: str
    serves: str
    epoch: int | None
    uid: int
    engine_id: str
    since: datetime
    failures: int
    trouble: str
    trouble_words: str


@dataclass(frozen=True, kw_only=True)
class Query:
    """What the address asks for; all of it is kept by every link of the page."""

    q: str
    state: str
    trouble: str
    """'1' = only what something holds up."""
    cells: str


@dataclass(frozen=True, kw_only=True)
class InstancesView:
    total: int
    query: Query
    states: tuple[tuple[str, str], ...]
    heads: tuple[Head, ...]
    rows: tuple[InstanceRow, ...]
    page: int
    pages: int
    earlier: str
    later: str
    cells: tuple[CellRow, ...]
    cell_total: int
    cell_choices: tuple[tuple[str, str], ...]


def observed_words(state: Observed) -> tuple[str, str]:
    """Return words and colour of an instance's state."""
    return _observed_words(wording.language())[state]


@cache
def _observed_words(_of: Language) -> Mapping[Observed, tuple[str, str]]:
    # Once per language: a list of fifty hospitals would look eight sentences up for each of them.
    return {
        Observed.QUEUED: (_("queued"), "warn"),
        Observed.LAUNCHING: (_("launching"), "accent"),
        Observed.OPEN: (_("open"), "good"),
        Observed.REPLACING: (_("replacing"), "accent"),
        Observed.HIBERNATED: (_("hibernated"), ""),
        Observed.WAKING: (_("waking"), "accent"),
        Observed.FAILED: (_("failed"), "bad"),
        Observed.CLOSED: (_("closed"), ""),
    }


def cell_words(state: CellState) -> tuple[str, str]:
    """Return words and colour of a cell's state."""
    return _cell_words(wording.language())[state]


@cache
def _cell_words(_of: Language) -> Mapping[CellState, tuple[str, str]]:
    return {
        CellState.PLANNED: (_("planned"), ""),
        CellState.CREATED: (_("created"), ""),
        CellState.STARTED: (_("started"), "accent"),
        CellState.READY: (_("ready"), "good"),
        CellState.CLAIMED: (_("claimed"), "accent"),
        CellState.ARMED: (_("in use"), "good"),
        CellState.SEALED: (_("sealed"), "warn"),
        CellState.ARCHIVED: (_("archived"), ""),
        CellState.GONE: (_("gone"), ""),
        CellState.BROKEN: (_("broken"), "bad"),
        CellState.QUARANTINED: (_("quarantined"), "bad"),
    }


def state_choices() -> tuple[tuple[str, str], ...]:
    """Return the choices of the state filter."""
    states = [(one.value, observed_words(one)[0]) for one in Observed]
    return (("", _("All live")), *states, ("all", _("All, closed ones too")))


def cell_choices() -> tuple[tuple[str, str], ...]:
    """Return the choices of the cells' filter."""
    return (
        ("", _("All cells")),
        ("trouble", _("In trouble")),
        ("ready", _("Ready")),
        ("coming", _("Being made")),
        ("used", _("In use")),
        ("leaving", _("Being put away")),
    )


def wanted_cells(key: str) -> frozenset[CellState]:
    """Return which states a kind of cells means; anything unknown means all that are not gone."""
    return CELL_KINDS.get(key, PRESENT)


def wanted_states(key: str) -> frozenset[Observed]:
    """Return which states a filter key means; anything unknown means all that are live."""
    if key == "all":
        return frozenset(Observed)
    return frozenset({Observed(key)}) if key in {one.value for one in Observed} else LIVE


def row(line: InstanceLine) -> InstanceRow:
    """Return an instance as the table shows it."""
    one = line.instance
    words, shade = observed_words(one.observed)
    return InstanceRow(
        id=one.id,
        owner=line.owner.name if line.owner else one.owner,
        department=line.owner.department if line.owner else "",
        title=presenting.title(line),
        observed=one.observed.value,
        state=words,
        tone=shade,
        closed=one.observed is Observed.CLOSED,
        epoch=one.epoch,
        cell=one.cell or "",
        queued_at=one.queued_at,
        last_request_at=one.last_request_at,
        trouble=one.trouble,
        trouble_words=presenting.trouble(one.trouble),
    )


def cell_row(line: CellLine) -> CellRow:
    """Return a cell as the table shows it."""
    one = line.cell
    words, shade = cell_words(one.state)
    return CellRow(
        id=one.id,
        raw=one.state.value,
        state=words,
        tone=shade,
        serves=line.owner.name if line.owner else "",
        epoch=one.epoch,
        uid=one.uid,
        engine_id=(one.engine_id or "")[:12],
        since=one.since,
        failures=one.failures,
        trouble=one.trouble,
        trouble_words=presenting.trouble(one.trouble),
    )


def instances(
    lines: Sequence[InstanceLine],
    total: int,
    cells: tuple[Sequence[CellLine], int],
    query: Query,
    order: Order,
    *,
    page: int,
) -> InstancesView:
    """Return the page of instances and cells."""
    pages = listing.pages(total, PAGE)
    kept = {"q": query.q, "state": query.state, "trouble": query.trouble, "cells": query.cells}
    return InstancesView(
        total=total,
        query=query,
        states=state_choices(),
        heads=listing.heads("fleet.instances", _columns(), order, kept, numbers="epoch"),
        rows=tuple(row(line) for line in lines),
        page=page,
        pages=pages,
        earlier=listing.page_address("fleet.instances", kept, order, page - 1) if page > 1 else "",
        later=listing.page_address("fleet.instances", kept, order, page + 1) if page < pages else "",
        cells=tuple(cell_row(line) for line in cells[0]),
        cell_total=cells[1],
        cell_choices=cell_choices(),
    )


def _columns() -> list[tuple[str, str]]:
    return [
        ("owner", _("Owner")),
        ("", _("Exercise")),
        ("observed", _("State")),
        ("epoch", _("Epoch")),
        ("", _("Cell")),
        ("queued_at", _("Launched")),
        ("last_request_at", _("Last used")),
    ]
