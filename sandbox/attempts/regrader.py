"""The worker's part of second looks: results for new adjustments, previews of regrades, what people decided.

Level-triggered: every tick looks at all there is. One slice per tick, each its own transaction, so that nothing else
waits longer than for a few rows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from sandbox.attempts import differing, evidence, regrading, results
from sandbox.attempts.computing import Computed, Computing, Task
from sandbox.attempts.model import Attempt, AttemptId, Graded
from sandbox.attempts.ports import Grader, Stores
from sandbox.attempts.second_look import (
    ItemOutcome,
    Regrade,
    RegradeChange,
    RegradeDecision,
    RegradeId,
    RegradeItem,
    RegradeState,
)
from sandbox.audit import operations as audit
from sandbox.errors import LeaseLostError, LostRaceError, TemporaryError
from sandbox.people.model import WORKER
from sandbox.provisioning.ports import Files

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]

COMPUTED_AT_ONCE = 100
"""A second or so of two cores, and a few milliseconds of the write lock."""
APPLIED_AT_ONCE = 100


Batch = list[tuple[RegradeItem, Task]]


class Now(Protocol):
    def now(self) -> datetime: ...


class Regrader:
    """An errand of the worker. `computing` does the grading, usually in other processes."""

    def __init__(
        self, *, begin: Begin, reading: Begin, files: Files, grade: Grader, computing: Computing, clock: Now
    ) -> None:
        self._begin = begin
        self._reading = reading
        self._files = files
        self._grade = grade
        self._computing = computing
        self._clock = clock
        self._held: set[tuple[AttemptId, int]] = set()
        self._ahead: tuple[RegradeId, Batch] | None = None

    def tick(self) -> int:
        """Do one slice; return how much was done. Raises LeaseLostError, TemporaryError."""
        return self._adjust() or self._regrade()

    def _adjust(self) -> int:
        """Append a result for every attempt whose adjustments the newest one does not hold."""
        with self._reading() as stores:
            waiting = [(one, stores.adjustments.of(one.id)[-1].number) for one in stores.adjustments.unapplied()]
        done = 0
        for attempt, number in waiting:
            if (attempt.id, number) in self._held:
                continue
            try:
                self._adjust_one(attempt)
                done += 1
            except (LeaseLostError, TemporaryError):
                raise
            except LostRaceError as first:
                log.debug("attempt %s: %s", attempt.id, first)
            except Exception:
                # The old result stands; the next adjustment or worker tries again, and nobody else waits for it.
                log.exception("the adjustments of attempt %s are held for a person", attempt.id)
                self._held.add((attempt.id, number))
        return done

    def _adjust_one(self, attempt: Attempt) -> None:
        with self._reading() as stores:
            counting = stores.results.of(attempt.id)[0]
            order = evidence.order(stores, attempt, counting.exercise_version)
            last = stores.adjustments.of(attempt.id)[-1]
        graded = self._grade(evidence.fetch(self._files, order))
        report = self._files.put(graded.report)
        now = self._clock.now()
        with self._begin() as stores:
            result = results.following(
                stores,
                attempt.id,
                graded,
                layer=order.layer,
                exercise_version=counting.exercise_version,
                report=report,
                actor=last.actor,
                reason=last.reason,
                now=now,
            )
            stores.results.append(result)
            facts: dict[str, audit.Fact] = {"number": result.number, "adjustment": order.layer, "score": result.score}
            audit.record(stores, WORKER, "attempt.adjusted", attempt.id, at=now, facts=facts)

    def _regrade(self) -> int:
        with self._reading() as stores:
            waiting = [(one, stores.regrades.decision(one.id)) for one in stores.regrades.unfinished()]
        for one, decision in waiting:
            try:
                if done := self._advance(one, decision):
                    return done
            except LostRaceError as first:
                log.debug("regrade %s: %s", one.id, first)
        return 0

    def _advance(self, one: Regrade, decision: RegradeDecision | None) -> int:
        if decision is not None and decision.choice == "discard":
            return self._move(one, RegradeState.DISCARDED)
        if one.state is RegradeState.REQUESTED:
            return self._list(one)
        if one.state is RegradeState.COMPUTING:
            return self._compute(one)
        if one.state is RegradeState.READY:
            return self._move(one, RegradeState.APPLYING) if decision is not None else 0
        return self._apply(one, decision) if decision is not None else 0

    def _move(self, one: Regrade, new: RegradeState) -> int:
        now = self._clock.now()
        with self._begin() as stores:
            stores.regrades.move(one.id, one.state, new, at=now)
            counted = {outcome.value: count for outcome, count in stores.regrades.counts(one.id).items()}
            audit.record(stores, WORKER, f"regrade.{new}", one.id, at=now, facts=dict(counted))
        return 1

    def _list(self, one: Regrade) -> int:
        now = self._clock.now()
        with self._begin() as stores:
            newest = stores.results.newest()
            attempts = regrading.in_scope(stores, one.scope, one.target, without=one.requested_by)
            items = [
                RegradeItem(
                    regrade=one.id,
                    attempt=each.id,
                    number=newest[each.id].number,
                    old_score=newest[each.id].score,
                    old_verdict=newest[each.id].verdict,
                    exercise_version=one.target or newest[each.id].exercise_version,
                )
                for each in attempts
            ]
            stores.regrades.add_items(items)
            stores.regrades.move(one.id, one.state, RegradeState.COMPUTING, at=now)
        return 1

    def _compute(self, one: Regrade) -> int:
        batch = self._ahead[1] if self._ahead and self._ahead[0] == one.id else self._read(one, after="")
        self._ahead = None
        if not batch:
            self._computing.close()
            return self._move(one, RegradeState.READY)
        running = self._computing(self._files, [task for _item, task in batch])
        # Read while the others compute: rows take about as long to fetch as a grade takes to make.
        following = self._read(one, after=batch[-1][0].attempt)
        found = list(running)
        with self._begin() as stores:
            if stores.regrades.decision(one.id) is not None:
                return 1
            for (item, task), computed in zip(batch, found, strict=True):
                stores.regrades.record(_filled(item, task, computed), _changes(item, computed))
        if following:
            self._ahead = one.id, following
        return len(batch)

    def _read(self, one: Regrade, *, after: str) -> Batch:
        """Return the next attempts that wait, and what computing each of them needs."""
        with self._reading() as stores:
            items = stores.regrades.items(one.id, ItemOutcome.WAITING, after=after, limit=COMPUTED_AT_ONCE)
            return [(item, _task(stores, item)) for item in items]

    def _apply(self, one: Regrade, decision: RegradeDecision) -> int:
        with self._reading() as stores:
            items = stores.regrades.items(one.id, ItemOutcome.COMPUTED, limit=APPLIED_AT_ONCE)
        if not items:
            return self._move(one, RegradeState.APPLIED)
        now = self._clock.now()
        with self._begin() as stores:
            newest = stores.regrades.newest_numbers([item.attempt for item in items])
            for item in items:
                _settle(stores, one, decision, item, newest[item.attempt], now=now)
        return len(items)


def _task(stores: Stores, item: RegradeItem) -> Task:
    old = next(each for each in stores.results.of(item.attempt) if each.number == item.number)
    order = evidence.order(stores, stores.attempts.get(item.attempt), item.exercise_version)
    return Task(order=order, old_report=old.report_sha256, old_error=old.verdict == "error")


def _filled(item: RegradeItem, task: Task, computed: Computed) -> RegradeItem:
    graded = computed.graded
    if graded is None:
        return replace(item, outcome=ItemOutcome.FAILED, trouble=computed.trouble)
    return replace(
        item,
        outcome=ItemOutcome.COMPUTED,
        new_score=graded.score,
        new_score_to=graded.score_to,
        new_verdict=graded.verdict,
        new_report=computed.report,
        grader=graded.grader,
        pending=graded.pending,
        faults=graded.faults,
        adjustments=task.order.layer,
    )


def _changes(item: RegradeItem, computed: Computed) -> Sequence[RegradeChange]:
    return [
        RegradeChange(regrade=item.regrade, attempt=item.attempt, subject=subject, old=old, new=new)
        for subject, old, new in computed.changes
    ]


def _settle(
    stores: Stores, one: Regrade, decision: RegradeDecision, item: RegradeItem, newest: int, *, now: datetime
) -> None:
    attempt = stores.attempts.get(item.attempt)
    old = next(each for each in stores.results.of(item.attempt) if each.number == item.number)
    outcome = differing.outcome(
        item, decision.choice, old_report=old.report_sha256, newest=newest, own=attempt.person == decision.actor
    )
    stores.regrades.settle(item, outcome)
    if outcome is not ItemOutcome.APPLIED:
        return
    graded = Graded(
        report=b"",
        score=item.new_score,
        score_to=item.new_score_to,
        verdict=item.new_verdict,
        pending=item.pending,
        faults=item.faults,
        grader=item.grader,
    )
    result = results.following(
        stores,
        item.attempt,
        graded,
        layer=item.adjustments,
        exercise_version=item.exercise_version,
        report=item.new_report,
        actor=decision.actor,
        reason=one.reason,
        now=now,
    )
    stores.results.append(result)
    facts: dict[str, audit.Fact] = {
        "regrade": one.id,
        "number": result.number,
        "old": f"{item.old_score} {item.old_verdict}",
        "new": f"{item.new_score} {item.new_verdict}",
    }
    audit.record(stores, WORKER, "attempt.regrade", item.attempt, at=now, facts=facts)
