"""The same deaths with real cells: the worker a process of its own, containers as the engine has them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from sandbox.provisioning import crashing
from sandbox.provisioning.model import CellState, InstanceId, Observed
from tests import engines, towns
from tests.faults.test_crash_points import MATRIX
from tests.towns import Town

CONVERGES_WITHIN_S = 15.0
SAMPLE = {
    ("launch", "container created"),
    ("launch", "golden placed"),
    ("reset", "seal requested"),
    ("reset", "removed"),
}


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with towns.prepared(request.param) as made:
        yield made


def is_at_rest(town: Town, key: InstanceId, epoch: int) -> bool:
    instance, cells = town.instance(key), town.present()
    engine = town.services.driver.observe()
    with town.services.database.reading() as stores:
        moves = stores.moves.open()
    return (
        (instance.observed, instance.epoch) == (Observed.OPEN, epoch)
        and sorted(cell.state for cell in cells) == [CellState.ARMED, CellState.READY]
        and {seen.cell for seen in engine} == {cell.id for cell in cells}
        and all(seen.running for seen in engine)
        and not moves
    )


def empty(town: Town) -> None:
    """Close every hospital, so that the next case begins with a pool and nobody."""
    with town.services.database.reading() as stores:
        live = [one.id for one in stores.instances.live()]
    for key in live:
        town.close(key)
    engines.until(
        lambda: [cell.state for cell in town.present()] in ([CellState.READY], []), what="empty", patience_s=60
    )


def die_at(town: Town, point: str, key: InstanceId | None) -> InstanceId:
    """Start a worker that dies at the point of a launch (no key) or of a reset of `key`; return the instance."""
    if key is None:
        key = town.ask_launch()
    else:
        town.ask_reset(key)
    worker = town.start(**{crashing.VARIABLE: point})
    assert worker.wait(60) == 137, f"{point} is not on the way"
    return key


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("flow", "point"),
    [pytest.param(*case, marks=() if case in SAMPLE else pytest.mark.slow) for case in MATRIX],
)
def test_a_fresh_worker_converges_in_time(town: Town, flow: str, point: str) -> None:
    with town.worker():
        empty(town)
        key = town.launch() if flow == "reset" else None
        first = town.cell(key) if key is not None else None
    key = die_at(town, point, key)
    epoch = 2 if flow == "reset" else 1
    begun = time.monotonic()
    with town.worker():
        engines.until(lambda: is_at_rest(town, key, epoch), what=f"rest after {point}", patience_s=60)
        assert time.monotonic() - begun < CONVERGES_WITHIN_S
        if first is not None:
            assert town.state(first) is CellState.GONE
            assert town.chain(first) == ""
        assert town.health(town.cell(key)).instance == key
