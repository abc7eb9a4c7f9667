"""A worker dies at every step of a night; a fresh one finishes it: nobody reset twice, nobody forgotten, one report.

The night holds one hospital for free practice, one for an exercise that is practised, one that hibernates and an exam
that is waited for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.provisioning import crashing
from sandbox.provisioning.model import CellState, InstanceId, Observed
from sandbox.scheduling.nightly import Habits
from tests.clocks import SteppedClock
from tests.faults.test_crash_points import RESET
from tests.night_ward import SHANGHAI, Ward, make_ward
from tests.provisioning_site import Site

DATE = "2026-03-02"
RINGS = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
ALICE, BOB = InstanceId("a" * 16), InstanceId("b" * 16)
WORK = 4
HABITS = Habits(zone=SHANGHAI, default_at="02:00", at_once=2)
POINTS = (*crashing.NIGHTLY_POINTS, *RESET)
SAMPLE = {*crashing.NIGHTLY_POINTS, "claimed", "flipped", "seal requested", "removed"}


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Path:
    """Make one installation on the eve of a night; each case gets a copy."""
    root = tmp_path_factory.mktemp("evening")
    ward = make_ward(root / "site", empty_database, habits=HABITS)
    ward.nightly.run()
    site = ward.site
    for key, owner in ((ALICE, "alice"), (BOB, "bob")):
        site.launch(owner, key=key)
        site.settle()
        site.cells.work(site.cell_of(key).id, rows=WORK)
    site.hibernated(BOB)
    site.leadership.release()
    site.database.close()
    return root / "site"


@pytest.fixture
def copy(evening: Path, tmp_path: Path) -> Callable[[], Path]:
    def made() -> Path:
        shutil.copytree(evening, tmp_path / "site")
        return tmp_path / "site"

    return made


def at_night(root: Path, owner: str, *, later_s: float = 0.0) -> Ward:
    site = Site(root, clock=SteppedClock(RINGS + timedelta(seconds=later_s)), owner=owner).open()
    return Ward(site, habits=HABITS)


def die_at(root: Path, point: str, *, by_signal: bool = False, later_s: float = 0.0) -> int:
    """Run a worker through the night in a child until it dies at the point; return how it ended."""
    child = os.fork()
    if child == 0:
        os.environ[crashing.VARIABLE] = point
        if by_signal:
            os.environ[crashing.BY_SIGNAL_VARIABLE] = "1"
        code = 1
        try:
            at_night(root, "dying", later_s=later_s).goes_on()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def check_morning(root: Path) -> None:
    """Have a fresh worker finish the night; assert that it was one night, whole, told, and nobody lost anything."""
    ward = at_night(root, "fresh", later_s=120)
    for _ in range(3):
        ward.goes_on()
        ward.site.steps.advance(120)
    site = ward.site
    assert sorted(ward.ledger()) == sorted([(DATE, ALICE, "reset"), (DATE, BOB, "retired")])
    assert (site.instance(ALICE).epoch, site.instance(BOB).epoch) == (2, 1)
    assert site.instance(BOB).observed is Observed.HIBERNATED
    for key in (ALICE, BOB):
        [old] = [cell for cell in site.all_cells() if cell.instance == key and cell.epoch == 1]
        assert (old.state, site.archived_rows(old.id)) == (CellState.GONE, WORK)
    report = ward.report(DATE)
    assert (report.verdict, report.digests_verified, report.archives_verified) == ("clean", 1, 2)
    assert report.ended_at is not None
    with site.database.reading() as stores:
        assert stores.moves.open() == []
        assert stores.ledger.left("nightly-reset") == []
    site.check_invariants()
    site.database.close()


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=() if point in SAMPLE else pytest.mark.slow) for point in POINTS]
)
def test_a_fresh_worker_finishes_the_night(copy: Callable[[], Path], point: str) -> None:
    root = copy()
    assert die_at(root, point) == 137, f"{point} is not on the way of a night"
    check_morning(root)


@pytest.mark.parametrize(
    "point",
    [pytest.param(point, marks=() if point == "ledger written" else pytest.mark.slow) for point in POINTS],
)
def test_a_killed_worker_is_no_worse(copy: Callable[[], Path], point: str) -> None:
    root = copy()
    assert die_at(root, point, by_signal=True) == -9
    check_morning(root)


@pytest.mark.slow
@pytest.mark.parametrize("second", POINTS)
@pytest.mark.parametrize("first", crashing.NIGHTLY_POINTS)
def test_dying_again_while_recovering(copy: Callable[[], Path], first: str, second: str) -> None:
    root = copy()
    assert die_at(root, first) == 137
    assert die_at(root, second, later_s=60) in (137, 0)
    check_morning(root)
