"""Makes room when people find no seat: idle hospitals sleep first, and a launch nobody looks at leaves the queue.

The verdicts are pure. Launches wait only when nothing else is left to give. Source: provisioning.md §3, §7.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sandbox.attempts import operations as attempts
from sandbox.attempts import staying
from sandbox.attempts.model import Attempt
from sandbox.config import Lifetime
from sandbox.errors import RefusedError
from sandbox.exercises.model import Mode
from sandbox.people.model import WORKER
from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import Desired, Instance, InstanceId, Observed
from sandbox.scheduling import lifetimes
from sandbox.scheduling.ports import Stores
from sandbox.scheduling.vitals import Vitals

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]
Attempts = Mapping[InstanceId, Attempt | None]
"""The live attempt of each instance."""

AT_ONCE = 4
"""Hospitals put to sleep in one look: each is archived first, and what it frees is seen by the next look."""


def needed(vitals: Vitals, *, lacking: int, ready: int, falling: int) -> int:
    """Return how many hospitals to put to sleep now, beside the `falling` that are on the way.

    `lacking` people find no seat; `ready` cells are still there to give. A full disk is not helped by sleep.
    """
    if vitals.capacity.short == "disk":
        return 0
    short = 0
    if vitals.pressure is Pressure.SHORT and not ready:
        short = -(-(vitals.memory_reserve - vitals.memory_available) // max(1, vitals.cell_bytes))
    return max(0, min(AT_ONCE, max(lacking, short)) - falling)


def falling(instances: Sequence[Instance]) -> int:
    """Return how many hospitals are being put to sleep."""
    return sum(one.desired is Desired.HIBERNATED and one.observed is Observed.OPEN for one in instances)


def spare(
    instances: Sequence[Instance], tried: Attempts, *, idle_s: int, count: int, now: datetime
) -> list[InstanceId]:
    """Return up to `count` hospitals that nobody used for `idle_s`, idle longest first; never one that must not sleep.

    What must not sleep is said in one place: by the lifetimes.
    """
    sooner = Lifetime(idle_s=idle_s)
    due = {
        one.id: at
        for one in instances
        if (at := lifetimes.sleeps_at(one, tried.get(one.id), sooner)) is not None and at <= now
    }
    return sorted(due, key=lambda key: (due[key], key))[:count]


def forsaken(instances: Sequence[Instance], tried: Attempts, *, patience: timedelta, now: datetime) -> list[InstanceId]:
    """Return the queued practice launches whose page has been gone for so long: others wait for the same cells.

    What a class or an exam launched stays: somebody will come for it.
    """
    return [
        one.id
        for one in instances
        if one.observed is Observed.QUEUED
        and one.desired is Desired.OPEN
        and one.epoch == 0
        and _is_practice(one, tried.get(one.id))
        and now - max(one.queued_at, one.last_request_at or one.queued_at) > patience
    ]


def _is_practice(one: Instance, attempt: Attempt | None) -> bool:
    return one.attempt is None or (attempt is not None and attempt.mode is Mode.PRACTICE)


class Relief:
    """Acts on the verdicts. `begin` opens fenced transactions, `reading` those that only look."""

    def __init__(self, *, begin: Begin, reading: Begin, idle_s: int, patience: timedelta) -> None:
        self._begin = begin
        self._reading = reading
        self._idle_s = idle_s
        self._patience = patience

    def act(self, vitals: Vitals, *, lacking: int, ready: int, now: datetime) -> int:
        """Put to sleep and take out of the queue what is due; return how many.

        Raises LeaseLostError, TemporaryError.
        """
        with self._reading() as stores:
            live = stores.instances.live()
            count = needed(vitals, lacking=lacking, ready=ready, falling=falling(live))
            # Whose attempts they are is asked only of those that may be meant: this runs every few seconds.
            idle = live if count else []
            tired = spare(idle, _attempts(stores, idle, Observed.OPEN), idle_s=self._idle_s, count=count, now=now)
            gone = forsaken(live, _attempts(stores, live, Observed.QUEUED), patience=self._patience, now=now)
        slept = sum(self._each(key, "sleeps for lack of memory", self._sleep, now) for key in tired)
        return slept + sum(self._each(key, "left the queue, its page is gone", self._leave, now) for key in gone)

    def _each(
        self, key: InstanceId, words: str, deed: Callable[[Stores, InstanceId, datetime], bool], now: datetime
    ) -> bool:
        """Look again inside the transaction: somebody may have come back since. A refusal is for the next look."""
        try:
            with self._begin() as stores:
                done = deed(stores, key, now)
        except RefusedError as refused:
            log.debug("instance %s is left alone: %s", key, refused)
            return False
        if done:
            log.info("instance %s %s", key, words)
        return done

    def _sleep(self, stores: Stores, key: InstanceId, now: datetime) -> bool:
        here = [stores.instances.get(key)]
        tried = _attempts(stores, here, Observed.OPEN)
        if not spare(here, tried, idle_s=self._idle_s, count=1, now=now):
            return False
        return staying.hibernate(stores, WORKER, key, now=now, reason="memory")

    def _leave(self, stores: Stores, key: InstanceId, now: datetime) -> bool:
        here = [stores.instances.get(key)]
        if not forsaken(here, _attempts(stores, here, Observed.QUEUED), patience=self._patience, now=now):
            return False
        return attempts.close_instance(stores, WORKER, key, now=now)


def _attempts(stores: Stores, live: Sequence[Instance], observed: Observed) -> Attempts:
    return {
        one.id: stores.attempts.live_of_instance(one.id)
        for one in live
        if one.observed is observed and one.attempt is not None
    }
