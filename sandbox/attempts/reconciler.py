"""Expires, seals, interrupts and grades attempts: observe, plan, one transaction per deed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.attempts import evidence, results
from sandbox.attempts import plan as planning
from sandbox.attempts.model import Attempt, AttemptId, AttemptState, Evidence
from sandbox.attempts.plan import Deed, Expire, Grade, Interrupt, Seal, Situation
from sandbox.attempts.ports import Grader, Stores
from sandbox.audit import operations as audit
from sandbox.errors import LeaseLostError, LostRaceError, TemporaryError
from sandbox.people.model import WORKER
from sandbox.provisioning.model import CellState, Desired, Instance
from sandbox.provisioning.ports import Files

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]


HELD = timedelta(minutes=5)
"""How long an attempt that failed is left alone: a person may have removed the cause by then."""


class Now(Protocol):
    def now(self) -> datetime: ...


class AttemptReconciler:
    """Called at every tick. `begin` opens fenced write transactions, `reading` those that only look."""

    def __init__(self, *, begin: Begin, reading: Begin, files: Files, grade: Grader, clock: Now) -> None:
        self._begin = begin
        self._reading = reading
        self._files = files
        self._grade = grade
        self._clock = clock
        self._held: dict[AttemptId, datetime] = {}

    def tick(self) -> int:
        """Do what is to be done now; return how many deeds were done. Raises LeaseLostError, TemporaryError."""
        with self._reading() as stores:
            situations = observe(stores)
        done = 0
        now = self._clock.now()
        self._held = {key: until for key, until in self._held.items() if until > now}
        for deed in planning.plan(situations, now=now):
            if deed.attempt.id in self._held:
                continue
            try:
                self._act(deed)
                done += 1
            except LostRaceError as first:
                log.debug("attempt %s: %s", deed.attempt.id, first)
            except (LeaseLostError, TemporaryError):
                raise
            except Exception:
                # Whatever it is: evidence comes out of hostile cells, and one attempt must not hold up all others.
                log.exception("attempt %s is held for a person", deed.attempt.id)
                self._held[deed.attempt.id] = now + HELD
        return done

    def _act(self, deed: Deed) -> None:
        now = self._clock.now()
        if isinstance(deed, Grade):
            self._grade_one(deed.attempt)
            return
        with self._begin() as stores:
            if isinstance(deed, Seal):
                seal(stores, deed, now=now)
            elif isinstance(deed, Expire):
                _move(stores, deed.attempt, AttemptState.SUBMITTED, verb="attempt.expire", now=now)
                stores.instances.desire(deed.attempt.instance, Desired.CLOSED)
            else:
                interrupt(stores, deed, now=now)

    def _grade_one(self, attempt: Attempt) -> None:
        with self._reading() as stores:
            order = evidence.order(stores, attempt, attempt.exercise_version)
        graded = self._grade(evidence.fetch(self._files, order))
        report = self._files.put(graded.report)
        now = self._clock.now()
        with self._begin() as stores:
            result = results.following(
                stores,
                attempt.id,
                graded,
                layer=order.layer,
                exercise_version=attempt.exercise_version,
                report=report,
                now=now,
            )
            stores.results.append(result)
            facts: dict[str, audit.Fact] = {"number": result.number, "verdict": graded.verdict, "report": report}
            _move(stores, attempt, AttemptState.GRADED, verb="attempt.grade", now=now, facts=facts)


def observe(stores: Stores) -> list[Situation]:
    """Return every unfinished attempt with what stands around it, as far as its next deed depends on that."""
    unfinished = stores.attempts.unfinished()
    live = {one.id: one for one in stores.instances.live()} if unfinished else {}
    minutes = {key: stores.exercises.get(key).minutes for key in {one.exercise_version for one in unfinished}}
    return [
        _situation(
            stores,
            attempt,
            live.get(attempt.instance) or stores.instances.get(attempt.instance),
            minutes=minutes[attempt.exercise_version],
        )
        for attempt in unfinished
    ]


def seal(stores: Stores, deed: Seal, *, now: datetime) -> None:
    """Make the archive of the attempt's cell its evidence."""
    archive = deed.archive
    sealed = Evidence(
        attempt=deed.attempt.id,
        journal_sha256=archive.journal_sha256,
        state_sha256=archive.state_sha256,
        nonce=stores.cells.get(archive.cell).nonce,
        rows=archive.rows,
        sealed_at=now,
    )
    stores.evidence.add(sealed)
    facts = {"journal": archive.journal_sha256, "state": archive.state_sha256, "chain": archive.chain}
    _move(stores, deed.attempt, AttemptState.SEALED, verb="attempt.seal", now=now, facts=facts)


def interrupt(stores: Stores, deed: Interrupt, *, now: datetime) -> None:
    """End an attempt that cannot go on; it does not count."""
    facts = {"reason": deed.reason}
    _move(stores, deed.attempt, AttemptState.INTERRUPTED, verb="attempt.interrupt", now=now, facts=facts)


def _situation(stores: Stores, attempt: Attempt, instance: Instance, *, minutes: int) -> Situation:
    # Most are open, for hours, and this runs after every step: of those the cells say nothing that is asked.
    told = attempt.state is AttemptState.SUBMITTED
    cells = stores.cells.of_attempt(attempt.id) if told else []
    return Situation(
        attempt=attempt,
        instance=instance,
        minutes=minutes,
        remains=any(cell.state is not CellState.GONE for cell in cells),
        archive=stores.archives.of_attempt(attempt.id) if told else None,
    )


def _move(
    stores: Stores,
    attempt: Attempt,
    new: AttemptState,
    *,
    verb: str,
    now: datetime,
    facts: Mapping[str, audit.Fact] | None = None,
) -> None:
    stores.attempts.move(attempt.id, attempt.state, new, at=now)
    audit.record(stores, WORKER, verb, attempt.id, at=now, facts=facts)
