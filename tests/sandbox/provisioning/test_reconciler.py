"""One step after the other on a fake engine: what a trainee gets, what becomes of old cells."""

from __future__ import annotations

from sandbox.errors import DiskFullError
from sandbox.provisioning.actions import Begin, Create
from sandbox.provisioning.model import CellState, Observed
from tests.fakes_provisioning import FailingDriver
from tests.provisioning_site import Site


def test_the_pool_fills_to_its_target(site: Site) -> None:
    site.settle()
    assert site.states() == [CellState.READY]
    site.check_invariants()


def test_a_launch_takes_the_ready_cell_and_the_pool_refills(site: Site) -> None:
    site.settle()
    [ready] = site.present()
    key = site.launch()
    site.settle()
    instance = site.instance(key)
    assert (instance.observed, instance.epoch, instance.cell) == (Observed.OPEN, 1, ready.id)
    assert site.states() == [CellState.ARMED, CellState.READY]
    site.check_invariants()


def test_a_launch_takes_one_round_when_a_cell_is_ready(site: Site) -> None:
    site.settle()
    key = site.launch()
    site.round()
    assert site.instance(key).observed is Observed.OPEN


def test_a_refill_begins_when_the_first_page_is_there(site: Site) -> None:
    site.settle()
    key = site.launch()
    site.round()
    assert site.instance(key).observed is Observed.OPEN
    assert not [step for step in site.reconciler.decide() if isinstance(step, Begin)]
    site.steps.advance(1.0)
    assert [step for step in site.reconciler.decide() if isinstance(step, Begin)]


def test_a_launch_into_an_empty_pool_waits_for_a_cold_cell(site: Site) -> None:
    key = site.launch()
    site.settle()
    assert site.instance(key).observed is Observed.OPEN
    assert site.states() == [CellState.ARMED, CellState.READY]


def test_a_cell_that_somebody_waits_for_is_his_in_the_step_that_made_it(site: Site) -> None:
    first, second = site.launch("alice", key="a" * 16), site.launch("bob", key="b" * 16)
    site.reconciler.observe()
    [begin] = [step for step in site.reconciler.decide() if isinstance(step, Begin)]
    site.reconciler.perform(begin)
    assert site.instance(first).observed is Observed.OPEN
    assert site.instance(second).observed is Observed.QUEUED
    [create] = [step for step in site.reconciler.decide() if isinstance(step, Create)]
    site.reconciler.perform(create)
    assert site.instance(second).observed is Observed.OPEN
    site.check_invariants(at_rest=False)


def test_a_cell_is_made_with_the_dataset_beside_it_and_out_of_its_reach(site: Site) -> None:
    site.settle()
    [ready] = site.present()
    folder = site.places.data / ready.id
    assert [path.name.partition("-")[0] for path in folder.iterdir() if path.stat().st_size] == ["staged"]
    site.launch()
    site.settle()
    assert not list(folder.glob("staged-*"))


def test_a_full_disk_while_it_boots_keeps_no_cell_from_being_ready(site: Site) -> None:
    failing = FailingDriver(site.engine)
    failing.fail("stage", DiskFullError("no space left", what="disk"))
    site.use(failing)
    site.settle()
    assert site.states() == [CellState.READY]
    key = site.launch()
    site.settle()
    assert site.instance(key).observed is Observed.OPEN


def test_a_reset_gives_a_new_cell_and_keeps_the_old_work(site: Site) -> None:
    key = site.launch()
    site.settle()
    old = site.cell_of(key)
    site.cells.work(old.id, rows=7)
    assert site.ask_reset(key)
    site.settle()
    new = site.cell_of(key)
    assert new.id != old.id
    assert site.instance(key).epoch == 2
    assert site.cell(old.id).state is CellState.GONE
    assert site.archived_rows(old.id) == 7
    assert site.cells.rows_of(new.id) == 0
    site.check_invariants()


def test_closing_archives_and_destroys(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key)
    site.cells.work(cell.id, rows=2)
    site.want_closed(key)
    site.settle()
    assert site.instance(key).observed is Observed.CLOSED
    assert site.cell(cell.id).state is CellState.GONE
    assert site.archived_rows(cell.id) == 2
    site.check_invariants()
