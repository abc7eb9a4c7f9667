"""Engines and cells that refuse, forget, vanish or lie. Nobody loses work, nothing is left over, all heals."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.contract import CONTRACT_VERSION
from sandbox.errors import (
    DiskFullError,
    EngineUnavailableError,
    ImageMissingError,
    OutcomeUnknownError,
)
from sandbox.provisioning.model import CellState, Image, Observed
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
