"""A person's places: what runs, what may be launched or reset now, until when it is kept. Reads; the caller writes.

All of it is looked at in the transaction that writes, and a place is taken once: a unique index stands behind it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime, timedelta

from sandbox.attempts.ports import Stores
from sandbox.config import Lifetime, Quota
from sandbox.errors import QuotaError, TooOftenError
from sandbox.people.model import Actor, Role
from sandbox.provisioning.model import Desired, Instance, InstanceId, Observed


def wanted(stores: Stores, person: str) -> list[Instance]:
    """Return this person's hospitals that are not to be closed, sleeping ones included, oldest first."""
    return [one for one in stores.instances.live_of(person) if one.desired is not Desired.CLOSED]


def most(actor: Actor, quota: Quota) -> int:
    """Return how many hospitals this person may have at once."""
    return quota.live_trainer if Role.TRAINER in actor.roles else quota.live_trainee


def require_launch(stores: Stores, actor: Actor, quota: Quota, *, now: datetime) -> int:
    """Return the place that a new instance takes. Raises QuotaError at the limit, TooOftenError."""
    taken = {one.slot for one in wanted(stores, actor.id)}
    limit = most(actor, quota)
    if len(taken) >= limit:
        raise QuotaError(f"{actor.id} has {len(taken)} instances", limit=limit)
    if Role.ROBOT in actor.roles:
        # Rehearsals launch as often as they like; how many seats they take is checked where they begin.
        return _free(taken, limit)
    lately = stores.instances.launched_since(actor.id, now - timedelta(seconds=quota.window_s))
    _require_rarely(lately, quota.launches, quota, now=now)
    return _free(taken, limit)


def _free(taken: Set[int], limit: int) -> int:
    return next(place for place in range(limit) if place not in taken)


def require_reset(stores: Stores, actor: Actor, quota: Quota, *, now: datetime) -> None:
    """Raise TooOftenError, with the seconds to wait, if this person has reset too often lately."""
    if Role.ROBOT in actor.roles:
        return
    lately = stores.moves.asked_since(actor.id, now - timedelta(seconds=quota.window_s))
    _require_rarely(lately, quota.resets, quota, now=now)


def _require_rarely(lately: Sequence[datetime], limit: int, quota: Quota, *, now: datetime) -> None:
    if not limit or len(lately) < limit:
        return
    free = sorted(lately)[-limit] + timedelta(seconds=quota.window_s)
    seconds = max(1, -((now - free) // timedelta(seconds=1)))
    raise TooOftenError(
        f"{len(lately)} within {quota.window_s} s", limit=limit, minutes=quota.window_s // 60, seconds=seconds
    )


def expires_at(lifetime: Lifetime, *, due: datetime | None, now: datetime) -> datetime:
    """Return until when a hospital launched now is kept: its time to live, or some time after a due date within it."""
    end = now + timedelta(seconds=lifetime.ttl_s)
    if due is None or not now <= due <= end:
        return end
    return max(end, due + timedelta(seconds=lifetime.after_due_s))


def queued(actor: Actor, key: InstanceId, *, slot: int, urgency: int, expires: datetime, now: datetime) -> Instance:
    """Return a new instance of the actor's for free practice, waiting for a cell."""
    return Instance(
        id=key,
        owner=actor.id,
        exercise_version=None,
        attempt=None,
        desired=Desired.OPEN,
        observed=Observed.QUEUED,
        epoch=0,
        cell=None,
        queued_at=now,
        opened_at=None,
        last_request_at=None,
        trouble="",
        expires_at=expires,
        cause=actor.cause,
        urgency=urgency,
        slot=slot,
    )
