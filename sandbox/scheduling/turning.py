"""The turn of one instance: ledger row and intent in one transaction, neither is ever there without the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sandbox import causality
from sandbox.attempts import operations as attempts
from sandbox.audit import operations as audit
from sandbox.errors import LostRaceError
from sandbox.people.model import WORKER
from sandbox.provisioning import operations as provisioning
from sandbox.provisioning.model import Instance, Observed
from sandbox.scheduling.model import Entry, Fate, Reason
from sandbox.scheduling.ports import Stores


def needs_dataset(one: Instance) -> bool:
    """Say whether its turn gives it a new cell: what serves an exercise or hibernates only goes."""
    return one.exercise_version is None and one.observed is not Observed.HIBERNATED


def begin(stores: Stores, entry: Entry, *, now: datetime) -> Entry:
    """Write what is wanted of the instance, and the row as it is then; return the row.

    Raises LostRaceError if the row or the instance has gone on, WrongStateError.
    """
    one = stores.instances.get(entry.subject)
    actor = replace(WORKER, cause=causality.of_night(entry.local_date))
    after = replace(entry, fate=Fate.RUNNING, begun_at=now, epoch=one.epoch, cell=one.cell)
    if one.exercise_version is not None:
        # A new attempt must not begin, and run out, while its trainee sleeps.
        attempts.close_instance(stores, actor, one.id, now=now)
    elif one.observed is Observed.HIBERNATED:
        after = replace(after, reason=Reason.ASLEEP)
        if not provisioning.retire_asleep(stores, one.id, now=now):
            raise LostRaceError(f"instance {one.id} does not hibernate any more")
        audit.record(stores, actor, "instance.retire", one.id, at=now, facts={"epoch": one.epoch})
    elif not attempts.reset(stores, actor, one.id, kind="nightly", now=now):
        after = replace(entry, fate=Fate.SKIPPED, reason=Reason.RESETTING, finished_at=now)
    stores.ledger.change(entry, after)
    return after
