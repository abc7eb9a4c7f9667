"""Cells that die, lie or keep silent. Nobody loses work, nothing is left over, people are told."""

from __future__ import annotations

import json
import shutil

import pytest

from sandbox.contract import baseline
from sandbox.errors import (
    ForbiddenError,
    InvalidError,
    ProfileDriftError,
)
from sandbox.people.model import CLI, Actor, Role
from sandbox.provisioning import actions, building, operations, plan
from sandbox.provisioning.model import CellId, CellSpec, CellState, Observed
from tests.fakes_provisioning import BEGUN, FailingDriver
from tests.provisioning_site import IMAGE, Site


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


def test_a_state_told_against_a_baseline_of_nobody_is_quarantined(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.begun = "f" * 64
    site.want_closed(key)
    site.settle(rounds=120)
    assert (site.cell(cell).state, site.cell(cell).trouble) == (CellState.QUARANTINED, "SBX-405")


def test_a_lost_baseline_is_made_anew_from_the_dataset(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=2)
    shutil.rmtree(site.root / "state" / "files")
    site.want_closed(key)
    site.settle()
    assert (site.cell(cell).state, site.archived_rows(cell)) == (CellState.GONE, 2)
    assert site.files.holds(baseline.name(BEGUN))


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
    # What differs while it boots is looked at again.
    failing.fail("attest", ProfileDriftError("Privileged", fields="Privileged"), times=2)
    site.use(failing)
    site.settle()
    [gone] = [cell for cell in site.all_cells() if cell.state is CellState.GONE]
    assert gone.trouble == "SBX-403"
    assert site.states() == [CellState.READY]


def test_walls_that_stand_only_when_the_cell_answers_are_good_enough(site: Site) -> None:
    failing = FailingDriver(site.engine)
    failing.fail("attest", ProfileDriftError("Seccomp", fields="Seccomp"), times=1)
    site.use(failing)
    site.settle()
    assert [cell.state for cell in site.all_cells()] == [CellState.READY]


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
