"""The worker's loops and lanes in one process, on an engine that can be held: who waits for whom."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.adapters import poke
from sandbox.adapters.timers import Timers
from sandbox.assembling import Parts
from sandbox.attempts.judging import judge
from sandbox.attempts.reconciler import AttemptReconciler
from sandbox.clock import SystemClock
from sandbox.errors import EngineUnavailableError, LeaseLostError, OutcomeUnknownError
from sandbox.provisioning.model import CellState, InstanceId, Observed
from sandbox.scheduling.nightly import Habits, Nightly, Outcome
from sandbox.worker import Worker
from tests.fakes_provisioning import FailingDriver, SlowDriver
from tests.provisioning_site import Site

PATIENCE_S = 20.0


def until(reached: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end, "never happened"
        threading.Event().wait(0.005)


def parts_of(site: Site) -> Parts:
    leadership, reading = site.leadership, site.database.reading
    return Parts(
        leadership=leadership,
        means=site.means,
        reconciler=site.reconciler,
        attempts=AttemptReconciler(
            begin=leadership.transaction, reading=reading, files=site.files, grade=judge, clock=site.clock
        ),
        nightly=Nightly(
            begin=leadership.transaction,
            reading=reading,
            clock=site.clock,
            habits=Habits(zone=site.means.zone, default_at="02:00"),
        ),
        timers=Timers(site.means.zone),
        poke_socket=site.root / "poke.sock",
        tick_s=0.2,
        renew_s=0.1,
        attest_s=1.0,
        lanes={"people": 2, "build": 2, "after": 1},
    )


@contextmanager
def working(site: Site, parts: Parts | None = None) -> Iterator[threading.Event]:
    """Run a worker in a thread until the block ends."""
    stop = threading.Event()
    worker = Worker(parts or parts_of(site), stop)
    ended: list[BaseException] = []

    def run() -> None:
        try:
            worker.run(lambda _: True)
        except LeaseLostError as lost:
            ended.append(lost)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        poke.send(site.root / "poke.sock")
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


@pytest.fixture
def live(tmp_path: Path, empty_database: Path) -> Iterator[Site]:
    (tmp_path / "state" / "db").mkdir(parents=True)
    shutil.copyfile(empty_database, tmp_path / "state" / "db" / "sandbox.db")
    site = Site(tmp_path, clock=SystemClock(), target=2).open()
    yield site
    site.database.close()


def is_open(site: Site, key: InstanceId) -> bool:
    return site.instance(key).observed is Observed.OPEN


def ready(site: Site) -> int:
    return site.states().count(CellState.READY)


def test_launch_reset_and_close_without_anybody_pushing(live: Site) -> None:
    with working(live):
        until(lambda: ready(live) == 2)
        key = live.launch()
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))
        old = live.cell_of(key).id
        live.cells.work(old, rows=3)
        live.ask_reset(key)
        until(lambda: live.instance(key).epoch == 2)
        until(lambda: live.cell(old).state is CellState.GONE)
        live.want_closed(key)
        until(lambda: live.instance(key).observed is Observed.CLOSED)
        until(lambda: live.states() == [CellState.READY] * 2)
    assert live.archived_rows(old) == 3
    live.check_invariants()


def test_a_launch_does_not_wait_for_an_engine_that_hangs(live: Site) -> None:
    slow = SlowDriver(live.engine)
    live.use(slow)
    with working(live):
        until(lambda: ready(live) == 2)
        gates = [slow.hold(verb) for verb in ("observe", "ensure", "start", "stop", "remove")]
        slow.entered.wait(PATIENCE_S)
        key = live.launch()
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))
        for gate in gates:
            gate.set()
    live.check_invariants(at_rest=False)


def test_a_launch_does_not_wait_for_removals(live: Site) -> None:
    slow = SlowDriver(live.engine)
    live.use(slow)
    with working(live):
        until(lambda: ready(live) == 2)
        first = live.launch("bob")
        until(lambda: is_open(live, first))
        until(lambda: ready(live) == 2)
        gate = slow.hold("remove")
        live.want_closed(first)
        assert slow.entered.wait(PATIENCE_S)
        key = live.launch("alice")
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))
        gate.set()
        until(lambda: live.instance(first).observed is Observed.CLOSED)


def test_fifty_launches_at_once_all_open_and_nobody_twice(live: Site) -> None:
    with working(live):
        keys = [live.launch(f"person-{number}") for number in range(50)]
        poke.send(live.root / "poke.sock")
        until(lambda: all(is_open(live, key) for key in keys))
        until(lambda: ready(live) == 2)
    assert len({live.instance(key).cell for key in keys}) == 50
    assert len(live.all_cells()) == 52
    live.check_invariants()


def test_a_dead_cell_comes_back_by_itself(live: Site) -> None:
    with working(live):
        key = live.launch()
        until(lambda: is_open(live, key))
        cell = live.cell_of(key).id
        live.cells.work(cell, rows=2)
        live.engine.kill(cell)
        until(lambda: live.engine.is_running(cell))
    assert live.cell_of(key).id == cell
    assert live.cells.rows_of(cell) == 2


def test_an_engine_that_comes_back_is_noticed(live: Site) -> None:
    failing = FailingDriver(live.engine)
    live.use(failing)
    for verb in ("observe", "ensure", "start"):
        failing.fail(verb, EngineUnavailableError("away"))
    with working(live):
        key = live.launch()
        until(lambda: live.instance(key).trouble == "SBX-301")
        failing.heal()
        until(lambda: is_open(live, key))
    assert live.instance(key).trouble == ""


def test_an_engine_that_was_asked_in_vain_for_long_is_asked_again_at_once(live: Site) -> None:
    """Observing rests in proportion to what it took; what an engine that hung let us wait for does not count."""
    failing = FailingDriver(live.engine)
    slow = SlowDriver(failing)
    live.use(slow)
    with working(live):
        until(lambda: ready(live) == 2)
        gate = slow.hold("observe")
        assert slow.entered.wait(PATIENCE_S)
        threading.Event().wait(1.0)
        failing.fail("observe", OutcomeUnknownError("timed out"), times=1)
        gate.set()
        keys = [live.launch(f"person-{number}", key=f"{number:016x}") for number in range(4)]
        poke.send(live.root / "poke.sock")
        until(lambda: all(is_open(live, key) for key in keys))


def test_leaving_ends_no_cell_and_gives_the_lease_back(live: Site) -> None:
    with working(live):
        key = live.launch()
        until(lambda: is_open(live, key))
        until(lambda: ready(live) == 2)
    assert live.engine.is_running(live.cell_of(key).id)
    with live.database.reading() as stores:
        assert stores.lease.holder() is None
    live.leadership.take(lambda _: False)


def test_a_worker_that_is_taken_over_stops_by_itself(live: Site) -> None:
    with working(live) as stop:
        until(lambda: ready(live) == 2)
        with live.database.transaction() as stores:
            stores.lease.take("another", now=live.clock.now(), ttl_s=30, succeeding=stores.lease.holder())
        assert stop.wait(PATIENCE_S)
    with live.database.reading() as stores:
        assert stores.lease.holder() == "another"


def test_a_locked_database_is_waited_for(live: Site) -> None:
    with working(live):
        until(lambda: ready(live) == 2)
        key = live.launch()
        with live.database.transaction():
            threading.Event().wait(0.5)
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))


class Exploding(AttemptReconciler):
    """Fails at every tick in a way nobody foresaw."""

    def tick(self) -> int:
        raise RuntimeError("a fault in our own code")


def exploding(live: Site) -> Exploding:
    return Exploding(
        begin=live.leadership.transaction,
        reading=live.database.reading,
        files=live.files,
        grade=judge,
        clock=live.clock,
    )


def test_a_fault_in_a_chore_takes_no_hospital_with_it(live: Site, caplog: pytest.LogCaptureFixture) -> None:
    with working(live, replace(parts_of(live), attempts=exploding(live))):
        key = live.launch()
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))
        until(lambda: "a fault in our own code" in caplog.text)
    assert live.instance(key).observed is Observed.OPEN


def test_a_worker_whose_loop_fails_does_not_leave_as_if_all_were_well(live: Site) -> None:
    failing = FailingDriver(live.engine)
    live.use(failing)
    stop = threading.Event()
    worker = Worker(parts_of(live), stop)
    threading.Timer(0.3, failing.fail, ("observe", OSError("a fault in our own code"))).start()
    with pytest.raises(OSError, match="a fault in our own code"):
        worker.run(lambda _: True)
    with live.database.reading() as stores:
        assert stores.lease.holder() is None


class Heard(Nightly):
    """Says when a ring has reached it."""

    rung: threading.Event

    def run(self) -> Outcome:
        self.rung.set()
        return super().run()


def heard(live: Site) -> Heard:
    made = Heard(
        begin=live.leadership.transaction,
        reading=live.database.reading,
        clock=live.clock,
        habits=Habits(zone=live.means.zone, default_at="02:00"),
    )
    made.rung = threading.Event()
    return made


def test_what_cannot_be_deleted_keeps_no_night_from_coming(live: Site) -> None:
    live.places.set_aside.mkdir()
    (live.places.set_aside / "20200101T000000-0123456789ab").write_text("no folder, so it cannot be deleted as one")
    night = heard(live)
    with working(live, replace(parts_of(live), nightly=night)):
        assert night.rung.wait(PATIENCE_S)


def test_a_grade_that_cannot_be_stored_keeps_no_night_from_coming(live: Site) -> None:
    night = heard(live)
    with working(live, replace(parts_of(live), nightly=night, attempts=exploding(live))):
        assert night.rung.wait(PATIENCE_S)


def test_a_fault_over_one_cell_takes_no_other_with_it(live: Site, caplog: pytest.LogCaptureFixture) -> None:
    failing = FailingDriver(live.engine)
    live.use(failing)
    failing.fail("attest", KeyError("a fault in our own code"), times=1)
    with working(live):
        until(lambda: "a fault in our own code" in caplog.text)
        key = live.launch()
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))


def test_a_slow_errand_holds_up_no_launch_and_a_faulty_one_is_run_again(
    live: Site, caplog: pytest.LogCaptureFixture
) -> None:
    begun, finish = threading.Event(), threading.Event()

    class Slow:
        def tick(self) -> int:
            begun.set()
            finish.wait(PATIENCE_S)
            return 0

    class Faulty:
        calls = 0

        def tick(self) -> int:
            self.calls += 1
            raise RuntimeError("a fault in an errand")

    faulty = Faulty()
    with working(live, replace(parts_of(live), errands={"slow": Slow(), "faulty": faulty})):
        assert begun.wait(PATIENCE_S)
        key = live.launch()
        poke.send(live.root / "poke.sock")
        until(lambda: is_open(live, key))
        until(lambda: faulty.calls > 1)
        finish.set()
    assert "faulty failed in an unforeseen way" in caplog.text
