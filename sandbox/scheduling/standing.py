"""What a trainee is doing in an instance, and what a night makes of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.attempts import deadline
from sandbox.attempts.model import Attempt, AttemptState
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import Cell, Desired, Instance, Observed
from sandbox.scheduling.jobs import Due
from sandbox.scheduling.model import Reason

AT_WORK = timedelta(minutes=15)
"""Somebody who clicked so lately is at work: a run in the day waits."""
_UNDER_WAY = frozenset({AttemptState.REQUESTED, AttemptState.OPEN})
_STANDING = {Mode.EXAM: Reason.EXAM, Mode.CLASS: Reason.CLASS, Mode.PRACTICE: Reason.PRACTICE}
ALWAYS_WAITED_FOR = frozenset({Reason.EXAM, Reason.CLASS})


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What would be cut off, and when it is expected to end; Reason.NONE = nothing."""

    reason: Reason = Reason.NONE
    until: datetime | None = None


NOTHING = Standing()


def of(one: Instance, attempt: Attempt | None, *, minutes: int, now: datetime) -> Standing:
    """Return what the trainee is doing. `minutes` is the working time that the attempt's exercise allows."""
    if attempt is not None and attempt.state in _UNDER_WAY:
        reason = _STANDING[attempt.mode]
        begun = attempt.opened_at or now
        ends = deadline.ends_at(begun, minutes=minutes, extra=attempt) if reason in ALWAYS_WAITED_FOR else None
        return Standing(reason=reason, until=ends)
    if attempt is None and one.last_request_at is not None and timedelta(0) <= now - one.last_request_at < AT_WORK:
        return Standing(reason=Reason.AT_WORK, until=one.last_request_at + AT_WORK)
    return NOTHING


Verdict = Literal["go", "defer", "ends by itself", "fresh", "failed", "not yet"]


def is_due(due: Due, one: Instance, cell: Cell | None) -> bool:
    """Say whether this instance has a place in the night: it served somebody before the ring."""
    served = one.observed in (Observed.OPEN, Observed.HIBERNATED, Observed.WAKING)
    return served and one.desired is not Desired.CLOSED and cell is not None and cell.since < due.moment


_SETTLED = frozenset({(Observed.OPEN, Desired.OPEN), (Observed.HIBERNATED, Desired.HIBERNATED)})
"""Neither being launched or replaced, nor on the way into sleep or out of it."""


def verdict(due: Due, one: Instance, cell: Cell | None, standing: Standing, *, now: datetime) -> Verdict:
    """Say what becomes of an instance whose turn it is.

    Practice at the job's own hour is interrupted; a catch-up in the day waits for its end; exams and classes are
    always waited for. An instance that was given a new cell since the ring is fresh already.
    """
    if one.desired is Desired.CLOSED or one.observed is Observed.CLOSED:
        return "ends by itself"
    if one.observed is Observed.FAILED:
        return "failed"
    settled = (one.observed, one.desired) in _SETTLED
    if not settled or cell is None:
        return "not yet"
    if cell.since >= due.moment:
        return "fresh"
    late = due.is_catch_up(now)
    waited_for = standing.reason in ALWAYS_WAITED_FOR or (standing.reason is not Reason.NONE and late)
    return "defer" if waited_for else "go"
