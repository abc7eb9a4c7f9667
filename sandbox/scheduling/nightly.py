"""The nightly reset: every instance exactly once per local date, whatever rings, restarts or runs twice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.attempts import operations as attempts
from sandbox.attempts.model import AttemptState
from sandbox.clock import Clock
from sandbox.errors import RefusedError
from sandbox.exercises.model import Mode
from sandbox.people.model import WORKER
from sandbox.provisioning.model import Desired, Instance, InstanceId, Observed
from sandbox.scheduling import jobs
from sandbox.scheduling.jobs import NIGHTLY_RESET, Due, Standing
from sandbox.scheduling.ports import Stores

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]

LEDGER_SEARCHED = 1000
"""Newest ledger rows that are looked through: two nights of a full house. The insert decides, not this."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one ring led to."""

    local_date: str
    reset: int
    deferred: int


class Nightly:
    """Called whenever a timer rings, at start, and while something is deferred. `begin` opens fenced transactions."""

    def __init__(self, *, begin: Begin, reading: Begin, clock: Clock, zone: ZoneInfo, default_at: str) -> None:
        self._begin = begin
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._default_at = default_at

    def local_time(self) -> str:
        """Return the time of day in force: IT's choice, else the setting."""
        with self._reading() as stores:
            return stores.job_times.chosen(NIGHTLY_RESET.name) or self._default_at

    def run(self) -> Outcome:
        """Reset what is due and has not been; note what has ended. Raises LeaseLostError, TemporaryError."""
        now = self._clock.now()
        with self._reading() as stores:
            due = self._due(stores, now)
            settled = list(_settled(stores))
            verdicts = [(one, _verdict(stores, due, one, now)) for one in _waiting(stores, due)] if due else []
        self._settle(settled, now)
        reset = sum(self._reset(due, one, now) for one, verdict in verdicts if due and verdict == "reset")
        deferred = sum(1 for _, verdict in verdicts if verdict == "defer")
        return Outcome(local_date=due.local_date.isoformat() if due else "", reset=reset, deferred=deferred)

    def _due(self, stores: Stores, now: datetime) -> Due | None:
        """Return the due run, or None if its ring lies before the present time of day was chosen."""
        chosen = stores.job_times.chosen(NIGHTLY_RESET.name)
        due = jobs.due(now, jobs.local_time(chosen or self._default_at), self._zone)
        chosen_at = stores.job_times.chosen_at(NIGHTLY_RESET.name)
        return None if chosen_at is not None and due.moment < chosen_at else due

    def _reset(self, due: Due, one: Instance, now: datetime) -> bool:
        """Write ledger row and intent in one transaction: neither is ever there without the other."""
        try:
            with self._begin() as stores:
                if not stores.ledger.begin(NIGHTLY_RESET.name, due.local_date, one.id, now=now):
                    return False
                if one.exercise_version is not None:
                    # A new attempt must not begin, and run out, while its trainee sleeps.
                    attempts.close_instance(stores, WORKER, one.id, now=now)
                    _finish(stores, due, one.id, "closed", now)
                elif not attempts.reset(stores, WORKER, one.id, kind="nightly", now=now):
                    _finish(stores, due, one.id, "skipped", now)
        except RefusedError as refused:
            log.info("instance %s is not reset tonight: %s", one.id, refused)
            with self._begin() as stores:
                if stores.ledger.begin(NIGHTLY_RESET.name, due.local_date, one.id, now=now):
                    _finish(stores, due, one.id, f"skipped {refused.code}", now)
            return False
        return True

    def _settle(self, settled: list[tuple[Due, InstanceId, str]], now: datetime) -> None:
        for due, key, outcome in settled:
            with self._begin() as stores:
                _finish(stores, due, key, outcome, now)


def _waiting(stores: Stores, due: Due) -> list[Instance]:
    """Return the open instances without a ledger row for the due date."""
    entries = stores.ledger.entries(NIGHTLY_RESET.name, newest=LEDGER_SEARCHED)
    done = {subject for local_date, subject, *_ in entries if local_date == due.local_date}
    return [
        one
        for one in stores.instances.live()
        if one.desired is Desired.OPEN and one.observed is Observed.OPEN and one.id not in done
    ]


def _verdict(stores: Stores, due: Due, one: Instance, now: datetime) -> jobs.Verdict:
    return jobs.verdict(due, opened_at=one.opened_at, standing=_standing(stores, one), now=now)


def _standing(stores: Stores, one: Instance) -> Standing:
    """Say what the trainee is doing. Nobody's exam is cut off; a class is reset as practice is."""
    attempt = stores.attempts.live_of_instance(one.id)
    if attempt is None or attempt.state is not AttemptState.OPEN:
        return "none"
    return "exam" if attempt.mode is Mode.EXAM else "practice"


def _settled(stores: Stores) -> Iterator[tuple[Due, InstanceId, str]]:
    """Return the running ledger rows whose move has ended, with what came of it."""
    moving = {move.instance for move in stores.moves.open() if move.kind == "nightly"}
    for local_date, subject, outcome, begun, _ in stores.ledger.entries(NIGHTLY_RESET.name, newest=LEDGER_SEARCHED):
        key = InstanceId(subject)
        if outcome or key in moving:
            continue
        failed = stores.instances.get(key).observed is Observed.FAILED
        yield Due(local_date=local_date, moment=begun), key, "failed" if failed else "reset"


def _finish(stores: Stores, due: Due, key: InstanceId, outcome: str, now: datetime) -> None:
    stores.ledger.finish(NIGHTLY_RESET.name, due.local_date, key, outcome=outcome, now=now)
