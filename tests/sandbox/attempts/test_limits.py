"""How often and when again: the hospital's calendar, the wait, and what is given back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.attempts import limits
from sandbox.attempts.model import Attempt, AttemptState
from sandbox.exercises.model import Per
from tests.builders import NOON, ZONE, make_assignment, make_attempt

MIDNIGHT = datetime(2030, 3, 5, tzinfo=ZONE)
"""The next one after noon UTC, which is 20:00 in the hospital."""


def ended(at: datetime, **said: Any) -> Attempt:
    return make_attempt(
        state=AttemptState.GRADED, requested_at=at - timedelta(minutes=10), submitted_at=at, closed_at=at, **said
    )


def free_at(*counted: Attempt, now: datetime = NOON, **said: Any) -> datetime | None:
    return limits.free_at(counted, make_assignment(**said), now=now, zone=ZONE)


def test_without_a_limit_one_may_always_start() -> None:
    assert free_at(*[ended(NOON)] * 50) == NOON


def test_what_is_used_up_for_ever_never_comes_back() -> None:
    tried = [ended(NOON - timedelta(days=9)), ended(NOON - timedelta(days=8))]
    assert free_at(*tried, max_attempts=2) is None
    assert free_at(*tried, max_attempts=3) == NOON


def test_a_day_ends_at_midnight_of_the_hospital_not_of_the_server() -> None:
    tried = [ended(NOON - timedelta(hours=1)), ended(NOON - timedelta(minutes=1))]
    assert free_at(*tried, max_attempts=2, per=Per.DAY) == MIDNIGHT
    assert free_at(*tried, max_attempts=2, per=Per.DAY, now=MIDNIGHT) == MIDNIGHT
    yesterday = [ended(datetime(2030, 3, 3, 23, 59, tzinfo=ZONE)), ended(NOON)]
    assert free_at(*yesterday, max_attempts=2, per=Per.DAY) == NOON


@pytest.mark.parametrize(("ago", "wait"), [(timedelta(minutes=5), timedelta(minutes=5)), (timedelta(hours=1), None)])
def test_the_wait_counts_from_the_end_of_the_last_attempt(ago: timedelta, wait: timedelta | None) -> None:
    expected = NOON if wait is None else NOON + wait
    assert free_at(ended(NOON - ago), wait_ms=600_000) == expected


def test_the_wait_may_lead_past_midnight() -> None:
    late = ended(MIDNIGHT - timedelta(minutes=1))
    assert free_at(late, max_attempts=1, per=Per.DAY, wait_ms=600_000, now=late.submitted_at or NOON) == (
        MIDNIGHT + timedelta(minutes=9)
    )
