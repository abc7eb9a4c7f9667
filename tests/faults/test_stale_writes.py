"""A worker that was replaced writes nothing; an engine that loses its answers makes nothing twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import LeaseLostError
from sandbox.provisioning.model import CellState, Observed
from tests.clocks import SteppedClock
from tests.fakes_provisioning import ForgetfulDriver
from tests.provisioning_site import Site

STALE_WRITES = 200
LOST_ANSWERS = 100


@pytest.fixture
def root(tmp_path: Path, empty_database: Path) -> Path:
    (tmp_path / "state" / "db").mkdir(parents=True)
    shutil.copyfile(empty_database, tmp_path / "state" / "db" / "sandbox.db")
    return tmp_path


@pytest.fixture
def site(root: Path) -> Iterator[Site]:
    site = Site(root).open()
    yield site
    site.database.close()


def test_of_two_hundred_stale_writes_none_is_taken(site: Site, root: Path) -> None:
    """Each asks the database afresh, as a thread would that did not hear of the loss."""
    site.settle()
    [ready] = site.present()
    stale = site.leadership.fence
    successor = Site(root, clock=SteppedClock(), owner="worker-2")
    successor.leadership.take(lambda _: True)
    assert successor.leadership.fence == stale + 1
    refused = 0
    for number in range(STALE_WRITES):
        try:
            with site.database.transaction() as stores:
                stores.lease.check(stale, now=site.clock.now())
                stores.cells.note_trouble(ready.id, f"stale {number}")
        except LeaseLostError:
            refused += 1
    assert refused == STALE_WRITES
    assert successor.cell(ready.id) == ready
    successor.database.close()


def test_of_a_hundred_lost_answers_none_leaves_a_double(site: Site) -> None:
    forgetful = ForgetfulDriver(site.engine)
    site.use(forgetful)
    made = set()
    for number in range(LOST_ANSWERS):
        forgetful.forget("ensure")
        forgetful.forget("start")
        key = site.launch(f"person {number}")
        site.settle()
        assert site.instance(key).observed is Observed.OPEN
        made.add(site.cell_of(key).id)
        site.want_closed(key)
        site.settle()
        assert {one.cell for one in site.engine.observe()} == {one.id for one in site.present()}
    assert len(made) == LOST_ANSWERS
    assert set(site.states()) <= {CellState.READY}
    site.check_invariants()
