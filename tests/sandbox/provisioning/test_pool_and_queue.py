"""Sizes of the pool, place and time in the queue, the worker's memory: values in, values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.provisioning import pool, queue
from sandbox.provisioning.model import CellId, CellState, Desired, InstanceId, Observed
from sandbox.provisioning.watch import LONGEST_REST_S, Watch
from tests.clocks import SteppedClock
from tests.sandbox.provisioning.test_provisioning_plan import LINE, cell, instance

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def cells_in(*states: CellState) -> list[pool.Cell]:
    return [cell(state, id=CellId(f"{number:012x}")) for number, state in enumerate(states)]


@pytest.mark.parametrize(
    ("target", "waiting", "states", "expected"),
    [
        (2, 0, (), 2),
        (2, 0, (CellState.READY,), 1),
        (2, 0, (CellState.READY, CellState.STARTED), 0),
        (2, 1, (CellState.READY, CellState.READY), 1),
        (9, 0, (), pool.REFILLS_A_TICK),
        (0, 50, (), 50),
        (2, 50, (CellState.PLANNED,) * 50, 2),
        (2, 0, (CellState.ARMED, CellState.BROKEN, CellState.CLAIMED), 2),
    ],
)
def test_shortage(target: int, waiting: int, states: tuple[CellState, ...], expected: int) -> None:
    line = pool.Line(key="k", image="i", profile="p", target=target)
    assert pool.shortage(cells_in(*states), line, waiting=waiting) == expected


@given(
    target=st.integers(0, 20),
    waiting=st.integers(0, 20),
    states=st.lists(st.sampled_from([CellState.READY, CellState.PLANNED, CellState.STARTED, CellState.ARMED])),
)
def test_the_pool_never_makes_and_removes_at_once(target: int, waiting: int, states: list[CellState]) -> None:
    line = pool.Line(key="k", image="i", profile="p", target=target)
    cells = cells_in(*states)
    begun = pool.shortage(cells, line, waiting=waiting)
    removed = pool.surplus(cells, line, waiting=waiting)
    assert not (begun and removed)
    assert pool.fitting(cells, "k") + begun <= max(pool.fitting(cells, "k"), target + waiting)
    assert len(pool.ready(cells, line)) - len(removed) >= min(len(pool.ready(cells, line)), target + waiting)


def test_the_pool_key_depends_on_all_that_an_engine_fixes() -> None:
    keys = {pool.key("i", "p"), pool.key("j", "p"), pool.key("i", "q")}
    assert len(keys) == 3
    assert pool.key("i", "p") == pool.key("i", "p")


def test_place_and_time_in_the_queue() -> None:
    first = instance(Observed.QUEUED)
    second = instance(Observed.QUEUED, id=InstanceId("2" * 16), queued_at=NOW + timedelta(seconds=1))
    leaving = instance(Observed.QUEUED, id=InstanceId("3" * 16), desired=Desired.CLOSED)
    everybody = [second, leaving, first]
    assert queue.place(everybody, first.id, ready=1, rate=4.0) == queue.Place(
        position=1, soonest=timedelta(0), latest=timedelta(0)
    )
    assert queue.place(everybody, second.id, ready=0, rate=0.5) == queue.Place(
        position=2, soonest=timedelta(seconds=4), latest=timedelta(seconds=6)
    )
    assert queue.place(everybody, leaving.id, ready=0, rate=4.0) is None


def test_the_rate_is_the_average_of_the_newest_launches() -> None:
    assert queue.rate([]) == queue.SEED_RATE
    slow, fast = timedelta(seconds=2), timedelta(seconds=0.5)
    assert queue.rate([slow] * 5 + [fast] * 20) == 2.0
    assert queue.rate([fast] * 20, parallel=2) == 4.0


def test_refills_rest_after_three_failures_and_twice_as_long_each_time() -> None:
    clock = SteppedClock()
    watch = Watch(clock.monotonic)
    for _ in range(2):
        watch.supply_failed("SBX-402")
    assert watch.supply() == ("SBX-402", False)
    pauses = []
    for _ in range(12):
        watch.supply_failed("SBX-402")
        pause = watch.next_retry_in()
        assert pause is not None
        pauses.append(pause)
        clock.advance(pause)
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses[-1] == LONGEST_REST_S
    watch.supply_works()
    assert watch.supply() == ("", False)


def test_a_failed_subject_pauses_and_a_busy_one_is_left_alone() -> None:
    clock = SteppedClock()
    watch = Watch(clock.monotonic)
    assert watch.begin("cell a")
    assert not watch.begin("cell a")
    watch.failed("cell a", retry_after_s=1.0)
    assert not watch.is_free("cell a")
    clock.advance(1.0)
    assert watch.begin("cell a")
    watch.failed("cell a", retry_after_s=1.0)
    clock.advance(1.0)
    assert not watch.is_free("cell a")
    clock.advance(1.0)
    assert watch.begin("cell a")
    watch.done("cell a")
    assert watch.is_free("cell a")


def test_what_was_touched_after_an_observation_began_is_unsure() -> None:
    clock = SteppedClock()
    watch = Watch(clock.monotonic)
    assert watch.begin("cell a")
    assert watch.begin("instance x")
    assert watch.unsure(clock.monotonic()) == {"a"}
    begun = clock.monotonic()
    clock.advance(1)
    watch.done("cell a")
    assert watch.unsure(begun) == {"a"}
    assert watch.unsure(clock.monotonic() + 1) == frozenset()


def test_a_stranger_that_left_and_came_back_starts_anew() -> None:
    clock = SteppedClock()
    watch = Watch(clock.monotonic)
    assert watch.strangers(["e"]) == {"e": 0.0}
    clock.advance(70)
    assert watch.strangers(["e"]) == {"e": 70.0}
    assert watch.strangers([]) == {}
    assert watch.strangers(["e"]) == {"e": 0.0}


def test_resting_lines_want_nothing() -> None:
    assert pool.shortage([], pool.Line(key="", image="", profile="p", target=3), waiting=3) == 0
    assert LINE.target == 0
