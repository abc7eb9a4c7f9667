"""When an attempt's time is over. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from sandbox.exercises.compile import MAX_FACTOR

GRACE = timedelta(seconds=15)
"""Between zero on the trainee's timer and the end: a click on "submit" in the last second still counts as theirs."""


class ExtraTime(Protocol):
    """What was pinned on the attempt when it started."""

    @property
    def time_factor(self) -> int: ...
    @property
    def untimed(self) -> bool: ...


def factor(extra: ExtraTime) -> int:
    """Return how many times slower the clock runs; without a limit it runs as slowly as it can."""
    return MAX_FACTOR if extra.untimed else extra.time_factor


def ends_at(opened_at: datetime, *, minutes: int, extra: ExtraTime) -> datetime | None:
    """Return the moment at which the trainee's timer shows zero; None without a limit.

    `minutes` is working time; a person with extra time has a clock `time_factor` times slower.
    """
    return None if extra.untimed else opened_at + timedelta(minutes=minutes * extra.time_factor)


def is_over(opened_at: datetime, *, minutes: int, extra: ExtraTime, now: datetime) -> bool:
    """Say whether the attempt is to be submitted as it stands."""
    end = ends_at(opened_at, minutes=minutes, extra=extra)
    return end is not None and now >= end + GRACE


def working_ms(opened_at: datetime, *, now: datetime, extra: ExtraTime) -> int:
    """Return the working time that has passed, in milliseconds."""
    passed = max(timedelta(0), now - opened_at) / factor(extra)
    return passed // timedelta(milliseconds=1)
