"""Pool and capacity as IT reads them: seats, which term is short, tomorrow, the last day, advice in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.provisioning.capacity import DATA_CAP_BYTES, DISK_RESERVE_BYTES, Term
from sandbox.provisioning.model import CellState, Observed
from sandbox.scheduling import advice
from sandbox.scheduling.advice import Shortfall
from sandbox.scheduling.forecast import Hour, Lesson
from sandbox.scheduling.vitals import Vitals
from web import presenting
from web.fleet import advising
from web.fleet.advising import Advice
from web.fleet.healths import Tile
from web.wording import _, _n


@dataclass(frozen=True, kw_only=True)
class TermRow:
    key: str
    title: str
    how: str
    seats: int
    short: bool


@dataclass(frozen=True, kw_only=True)
class HourRow:
    begins: datetime
    lessons: str
    wanted: int
    seats: int
    tone: str
    words: str


@dataclass(frozen=True, kw_only=True)
class CapacityView:
    summary: str
    measured: str
    """Where the numbers come from, and when."""
    advice: tuple[Advice, ...]
    tiles: tuple[Tile, ...]
    terms: tuple[TermRow, ...]
    pool: tuple[str, ...]
    trouble: Advice | None
    hours: tuple[HourRow, ...]
    horizon: str
    always: str
    """What `wanted` counts beside people."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """All that the page is made of."""

    vitals: Vitals
    cells: Mapping[CellState, int]
    instances: Mapping[Observed, int]
    lessons: Sequence[Lesson]
    hours: Sequence[Hour]
    shortfalls: Sequence[Shortfall]


def view(known: Known, *, now: datetime) -> CapacityView:
    """Return the page."""
    vitals = known.vitals
    told = _advice(known, now=now)
    return CapacityView(
        summary=_summary(vitals, told),
        measured=_measured(vitals),
        advice=tuple(told),
        tiles=_tiles(known),
        terms=_terms(vitals),
        pool=_pool(known),
        trouble=advising.trouble(vitals),
        hours=tuple(_hour(hour, vitals) for hour in known.hours if hour.wanted),
        always=_n(
            "Wanted counts people, and the %(n)s cell that is always kept ready.",
            "Wanted counts people, and the %(n)s cells that are always kept ready.",
            vitals.base,
        )
        if vitals.base
        else "",
        horizon=presenting.due(known.hours[-1].start + timedelta(hours=1)),
    )


def _summary(vitals: Vitals, told: Sequence[Advice]) -> str:
    tones = {one.tone for one in told}
    if "bad" in tones or "warn" in tones:
        return _("Something needs a decision: see the advice.")
    return _("%(free)s more hospitals fit now, and the timetable fits.", free=vitals.free)


def _measured(vitals: Vitals) -> str:
    size = presenting.megabytes(vitals.cell_bytes)
    if vitals.strict:
        return _("Each cell is counted at its memory limit (capacity.strict). Looked at %(ago)s.", ago=_ago(vitals))
    if not vitals.measured:
        return _(
            "No cell has been measured yet: %(size)s each are assumed. Looked at %(ago)s.", size=size, ago=_ago(vitals)
        )
    return _n(
        "19 of 20 cells use at most %(size)s (%(n)s measured). Looked at %(ago)s.",
        "19 of 20 cells use at most %(size)s (%(n)s measured). Looked at %(ago)s.",
        vitals.measured,
        size=size,
        ago=_ago(vitals),
    )


def _ago(vitals: Vitals) -> str:
    return presenting.ago(vitals.at)


def _tiles(known: Known) -> tuple[Tile, ...]:
    vitals, cells = known.vitals, known.cells
    ready = cells.get(CellState.READY, 0)
    asleep = known.instances.get(Observed.HIBERNATED, 0)
    armed = max(0, cells.get(CellState.ARMED, 0) - asleep)
    seats = vitals.capacity.seats
    return (
        Tile(
            number=f"{vitals.occupied} / {seats}", words=_("seats in use"), tone="bad" if not vitals.free else "accent"
        ),
        Tile(number=str(armed), words=_("hospitals at work"), tone="good" if armed else ""),
        Tile(number=str(ready), words=_("cells ready"), tone="good" if ready else ""),
        Tile(number=str(asleep), words=_("hibernated"), tone=""),
        Tile(number=str(vitals.free), words=_("seats free"), tone="good" if vitals.free else "bad"),
    )


def _terms(vitals: Vitals) -> tuple[TermRow, ...]:
    held = vitals.capacity
    rows: tuple[tuple[Term, str, str, int], ...] = (
        ("memory", _("Memory"), _memory(vitals), held.memory),
        (
            "disk",
            _("Disk"),
            _(
                "%(free)s free, %(reserve)s kept, up to %(each)s a cell",
                free=presenting.megabytes(vitals.disk_free),
                reserve=presenting.megabytes(DISK_RESERVE_BYTES),
                each=presenting.megabytes(DATA_CAP_BYTES),
            ),
            held.disk,
        ),
        ("site", _("Site limit"), _("set by capacity.max_cells"), held.site),
    )
    return tuple(
        TermRow(key=key, title=title, how=how, seats=seats, short=key == held.short) for key, title, how, seats in rows
    )


def _memory(vitals: Vitals) -> str:
    total, reserve = presenting.megabytes(vitals.memory_total), presenting.megabytes(vitals.memory_reserve)
    if vitals.strict:
        return _("%(total)s in all, %(reserve)s kept, every cell at its limit", total=total, reserve=reserve)
    return _(
        "%(available)s of %(total)s available, %(reserve)s kept, %(each)s a cell",
        available=presenting.megabytes(vitals.memory_available),
        total=total,
        reserve=reserve,
        each=presenting.megabytes(vitals.cell_bytes),
    )


def _pool(known: Known) -> tuple[str, ...]:
    vitals = known.vitals
    counts = {"ready": known.cells.get(CellState.READY, 0), "target": vitals.target}
    why = _("; ").join(_reasons(vitals))
    lines = [
        _("%(ready)s ready, %(target)s wanted: %(why)s.", **counts, why=why)
        if why
        else _("%(ready)s ready, %(target)s wanted: nobody is expected.", **counts)
    ]
    if vitals.target < vitals.demand.asked:
        lines.append(
            _(
                "%(asked)s were asked for; there is room for %(target)s.",
                asked=vitals.demand.asked,
                target=vitals.target,
            )
        )
    lines.append(_("In a rush %(rate)s new cells come a second.", rate=f"{vitals.rate:.1f}"))
    return tuple(lines)


def _reasons(vitals: Vitals) -> list[str]:
    reasons = (
        (vitals.base, _n("%(n)s always", "%(n)s always", vitals.base)),
        (vitals.lessons, _n("%(n)s for a lesson", "%(n)s for lessons about to begin", vitals.lessons)),
        (vitals.recent, _n("%(n)s after a burst", "%(n)s after a burst of launches", vitals.recent)),
    )
    return [words for count, words in reasons if count]


def _advice(known: Known, *, now: datetime) -> list[Advice]:
    vitals = known.vitals
    told = []
    if advice.is_stale(vitals, now=now):
        told.append(
            Advice(
                tone="bad",
                words=_(
                    "The worker has told nothing since %(time)s; the numbers are of then.",
                    time=presenting.clock(vitals.at),
                ),
                fix=_("Start it: his-sandbox worker. Its log says why it ended."),
            )
        )
    told += advising.of_pressure(vitals)
    if not vitals.free:
        told.append(
            Advice(
                tone="bad",
                words=_(
                    "All %(seats)s seats are taken; who launches now waits in the queue.", seats=vitals.capacity.seats
                ),
                fix=advising.remedy(vitals.capacity.short),
            )
        )
    told += [advising.of_shortfall(one) for one in known.shortfalls]
    if not told:
        told.append(Advice(tone="good", words=_("Nothing to do: what the timetable asks for fits.")))
    return told


def _hour(hour: Hour, vitals: Vitals) -> HourRow:
    fits = advice.fits(hour, vitals)
    names = [
        _n(
            "%(n)s person from %(time)s",
            "%(n)s people from %(time)s",
            one.seats,
            time=f"{presenting.local(one.start):%H:%M}",
        )
        + (" · " + _("Exam") if one.exam else "")
        for one in hour.lessons
    ]
    return HourRow(
        begins=hour.start,
        lessons=_("; ").join(names),
        wanted=advice.wanted(hour.wanted, vitals),
        seats=vitals.capacity.seats,
        tone="good" if fits else "bad",
        words=_("fits") if fits else _("too many"),
    )
