"""What IT may do about scheduled jobs: another time, or now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sandbox.attempts import operations as attempts
from sandbox.audit import operations as audit
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning.model import Desired, Instance, Observed
from sandbox.scheduling import by_hand, jobs, looking, standing
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.ports import Stores
from sandbox.scheduling.standing import Standing


def set_nightly_time(stores: Stores, actor: Actor, local_time: str, *, now: datetime) -> None:
    """Have the nightly reset ring at this local time (HH:MM) from now on. Raises SettingsInvalidError.

    A time that is already over today rings tomorrow: nobody is reset by a change of settings.
    """
    policy.require(actor, "nightly.set")
    jobs.local_time(local_time)
    stores.job_times.choose(NIGHTLY_RESET.name, local_time, by=actor.id, at=now)
    audit.record(stores, actor, "nightly.set", NIGHTLY_RESET.name, at=now, facts={"local_time": local_time})


Deed = Literal["reset", "close", "leave"]


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What a run now would do with one open instance."""

    instance: Instance
    deed: Deed
    doing: Standing
    """Why it is left alone, and until when; what is cut off otherwise."""


def foresee(stores: Stores, *, now: datetime) -> list[Foreseen]:
    """Say what a run now would do, oldest launch first; nothing is changed.

    As at night: one for an exercise is closed, for a new attempt must not begin, and run out, while nobody looks;
    nobody's exam or class is cut off.
    """
    wanted = [one for one in stores.instances.live() if one.desired is Desired.OPEN and one.observed is Observed.OPEN]
    return [_foreseen(stores, one, now=now) for one in wanted]


def _foreseen(stores: Stores, one: Instance, *, now: datetime) -> Foreseen:
    doing = looking.doing_in(stores, one, now=now)
    if doing.reason in standing.ALWAYS_WAITED_FOR:
        return Foreseen(instance=one, deed="leave", doing=doing)
    return Foreseen(instance=one, deed="reset" if one.exercise_version is None else "close", doing=doing)


def run_nightly_now(stores: Stores, actor: Actor, *, now: datetime) -> int:
    """Do what `foresee` says, by hand; return for how many instances that was not wanted already.

    The worker takes them a few at a time. The ledger is left alone: the night's own run comes all the same.
    """
    policy.require(actor, "nightly.run")
    begun = 0
    for each in foresee(stores, now=now):
        if each.deed == "close":
            begun += attempts.close_instance(stores, actor, each.instance.id, now=now)
        elif each.deed == "reset":
            begun += attempts.reset(stores, actor, each.instance.id, kind="nightly", now=now)
    audit.record(stores, actor, by_hand.VERB, NIGHTLY_RESET.name, at=now, facts={"instances": begun})
    return begun
