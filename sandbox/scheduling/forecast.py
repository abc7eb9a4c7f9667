"""How many ready cells will be wanted, by the timetable of assignments and by recent demand. Pure.

    lead(lesson)    = 60 s + 1.5 × enrolled / rate
    want(lesson, t) = enrolled − served already         for start − lead ≤ t ≤ start + 15 min
    target(t)       = min(base + Σ want + recent, what the machine has room for)

Source: provisioning.md §4. Lessons at the same time add up, but nobody sits in two hospitals: a person counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.exercises.model import Mode
from sandbox.training.model import Assignment

LEAD = timedelta(seconds=60)
LEAD_FACTOR = 1.5
LATECOMERS = timedelta(minutes=15)
"""After its start a lesson is still expected for so long."""
USUAL_LENGTH = timedelta(hours=2)
"""How long a lesson occupies its seats when nobody said: TTL of a class, provisioning.md §6."""
LONGEST_LESSON = timedelta(hours=4)
"""A due time further away is a deadline, not the lesson's end."""
BURST = timedelta(minutes=1)
MEMORY_OF_BURSTS = timedelta(minutes=30)
"""A burst is expected again with less and less weight, after half an hour no more."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """People who are to begin at one moment: assignments that open together."""

    start: datetime
    end: datetime
    people: frozenset[str]
    exam: bool

    @property
    def seats(self) -> int:
        return len(self.people)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Ready cells wanted, by reason."""

    base: int
    lessons: int
    recent: int

    @property
    def asked(self) -> int:
        return self.base + self.lessons + self.recent


@dataclass(frozen=True, kw_only=True)
class Hour:
    """Seats taken at once at the fullest moment of one hour."""

    start: datetime
    wanted: int
    lessons: tuple[Lesson, ...]
    """Those that take part in the fullest moment, largest first."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """Local hours in which `ready` cells are kept instead; equal ends mean there is no night."""

    begins: time
    ends: time
    ready: int


def timetable(assignments: Iterable[Assignment]) -> tuple[Lesson, ...]:
    """Return the lessons that assignments with an opening time amount to, earliest first."""
    together: dict[tuple[datetime, datetime], list[Assignment]] = defaultdict(list)
    for one in assignments:
        if one.withdrawn_at is None and one.opens is not None:
            together[one.opens, end(one.opens, one.due)].append(one)
    lessons = [
        Lesson(
            start=start,
            end=ends,
            people=frozenset(one.person for one in given),
            exam=any(one.mode is Mode.EXAM for one in given),
        )
        for (start, ends), given in together.items()
    ]
    return tuple(sorted(lessons, key=lambda lesson: (lesson.start, lesson.end)))


def end(opens: datetime, due: datetime | None) -> datetime:
    """Return when a lesson gives its seats back: at its due time, unless that is a deadline days away."""
    return due if due is not None and opens < due <= opens + LONGEST_LESSON else opens + USUAL_LENGTH


def lead(enrolled: int, rate: float) -> timedelta:
    """Return how long before a lesson its cells are begun; `rate` is cold launches a second."""
    return LEAD + timedelta(seconds=LEAD_FACTOR * enrolled / rate)


def expected(lessons: Iterable[Lesson], *, rate: float, now: datetime) -> frozenset[str]:
    """Return the people whose lesson is about to begin or has just begun."""
    near = [one for one in lessons if one.start - lead(one.seats, rate) <= now <= one.start + LATECOMERS]
    return frozenset(person for lesson in near for person in lesson.people)


def want(lessons: Iterable[Lesson], served: Collection[str], *, rate: float, now: datetime) -> int:
    """Return how many people will want a cell for their lesson; who has one already is `served`."""
    return len(expected(lessons, rate=rate, now=now) - frozenset(served))


def recent(launches: Sequence[datetime], *, most: int, now: datetime) -> int:
    """Return how many cells to keep for a burst like those of the last half hour, at most `most`.

    Each burst, the launches within one minute, weighs less the longer it is over. A single launch is no burst.
    """
    times = sorted(at for at in launches if now - MEMORY_OF_BURSTS < at <= now)
    best, first = 0.0, 0
    for last, at in enumerate(times):
        while at - times[first] > BURST:
            first += 1
        size = last - first + 1
        if size > 1:
            best = max(best, size * (1 - (now - at) / MEMORY_OF_BURSTS))
    return min(most, round(best))


def base(ready: int, night: Night, *, now: datetime, zone: ZoneInfo) -> int:
    """Return how many cells are kept ready whatever happens: fewer at night, never more than by day."""
    here = now.astimezone(zone).time()
    if night.begins <= night.ends:
        asleep = night.begins <= here < night.ends
    else:
        asleep = here >= night.begins or here < night.ends
    return min(ready, night.ready) if asleep else ready


def target(demand: Demand, *, room: int) -> int:
    """Return how many cells to keep ready: all that is asked for, as far as the machine has room beside the others."""
    return max(0, min(demand.asked, room))


def peak(lessons: Sequence[Lesson], begins: datetime, ends: datetime) -> tuple[int, tuple[Lesson, ...]]:
    """Return how many people sit at once at the fullest moment of [begins, ends), and in which lessons."""
    there = [one for one in lessons if one.start < ends and one.end > begins]
    best: tuple[int, tuple[Lesson, ...]] = (0, ())
    # The fullest moment is one at which somebody has just come.
    for moment in sorted({max(begins, one.start) for one in there}):
        sitting = [one for one in there if one.start <= moment < one.end]
        seats = len(frozenset(person for one in sitting for person in one.people))
        if seats > best[0]:
            best = (seats, tuple(sorted(sitting, key=lambda one: (-one.seats, one.start))))
    return best


def hours(lessons: Sequence[Lesson], begins: datetime, count: int) -> tuple[Hour, ...]:
    """Return the fullest moment of each of `count` hours from `begins` on."""
    starts = [begins + timedelta(hours=step) for step in range(count)]
    return tuple(_hour(lessons, start) for start in starts)


def _hour(lessons: Sequence[Lesson], start: datetime) -> Hour:
    seats, those = peak(lessons, start, start + timedelta(hours=1))
    return Hour(start=start, wanted=seats, lessons=those)


def movable(hour: Hour, seats: int) -> Lesson | None:
    """Return the smallest lesson without which this hour fits, None if no single one helps. Exams stay."""
    for lesson in sorted(hour.lessons, key=lambda one: one.seats):
        others = frozenset(person for one in hour.lessons if one is not lesson for person in one.people)
        if not lesson.exam and others and len(others) <= seats:
            return lesson
    return None
