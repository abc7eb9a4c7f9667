"""Where the timetable asks for more than the machine holds, and what would help. Pure; words are the pages'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.provisioning import capacity
from sandbox.provisioning.capacity import Term
from sandbox.scheduling import forecast
from sandbox.scheduling.forecast import Hour, Lesson
from sandbox.scheduling.vitals import Vitals

STEP_BYTES = 512 << 20
"""Memory is bought in pieces: advice is rounded up to half a GiB."""
STALE = timedelta(seconds=30)
"""Numbers older than this are of a worker that is gone: the length of its lease."""


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """A moment at which not everybody fits."""

    at: datetime
    """When the fullest moment begins."""
    wanted: int
    """People and the cells that are always kept ready."""
    seats: int
    term: Term
    """What runs out."""
    missing_bytes: int
    """Memory to add, a multiple of half a GiB; 0 if it is not memory that is short."""
    move: Lesson | None
    """The smallest lesson without which all others fit."""


def shortfalls(lessons: Sequence[Lesson], vitals: Vitals, begins: datetime, count: int) -> tuple[Shortfall, ...]:
    """Return where the timetable does not fit within `count` hours from `begins`; a stretch of hours is told once."""
    found: list[Shortfall] = []
    before: Hour | None = None
    for hour in forecast.hours(lessons, begins, count):
        if not fits(hour, vitals):
            continued = before is not None and before.lessons == hour.lessons
            if not continued:
                found.append(_shortfall(hour, vitals))
            before = hour
        else:
            before = None
    return tuple(found)


def fits(hour: Hour, vitals: Vitals) -> bool:
    """Say whether everybody of this hour fits; an hour without lessons always does."""
    return hour.wanted == 0 or wanted(hour.wanted, vitals) <= vitals.capacity.seats


def wanted(people: int, vitals: Vitals) -> int:
    """Return the seats that so many people and what is always kept ready take."""
    return people + vitals.base


def of_lesson(lesson: Lesson, lessons: Sequence[Lesson], vitals: Vitals) -> Shortfall | None:
    """Return the fullest moment of this lesson if not everybody fits then."""
    seats, those = forecast.peak(lessons, lesson.start, lesson.end)
    hour = Hour(start=lesson.start, wanted=seats, lessons=those)
    return None if fits(hour, vitals) else _shortfall(hour, vitals)


def _shortfall(hour: Hour, vitals: Vitals) -> Shortfall:
    held = vitals.capacity
    asked = wanted(hour.wanted, vitals)
    missing = capacity.missing_bytes(asked, held, vitals.cell_bytes)
    return Shortfall(
        at=max(hour.start, *(one.start for one in hour.lessons)),
        wanted=asked,
        seats=held.seats,
        term=held.short,
        missing_bytes=-(-missing // STEP_BYTES) * STEP_BYTES if held.short == "memory" else 0,
        move=forecast.movable(hour, held.seats - vitals.base),
    )


def is_stale(vitals: Vitals, *, now: datetime) -> bool:
    """Say whether these numbers are no longer those of the present."""
    return now - vitals.at > STALE
