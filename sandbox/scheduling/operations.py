"""What IT may do about scheduled jobs: another time, or now."""

from __future__ import annotations

from datetime import datetime

from sandbox.attempts import operations as attempts
from sandbox.audit import operations as audit
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning.model import Desired, Observed
from sandbox.scheduling import jobs
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.ports import Stores


def set_nightly_time(stores: Stores, actor: Actor, local_time: str, *, now: datetime) -> None:
    """Have the nightly reset ring at this local time (HH:MM) from now on. Raises SettingsInvalidError.

    A time that is already over today rings tomorrow: nobody is reset by a change of settings.
    """
    policy.require(actor, "nightly.set")
    jobs.local_time(local_time)
    stores.job_times.choose(NIGHTLY_RESET.name, local_time, by=actor.id, at=now)
    audit.record(stores, actor, "nightly.set", NIGHTLY_RESET.name, at=now, facts={"local_time": local_time})


def run_nightly_now(stores: Stores, actor: Actor, *, now: datetime) -> int:
    """Want a new cell for every open instance, by hand; return for how many that was not wanted already.

    As at night, one for an exercise is closed: a new attempt must not begin, and run out, while nobody looks. The
    ledger is left alone: the night's own run comes all the same.
    """
    policy.require(actor, "nightly.run")
    begun = 0
    for one in stores.instances.live():
        if one.desired is Desired.OPEN and one.observed is Observed.OPEN:
            if one.exercise_version is not None:
                begun += attempts.close_instance(stores, actor, one.id, now=now)
            else:
                begun += attempts.reset(stores, actor, one.id, kind="nightly", now=now)
    audit.record(stores, actor, "nightly.run", NIGHTLY_RESET.name, at=now, facts={"instances": begun})
    return begun
