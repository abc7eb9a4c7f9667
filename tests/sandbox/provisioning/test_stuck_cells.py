"""Cells that neither work nor die: nothing waits for them for ever, and whatever they hold is kept for a person."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from sandbox.contract.control import JournalPage
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.errors import (
    ControlUnreachableError,
    EngineUnavailableError,
    ExerciseInvalidError,
    ImageMissingError,
    NotFoundError,
    SandboxError,
)
from sandbox.provisioning import fetching, plan
from sandbox.provisioning.model import CellId, CellSpec, CellState, Endpoint, InstanceId, Observed
from sandbox.provisioning.reconciler import Reconciler
from tests.fakes_provisioning import FailingDriver, FakeControl
from tests.provisioning_site import IMAGE, Site


def at_work(site: Site, *, rows: int = 2) -> tuple[InstanceId, CellId]:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key).id
    site.cells.work(cell, rows=rows)
    return key, cell


def test_a_cell_that_answers_nonsense_does_not_hold_up_its_closing(site: Site) -> None:
    key, cell = at_work(site)
    site.cells.broken.add(cell)
    site.want_closed(key)
    site.settle(rounds=120)
    assert site.instance(key).observed is Observed.CLOSED
    assert site.cell(cell).state is CellState.QUARANTINED
    assert site.cells.rows_of(cell) == 2


def test_a_cell_that_answers_nonsense_does_not_hold_up_its_reset(site: Site) -> None:
    key, cell = at_work(site)
    site.cells.broken.add(cell)
    site.ask_reset(key)
    site.settle(rounds=120)
    assert (site.instance(key).observed, site.instance(key).epoch) == (Observed.OPEN, 2)
    assert site.cell(cell).state is CellState.QUARANTINED


def test_a_sealed_cell_that_says_it_is_nobodys_is_quarantined(site: Site) -> None:
    key, cell = at_work(site)
    site.want_closed(key)
    while site.cell(cell).state is CellState.ARMED:
        site.round()
    (site.places.data / cell / "his.db").write_text('{"digest": "forgot everything"}')
    site.settle(rounds=120)
    assert site.cell(cell).state is CellState.QUARANTINED


def test_data_that_is_gone_while_the_container_is_left_fails_the_instance(site: Site) -> None:
    key, cell = at_work(site)
    site.engine.kill(cell)
    shutil.rmtree(site.places.data / cell)
    site.settle()
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.FAILED, "SBX-405")
    assert site.cell(cell).state is CellState.QUARANTINED


@pytest.mark.parametrize(
    "wrong", [ImageMissingError("gone", image=IMAGE), EngineUnavailableError("runc: no such mount")]
)
def test_a_cell_that_cannot_be_started_again_is_kept_for_a_person(site: Site, wrong: SandboxError) -> None:
    key, cell = at_work(site)
    failing = FailingDriver(site.engine)
    site.use(failing)
    failing.fail("start" if isinstance(wrong, EngineUnavailableError) else "ensure", wrong)
    site.engine.kill(cell)
    for _ in range(int(plan.RESTART_PATIENCE_S) - 60):
        site.round()
        site.steps.advance(1)
    assert site.cell(cell).state is CellState.ARMED
    for _ in range(400):
        site.round()
        site.steps.advance(1)
    assert site.cell(cell).state is CellState.QUARANTINED
    assert site.instance(key).observed is Observed.FAILED
    assert site.cells.rows_of(cell) == 2


def test_an_engine_that_was_away_for_an_hour_costs_no_hospital(site: Site) -> None:
    key, cell = at_work(site)
    failing = FailingDriver(site.engine)
    site.use(failing)
    site.engine.kill(cell)
    failing.fail("ensure", EngineUnavailableError("starting up"))
    site.round()
    failing.fail("observe", EngineUnavailableError("gone"))
    for _ in range(60):
        site.round()
        site.steps.advance(60)
    failing.heal()
    site.settle()
    assert (site.cell_of(key).id, site.instance(key).observed) == (cell, Observed.OPEN)


@pytest.mark.parametrize("wrong", [NotFoundError("no file"), ExerciseInvalidError(problems_zh="", problems_en="")])
def test_an_exercise_that_does_not_read_fails_the_launch_with_its_reason(site: Site, wrong: SandboxError) -> None:
    class Unreadable:
        def pack(self, exercise_version: str, attempt: str) -> ExercisePack:
            raise wrong

    site.means = replace(site.means, packs=Unreadable())
    site.reconciler = Reconciler(site.means, site.supply)
    key = site.launch()
    with site.database.transaction() as stores:
        stores.connection.exec_driver_sql("UPDATE instance SET exercise_version='x@1', attempt='a1'")
    site.settle()
    assert (site.instance(key).observed, site.instance(key).trouble) == (Observed.FAILED, wrong.code)
    site.check_invariants()


def test_an_orphan_container_that_gives_nothing_leaves_its_data_to_a_person(site: Site) -> None:
    site.settle()
    stranger = CellId("0123456789ab")
    site.engine.ensure(CellSpec(cell=stranger, uid=1, image=IMAGE, fence=1))
    (site.places.data / stranger / "his.db").write_text("somebody's work")
    site.round()
    site.steps.advance(61)
    site.settle()
    assert stranger not in {seen.cell for seen in site.engine.observe()}
    [aside] = site.places.set_aside.iterdir()
    assert (aside / "his.db").read_text() == "somebody's work"


def test_a_journal_without_end_is_not_read_to_its_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key, cell = at_work(site, rows=30)
    monkeypatch.setattr(fetching, "MAX_JOURNAL_BYTES", 2000)
    site.want_closed(key)
    site.settle(rounds=120)
    assert (site.cell(cell).state, site.cell(cell).trouble) == (CellState.QUARANTINED, "SBX-405")


def test_a_cell_that_seals_and_keeps_its_journal_is_quarantined(site: Site) -> None:
    class Reticent(FakeControl):
        def journal(self, at: Endpoint, after: int) -> JournalPage:
            raise ControlUnreachableError("no journal")

    key, cell = at_work(site)
    site.control = Reticent(site.engine)
    site.use(site.engine)
    site.want_closed(key)
    site.settle(rounds=120)
    assert (site.cell(cell).state, site.cell(cell).trouble) == (CellState.QUARANTINED, "SBX-305")


def test_a_journal_that_trickles_does_not_keep_a_thread(site: Site) -> None:
    class Trickling(FakeControl):
        def journal(self, at: Endpoint, after: int) -> JournalPage:
            site.leadership.renew()
            site.steps.advance(9)
            return super().journal(at, after)

    key, cell = at_work(site, rows=60)
    site.control = Trickling(site.engine)
    site.use(site.engine)
    site.want_closed(key)
    site.settle(rounds=400)
    assert site.cell(cell).state is CellState.QUARANTINED
    assert site.cells.rows_of(cell) == 60
