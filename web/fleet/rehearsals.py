"""What the pages of rehearsals show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.errors import Language
from sandbox.rehearsal import words
from sandbox.rehearsal.model import Measured, Rehearsal
from web.wording import _


@dataclass(frozen=True, kw_only=True)
class Line:
    """One rehearsal in the list."""

    id: str
    begun_at: datetime
    seats: int
    pool: int
    p50: str
    p95: str
    worst: str
    failed: int
    bottleneck: str


@dataclass(frozen=True, kw_only=True)
class PhaseRow:
    key: str
    title: str
    count: int
    p50: str
    p95: str
    worst: str
    failed: int
    reason: str
    """Why the first of those that failed did."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of something whole; `percent` is also the length of its bar."""

    key: str
    title: str
    value: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class RehearsalView:
    id: str
    begun_at: datetime
    seats: int
    bottleneck: str
    load: str
    kept: str
    machine: str
    phases: tuple[PhaseRow, ...]
    parts: tuple[Share, ...]
    burdens: tuple[tuple[str, str, str], ...]
    """Who, processor time, memory."""
    times: tuple[str, ...]
    """Every launch, fastest first: the numbers behind the curve."""


def rows(found: Sequence[Rehearsal], language: Language) -> list[Line]:
    """Return the list."""
    return [
        Line(
            id=one.id,
            begun_at=one.begun_at,
            seats=one.seats,
            pool=one.machine.pool,
            p50=_time(one.figures.launch.p50),
            p95=_time(one.figures.launch.p95),
            worst=_time(one.figures.launch.worst),
            failed=one.figures.failed,
            bottleneck=words.named(one.figures, language),
        )
        for one in found
    ]


def rehearsal(one: Rehearsal, language: Language) -> RehearsalView:
    """Return one rehearsal in full."""
    figures, machine = one.figures, one.machine
    whole = sum(part.us for part in figures.parts)
    return RehearsalView(
        id=one.id,
        begun_at=one.begun_at,
        seats=one.seats,
        bottleneck=words.bottleneck(one, language),
        load=words.load(figures, machine.cores, language),
        kept=words.kept(one, language),
        machine=_(
            "%(cores)s cores, %(memory)s of memory, kernel %(kernel)s, driver %(driver)s",
            cores=machine.cores,
            memory=words.mib(machine.memory_kib),
            kernel=machine.kernel,
            driver=machine.driver,
        ),
        phases=tuple(_phase(name, each, language) for name, each in words.phases(one)),
        parts=tuple(
            Share(
                key=part.name,
                title=words.told(words.PART_WORDS[part.name], language),
                value=words.seconds(part.us),
                percent=round(100 * part.us / max(1, whole)),
            )
            for part in figures.parts
        ),
        burdens=tuple(
            (words.told(words.WHO_WORDS[each.who], language), words.seconds(each.cpu_us), _memory(each.kib))
            for each in figures.burdens
        ),
        times=tuple(words.seconds(us) for us in figures.launch.times),
    )


def curve(one: Rehearsal) -> dict[str, Any]:
    """Return the launches as the chart script wants them."""
    times = one.figures.launch.times
    return {
        "kind": "bar",
        "labels": [str(number) for number in range(1, len(times) + 1)],
        "unit": _("seconds from press to first page"),
        "lines": [
            {
                "name": _("launches, fastest to slowest"),
                "tone": "accent",
                "values": [round(us / 1_000_000, 3) for us in times],
            }
        ],
    }


def _phase(name: str, each: Measured, language: Language) -> PhaseRow:
    return PhaseRow(
        key=name,
        title=words.told(words.PHASES[name], language),
        count=len(each.times),
        p50=_time(each.p50),
        p95=_time(each.p95),
        worst=_time(each.worst),
        failed=len(each.failures),
        reason=each.failures[0] if each.failures else "",
    )


def _time(us: int | None) -> str:
    return "–" if us is None else words.seconds(us)


def _memory(kib: int) -> str:
    return words.mib(kib) if kib else "–"
