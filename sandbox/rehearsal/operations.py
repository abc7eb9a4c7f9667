"""Whether a rehearsal may be held now, and keeping what it measured."""

from __future__ import annotations

from datetime import datetime

from sandbox.attempts.model import AttemptState
from sandbox.audit import operations as audit
from sandbox.errors import NotReadyError, RefusedError
from sandbox.exercises.model import Mode
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.people.robots import MOST
from sandbox.rehearsal.model import Rehearsal
from sandbox.rehearsal.ports import Stores

MOST_SEATS = MOST - 10
"""So many robots there are, less those at other pages."""
_TERMS = {"memory": ("内存", "memory"), "disk": ("磁盘", "disk"), "site": ("上限", "the site's maximum")}
_SUPERVISED = frozenset({Mode.EXAM, Mode.CLASS})
_RUNNING = frozenset({AttemptState.REQUESTED, AttemptState.OPEN})


class ClassRunningError(RefusedError):
    """People are working under supervision: a rehearsal would slow them."""

    code = "SBX-131"
    zh = "现在有 {count} 人正在考核或课堂练习中，演练会拖慢他们。结束后再试，或加 --force。"
    en = "{count} people are in an exam or a class; a rehearsal would slow them. Try again afterwards, or use --force."


class SeatsError(RefusedError):
    """So many do not fit, or are more than a rehearsal ever has."""

    code = "SBX-132"
    zh = "{seats} 个席位容纳不下：{why}"
    en = "{seats} seats do not fit: {why}"


def require_quiet(stores: Stores, actor: Actor) -> None:
    """Raise ClassRunningError while anybody is in an exam or a class."""
    policy.require(actor, "rehearsal.run")
    held = [one for one in stores.attempts.unfinished() if one.mode in _SUPERVISED and one.state in _RUNNING]
    if held:
        raise ClassRunningError(f"{len(held)} attempts in exam or class are under way", count=len(held))


def require_room(stores: Stores, seats: int) -> None:
    """Raise SeatsError for a number that is none, or that this machine has no room for at present."""
    if not 1 <= seats <= MOST_SEATS:
        raise SeatsError(f"{seats} is not in 1…{MOST_SEATS}", seats=seats, why=f"1…{MOST_SEATS}")
    vitals = stores.vitals.latest()
    if vitals is None:
        raise NotReadyError("no worker has looked at this machine yet")
    # Ready cells are what people launch into: they are room, though they run already.
    room, capacity = vitals.free + stores.demand.ready(), vitals.capacity
    if room < seats:
        zh, en = _TERMS[capacity.short]
        why = f"{room}/{capacity.seats} 可用，{zh}最先用尽 / {room} of {capacity.seats} free, {en} runs out first"
        raise SeatsError(f"room for {room} more of {capacity.seats}, {capacity.short} is short", seats=seats, why=why)


def begin(stores: Stores, actor: Actor, key: str, *, seats: int, forced: bool, now: datetime) -> None:
    """Note in the audit trail that a rehearsal begins."""
    policy.require(actor, "rehearsal.run")
    audit.record(stores, actor, "rehearsal.begin", key, at=now, facts={"seats": seats, "forced": forced})


def keep(stores: Stores, actor: Actor, rehearsal: Rehearsal, *, now: datetime) -> None:
    """Keep what was measured."""
    policy.require(actor, "rehearsal.run")
    stores.rehearsals.add(rehearsal)
    facts: dict[str, audit.Fact] = {"seats": rehearsal.seats, "failed": rehearsal.figures.failed}
    audit.record(stores, actor, "rehearsal.end", rehearsal.id, at=now, facts=facts)
