"""One installation in a folder: the real stores and reconciler around a fake driver and a clock that tests move."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import DbStores, open_database
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.assembling import open_attempt
from sandbox.clock import Clock
from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.exercise_pack import FREE_PRACTICE, ExercisePack
from sandbox.provisioning import archiving, golden
from sandbox.provisioning.actions import Action
from sandbox.provisioning.arming import Trainee
from sandbox.provisioning.folders import Places
from sandbox.provisioning.leadership import Leadership
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import (
    Cell,
    CellId,
    CellState,
    Desired,
    Image,
    Instance,
    InstanceId,
    Move,
    Observed,
)
from sandbox.provisioning.ports import ControlChannel, Driver
from sandbox.provisioning.reconciler import Reconciler, Supply
from sandbox.provisioning.watch import Watch
from tests.clocks import SteppedClock
from tests.fakes_provisioning import BEGUN, PROFILE, FakeControl, FakeDriver, FakeOneShot

IMAGE = "sha256:" + "a" * 64
SOURCE = golden.RecordSource(name="town", fingerprint="spec 1, seed 7", stream=lambda: [b'{"a":1}\n'])
EARLY = datetime(2026, 3, 1, tzinfo=UTC)


class Packs:
    """Knows every exercise."""

    def pack(self, exercise_version: str, attempt: str) -> ExercisePack:
        return FREE_PRACTICE


class Site:
    """Everything a worker needs, and what a test wants to know."""

    def __init__(
        self,
        root: Path,
        *,
        target: int = 1,
        clock: Clock | None = None,
        driver: Driver | None = None,
        control: ControlChannel | None = None,
        owner: str = "worker-1",
        busy_timeout_s: float = 5.0,
    ) -> None:
        self.root = root
        self.places = Places(run=root / "run", state=root / "state")
        self.steps = clock if isinstance(clock, SteppedClock) else SteppedClock()
        self.clock: Clock = clock or self.steps
        self.engine = FakeDriver(self.places)
        self.cells = FakeControl(self.engine)
        self.driver: Driver = driver or self.engine
        self.control: ControlChannel = control or self.cells
        self.files = FileStore(root / "state" / "files")
        self.database = open_site_database(root, busy_timeout_s=busy_timeout_s)
        self.leadership = Leadership(self.database.transaction, self.clock, owner=owner, ttl_s=30.0)
        self.announced: list[InstanceId] = []
        self.supply = Supply(profile=PROFILE, target=target, source=SOURCE)
        self.means = self._means()
        self.reconciler = Reconciler(self.means, self.supply)

    def _means(self) -> Means:
        return Means(
            leadership=self.leadership,
            read=self.database.reading,
            version=self.database.version,
            driver=self.driver,
            control=self.control,
            files=self.files,
            packs=Packs(),
            trainee=lambda person: Trainee(name=f"受训人员 {person}", language="zh"),
            places=self.places,
            baseline=FakeOneShot().baseline,
            clock=self.clock,
            watch=Watch(self.clock.monotonic),
            zone=ZoneInfo("Asia/Shanghai"),
            uid_base=1_000_000,
            opened=open_attempt,
            announce=self.announced.append,
            pause=self.steps.advance,
            random_hex=secrets.token_hex,
        )

    def use(self, driver: Driver) -> None:
        """Go on with this driver."""
        self.driver = driver
        self.means = self._means()
        self.reconciler = Reconciler(self.means, self.supply)

    def open(self) -> Site:
        """Register the image, build the dataset, take the lease."""
        self.leadership.take(lambda _: True)
        with self.database.transaction() as stores:
            stores.images.add(Image(id=IMAGE, contract=CONTRACT_VERSION, registered_at=EARLY))
        self.build_dataset(IMAGE)
        return self

    def build_dataset(self, image: str) -> None:
        golden.ensure(
            self.database.transaction,
            FakeOneShot(),
            self.files,
            image,
            SOURCE,
            self.places.datasets,
            now=self.clock.now(),
        )

    def round(self) -> list[Action]:
        """Look, plan, and do every step of the plan once; return what was done."""
        self.leadership.renew()
        self.reconciler.observe()
        return [action for action in self.reconciler.decide() if self.reconciler.perform(action)]

    def settle(self, rounds: int = 60) -> Site:
        """Go round until nothing is left to do. Fails if that never comes."""
        for _ in range(rounds):
            if not self.round() and not self.reconciler.decide():
                return self
            self.steps.advance(1.0)
        raise AssertionError(f"never comes to rest: {self.reconciler.decide()}")

    # What the panel does.

    def launch(self, owner: str = "alice", *, key: str | None = None) -> InstanceId:
        instance = InstanceId(key or secrets.token_hex(8))
        with self.database.transaction() as stores:
            stores.instances.add(
                Instance(
                    id=instance,
                    owner=owner,
                    exercise_version=None,
                    attempt=None,
                    desired=Desired.OPEN,
                    observed=Observed.QUEUED,
                    epoch=0,
                    cell=None,
                    queued_at=self.clock.now(),
                    opened_at=None,
                    last_request_at=None,
                    trouble="",
                )
            )
        return instance

    def ask_reset(self, key: InstanceId, kind: str = "reset") -> bool:
        with self.database.transaction() as stores:
            epoch = stores.instances.get(key).epoch
            return stores.moves.add(
                Move(
                    instance=key,
                    epoch=epoch,
                    kind=kind,  # type: ignore[arg-type]
                    actor="alice",
                    created_at=self.clock.now(),
                    closed_at=None,
                )
            )

    def want(self, key: InstanceId, desired: Desired) -> None:
        with self.database.transaction() as stores:
            stores.instances.desire(key, desired)

    def hibernated(self, key: InstanceId) -> Cell:
        """Put this instance to sleep and return its cell, stopped."""
        self.want(key, Desired.HIBERNATED)
        self.settle()
        assert self.instance(key).observed is Observed.HIBERNATED
        cell = self.cell_of(key)
        assert not self.engine.is_running(cell.id)
        return cell

    def want_closed(self, key: InstanceId) -> None:
        with self.database.transaction() as stores:
            stores.instances.desire(key, Desired.CLOSED)

    # What a test wants to know.

    def instance(self, key: InstanceId) -> Instance:
        with self.database.reading() as stores:
            return stores.instances.get(key)

    def cell(self, key: CellId) -> Cell:
        with self.database.reading() as stores:
            return stores.cells.get(key)

    def cell_of(self, key: InstanceId) -> Cell:
        cell = self.instance(key).cell
        assert cell is not None
        return self.cell(cell)

    def present(self) -> list[Cell]:
        with self.database.reading() as stores:
            return stores.cells.present()

    def states(self) -> list[CellState]:
        return sorted(cell.state for cell in self.present())

    def archived_rows(self, cell: CellId) -> int:
        """Return how many rows the archive of this cell holds, verified."""
        with self.database.reading() as stores:
            archive = stores.archives.of_cell(cell)
        assert archive is not None, f"cell {cell} has no archive"
        assert archive.chain == ""
        rows = archiving.read_journal(self.files.get(archive.journal_sha256))
        assert len(rows) == archive.rows
        archiving.read_state(self.files.get(archive.state_sha256), BEGUN)
        return len(rows)

    def all_cells(self) -> list[Cell]:
        """Return every cell that ever was."""
        with self.database.reading() as stores:
            ids = [row[0] for row in stores.connection.exec_driver_sql("SELECT id FROM cell")]
            return [stores.cells.get(CellId(key)) for key in ids]

    def _served(self) -> dict[tuple[InstanceId, int], list[CellId]]:
        """Return for every epoch that ever was open the cells that serve it still or have an archive of it."""
        with self.database.reading() as stores:
            rows = stores.connection.exec_driver_sql("SELECT id, epoch FROM instance").fetchall()
            archived = {row[0] for row in stores.connection.exec_driver_sql("SELECT cell FROM cell_archive")}
        served: dict[tuple[InstanceId, int], list[CellId]] = {
            (InstanceId(row[0]), epoch): [] for row in rows for epoch in range(1, row[1] + 1)
        }
        for cell in self.all_cells():
            if cell.instance and cell.epoch and (cell.state in _KEPT or cell.id in archived):
                served[cell.instance, cell.epoch].append(cell.id)
        return served

    def check_invariants(self, *, at_rest: bool = True) -> None:
        """Assert P1-P5 of the provisioning model."""
        cells = self.all_cells()
        armed = [cell.instance for cell in cells if cell.state is CellState.ARMED]
        assert len(armed) == len(set(armed)), "P1: two armed cells of one instance"
        for (key, epoch), served in self._served().items():
            assert len(served) == 1, f"P2, P3: epoch {epoch} of {key} was served and kept by {served}"
        with self.database.reading() as stores:
            live, asleep = stores.instances.live(), {rest.cell: rest for rest in stores.rests.all_asleep()}
        sleeping = [one for one in live if one.observed is Observed.HIBERNATED]
        for one in sleeping:
            assert one.cell is not None
            there = self.cell(one.cell).state is CellState.ARMED
            if there and (self.places.data / one.cell).exists():
                assert asleep[one.cell].rows == self.cells.rows_of(one.cell), f"P3: {one.cell} is not archived whole"
        if at_rest:
            assert not [one for one in sleeping if one.cell and self.engine.is_running(one.cell)], (
                "a hibernated container runs"
            )
            assert not [one for one in live if one.observed is Observed.OPEN and self._rests(one)], "rests for ever"
            present = {cell.id for cell in cells if cell.state is not CellState.GONE}
            assert {seen.cell for seen in self.engine.observe()} <= present, "P4: a container without a row"
            assert {path.name for path in self.places.data.iterdir()} <= present, "folders without a row"

    def _rests(self, one: Instance) -> bool:
        """Say whether the hospital of an open instance that is wanted open stands still."""
        if one.desired is not Desired.OPEN or one.cell is None:
            return False
        running = self.cell(one.cell).state is CellState.ARMED and self.engine.is_running(one.cell)
        return running and self.cells.is_resting(one.cell)


_KEPT = (CellState.ARMED, CellState.SEALED, CellState.QUARANTINED)


def open_site_database(root: Path, *, busy_timeout_s: float = 5.0) -> Database[DbStores]:
    """Return the database of this folder, made at the first call."""
    file = root / "state" / "db" / "sandbox.db"
    url = f"sqlite:///{file}"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        schema.upgrade(url)
    return open_database(url, busy_timeout_s=busy_timeout_s)
