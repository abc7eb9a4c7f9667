"""What lets an attempt start, what is pinned on it (mode, extra time, variant), and how it opens with its hospital."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.attempts import drawing, limits
from sandbox.attempts.model import ATTEMPT_MOVES, AssignmentTerms, Attempt, AttemptId, AttemptState
from sandbox.attempts.ports import Stores
from sandbox.audit import operations as audit
from sandbox.errors import AttemptLimitError, ForbiddenError, NotYetError
from sandbox.exercises.model import Mode
from sandbox.people.model import WORKER, Actor
from sandbox.provisioning.model import Cell, InstanceId

ID_BYTES = 8
"""Of an attempt's or instance's id: 16 hex digits."""


def require_allowed(
    stores: Stores, actor: Actor, assignment: str, exercise_version: str, *, now: datetime, zone: ZoneInfo
) -> None:
    """Raise unless this person may start one more attempt under this assignment now.

    Raises ForbiddenError for somebody else's or a withdrawn assignment, NotYetError before it opens, until the wait is
    over or until the next day, AttemptLimitError if no day will bring another attempt.
    """
    terms = stores.terms.of(assignment)
    if terms.person != actor.id or terms.exercise_version != exercise_version or terms.withdrawn:
        raise ForbiddenError(f"assignment {assignment} does not let {actor.id} start {exercise_version}")
    _require_open(terms, now=now, zone=zone)
    free = limits.free_at(stores.attempts.counted(actor.id, assignment), terms, now=now, zone=zone)
    if free is None:
        raise AttemptLimitError(f"{actor.id} has used all attempts of {assignment}", limit=terms.max_attempts)
    if free > now:
        raise NotYetError(f"{assignment} may be tried again from {free}", next=_told(free, zone))


def requested(
    stores: Stores,
    key: AttemptId,
    *,
    person: str,
    exercise_version: str,
    assignment: str | None,
    instance: InstanceId,
    now: datetime,
) -> Attempt:
    """Return a new attempt with all that is pinned at its start."""
    extra = stores.accommodations.of(assignment) if assignment is not None else None
    return Attempt(
        id=key,
        person=person,
        exercise_version=exercise_version,
        assignment=assignment,
        instance=instance,
        state=AttemptState.REQUESTED,
        requested_at=now,
        opened_at=None,
        submitted_at=None,
        closed_at=None,
        mode=stores.terms.of(assignment).mode if assignment is not None else Mode.PRACTICE,
        time_factor=extra.time_factor if extra is not None else 1,
        untimed=extra is not None and extra.untimed,
        variant=drawing.variant(key, stores.exercises.get(exercise_version).variants),
    )


def again(stores: Stores, before: Attempt, *, now: datetime, draw: Callable[[int], str]) -> AttemptId:
    """Interrupt an attempt, unless the worker has, and have the next cell of its instance serve a new one."""
    if ATTEMPT_MOVES[before.state]:
        stores.attempts.move(before.id, before.state, AttemptState.INTERRUPTED, at=now)
    key = AttemptId(draw(ID_BYTES))
    again = requested(
        stores,
        key,
        person=before.person,
        exercise_version=before.exercise_version,
        assignment=before.assignment,
        instance=before.instance,
        now=now,
    )
    stores.attempts.add(again)
    stores.instances.name_attempt(before.instance, key)
    return key


def opened(stores: Stores, cell: Cell, *, now: datetime) -> None:
    """Open the attempt that this cell was armed for, if any, in the transaction that lets its person in.

    So whoever sees the hospital can hand in, open hints and see the time that is left.
    """
    if cell.attempt is None:
        return
    attempt = stores.attempts.get(AttemptId(cell.attempt))
    if attempt.state is AttemptState.REQUESTED:
        stores.attempts.move(attempt.id, AttemptState.REQUESTED, AttemptState.OPEN, at=now)
        audit.record(stores, WORKER, "attempt.open", attempt.id, at=now)


def _require_open(terms: AssignmentTerms, *, now: datetime, zone: ZoneInfo) -> None:
    if terms.opens is not None and now < terms.opens:
        raise NotYetError(f"assignment {terms.assignment} opens at {terms.opens}", next=_told(terms.opens, zone))


def _told(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
