"""What tests of attempts share: a world with one exercise, and a stand-in for what provisioning does to instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts import operations, starting
from sandbox.attempts.model import Attempt, AttemptId, AttemptState, Launched
from sandbox.config import Quota
from sandbox.people.model import Actor
from sandbox.provisioning.model import CellId, CellState, Instance, InstanceId, Observed
from tests.builders import ZONE, make_archive, make_assignment, make_cell, make_version
from tests.fakes import FrozenClock, MemoryFiles

POOL = "f" * 16


@dataclass
class World:
    """A database, a clock, and the steps of a worker without an engine."""

    database: Database[DbStores]
    clock: FrozenClock
    files: MemoryFiles = field(default_factory=MemoryFiles)
    quota: Quota = field(default_factory=lambda: Quota(launches=0, resets=0))

    zone = ZONE

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def release(self, content: bytes = b"exercise", *, minutes: int = 20) -> None:
        with self.database.transaction() as stores:
            stores.exercises.add(make_version(sha256=self.files.put(content), minutes=minutes))

    def assign(self, person: str = "alice", *, max_attempts: int | None = None) -> str:
        assignment = make_assignment(person=person, max_attempts=max_attempts)
        with self.database.transaction() as stores:
            stores.assignments.add(assignment)
            return stores.assignments.of_person(person)[0].id

    def start(self, actor: Actor, assignment: str | None) -> Launched:
        with self.database.transaction() as stores:
            return operations.start(
                stores,
                actor,
                exercise_version="opd-basic@1",
                assignment=assignment,
                now=self.now,
                zone=ZONE,
                quota=self.quota,
            )

    def practise(self, actor: Actor) -> Launched:
        with self.database.transaction() as stores:
            return operations.launch_practice(stores, actor, now=self.now, quota=self.quota)

    def submit(self, actor: Actor, attempt: AttemptId) -> bool:
        with self.database.transaction() as stores:
            return operations.submit(stores, actor, attempt, now=self.now)

    def reset(self, actor: Actor, instance: InstanceId) -> bool:
        with self.database.transaction() as stores:
            return operations.reset(stores, actor, instance, now=self.now, quota=self.quota)

    def close(self, actor: Actor, instance: InstanceId) -> bool:
        with self.database.transaction() as stores:
            return operations.close_instance(stores, actor, instance, now=self.now)

    def flip(self, instance: InstanceId) -> CellId:
        """Give the instance its next cell, and its attempt its beginning; seal the one before."""
        cell = make_cell(pool_key=POOL)
        with self.database.transaction() as stores:
            seen = stores.instances.get(instance)
            new = Observed.LAUNCHING if seen.observed is Observed.QUEUED else Observed.REPLACING
            stores.instances.move(instance, seen.observed, new)
            if seen.cell is not None:
                stores.cells.move(seen.cell, CellState.ARMED, CellState.SEALED, now=self.now)
            stores.cells.add(cell)
            stores.cells.claim(POOL, instance=instance, epoch=seen.epoch + 1, now=self.now)
            stores.cells.move(cell.id, CellState.CLAIMED, CellState.ARMED, now=self.now)
            stores.instances.flip(instance, cell=cell.id, epoch=seen.epoch + 1, now=self.now)
            stores.moves.close(instance, seen.epoch, now=self.now)
            starting.opened(stores, stores.cells.get(cell.id), now=self.now)
        return cell.id

    def seal(self, instance: InstanceId) -> CellId:
        """Seal the cell of an instance that is to close, and close it."""
        with self.database.transaction() as stores:
            seen = stores.instances.get(instance)
            assert seen.cell is not None
            stores.cells.move(seen.cell, CellState.ARMED, CellState.SEALED, now=self.now)
            stores.instances.move(instance, Observed.OPEN, Observed.CLOSED)
        return seen.cell

    def archive(self, cell: CellId, journal: bytes = b"rows", state: bytes = b"state", *, chain: str = "") -> None:
        with self.database.transaction() as stores:
            sealed = stores.cells.get(cell)
            stores.archives.add(
                make_archive(
                    cell=cell,
                    instance=sealed.instance,
                    epoch=sealed.epoch,
                    attempt=sealed.attempt,
                    journal_sha256=self.files.put(journal),
                    state_sha256=self.files.put(state),
                    chain=chain,
                    archived_at=self.now,
                )
            )
            stores.cells.move(cell, CellState.SEALED, CellState.ARCHIVED, now=self.now)
            stores.cells.move(cell, CellState.ARCHIVED, CellState.GONE, now=self.now)

    def lose(self, cell: CellId) -> None:
        """A person gave up what a quarantined cell held."""
        with self.database.transaction() as stores:
            stores.cells.move(cell, CellState.SEALED, CellState.QUARANTINED, now=self.now)
            stores.cells.move(cell, CellState.QUARANTINED, CellState.GONE, now=self.now)

    def attempt(self, key: AttemptId | None) -> Attempt:
        assert key is not None
        with self.database.reading() as stores:
            return stores.attempts.get(key)

    def state(self, key: AttemptId | None) -> AttemptState:
        return self.attempt(key).state

    def instance(self, key: InstanceId) -> Instance:
        with self.database.reading() as stores:
            return stores.instances.get(key)

    def trail(self) -> list[tuple[str, str]]:
        with self.database.reading() as stores:
            return [(each.actor, each.verb) for each in stores.audit.chain()]
