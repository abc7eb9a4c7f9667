"""A worker dies after every visible step of every flow; a fresh one converges and nothing is lost.

The worker is a forked child: it dies without handlers, as by SIGKILL, and leaves rows, folders and containers as they
were at that very moment. Its engine is a folder of files, so that it survives. The real engine is in `slow`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.provisioning import crashing
from sandbox.provisioning.model import CellState, Desired, InstanceId, Observed
from tests.clocks import SteppedClock
from tests.provisioning_site import Site

ALICE = InstanceId("a" * 16)
WORK = 5
BY_SIGNAL = ("intent", "armed", "sealed", "removed", "rested", "hibernated", "wake started")
LATER = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

LAUNCH = crashing.POINTS[: crashing.POINTS.index("flipped") + 1]
HIBERNATE = ("rest noted", "rested", "rest fetched", "rest written", "hibernated", "put to sleep")
WAKE = ("woken", "wake started", "awake")
ROUSE = ("roused",)
RETIRE = ("row committed", "removed", "folders removed", "gone")
SEAL = ("seal requested", "sealed", "archive fetched", "file written")
RESET = (*LAUNCH, "replacing", *SEAL, *RETIRE, "move closed")
POINTS_OF = {
    "launch": LAUNCH,
    "reset": RESET,
    "hibernate": HIBERNATE,
    "wake": WAKE,
    "rouse": ROUSE,
    "close": (*SEAL, *RETIRE),
    "hibernated close": ("sealed", *RETIRE),
}
"""What each flow passes. `rouse`: somebody came back while the cell was already resting."""
MATRIX = [(flow, point) for flow, points in POINTS_OF.items() for point in points]


def prepare(site: Site, flow: str) -> None:
    """Bring Alice's hospital to where the flow begins, and want what it leads to."""
    site.launch(key=ALICE)
    if flow == "launch":
        return
    site.settle()
    site.cells.work(site.cell_of(ALICE).id, rows=WORK)
    if flow in ("wake", "hibernated close"):
        site.hibernated(ALICE)
    match flow:
        case "reset":
            site.ask_reset(ALICE)
        case "hibernate":
            site.want(ALICE, Desired.HIBERNATED)
        case "wake":
            site.want(ALICE, Desired.OPEN)
        case "rouse":
            cell = site.cell_of(ALICE)
            with site.database.transaction() as stores:
                stores.cells.note_resting(cell.id, LATER)
            site.cells.rest(site.engine.endpoint(cell.id), resting=True)
        case _:
            site.want_closed(ALICE)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make one installation at the beginning of each flow; each case gets a copy."""
    made = {}
    for flow in POINTS_OF:
        root = tmp_path_factory.mktemp(flow.replace(" ", "-"))
        site = Site(root).open()
        prepare(site, flow)
        site.leadership.release()
        site.database.close()
        made[flow] = root
    return made


@pytest.fixture
def root_of(prepared: dict[str, Path], tmp_path: Path) -> Callable[[str], Path]:
    def copy(flow: str) -> Path:
        shutil.copytree(prepared[flow], tmp_path / "site")
        return tmp_path / "site"

    return copy


def die_at(root: Path, point: str, *, by_signal: bool = False, start: datetime = LATER) -> int:
    """Run a worker in a child until it dies at the point; return how it ended."""
    child = os.fork()
    if child == 0:
        os.environ[crashing.VARIABLE] = point
        if by_signal:
            os.environ[crashing.BY_SIGNAL_VARIABLE] = "1"
        code = 1
        try:
            Site(root, clock=SteppedClock(start), owner="dying").open().settle()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def converged(root: Path) -> Site:
    """Return the installation after a fresh worker has come to rest, its invariants checked."""
    site = Site(root, clock=SteppedClock(LATER), owner="fresh").open()
    site.steps.advance(120)
    site.settle()
    site.steps.advance(120)
    site.settle()
    site.check_invariants()
    return site


def check_end(site: Site, flow: str) -> None:
    """Assert that the person has exactly what was asked for, and the old work is kept."""
    instance = site.instance(ALICE)
    with site.database.reading() as stores:
        assert stores.moves.open() == []
    [first] = [cell for cell in site.all_cells() if cell.instance == ALICE and cell.epoch == 1]
    if flow in ("close", "hibernated close"):
        assert (instance.observed, site.states()) == (Observed.CLOSED, [CellState.READY])
        assert (first.state, site.archived_rows(first.id)) == (CellState.GONE, WORK)
        return
    assert site.states() == [CellState.ARMED, CellState.READY]
    assert site.cell_of(ALICE).epoch == instance.epoch == (2 if flow == "reset" else 1)
    assert instance.observed is (Observed.HIBERNATED if flow == "hibernate" else Observed.OPEN)
    if flow == "reset":
        assert (first.state, site.archived_rows(first.id)) == (CellState.GONE, WORK)
    elif flow != "launch":
        assert site.cells.rows_of(first.id) == WORK
    if flow in ("wake", "rouse"):
        site.cells.work(first.id)


@pytest.mark.parametrize(("flow", "point"), MATRIX)
def test_a_fresh_worker_converges(root_of: Callable[[str], Path], flow: str, point: str) -> None:
    root = root_of(flow)
    assert die_at(root, point) == 137, f"{point} is not on the way of a {flow}"
    site = converged(root)
    check_end(site, flow)
    site.database.close()


@pytest.mark.parametrize(
    ("flow", "point"),
    [pytest.param(flow, point, marks=() if point in BY_SIGNAL else pytest.mark.slow) for flow, point in MATRIX],
)
def test_a_killed_worker_is_no_worse(root_of: Callable[[str], Path], flow: str, point: str) -> None:
    root = root_of(flow)
    assert die_at(root, point, by_signal=True) == -9
    site = converged(root)
    check_end(site, flow)
    site.database.close()


@pytest.mark.slow
@pytest.mark.parametrize("second", crashing.POINTS)
@pytest.mark.parametrize(("flow", "first"), MATRIX)
def test_dying_again_while_recovering(root_of: Callable[[str], Path], flow: str, first: str, second: str) -> None:
    root = root_of(flow)
    assert die_at(root, first) == 137
    assert die_at(root, second, start=LATER) in (137, 0)
    site = converged(root)
    check_end(site, flow)
    site.database.close()


EVERY_POINT = crashing.POINTS + crashing.NIGHTLY_POINTS


def source_with_points() -> str:
    """Return the code of the rooms in which a worker may die."""
    core = Path(crashing.__file__).parents[1]
    files = [path for room in ("provisioning", "scheduling") for path in (core / room).glob("*.py")]
    return "".join(path.read_text() for path in files)


def test_every_crash_point_is_somewhere_in_the_code() -> None:
    source = source_with_points()
    assert [point for point in EVERY_POINT if f'crash("{point}")' not in source] == []


def test_every_crash_point_is_on_the_way_of_some_flow() -> None:
    assert {point for points in POINTS_OF.values() for point in points} == set(crashing.POINTS)


def test_no_crash_point_is_missing_from_the_list() -> None:
    named = {part.split('"')[0] for part in source_with_points().split('crash("')[1:]}
    assert named == set(EVERY_POINT)
