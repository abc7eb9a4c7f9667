"""How often an assignment may be tried, and from when again. Pure: attempts and calendar in, moments out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sandbox.attempts.model import Attempt
from sandbox.exercises.model import Per


class Limits(Protocol):
    """What of an assignment, or of its terms, limits the attempts."""

    @property
    def max_attempts(self) -> int | None: ...
    @property
    def per(self) -> Per: ...
    @property
    def wait_ms(self) -> int: ...


def used(counted: Sequence[Attempt], per: Per, *, now: datetime, zone: ZoneInfo) -> int:
    """Return how many of the counted attempts use up one of those allowed at this moment."""
    if per is Per.EVER:
        return len(counted)
    today = now.astimezone(zone).date()
    return sum(one.requested_at.astimezone(zone).date() == today for one in counted)


def free_at(counted: Sequence[Attempt], limits: Limits, *, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return from when the next attempt may start, at the earliest now; None = never again.

    A day ends at midnight of the hospital's zone. The wait counts from the end of the attempt before.
    """
    earliest = now
    if limits.max_attempts is not None and used(counted, limits.per, now=now, zone=zone) >= limits.max_attempts:
        if limits.per is Per.EVER:
            return None
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        earliest = datetime.combine(tomorrow, time(), tzinfo=zone)
    ends = [_ended(one) for one in counted]
    return max([earliest, *(end + timedelta(milliseconds=limits.wait_ms) for end in ends)])


def _ended(attempt: Attempt) -> datetime:
    return attempt.submitted_at or attempt.closed_at or attempt.requested_at
