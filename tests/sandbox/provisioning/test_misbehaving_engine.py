"""Engines and cells that refuse, forget, vanish or lie. Nobody loses work, nothing is left over, all heals."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from sandbox.contract import CONTRACT_VERSION
from sandbox.errors import (
    DiskFullError,
    EngineUnavailableError,
    ForbiddenError,
    ImageMissingError,
    InvalidError,
    LeaseLostError,
    OutcomeUnknownError,
    ProfileDriftError,
    StoreBusyError,
)
from sandbox.people.model import CLI, Actor, Role
from sandbox.provisioning import actions, building, folders, operations, plan
from sandbox.provisioning.model import CellId, CellSpec, CellState, Image, Observed
from tests.fakes_provisioning import FailingDriver, FakeControl, ForgetfulDriver
from tests.provisioning_site import IMAGE, Site

ENGINE_DOWN = EngineUnavailableError("nobody there")


@pytest.fixture
def failing(site: Site) -> FailingDriver:
    driver = FailingDriver(site.engine)
    site.use(driver)
    return driver


@pytest.mark.parametrize("verb", ["ensure", "start", "stop", "remove", "discard_folders"])
def test_a_lost_reply_leaves_one_cell(site: Site, verb: str) -> None:
    forgetful = ForgetfulDriver(site.engine)
    site.use(forgetful)
    forgetful.forget(verb, times=2)
    key = site.launch()
    site.settle()
    site.cells.work(site.cell_of(key).id, rows=3)
    site.ask_reset(key)
    site.settle()
    site.check_invariants()
    assert site.states() == [CellState.ARMED, CellState.READY]
    assert len(site.engine.observe()) == 2


@pytest.mark.parametrize("command", ["arm", "seal"])
def test_a_lost_answer_of_the_cell_is_asked_for_again(site: Site, command: str) -> None:
    site.cells.lost_replies[command] = 2
    key = site.launch()
    site.settle()
    old = site.cell_of(key).id
    site.cells.work(old, rows=4)
    site.ask_reset(key)
    site.settle()
    assert site.instance(key).epoch == 2
    assert site.archived_rows(old) == 4
    site.check_invariants()


def test_without_an_engine_launches_wait_with_the_reason_and_go_on_by_themselves(
    site: Site, failing: FailingDriver
) -> None:
    for verb in ("observe", "ensure", "start"):
        failing.fail(verb, ENGINE_DOWN)
    key = site.launch()
    for _ in range(5):
        site.round()
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.QUEUED, "SBX-301")
    failing.heal()
    site.settle()
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.OPEN, "")
    site.check_invariants()


def test_without_an_engine_running_cells_are_untouched(site: Site, failing: FailingDriver) -> None:
    key = site.launch()
    site.settle()
    before = site.present()
    failing.fail("observe", ENGINE_DOWN)
    for _ in range(5):
        assert site.round() == []
        site.steps.advance(60)
    assert site.present() == before
    assert site.instance(key).observed is Observed.OPEN


def test_a_warm_cell_is_handed_out_while_the_engine_is_away(site: Site, failing: FailingDriver) -> None:
    site.settle()
    for verb in ("observe", "ensure", "start"):
        failing.fail(verb, ENGINE_DOWN)
    key = site.launch()
    site.round()
    assert site.instance(key).observed is Observed.OPEN


def test_an_unknown_outcome_of_observing_counts_as_silence(site: Site, failing: FailingDriver) -> None:
    key = site.launch()
    site.settle()
    failing.fail("observe", OutcomeUnknownError("timed out"), times=1)
    assert site.round() == []
    assert site.instance(key).observed is Observed.OPEN


def test_a_missing_image_is_told_and_does_not_loop(site: Site, failing: FailingDriver) -> None:
    failing.fail("ensure", ImageMissingError("gone", image=IMAGE))
    key = site.launch()
    tried = 0
    for _ in range(30):
        tried += len(site.round())
        site.steps.advance(1)
    assert site.instance(key).trouble == "SBX-402"
    assert {(cell.state, cell.trouble) for cell in site.all_cells()} == {(CellState.PLANNED, "SBX-402")}
    assert tried < 40
    # The one that is waited for: refills pause meanwhile.
    assert len(site.all_cells()) == 1
    failing.heal()
    site.steps.advance(400)
    site.settle()
    assert site.instance(key).observed is Observed.OPEN
    site.check_invariants()


def test_no_image_at_all_is_told(root: Path) -> None:
    site = Site(root)
    site.leadership.take(lambda _: True)
    key = site.launch()
    for _ in range(3):
        site.round()
    assert site.instance(key).trouble == "SBX-402"
    assert site.present() == []
    site.database.close()


def test_an_image_of_another_contract_is_told(site: Site) -> None:
    with site.database.transaction() as stores:
        stores.images.add(Image(id="sha256:" + "b" * 64, contract=CONTRACT_VERSION + 1, registered_at=site.clock.now()))
    key = site.launch()
    for _ in range(3):
        site.round()
    assert site.instance(key).trouble == "SBX-401"
    assert site.present() == []


def test_an_image_without_a_dataset_is_told(site: Site) -> None:
    other = "sha256:" + "b" * 64
    with site.database.transaction() as stores:
        stores.images.add(Image(id=other, contract=CONTRACT_VERSION, registered_at=site.clock.now()))
    key = site.launch()
    site.round()
    assert site.instance(key).trouble == "SBX-407"
    site.build_dataset(other)
    site.settle()
    assert site.instance(key).observed is Observed.OPEN
    assert site.cell_of(key).image == other


def test_a_new_image_replaces_the_pool_and_leaves_hospitals_alone(site: Site) -> None:
    key = site.launch()
    site.settle()
    other = "sha256:" + "b" * 64
    with site.database.transaction() as stores:
        stores.images.add(Image(id=other, contract=CONTRACT_VERSION, registered_at=site.clock.now()))
    site.build_dataset(other)
    site.settle()
    assert site.cell_of(key).image == IMAGE
    assert [cell.image for cell in site.present() if cell.state is CellState.READY] == [other]
    site.check_invariants()


def test_cells_that_speak_another_contract_are_broken_and_told(site: Site) -> None:
    site.control = FakeControl(site.engine, contract=CONTRACT_VERSION + 1)
    site.use(site.engine)
    key = site.launch()
    for _ in range(20):
        site.round()
        site.steps.advance(1)
    assert site.instance(key).trouble == "SBX-401"
    assert CellState.READY not in site.states()
    assert len(site.all_cells()) < 12


def test_a_full_disk_while_making_cells_leaves_nothing_over(site: Site, failing: FailingDriver) -> None:
    failing.fail("ensure", DiskFullError("no space", what="disk"))
    key = site.launch()
    for _ in range(10):
        site.round()
        site.steps.advance(1)
    assert site.instance(key).trouble == "SBX-303"
    assert list(site.places.data.iterdir()) == []
    failing.heal()
    site.steps.advance(400)
    site.settle()
    assert site.instance(key).observed is Observed.OPEN
    site.check_invariants()


def test_a_full_disk_while_placing_the_dataset_leaves_nothing_over(site: Site, failing: FailingDriver) -> None:
    site.settle()
    failing.fail("place", DiskFullError("no space", what="disk"), times=1)
    key = site.launch()
    site.settle()
    assert site.instance(key).observed is Observed.OPEN
    assert len(list(site.places.data.iterdir())) == 2
    site.check_invariants()


def test_a_cell_killed_in_the_middle_goes_on_with_its_work(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=6)
    site.engine.kill(cell)
    site.settle()
    assert site.cell_of(key).id == cell
    assert site.engine.is_running(cell)
    assert site.cells.rows_of(cell) == 6
    assert site.instance(key).observed is Observed.OPEN


def test_a_cell_that_keeps_dying_is_kept_for_a_person_and_the_instance_fails(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=2)
    restarts = 0
    for _ in range(120):
        if site.engine.is_running(cell):
            site.engine.kill(cell)
            restarts += 1
        site.round()
        site.steps.advance(1)
        if site.cell(cell).state is CellState.QUARANTINED:
            break
    assert restarts == plan.RESTARTS_ALLOWED + 1
    assert site.cell(cell).state is CellState.QUARANTINED
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.FAILED, "SBX-305")
    assert site.cells.rows_of(cell) == 2


def test_an_engine_restart_brings_every_hospital_back_with_its_work(site: Site) -> None:
    keys = [site.launch(f"person-{number}") for number in range(4)]
    site.settle()
    cells = {key: site.cell_of(key).id for key in keys}
    for cell in cells.values():
        site.cells.work(cell, rows=2)
    site.engine.reboot()
    site.settle()
    assert {key: site.cell_of(key).id for key in keys} == cells
    assert all(site.engine.is_running(cell) for cell in cells.values())
    assert all(site.cells.rows_of(cell) == 2 for cell in cells.values())
    site.check_invariants()


def test_a_container_somebody_removed_is_made_again_on_its_data(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=3)
    site.engine.lose_container(cell)
    site.settle()
    assert site.cell_of(key).id == cell
    assert site.cells.rows_of(cell) == 3
    assert site.cell(cell).engine_id == {seen.cell: seen.engine_id for seen in site.engine.observe()}[cell]


def test_data_that_is_gone_fails_the_instance_and_a_retry_gives_another(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.engine.lose_container(cell)
    shutil.rmtree(site.places.data / cell)
    site.settle()
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.FAILED, "SBX-405")
    assert site.cell(cell).state is CellState.QUARANTINED
    with site.database.transaction() as stores:
        stores.instances.move(key, Observed.FAILED, Observed.QUEUED)
    site.settle()
    assert (site.instance(key).observed, site.instance(key).epoch) == (Observed.OPEN, 2)


def test_a_closed_cell_that_died_is_started_to_be_archived(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=5)
    site.engine.kill(cell)
    site.want_closed(key)
    site.settle()
    assert site.archived_rows(cell) == 5
    assert site.cell(cell).state is CellState.GONE


def test_a_deaf_cell_is_quarantined_with_its_folder_and_the_reset_goes_on(site: Site) -> None:
    key = site.launch()
    site.settle()
    old = site.cell_of(key).id
    site.cells.work(old, rows=5)
    site.cells.deaf.add(old)
    site.ask_reset(key)
    site.settle(rounds=120)
    assert site.cell(old).state is CellState.QUARANTINED
    assert not site.engine.is_running(old)
    assert site.cells.rows_of(old) == 5
    assert (site.instance(key).observed, site.instance(key).epoch) == (Observed.OPEN, 2)


def test_a_cell_that_answers_nonsense_is_quarantined(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.want_closed(key)
    while site.cell(cell).state is CellState.ARMED:
        site.round()
    site.cells.broken.add(cell)
    site.settle(rounds=120)
    assert (site.cell(cell).state, site.cell(cell).trouble) == (CellState.QUARANTINED, "SBX-401")
    with site.database.reading() as stores:
        assert stores.archives.of_cell(cell) is None


def test_a_rewritten_journal_is_archived_and_marked(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=3)
    database = site.places.data / cell / "his.db"
    facts = json.loads(database.read_text())
    facts["rows"][1]["action"] = "prescription.sign"
    database.write_text(json.dumps(facts))
    site.want_closed(key)
    site.settle()
    with site.database.reading() as stores:
        archive = stores.archives.of_cell(cell)
    assert archive is not None
    assert archive.chain == "row 2 was changed"


def test_a_container_unlike_its_profile_never_becomes_ready(site: Site) -> None:
    failing = FailingDriver(site.engine)
    failing.fail("attest", ProfileDriftError("Privileged", fields="Privileged"), times=1)
    site.use(failing)
    site.settle()
    [gone] = [cell for cell in site.all_cells() if cell.state is CellState.GONE]
    assert gone.trouble == "SBX-403"
    assert site.states() == [CellState.READY]


def test_a_hospital_whose_container_was_changed_is_sealed_archived_and_fails(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=2)
    site.engine.change(cell, drift="Privileged")
    site.reconciler.attest()
    site.settle()
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.FAILED, "SBX-403")
    assert site.cell(cell).state is CellState.GONE
    assert site.archived_rows(cell) == 2


def test_a_foreign_spec_under_our_name_is_cleared_and_made_anew(site: Site) -> None:
    site.reconciler.observe()
    [intent] = site.reconciler.decide()
    assert isinstance(intent, actions.Begin)
    building.begin(site.means, intent)
    [planned] = site.present()
    site.engine.ensure(CellSpec(cell=planned.id, uid=planned.uid, image=IMAGE, fence=0))
    site.engine.change(planned.id, label="older profile")
    site.settle()
    assert site.states() == [CellState.READY]
    assert [seen.spec_label for seen in site.engine.observe()] == ["fakeprofile"]


def test_an_orphan_container_is_removed_at_the_second_strike(site: Site) -> None:
    site.settle()
    stranger = CellId("0123456789ab")
    site.engine.ensure(CellSpec(cell=stranger, uid=1, image=IMAGE, fence=1))
    site.round()
    site.steps.advance(59)
    site.round()
    assert stranger in {seen.cell for seen in site.engine.observe()}
    site.steps.advance(2)
    site.settle()
    site.check_invariants()


def test_an_orphan_folder_is_set_aside_and_deleted_after_a_week(site: Site) -> None:
    site.settle()
    stranger = site.places.data / "0123456789ab"
    stranger.mkdir()
    (stranger / "his.db").write_text("somebody's work")
    site.round()
    site.steps.advance(61)
    site.settle()
    assert not stranger.exists()
    [aside] = site.places.set_aside.iterdir()
    assert (aside / "his.db").read_text() == "somebody's work"
    other = site.places.data / "aaaaaaaaaaaa"
    other.mkdir()
    site.round()
    site.steps.advance(8 * 86400)
    site.leadership.take(lambda _: True)
    site.settle()
    assert folders.discard_old(site.places, now=site.clock.now()) == [aside.name]
    assert [path.name.endswith("aaaaaaaaaaaa") for path in site.places.set_aside.iterdir()] == [True]


def test_a_worker_that_lost_the_lease_writes_nothing_more(site: Site, root: Path) -> None:
    key = site.launch()
    site.settle()
    site.ask_reset(key)
    site.reconciler.observe()
    planned = site.reconciler.decide()
    assert planned
    second = Site(root, owner="worker-2", clock=site.steps)
    second.leadership.take(lambda _: True)
    before = site.present(), site.instance(key)
    for action in planned:
        with pytest.raises(LeaseLostError):
            site.reconciler.perform(action)
    assert (site.present(), site.instance(key)) == before
    with pytest.raises(LeaseLostError):
        site.leadership.renew()
    second.settle()
    assert second.instance(key).epoch == 2
    second.check_invariants()
    second.database.close()


def test_a_second_worker_is_refused_while_the_first_lives(site: Site, root: Path) -> None:
    second = Site(root, owner="worker-2", clock=site.steps)
    with pytest.raises(LeaseLostError):
        second.leadership.take(lambda _: False)
    site.steps.advance(31)
    second.leadership.take(lambda _: False)
    assert second.leadership.fence == site.leadership.fence + 1
    second.database.close()


def test_without_lease_time_left_the_engine_is_not_called(site: Site) -> None:
    site.reconciler.observe()
    site.steps.advance(16)
    with pytest.raises(StoreBusyError):
        site.leadership.require_engine_time()
    for action in site.reconciler.decide():
        site.reconciler.perform(action)
    for action in site.reconciler.decide():
        assert not site.reconciler.perform(action)
    assert site.engine.observe() == []
    site.settle()
    assert site.states() == [CellState.READY]


def test_a_locked_database_costs_time_and_nothing_else(root: Path) -> None:
    site = Site(root, busy_timeout_s=0.02).open()
    site.settle()
    key = site.launch()
    site.reconciler.observe()
    planned = site.reconciler.decide()
    holder = sqlite3.connect(root / "state" / "db" / "sandbox.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert not any(site.reconciler.perform(action) for action in planned)
    holder.execute("ROLLBACK")
    holder.close()
    assert site.instance(key).observed is Observed.QUEUED
    assert site.means.watch.supply() == ("", False)
    site.steps.advance(5)
    site.settle()
    assert site.instance(key).observed is Observed.OPEN
    site.check_invariants()
    site.database.close()


def quarantined(site: Site) -> CellId:
    """Return a cell with two rows of work that could not be archived."""
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=2)
    site.cells.deaf.add(cell)
    site.want_closed(key)
    site.settle(rounds=120)
    assert site.cell(cell).state is CellState.QUARANTINED
    return cell


def test_a_released_cell_is_archived_after_all(site: Site) -> None:
    cell = quarantined(site)
    site.cells.deaf.clear()
    with site.database.transaction() as stores:
        operations.release(stores, CLI, cell, now=site.clock.now())
    site.settle()
    assert site.archived_rows(cell) == 2
    assert site.cell(cell).state is CellState.GONE
    site.check_invariants()


def test_work_is_given_up_only_with_a_reason(site: Site) -> None:
    cell = quarantined(site)
    with site.database.transaction() as stores, pytest.raises(InvalidError):
        operations.give_up(stores, CLI, cell, reason=" ", now=site.clock.now())
    with site.database.transaction() as stores:
        operations.give_up(stores, CLI, cell, reason="agreed with the trainee", now=site.clock.now())
    for _ in range(3):
        site.round()
        site.steps.advance(61)
    site.settle()
    assert cell not in {seen.cell for seen in site.engine.observe()}


def test_a_failed_instance_is_queued_again_by_it_alone(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.engine.lose_container(cell)
    shutil.rmtree(site.places.data / cell)
    site.settle()
    trainee = Actor(id="alice", roles=frozenset({Role.TRAINEE}))
    with site.database.transaction() as stores, pytest.raises(ForbiddenError):
        operations.retry(stores, trainee, key, now=site.clock.now())
    with site.database.transaction() as stores:
        operations.retry(stores, CLI, key, now=site.clock.now())
    site.settle()
    assert (site.instance(key).observed, site.instance(key).epoch) == (Observed.OPEN, 2)
