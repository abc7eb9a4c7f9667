"""When an attempt's time is over. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

GRACE = timedelta(seconds=15)
"""Between zero on the trainee's timer and the end: a click on "submit" in the last second still counts as theirs."""


def ends_at(opened_at: datetime, *, minutes: int, time_factor: int = 1) -> datetime:
    """Return the moment at which the trainee's timer shows zero.

    `minutes` is working time; a person with extra time has a clock `time_factor` times slower.
    """
    return opened_at + timedelta(minutes=minutes * time_factor)


def is_over(opened_at: datetime, *, minutes: int, now: datetime, time_factor: int = 1) -> bool:
    """Say whether the attempt is to be submitted as it stands."""
    return now >= ends_at(opened_at, minutes=minutes, time_factor=time_factor) + GRACE


def working_ms(opened_at: datetime, *, now: datetime, time_factor: int = 1) -> int:
    """Return the working time that has passed, in milliseconds."""
    passed = max(timedelta(0), now - opened_at) / time_factor
    return passed // timedelta(milliseconds=1)
