"""What IT's pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.overview import CellLine, InstanceLine, InstanceOrder
from sandbox.provisioning.model import CellState, Observed
from web import listing, presenting
from web.listing import Head, Order
from web.wording import _, _n

PAGE = 50
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
    q: str
    state: str


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


@dataclass(frozen=True, kw_only=True)
class ConfirmView:
    deed: str
    title: str
    consequence: str
    button: str
    typed: bool
    rows: tuple[InstanceRow, ...]


def observed_words(state: Observed) -> tuple[str, str]:
    """Return words and colour of an instance's state."""
    return {
        Observed.QUEUED: (_("queued"), "warn"),
        Observed.LAUNCHING: (_("launching"), "accent"),
        Observed.OPEN: (_("open"), "good"),
        Observed.REPLACING: (_("replacing"), "accent"),
        Observed.HIBERNATED: (_("hibernated"), ""),
        Observed.WAKING: (_("waking"), "accent"),
        Observed.FAILED: (_("failed"), "bad"),
        Observed.CLOSED: (_("closed"), ""),
    }[state]


def cell_words(state: CellState) -> tuple[str, str]:
    """Return words and colour of a cell's state."""
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
    }[state]


def state_choices() -> tuple[tuple[str, str], ...]:
    """Return the choices of the state filter."""
    states = [(one.value, observed_words(one)[0]) for one in Observed]
    return (("", _("All live")), *states, ("all", _("All, closed ones too")))


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
    cells: Sequence[CellLine],
    query: Query,
    order: Order,
    *,
    page: int,
) -> InstancesView:
    """Return the page of instances and cells."""
    pages = max(1, -(-total // PAGE))
    kept = {"q": query.q, "state": query.state}
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
        cells=tuple(cell_row(line) for line in cells),
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


def confirm(deed: str, lines: Sequence[InstanceLine]) -> ConfirmView:
    """Return the page that names what a deed destroys, and how many."""
    count = len(lines)
    rows = tuple(row(line) for line in lines)
    if deed == "reset":
        return ConfirmView(
            deed=deed,
            title=_n("Reset %(n)s practice hospital?", "Reset %(n)s practice hospitals?", count),
            consequence=_(
                "What was entered in them is archived and replaced by a fresh hospital. "
                "Open attempts end without being counted."
            ),
            button=_n("Reset %(n)s", "Reset %(n)s", count),
            typed=False,
            rows=rows,
        )
    return ConfirmView(
        deed=deed,
        title=_n("Destroy %(n)s practice hospital?", "Destroy %(n)s practice hospitals?", count),
        consequence=_(
            "They close at once. What was entered is archived first; handed-in work and grades stay. "
            "Open attempts end without being counted."
        ),
        button=_n("Destroy %(n)s", "Destroy %(n)s", count),
        typed=True,
        rows=rows,
    )


def done(deed: str, count: int) -> str:
    """Return what was done, for the next page."""
    if deed == "reset":
        return _n("%(n)s practice hospital is being reset.", "%(n)s practice hospitals are being reset.", count)
    return _n("%(n)s practice hospital is being closed.", "%(n)s practice hospitals are being closed.", count)
