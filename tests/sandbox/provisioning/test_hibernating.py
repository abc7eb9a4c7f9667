"""A hospital goes to sleep and wakes with its work: archived before the stop, never started for its own end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.contract import layout
from sandbox.errors import ContractMismatchError, ControlUnreachableError, EngineUnavailableError
from sandbox.provisioning import actions, operations
from sandbox.provisioning.model import CellState, Desired, Endpoint, InstanceId, Observed
from tests.fakes_provisioning import FailingDriver, FakeControl, FakeDriver
from tests.provisioning_site import Site

ALICE = InstanceId("a" * 16)
WORK = 7


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path).open()
    made.launch(key=ALICE)
    made.settle()
    made.cells.work(made.cell_of(ALICE).id, rows=WORK)
    return made


def test_a_hibernated_hospital_is_archived_and_stopped_and_keeps_its_folders(site: Site) -> None:
    cell = site.hibernated(ALICE)
    with site.database.reading() as stores:
        rest = stores.rests.asleep(cell.id)
    assert rest is not None
    assert (rest.rows, rest.chain) == (WORK, "")
    assert (site.places.data / cell.id / layout.DATABASE).exists()
    site.settle()
    site.check_invariants()


def test_it_wakes_as_the_same_cell_with_its_work(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.want(ALICE, Desired.OPEN)
    site.settle()
    assert site.instance(ALICE).observed is Observed.OPEN
    assert (site.cell_of(ALICE).id, site.cell_of(ALICE).resting_since) == (cell.id, None)
    assert site.cells.rows_of(cell.id) == WORK
    site.cells.work(cell.id)
    site.want_closed(ALICE)
    site.settle()
    assert site.archived_rows(cell.id) == WORK + 1


def test_sleeping_twice_keeps_what_was_done_last(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.want(ALICE, Desired.OPEN)
    site.settle()
    site.cells.work(cell.id, rows=2)
    site.hibernated(ALICE)
    site.want_closed(ALICE)
    site.settle()
    assert site.archived_rows(cell.id) == WORK + 2


def test_closing_does_not_start_it(site: Site) -> None:
    cell = site.hibernated(ALICE)
    run = site.engine.started(cell.id)
    site.want_closed(ALICE)
    for action in iter_rounds(site):
        assert not isinstance(action, actions.Restart | actions.Wake)
        if site.cell(cell.id).state is not CellState.GONE:
            assert site.engine.started(cell.id) == run
    assert (site.instance(ALICE).observed, site.archived_rows(cell.id)) == (Observed.CLOSED, WORK)
    site.check_invariants()


def iter_rounds(site: Site) -> list[actions.Action]:
    """Return all that is done until nothing is left to do."""
    done: list[actions.Action] = []
    for _ in range(30):
        done += site.round()
        site.steps.advance(1.0)
    return done


def test_a_reboot_and_a_lost_container_do_not_wake_it(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.engine.reboot()
    site.engine.lose_container(cell.id)
    assert not [each for each in iter_rounds(site) if isinstance(each, actions.Restart | actions.Wake)]
    assert site.instance(ALICE).observed is Observed.HIBERNATED
    site.check_invariants()
    site.want(ALICE, Desired.OPEN)
    site.settle()
    assert site.instance(ALICE).observed is Observed.OPEN
    assert site.cells.rows_of(cell.id) == WORK


def test_a_container_that_somebody_starts_is_stopped_again(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.engine.start(cell.id)
    site.settle()
    assert not site.engine.is_running(cell.id)


def test_a_cell_that_cannot_be_archived_stays_awake(site: Site) -> None:
    cell = site.cell_of(ALICE)
    site.cells.lost_replies["rest"] = 1
    site.want(ALICE, Desired.HIBERNATED)
    site.round()
    assert site.instance(ALICE).observed is Observed.OPEN
    assert not site.cells.is_resting(cell.id)
    site.cells.work(cell.id)


def test_somebody_who_comes_back_in_time_never_notices(site: Site) -> None:
    cell = site.cell_of(ALICE)
    with site.database.transaction() as stores:
        stores.cells.note_resting(cell.id, site.clock.now())
    site.cells.rest(site.engine.endpoint(cell.id), resting=True)
    site.settle()
    site.cells.work(cell.id)
    assert site.cell(cell.id).resting_since is None


def test_a_wake_that_the_engine_refuses_is_tried_again(site: Site) -> None:
    cell = site.hibernated(ALICE)
    driver = FailingDriver(site.engine)
    driver.fail("start", EngineUnavailableError("away"), times=2)
    site.use(driver)
    site.want(ALICE, Desired.OPEN)
    for _ in range(3):
        site.round()
    assert site.instance(ALICE).observed is Observed.WAKING
    site.settle()
    assert site.instance(ALICE).observed is Observed.OPEN
    assert site.cells.rows_of(cell.id) == WORK


def test_a_cell_that_never_wakes_is_kept_for_a_person(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.cells.deaf.add(cell.id)
    site.want(ALICE, Desired.OPEN)
    for _ in range(60):
        site.round()
        site.engine.kill(cell.id)
        site.steps.advance(10.0)
    assert (site.cell(cell.id).state, site.instance(ALICE).observed) == (CellState.QUARANTINED, Observed.FAILED)
    assert site.instance(ALICE).trouble == ControlUnreachableError.code


def test_lost_folders_cost_the_wake_but_not_the_work(site: Site) -> None:
    cell = site.hibernated(ALICE)
    shutil.rmtree(site.places.data / cell.id)
    site.want(ALICE, Desired.OPEN)
    site.settle()
    assert site.instance(ALICE).observed is Observed.FAILED
    assert site.archived_rows(cell.id) == WORK


def test_a_rotten_archive_is_made_anew_from_the_cell(site: Site) -> None:
    cell = site.hibernated(ALICE)
    with site.database.reading() as stores:
        rest = stores.rests.asleep(cell.id)
    assert rest is not None
    shutil.rmtree(site.root / "state" / "files")
    (site.root / "state" / "files").mkdir()
    site.want_closed(ALICE)
    site.settle()
    assert (site.cell(cell.id).state, site.archived_rows(cell.id)) == (CellState.GONE, WORK)


def test_the_wake_of_an_instance_whose_cell_was_retired_is_a_launch(site: Site) -> None:
    cell = site.hibernated(ALICE)
    with site.database.transaction() as stores:
        stores.cells.move(cell.id, CellState.ARMED, CellState.SEALED, now=site.clock.now())
    site.settle()
    assert (site.cell(cell.id).state, site.archived_rows(cell.id)) == (CellState.GONE, WORK)
    assert site.instance(ALICE).observed is Observed.HIBERNATED
    site.check_invariants()
    site.want(ALICE, Desired.OPEN)
    site.settle()
    assert (site.instance(ALICE).observed, site.instance(ALICE).epoch) == (Observed.OPEN, 2)
    assert site.cell_of(ALICE).id != cell.id
    site.check_invariants()


def test_a_cell_that_runs_but_stays_mute_does_not_wake_for_ever(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.cells.deaf.add(cell.id)
    site.want(ALICE, Desired.OPEN)
    for _ in range(30):
        site.round()
        site.steps.advance(10.0)
    assert site.engine.started(cell.id)
    assert (site.cell(cell.id).state, site.instance(ALICE).observed) == (CellState.QUARANTINED, Observed.FAILED)
    assert site.instance(ALICE).trouble == ControlUnreachableError.code


def test_a_cell_that_wakes_as_another_one_is_kept_for_a_person(site: Site) -> None:
    cell = site.hibernated(ALICE)
    site.cells.broken.add(cell.id)
    site.want(ALICE, Desired.OPEN)
    for _ in range(10):
        site.round()
        site.steps.advance(60.0)
    assert (site.cell(cell.id).state, site.instance(ALICE).observed) == (CellState.QUARANTINED, Observed.FAILED)
    assert site.instance(ALICE).trouble == ContractMismatchError.code


@pytest.mark.parametrize("fault", ["deaf", "broken"])
def test_a_cell_that_can_never_be_put_to_sleep_is_kept_for_a_person(site: Site, fault: str) -> None:
    cell = site.cell_of(ALICE)
    getattr(site.cells, fault).add(cell.id)
    site.want(ALICE, Desired.HIBERNATED)
    for _ in range(30):
        site.round()
        site.steps.advance(10.0)
    assert (site.cell(cell.id).state, site.instance(ALICE).observed) == (CellState.QUARANTINED, Observed.FAILED)


def test_sleeping_and_waking_often_is_no_fault_of_the_cell(site: Site) -> None:
    cell = site.cell_of(ALICE)
    for _ in range(8):
        site.hibernated(ALICE)
        site.want(ALICE, Desired.OPEN)
        site.settle()
    assert (site.instance(ALICE).observed, site.cell_of(ALICE).state) == (Observed.OPEN, CellState.ARMED)
    assert not site.means.watch.restarts().get(cell.id)


class Interrupted(FakeControl):
    """Its cell dies while its state is fetched, comes back, and somebody goes on working in it."""

    def __init__(self, driver: FakeDriver) -> None:
        super().__init__(driver)
        self.interrupt: Callable[[], None] | None = None

    def state_bytes(self, at: Endpoint) -> bytes:
        read = super().state_bytes(at)
        if self.interrupt is not None:
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
        return read


def test_what_is_written_while_a_cell_is_archived_is_in_the_archive(tmp_path: Path) -> None:
    site = Site(tmp_path)
    control = Interrupted(site.engine)
    site = Site(tmp_path, driver=site.engine, control=control).open()
    site.engine, site.cells = site.driver, control  # type: ignore[assignment]
    site.launch(key=ALICE)
    site.settle()
    cell = site.cell_of(ALICE)
    control.work(cell.id, rows=WORK)

    def died_and_came_back() -> None:
        site.engine.kill(cell.id)
        site.engine.start(cell.id)
        control.work(cell.id)

    control.interrupt = died_and_came_back
    site.want(ALICE, Desired.HIBERNATED)
    site.settle()
    assert (control.interrupt, site.instance(ALICE).observed) == (None, Observed.HIBERNATED)
    site.want_closed(ALICE)
    site.settle()
    assert site.archived_rows(cell.id) == WORK + 1


def test_a_rotten_archive_of_a_retired_cell_is_made_anew_from_the_cell(site: Site) -> None:
    cell = site.hibernated(ALICE)
    shutil.rmtree(site.root / "state" / "files")
    (site.root / "state" / "files").mkdir()
    with site.database.transaction() as stores:
        assert operations.retire_asleep(stores, ALICE, now=site.clock.now())
    site.settle()
    assert (site.cell(cell.id).state, site.archived_rows(cell.id)) == (CellState.GONE, WORK)
    assert site.instance(ALICE).observed is Observed.HIBERNATED


def test_a_sleeper_without_a_cell_makes_no_room(site: Site) -> None:
    site.hibernated(ALICE)
    site.reconciler.decide()
    assert site.reconciler.served.asleep == 1
    with site.database.transaction() as stores:
        assert operations.retire_asleep(stores, ALICE, now=site.clock.now())
    site.settle()
    assert site.reconciler.served.asleep == 0


def test_a_cell_of_an_earlier_contract_cannot_rest_and_is_not_blamed(site: Site) -> None:
    site.cells.contract -= 1
    site.want(ALICE, Desired.HIBERNATED)
    for _ in range(10):
        site.round()
        site.steps.advance(60.0)
    assert (site.instance(ALICE).observed, site.cell_of(ALICE).state) == (Observed.OPEN, CellState.ARMED)
    site.want_closed(ALICE)
    for _ in range(10):
        site.round()
        site.steps.advance(60.0)
    assert site.instance(ALICE).observed is Observed.CLOSED


def test_nobody_waits_because_a_hospital_could_not_be_put_to_sleep(site: Site) -> None:
    site.want(ALICE, Desired.HIBERNATED)
    [sleep] = [each for each in site.reconciler.decide() if isinstance(each, actions.Hibernate)]
    site.means.watch.failed(sleep.subject, sleep.trial, retry_after_s=300.0)
    site.want_closed(ALICE)
    site.round()
    assert site.instance(ALICE).observed is Observed.CLOSED
