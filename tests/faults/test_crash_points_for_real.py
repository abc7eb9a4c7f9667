"""The same deaths with real cells: the worker a process of its own, containers as the engine has them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

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
    ("hibernate", "rested"),
    ("wake", "wake started"),
    ("hibernated close", "row committed"),
}
CLOSE, SLEEPING_CLOSE = "close", "hibernated close"


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with towns.prepared(request.param) as made:
        yield made


def is_at_rest(town: Town, key: InstanceId, flow: str) -> bool:
    """Say whether what was asked for is there and nothing else."""
    instance, cells = town.instance(key), town.present()
    engine = town.services.driver.observe()
    with town.services.database.reading() as stores:
        moves = stores.moves.open()
    expected = {CLOSE: Observed.CLOSED, SLEEPING_CLOSE: Observed.CLOSED, "hibernate": Observed.HIBERNATED}
    observed = expected.get(flow, Observed.OPEN)
    left = [] if observed is Observed.CLOSED else [CellState.ARMED]
    # How many ready ones the pool keeps depends on the hour and on what was asked for lately.
    ready = [cell for cell in cells if cell.state is CellState.READY]
    stopped = {instance.cell} if observed is Observed.HIBERNATED else set()
    return (
        (instance.observed, instance.epoch) == (observed, 2 if flow == "reset" else 1)
        and [cell.state for cell in cells if cell not in ready] == left
        and {seen.cell for seen in engine} == {cell.id for cell in cells}
        and all(seen.running is (seen.cell not in stopped) for seen in engine)
        and not moves
    )


def empty(town: Town) -> None:
    """Close every hospital, so that the next case begins with a pool and nobody."""
    with town.services.database.reading() as stores:
        live = [one.id for one in stores.instances.live()]
    for key in live:
        town.close(key)
    engines.until(lambda: {cell.state for cell in town.present()} <= {CellState.READY}, what="empty", patience_s=60)


def brought_to(town: Town, flow: str) -> InstanceId | None:
    """Return the hospital with which the flow begins, as far as it needs one."""
    if flow == "launch":
        return None
    key = town.launch()
    if flow in ("wake", SLEEPING_CLOSE):
        town.sleep(key)
    return key


def ask(town: Town, flow: str, key: InstanceId | None) -> InstanceId:
    """Want what the flow leads to."""
    if key is None:
        return town.ask_launch()
    match flow:
        case "reset":
            town.ask_reset(key)
        case "hibernate":
            town.ask_sleep(key)
        case "wake":
            town.ask_wake(key)
        case "rouse":
            _leave_resting(town, key)
        case _:
            town.close(key)
    return key


def _leave_resting(town: Town, key: InstanceId) -> None:
    """Leave the cell as a worker does that died when somebody came back."""
    cell = town.cell(key)
    with town.services.database.transaction() as stores:
        stores.cells.note_resting(cell, datetime.now(UTC))
    engines.control.rest(town.services.driver.endpoint(cell), resting=True)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("flow", "point"),
    [pytest.param(*case, marks=() if case in SAMPLE else pytest.mark.slow) for case in MATRIX],
)
def test_a_fresh_worker_converges_in_time(town: Town, flow: str, point: str) -> None:
    with town.worker():
        empty(town)
        key = brought_to(town, flow)
        first = town.cell(key) if key is not None else None
    key = ask(town, flow, key)
    dying = town.start(**{crashing.VARIABLE: point})
    assert dying.wait(60) == 137, f"{point} is not on the way of a {flow}"
    begun = time.monotonic()
    with town.worker():
        engines.until(lambda: is_at_rest(town, key, flow), what=f"rest after {point}", patience_s=60)
        assert time.monotonic() - begun < CONVERGES_WITHIN_S
        if first is not None and flow in ("reset", CLOSE, SLEEPING_CLOSE):
            assert town.state(first) is CellState.GONE
            assert town.chain(first) == ""
        elif first is not None:
            assert town.cell(key) == first
        if flow == "hibernate":
            with town.services.database.reading() as stores:
                rest = stores.rests.asleep(town.cell(key))
            assert rest is not None
            assert (rest.chain, rest.rows >= 1) == ("", True)
            town.ask_wake(key)
            engines.until(lambda: is_at_rest(town, key, "wake"), what="awake", patience_s=60)
        if flow not in (CLOSE, SLEEPING_CLOSE):
            health = town.health(town.cell(key))
            assert (health.instance, health.condition) == (key, "armed")
            rested = engines.control.rest(town.services.driver.endpoint(town.cell(key)), resting=False)
            assert rested.head.seq >= 1
