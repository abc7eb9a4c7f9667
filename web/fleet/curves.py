"""The numbers behind the charts of pool and capacity, and the table beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sandbox.scheduling import advice
from sandbox.scheduling.forecast import Hour
from sandbox.scheduling.vitals import Sample, Vitals
from web import presenting
from web.wording import _

GIB = 1 << 30
SLICE = timedelta(minutes=5)
"""One point of the day's curve: its fullest minute."""


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str
    tone: str
    values: tuple[float | None, ...]
    kind: str = "line"
    dashed: bool = False
    stepped: bool = False
    filled: bool = False


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What static/charts.js draws."""

    kind: str
    labels: tuple[str, ...]
    unit: str
    lines: tuple[Line, ...]

    def told(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """The fullest minute of one hour of the last day."""

    hour: datetime
    used: str
    cells: int
    waiting: int
    ready: int


def memory(samples: Sequence[Sample], reserve: int, *, now: datetime, span: timedelta) -> Curve:
    """Return the last day: what is used, what cells use of it, where it becomes tight."""
    slices = _slices(samples, SLICE, now=now, span=span)
    return Curve(
        kind="line",
        labels=tuple(f"{presenting.local(start):%H:%M}" for start, _those in slices),
        unit="GiB",
        lines=(
            Line(
                name=_("In use"), tone="accent", filled=True, values=tuple(_most(those, _used) for _at, those in slices)
            ),
            Line(name=_("By cells"), tone="good", values=tuple(_most(those, _by_cells) for _at, those in slices)),
            Line(
                name=_("Tight from here on"),
                tone="warn",
                dashed=True,
                values=tuple(_most(those, lambda one: one.memory_total - reserve) for _at, those in slices),
            ),
        ),
    )


def hours(those: Sequence[Hour], vitals: Vitals) -> Curve:
    """Return what the timetable asks for beside what fits."""
    return Curve(
        kind="bar",
        labels=tuple(_label(hour.start) for hour in those),
        unit=_("seats"),
        lines=(
            Line(
                name=_("Wanted"),
                tone="accent",
                kind="bar",
                values=tuple(advice.wanted(hour.wanted, vitals) if hour.wanted else 0 for hour in those),
            ),
            Line(name=_("Possible"), tone="warn", dashed=True, values=(float(vitals.capacity.seats),) * len(those)),
        ),
    )


def rows(samples: Sequence[Sample], *, now: datetime, span: timedelta) -> tuple[DayRow, ...]:
    """Return the day hour by hour, newest first; hours without a worker are left out."""
    found = [
        DayRow(
            hour=start,
            used=presenting.megabytes(max(_used(one) for one in those)),
            cells=max(one.occupied for one in those),
            waiting=max(one.waiting for one in those),
            ready=min(one.ready for one in those),
        )
        for start, those in _slices(samples, timedelta(hours=1), now=now, span=span)
        if those
    ]
    return tuple(reversed(found))


def _label(start: datetime) -> str:
    here = presenting.local(start)
    return presenting.clock(start) if here.hour == 0 else f"{here:%H:%M}"


def _slices(
    samples: Sequence[Sample], width: timedelta, *, now: datetime, span: timedelta
) -> list[tuple[datetime, list[Sample]]]:
    """Return the samples by stretches of this width up to now; stretches start at round times."""
    begins = now - span
    first = begins - timedelta(seconds=begins.timestamp() % width.total_seconds())
    found: list[tuple[datetime, list[Sample]]] = []
    at = first
    while at <= now:
        found.append((at, []))
        at += width
    for one in samples:
        place = int((one.minute - first) / width)
        if 0 <= place < len(found):
            found[place][1].append(one)
    return found


def _used(one: Sample) -> int:
    return one.memory_total - one.memory_available


def _by_cells(one: Sample) -> int:
    return one.occupied * one.cell_bytes


def _most(those: Sequence[Sample], of: Callable[[Sample], int]) -> float | None:
    """Return the largest value of a stretch in GiB; None, a gap in the line, where there was no worker."""
    return round(max(of(one) for one in those) / GIB, 2) if those else None
