"""Launch, start, submit, reset, close: every write a person makes to attempts and the instances behind them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sandbox.attempts import deadline, places, showing, starting, staying
from sandbox.attempts.model import Attempt, AttemptId, AttemptState, HintUse, Launched
from sandbox.attempts.ports import Stores
from sandbox.audit import operations as audit
from sandbox.config import Lifetime, Quota
from sandbox.errors import NotFoundError, WrongStateError
from sandbox.exercises.model import Mode
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import operations as provisioning
from sandbox.provisioning.model import EXAM_URGENCY, LAUNCH_URGENCY, Desired, InstanceId, Move, Observed

Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""

_HANDED_IN = frozenset({AttemptState.SUBMITTED, AttemptState.SEALED, AttemptState.GRADED})


_QUOTA, _LIFETIME = Quota(), Lifetime()


def launch_practice(
    stores: Stores,
    actor: Actor,
    *,
    now: datetime,
    quota: Quota = _QUOTA,
    lifetime: Lifetime = _LIFETIME,
    draw: Draw = secrets.token_hex,
) -> Launched:
    """Want a hospital for free practice. Launching twice gives the same one, awake.

    Raises QuotaError if the person's places are taken by others, TooOftenError.
    """
    policy.require(actor, "instance.launch", owner=actor.id)
    for running in places.wanted(stores, actor.id):
        if running.exercise_version is None:
            staying.wake(stores, actor, running.id, now=now)
            return Launched(instance=running.id, attempt=None, fresh=False)
    instance = places.queued(
        actor,
        InstanceId(draw(starting.ID_BYTES)),
        slot=places.require_launch(stores, actor, quota, now=now),
        urgency=LAUNCH_URGENCY,
        expires=places.expires_at(lifetime, due=None, now=now),
        now=now,
    )
    stores.instances.add(instance)
    audit.record(stores, actor, "instance.launch", instance.id, at=now)
    return Launched(instance=instance.id, attempt=None, fresh=True)


def start(
    stores: Stores,
    actor: Actor,
    *,
    exercise_version: str,
    assignment: str | None,
    now: datetime,
    zone: ZoneInfo,
    quota: Quota = _QUOTA,
    lifetime: Lifetime = _LIFETIME,
    draw: Draw = secrets.token_hex,
) -> Launched:
    """Want a hospital for one attempt at an exercise. Starting twice gives the same attempt, awake.

    Raises QuotaError if the person's places are taken, TooOftenError, AttemptLimitError or NotYetError if the
    assignment allows no more, ever or now; days are those of `zone`. Raises ForbiddenError for somebody else's
    assignment or, without an assignment, for everybody but trainers.
    """
    policy.require(actor, "attempt.try" if assignment is None else "attempt.start", owner=actor.id)
    stores.exercises.get(exercise_version)
    for running in places.wanted(stores, actor.id):
        tried = stores.attempts.live_of_instance(running.id)
        if tried is not None and (tried.exercise_version, tried.assignment) == (exercise_version, assignment):
            staying.wake(stores, actor, running.id, now=now)
            return Launched(instance=running.id, attempt=tried.id, fresh=False)
    slot = places.require_launch(stores, actor, quota, now=now)
    if assignment is not None:
        starting.require_allowed(stores, actor, assignment, exercise_version, now=now, zone=zone)
    terms = stores.terms.of(assignment) if assignment is not None else None
    instance = places.queued(
        actor,
        InstanceId(draw(starting.ID_BYTES)),
        slot=slot,
        urgency=EXAM_URGENCY if terms is not None and terms.mode is Mode.EXAM else LAUNCH_URGENCY,
        expires=places.expires_at(lifetime, due=terms.due if terms is not None else None, now=now),
        now=now,
    )
    attempt = starting.requested(
        stores,
        AttemptId(draw(starting.ID_BYTES)),
        person=actor.id,
        exercise_version=exercise_version,
        assignment=assignment,
        instance=instance.id,
        now=now,
    )
    stores.instances.add(replace(instance, exercise_version=exercise_version, attempt=attempt.id))
    stores.attempts.add(attempt)
    facts = {
        "exercise": exercise_version,
        "instance": instance.id,
        "assignment": assignment,
        "mode": attempt.mode.value,
        "variant": attempt.variant,
    }
    audit.record(stores, actor, "attempt.start", attempt.id, at=now, facts=facts)
    return Launched(instance=instance.id, attempt=attempt.id, fresh=True)


def submit(stores: Stores, actor: Actor, attempt_id: AttemptId, *, now: datetime) -> bool:
    """Hand in the work as it stands; False if it already was. The instance closes, sealed as evidence first.

    Raises WrongStateError if the attempt never opened or is over, LostRaceError.
    """
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "attempt.submit", owner=attempt.person)
    if attempt.state in _HANDED_IN:
        return False
    _end(stores, actor, attempt, AttemptState.OPEN, AttemptState.SUBMITTED, verb="attempt.submit", now=now)
    return True


def abandon(stores: Stores, actor: Actor, attempt_id: AttemptId, *, now: datetime) -> None:
    """Give up. The attempt counts, nothing is graded."""
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "attempt.abandon", owner=attempt.person)
    _end(stores, actor, attempt, AttemptState.OPEN, AttemptState.ABANDONED, verb="attempt.abandon", now=now)


def cancel(stores: Stores, actor: Actor, attempt_id: AttemptId, *, now: datetime) -> None:
    """Leave the queue. The attempt does not count. Raises WrongStateError once its hospital is there."""
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "attempt.cancel", owner=attempt.person)
    _end(stores, actor, attempt, AttemptState.REQUESTED, AttemptState.CANCELLED, verb="attempt.cancel", now=now)


def reset(
    stores: Stores,
    actor: Actor,
    instance_id: InstanceId,
    *,
    kind: Literal["reset", "nightly"] = "reset",
    now: datetime,
    quota: Quota = _QUOTA,
    draw: Draw = secrets.token_hex,
) -> bool:
    """Want a new cell for this instance; False if that is under way already. A double click resets once.

    A running attempt is interrupted, which does not count, and the next one begins with the new cell. Both stand in
    this transaction, not with the worker: between the two a cell could be claimed for the attempt that is over.
    Raises WrongStateError unless the instance is open, and where one's own attempts are limited: starting over would
    be another try.
    """
    instance = stores.instances.get(instance_id)
    mine = instance.owner == actor.id
    policy.require(actor, "instance.reset" if mine else "fleet.reset", owner=instance.owner)
    if instance.observed is Observed.REPLACING:
        return False
    if instance.observed is not Observed.OPEN or instance.desired is not Desired.OPEN:
        raise WrongStateError(f"instance {instance_id} is {instance.observed}, wanted {instance.desired}")
    move = Move(
        instance=instance_id,
        epoch=instance.epoch,
        kind=kind,
        actor=actor.id,
        created_at=now,
        closed_at=None,
        cause=actor.cause,
    )
    attempt = stores.attempts.live_of_instance(instance_id)
    if mine and attempt is not None and not may_start_over(stores, attempt):
        raise WrongStateError(f"attempt {attempt.id} is one of a limited number")
    asked_already = any((one.instance, one.epoch) == (move.instance, move.epoch) for one in stores.moves.open())
    if mine and not asked_already:
        places.require_reset(stores, actor, quota, now=now)
    if not stores.moves.add(move):
        return False
    if mine:
        stores.instances.touch({instance_id: now})
    facts: dict[str, audit.Fact] = {"kind": kind, "epoch": instance.epoch}
    if attempt is not None:
        facts |= {"interrupted": attempt.id, "attempt": starting.again(stores, attempt, now=now, draw=draw)}
    audit.record(stores, actor, "instance.reset", instance_id, at=now, facts=facts)
    return True


def may_start_over(stores: Stores, attempt: Attempt) -> bool:
    """Say whether the trainee may begin again without using up an attempt: not where their number is limited."""
    if attempt.mode is Mode.EXAM:
        return False
    return attempt.assignment is None or stores.terms.of(attempt.assignment).max_attempts is None


def retry(
    stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime, draw: Draw = secrets.token_hex
) -> None:
    """Queue a failed instance for another cell. One for an exercise gets a new attempt: the old one is interrupted.

    Raises WrongStateError unless it failed and is still wanted.
    """
    instance = stores.instances.get(instance_id)
    provisioning.retry(stores, actor, instance_id, now=now)
    if instance.attempt is not None:
        starting.again(stores, stores.attempts.get(AttemptId(instance.attempt)), now=now, draw=draw)


def close_instance(stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime) -> bool:
    """Want the instance gone; False if that was wanted already. What was done in it is archived first.

    The owner thereby leaves the queue or gives the attempt up: once the hospital is there the attempt counts.
    Destroyed by others, the worker finds the attempt interrupted.
    """
    instance = stores.instances.get(instance_id)
    mine = instance.owner == actor.id
    policy.require(actor, "instance.close" if mine else "fleet.destroy", owner=instance.owner)
    attempt = stores.attempts.live_of_instance(instance_id)
    if attempt is not None:
        _leave(stores, attempt, mine=mine, now=now)
    if not stores.instances.desire(instance_id, Desired.CLOSED, cause=actor.cause):
        return False
    verb = "instance.close" if mine else "fleet.destroy"
    audit.record(stores, actor, verb, instance_id, at=now, facts={"attempt": attempt.id if attempt else None})
    return True


def _leave(stores: Stores, attempt: Attempt, *, mine: bool, now: datetime) -> None:
    """End the attempt of an instance that is closed."""
    if attempt.state is AttemptState.OPEN and mine:
        stores.attempts.move(attempt.id, attempt.state, AttemptState.ABANDONED, at=now)
    elif attempt.state is AttemptState.REQUESTED:
        stores.attempts.move(attempt.id, attempt.state, AttemptState.CANCELLED, at=now)


def open_hint(
    stores: Stores, actor: Actor, attempt_id: AttemptId, hint: str, *, of_step: Sequence[str], now: datetime
) -> bool:
    """Open a hint; False if it was open already. `of_step` are the hints of its step, which open in order.

    Raises NotFoundError for a hint of another step or in an exam, WrongStateError if an earlier one is still closed.
    """
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "hint.open", owner=attempt.person)
    if attempt.state is not AttemptState.OPEN or attempt.opened_at is None:
        raise WrongStateError(f"attempt {attempt_id} is {attempt.state}")
    if hint not in of_step or showing.hints(attempt.mode) == "hidden":
        raise NotFoundError(f"no hint {hint} in this step")
    already = {use.hint for use in stores.hints.of(attempt_id)}
    if not already.issuperset(of_step[: of_step.index(hint)]):
        raise WrongStateError(f"an earlier hint than {hint} is still closed")
    worked = deadline.working_ms(attempt.opened_at, now=now, extra=attempt)
    if not stores.hints.add(HintUse(attempt=attempt_id, hint=hint, working_ms=worked, opened_at=now)):
        return False
    audit.record(stores, actor, "hint.open", attempt_id, at=now, facts={"hint": hint})
    return True


def _end(
    stores: Stores, actor: Actor, attempt: Attempt, old: AttemptState, new: AttemptState, *, verb: str, now: datetime
) -> None:
    if attempt.state is not old:
        raise WrongStateError(f"attempt {attempt.id} is {attempt.state}")
    stores.attempts.move(attempt.id, old, new, at=now)
    stores.instances.desire(attempt.instance, Desired.CLOSED, cause=actor.cause)
    audit.record(stores, actor, verb, attempt.id, at=now)
