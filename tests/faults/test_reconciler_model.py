"""Random days of people, engines and workers against a model: whatever happens, in whatever order, work is kept.

The model knows one thing: how many rows were acknowledged in which cell. The engine is scripted to fail, to forget its
replies, to stop everything, to lose containers; workers die and clocks step.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from sandbox.errors import DiskFullError, EngineUnavailableError, OutcomeUnknownError, SandboxError
from sandbox.provisioning import operations
from sandbox.provisioning.model import CellId, CellState, Desired, Instance, InstanceId, Observed
from tests.clocks import SteppedClock
from tests.fakes_provisioning import FailingDriver, ForgetfulDriver
from tests.provisioning_site import Site, open_site_database

VERBS = ("observe", "ensure", "start", "stop", "remove", "discard_folders", "place", "attest")
FAILURES = (
    EngineUnavailableError("away"),
    OutcomeUnknownError("timed out"),
    DiskFullError("no space", what="disk"),
)


class Days(RuleBasedStateMachine):
    """One installation, lived in at random."""

    instances = Bundle("instances")
    template: Path | None = None

    @initialize()
    def found(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="model-"))
        (self.root / "state" / "db").mkdir(parents=True)
        shutil.copyfile(_template(), self.root / "state" / "db" / "sandbox.db")
        self.clock = SteppedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        self.acknowledged: dict[CellId, int] = {}
        self.number = 0
        self._start_worker()

    def _start_worker(self) -> None:
        self.site = Site(self.root, clock=self.clock, target=1, owner=f"worker-{self.number}")
        self.failing = FailingDriver(self.site.engine)
        self.forgetful = ForgetfulDriver(self.failing)
        self.site.use(self.forgetful)
        self.site.open()

    @rule(target=instances)
    def launch(self) -> InstanceId:
        self.number += 1
        return self.site.launch(f"person-{self.number}", key=f"{self.number:016x}")

    @rule(key=instances)
    def reset(self, key: InstanceId) -> None:
        """As the operation lets people: only what is open and is to stay so."""
        instance = self.site.instance(key)
        if instance.observed is Observed.OPEN and instance.desired is Desired.OPEN:
            self.site.ask_reset(key)

    @rule(key=consumes(instances))
    def close(self, key: InstanceId) -> None:
        self.site.want_closed(key)

    @rule(key=instances)
    def hibernate(self, key: InstanceId) -> None:
        """As the operation does: not while a reset is under way."""
        instance = self.site.instance(key)
        with self.site.database.reading() as stores:
            moving = any((one.instance, one.epoch) == (key, instance.epoch) for one in stores.moves.open())
        if instance.observed is Observed.OPEN and instance.desired is Desired.OPEN and not moving:
            self.site.want(key, Desired.HIBERNATED)

    @rule(key=instances)
    def come_back(self, key: InstanceId) -> None:
        if self.site.instance(key).desired is Desired.HIBERNATED:
            self.site.want(key, Desired.OPEN)

    @rule(pick=st.integers(0, 20))
    def retire_a_sleeper(self, pick: int) -> None:
        """As the night does: a hibernated cell goes, and the next wake is a launch."""
        with self.site.database.transaction() as stores:
            sleepers = [one for one in stores.instances.live() if one.observed is Observed.HIBERNATED and one.cell]
            if sleepers:
                operations.retire_asleep(stores, sleepers[pick % len(sleepers)].id, now=self.clock.now())

    @rule(key=instances, rows=st.integers(1, 5))
    def work(self, key: InstanceId, rows: int) -> None:
        """A trainee writes only where the gateway leads, and only into a cell that runs and is not sealed."""
        instance = self.site.instance(key)
        if instance.observed is not Observed.OPEN or instance.cell is None:
            return
        cells = self.site.cells
        if not self.site.engine.is_running(instance.cell):
            return
        if cells.is_sealed(instance.cell) or cells.is_resting(instance.cell):
            return
        self.site.cells.work(instance.cell, rows)
        self.acknowledged[instance.cell] = self.acknowledged.get(instance.cell, 0) + rows

    @rule(times=st.integers(1, 4))
    def go_round(self, times: int) -> None:
        for _ in range(times):
            self.site.round()
            self.clock.advance(0.5)

    @rule(seconds=st.sampled_from([1.0, 5.0, 70.0, 700.0]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.site.leadership.take(lambda _: True)

    @rule(seconds=st.sampled_from([-7200.0, -90.0, 90.0, 7200.0]))
    def step_the_clock(self, seconds: float) -> None:
        self.clock.step(seconds)
        self.site.leadership.take(lambda _: True)

    @rule(verb=st.sampled_from(VERBS), failure=st.sampled_from(FAILURES), times=st.integers(1, 3))
    def fail(self, verb: str, failure: SandboxError, times: int) -> None:
        self.failing.fail(verb, failure, times=times)

    @rule(verb=st.sampled_from(VERBS), times=st.integers(1, 2))
    def forget(self, verb: str, times: int) -> None:
        self.forgetful.forget(verb, times=times)

    @rule(command=st.sampled_from(["arm", "rest", "seal"]), times=st.integers(1, 3))
    def lose_reply(self, command: str, times: int) -> None:
        self.site.cells.lost_replies[command] = times

    @rule(pick=st.integers(0, 20))
    def kill_a_cell(self, pick: int) -> None:
        seen = self.site.engine.observe()
        if seen:
            self.site.engine.kill(seen[pick % len(seen)].cell)

    @rule(pick=st.integers(0, 20))
    def lose_a_container(self, pick: int) -> None:
        seen = self.site.engine.observe()
        if seen:
            self.site.engine.lose_container(seen[pick % len(seen)].cell)

    @rule()
    def reboot(self) -> None:
        self.site.engine.reboot()

    @rule()
    def another_worker(self) -> None:
        """The worker dies between two steps; its memory is gone, its successor takes over."""
        self.number += 1
        self.site.database.close()
        self._start_worker()

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "site"):
            self.site.check_invariants(at_rest=False)

    def teardown(self) -> None:
        if not hasattr(self, "site"):
            return
        try:
            self._end()
        finally:
            self.site.database.close()
            shutil.rmtree(self.root)

    def _end(self) -> None:
        """Let everything heal; then everybody has what they asked for, and every acknowledged row is somewhere."""
        self.failing.heal()
        self.forgetful.remember()
        self.site.cells.lost_replies.clear()
        for _ in range(3):
            self.clock.advance(700.0)
            self.site.leadership.take(lambda _: True)
            self.site.settle(rounds=200)
        self.site.check_invariants()
        with self.site.database.reading() as stores:
            live, unfulfilled = stores.instances.live(), stores.moves.open()
        # A hospital that failed keeps the wish for a fresh one: until its person tries again, or it is closed.
        failed = {(one.id, one.epoch) for one in live if one.observed is Observed.FAILED}
        assert {(move.instance, move.epoch) for move in unfulfilled} <= failed
        self._check_ends(live)
        for key, _epoch in failed:
            self.site.want_closed(key)
        self.site.settle(rounds=200)
        with self.site.database.reading() as stores:
            assert stores.moves.open() == []

    def _check_ends(self, live: Sequence[Instance]) -> None:
        for instance in live:
            assert instance.desired is not Desired.CLOSED
            wanted = Observed.OPEN if instance.desired is Desired.OPEN else Observed.HIBERNATED
            assert instance.observed in (wanted, Observed.FAILED)
        for cell, rows in self.acknowledged.items():
            if self.site.cell(cell).state is CellState.GONE:
                assert self.site.archived_rows(cell) == rows
            else:
                assert self.site.cells.rows_of(cell) == rows


_made: list[Path] = []


def _template() -> Path:
    """Return a database with the newest schema, made once per process."""
    if not _made:
        root = Path(tempfile.mkdtemp(prefix="model-schema-"))
        open_site_database(root).close()
        _made.append(root / "state" / "db" / "sandbox.db")
    return _made[0]


_QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def _lived(examples: int, steps: int) -> type:
    case = Days.TestCase
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=_QUIET, print_blob=True
    )
    return type(case.__name__, (case,), {"settings": chosen})


TestSomeDays = _lived(examples=15, steps=25)
TestManyDays = pytest.mark.timeout(3000)(pytest.mark.slow(_lived(examples=200, steps=60)))
