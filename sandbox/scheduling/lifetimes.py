"""When a hospital goes to sleep because nobody uses it, and when its time is over. Verdicts are pure; one errand acts.

Idle is the time since the last human request: the gateway leaves out what scripts ask by themselves. An attempt whose
limit is enforced is left alone until the limit ends it: an exam always, a class while its time runs. A practice
attempt sleeps like free practice: the hospital's clock stands still with it, and its limit, which is only shown and
ends nothing, runs on. A hospital in an exam does not expire either.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Literal

from sandbox.attempts import staying
from sandbox.attempts.model import Attempt, AttemptState
from sandbox.clock import Clock
from sandbox.config import Lifetime
from sandbox.errors import RefusedError
from sandbox.exercises.model import Mode
from sandbox.people.model import WORKER
from sandbox.provisioning.model import Desired, Instance, Observed
from sandbox.scheduling.ports import Stores

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]
Verdict = Literal["keep", "hibernate", "expire"]


def sleeps_at(instance: Instance, attempt: Attempt | None, lifetime: Lifetime) -> datetime | None:
    """Return when this hospital goes to sleep unless somebody uses it; None if it does not."""
    if instance.desired is not Desired.OPEN or instance.observed is not Observed.OPEN or instance.opened_at is None:
        return None
    if attempt is not None and (attempt.state is not AttemptState.OPEN or _is_held(attempt)):
        return None
    used = max(instance.opened_at, instance.last_request_at or instance.opened_at)
    return used + timedelta(seconds=lifetime.idle_s)


def _is_held(attempt: Attempt) -> bool:
    """Say whether its limit is enforced: time would run on over a sleeping hospital."""
    return attempt.mode is Mode.EXAM or (attempt.mode is Mode.CLASS and not attempt.untimed)


def verdict(instance: Instance, attempt: Attempt | None, lifetime: Lifetime, *, now: datetime) -> Verdict:
    """Say what the clock wants of this hospital."""
    if instance.desired is Desired.CLOSED:
        return "keep"
    in_exam = attempt is not None and attempt.mode is Mode.EXAM and attempt.state is AttemptState.OPEN
    if instance.expires_at is not None and now >= instance.expires_at and not in_exam:
        return "expire"
    asleep = sleeps_at(instance, attempt, lifetime)
    return "hibernate" if asleep is not None and now >= asleep else "keep"


class Lifetimes:
    """An errand of the worker's. `begin` opens fenced write transactions, `reading` those that only look."""

    def __init__(self, *, begin: Begin, reading: Begin, lifetime: Lifetime, clock: Clock) -> None:
        self._begin = begin
        self._reading = reading
        self._lifetime = lifetime
        self._clock = clock

    def tick(self) -> int:
        """Put to sleep and close what is due; return how many. Raises LeaseLostError, TemporaryError."""
        now = self._clock.now()
        with self._reading() as stores:
            # An attempt only ever keeps a hospital: it is asked for only where the clock alone would not.
            late = [one for one in stores.instances.live() if verdict(one, None, self._lifetime, now=now) != "keep"]
            due = [
                (one, said)
                for one in late
                if (said := verdict(one, stores.attempts.live_of_instance(one.id), self._lifetime, now=now)) != "keep"
            ]
        return sum(self._act(one, said, now) for one, said in due)

    def _act(self, seen: Instance, said: Verdict, now: datetime) -> bool:
        """Look again inside the transaction: somebody may have come back since. A refusal is for the next tick."""
        try:
            with self._begin() as stores:
                one = stores.instances.get(seen.id)
                attempt = stores.attempts.live_of_instance(one.id)
                if verdict(one, attempt, self._lifetime, now=now) != said:
                    return False
                if said == "expire":
                    staying.expire(stores, WORKER, one.id, now=now)
                else:
                    staying.hibernate(stores, WORKER, one.id, now=now, reason="idle")
        except RefusedError as refused:
            log.debug("instance %s is left alone: %s", seen.id, refused)
            return False
        log.info("%s for instance %s", said, seen.id)
        return True
