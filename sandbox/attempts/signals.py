"""What a trainer may want to look at. Each is a hint to a person, proves nothing, and is never part of a score."""

from __future__ import annotations

from sandbox.attempts import deadline
from sandbox.attempts.model import Attempt


def too_fast(attempt: Attempt, *, min_time_ms: int) -> bool:
    """Say whether the work was handed in faster than the author thinks possible (`rules.min_time`)."""
    if attempt.opened_at is None or attempt.submitted_at is None:
        return False
    return deadline.working_ms(attempt.opened_at, now=attempt.submitted_at, extra=attempt) < min_time_ms
