"""Attempts that were done, sealed and graded for real: the shipped exercise X05, journals whose chain holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts import computing
from sandbox.attempts.computing import Computed, Task
from sandbox.attempts.judging import judge
from sandbox.attempts.model import AttemptId, AttemptState, Result
from sandbox.attempts.reconciler import AttemptReconciler
from sandbox.attempts.regrader import Regrader
from sandbox.exercises import loader, releasing
from sandbox.exercises.model import ExerciseVersion
from sandbox.grading import report as reports
from sandbox.grading.report import Report
from sandbox.people.model import Actor
from sandbox.provisioning.model import CellState, Desired, Observed
from sandbox.provisioning.ports import Files
from tests.builders import make_archive, make_attempt, make_cell, make_instance
from tests.fakes import FrozenClock, MemoryFiles
from tests.personas import bob
from tests.web import papers

X05 = "urti-penicillin-allergy@2"


class Here:
    """Fulfils attempts.computing.Computing in this very process."""

    def __call__(self, files: Files, tasks: Sequence[Task]) -> Iterator[Computed]:
        return iter([computing.compute(files, task) for task in tasks])

    def close(self) -> None:
        """Nothing to end."""


class Deadly:
    """Files on which every process that reads them dies."""

    def put(self, content: bytes) -> str:
        os._exit(1)

    def get(self, sha256: str) -> bytes:
        os._exit(1)

    def holds(self, sha256: str) -> bool:
        os._exit(1)


@dataclass
class Archive:
    """A database with people, files, a worker's errands; attempts are put in as cells leave them."""

    database: Database[DbStores]
    clock: FrozenClock
    files: Files = field(default_factory=MemoryFiles)

    def __post_init__(self) -> None:
        self.release(papers.EXERCISE.read_bytes())
        self.files.put(papers.BEGUN)
        begin, reading = self.database.transaction, self.database.reading
        self.worker = AttemptReconciler(begin=begin, reading=reading, files=self.files, grade=judge, clock=self.clock)
        self.regrader = Regrader(
            begin=begin, reading=reading, files=self.files, grade=judge, computing=Here(), clock=self.clock
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def release(self, content: bytes, actor: Actor = bob) -> ExerciseVersion:
        version = releasing.described(loader.trusted(content), now=self.now)
        with self.database.transaction() as stores:
            releasing.release(stores, self.files, actor, version, content, now=self.now)
        return version

    def sealed(
        self,
        person: str = "alice",
        deeds: tuple[papers.Deed, ...] = papers.CAREFUL,
        *,
        journal: bytes | None = None,
        state: bytes | None = None,
        chain: str = "",
        assignment: str | None = None,
        attempt: AttemptId | None = None,
    ) -> AttemptId:
        """Put in an attempt whose cell was archived with this journal and state; nothing is graded yet."""
        started = self.now - timedelta(hours=1)
        made = make_attempt(
            **({"id": attempt} if attempt else {}),
            person=person,
            exercise_version=X05,
            assignment=assignment,
            state=AttemptState.SUBMITTED,
            requested_at=started,
            opened_at=started,
            submitted_at=self.now,
        )
        closed = make_instance(
            id=made.instance,
            owner=person,
            exercise_version=X05,
            attempt=made.id,
            desired=Desired.CLOSED,
            observed=Observed.CLOSED,
        )
        cell = make_cell(instance=made.instance, epoch=1, attempt=made.id, state=CellState.GONE, nonce=papers.NONCE)
        rows = papers.journal(made.id, deeds) if journal is None else journal
        final = papers.state(severity="2" if deeds is papers.CAREFUL else "3") if state is None else state
        archived = make_archive(
            cell=cell.id,
            instance=made.instance,
            epoch=1,
            attempt=made.id,
            journal_sha256=self.files.put(rows),
            state_sha256=self.files.put(final),
            rows=len(deeds) + 2,
            chain=chain,
        )
        with self.database.transaction() as stores:
            stores.instances.add(closed)
            stores.attempts.add(made)
            stores.cells.add(cell)
            stores.archives.add(archived)
        return made.id

    def graded(self, person: str = "alice", deeds: tuple[papers.Deed, ...] = papers.CAREFUL) -> AttemptId:
        """Put in an attempt and have the worker seal and grade it."""
        key = self.sealed(person, deeds)
        self.work()
        return key

    def work(self) -> None:
        """Let the worker do all there is to do now."""
        while self.worker.tick() or self.regrader.tick():
            continue

    def results(self, key: AttemptId) -> list[Result]:
        """Return the attempt's results, newest first."""
        with self.database.reading() as stores:
            return stores.results.of(key)

    def report(self, key: AttemptId) -> Report:
        """Return the report that counts."""
        return reports.loads(self.files.get(self.results(key)[0].report_sha256))
