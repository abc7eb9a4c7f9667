"""What belongs to nobody is taken away; who does not lead any more writes nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from sandbox.errors import (
    LeaseLostError,
    StoreBusyError,
)
from sandbox.provisioning import folders
from sandbox.provisioning.model import CellId, CellSpec, CellState, Observed
from tests.provisioning_site import IMAGE, Site


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
