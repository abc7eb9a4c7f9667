"""Put a hospital to sleep, wake it, keep it longer: what people and the clock may want of one that is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.attempts.model import AttemptState
from sandbox.attempts.ports import Stores
from sandbox.audit import operations as audit
from sandbox.config import Lifetime
from sandbox.errors import ExpiredError, LostRaceError, QuotaError, WrongStateError
from sandbox.exercises.model import Mode
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning.model import Desired, Instance, InstanceId, Observed


def hibernate(stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime, reason: str = "asked") -> bool:
    """Want the hospital asleep: archived, stopped, its folders kept; False if that was wanted already.

    Raises WrongStateError unless it is open with no reset under way, and during an open exam.
    """
    instance = stores.instances.get(instance_id)
    policy.require(actor, "instance.hibernate", owner=instance.owner)
    if instance.desired is Desired.HIBERNATED:
        return False
    if instance.desired is not Desired.OPEN or instance.observed is not Observed.OPEN or _moves(stores, instance):
        raise WrongStateError(f"instance {instance_id} is {instance.observed}, wanted {instance.desired}")
    if in_exam(stores, instance):
        raise WrongStateError(f"instance {instance_id} is in an exam")
    stores.instances.desire(instance_id, Desired.HIBERNATED, cause=actor.cause)
    audit.record(stores, actor, "instance.hibernate", instance_id, at=now, facts={"reason": reason})
    return True


def wake(stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime) -> bool:
    """Want the hospital open again where it stood; False if that was wanted already.

    Raises WrongStateError once it is to be closed.
    """
    instance = stores.instances.get(instance_id)
    policy.require(actor, "instance.wake", owner=instance.owner)
    if instance.desired is Desired.CLOSED or instance.observed is Observed.CLOSED:
        raise WrongStateError(f"instance {instance_id} is closed for good")
    stores.instances.touch({instance_id: now})
    if not stores.instances.desire(instance_id, Desired.OPEN, cause=actor.cause):
        return False
    audit.record(stores, actor, "instance.wake", instance_id, at=now)
    return True


def extend(
    stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime, lifetime: Lifetime | None = None
) -> datetime:
    """Keep the hospital longer and return until when.

    Raises QuotaError at the longest stay, WrongStateError once it is to be closed.
    """
    limits = lifetime or Lifetime()
    instance = stores.instances.get(instance_id)
    policy.require(actor, "instance.extend", owner=instance.owner)
    if instance.desired is Desired.CLOSED or instance.expires_at is None:
        raise WrongStateError(f"instance {instance_id} is to be closed, or never expires")
    until = min(instance.expires_at + timedelta(seconds=limits.extend_s), longest(instance, limits))
    if until <= instance.expires_at:
        raise QuotaError(f"instance {instance_id} stays no longer", limit=f"{limits.longest_s // 3600} h")
    stores.instances.extend(instance_id, instance.expires_at, until)
    stores.instances.touch({instance_id: now})
    audit.record(stores, actor, "instance.extend", instance_id, at=now, facts={"until": until.isoformat()})
    return until


def longest(instance: Instance, lifetime: Lifetime) -> datetime:
    """Return until when this hospital can be kept at most."""
    return instance.queued_at + timedelta(seconds=lifetime.longest_s)


def stay(stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime) -> None:
    """Note that somebody is still here, though nothing was clicked inside the hospital."""
    instance = stores.instances.get(instance_id)
    policy.require(actor, "instance.enter", owner=instance.owner)
    stores.instances.touch({instance_id: now})


def expire(stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime) -> None:
    """Close a hospital whose time is over; its work is archived. Raises LostRaceError if it was extended meanwhile."""
    instance = stores.instances.get(instance_id)
    policy.require(actor, "instance.expire", owner=instance.owner)
    if instance.expires_at is None or now < instance.expires_at or in_exam(stores, instance):
        raise LostRaceError(f"instance {instance_id} is kept")
    if stores.instances.desire(instance_id, Desired.CLOSED):
        stores.instances.note_trouble(instance_id, ExpiredError.code)
        facts = {"expired": instance.expires_at.isoformat(), "attempt": instance.attempt}
        audit.record(stores, actor, "instance.expire", instance_id, at=now, facts=facts)


def in_exam(stores: Stores, instance: Instance) -> bool:
    """Say whether an exam is under way in this hospital."""
    attempt = stores.attempts.live_of_instance(instance.id)
    return attempt is not None and attempt.mode is Mode.EXAM and attempt.state is AttemptState.OPEN


def _moves(stores: Stores, instance: Instance) -> bool:
    return any((move.instance, move.epoch) == (instance.id, instance.epoch) for move in stores.moves.open())
