"""Sizes of the pool, place and time in the queue, the worker's memory: values in, values out."""

from __future__ import annotations

from dataclasses import replace
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
        (2, 1, (CellState.READY, CellState.READY), 0),
        (9, 0, (), pool.REFILLS_A_TICK),
        (0, 50, (), 50),
        # Refills pause while people wait beyond what they need.
        (2, 50, (CellState.PLANNED,) * 50, 0),
        (9, 3, (CellState.READY,) * 3, 0),
        (9, 3, (CellState.READY,), 2),
        (9, 0, (CellState.READY, CellState.STARTED, CellState.PLANNED), 2),
        (2, 0, (CellState.ARMED, CellState.BROKEN, CellState.CLAIMED), 2),
    ],
)
def test_shortage(target: int, waiting: int, states: tuple[CellState, ...], expected: int) -> None:
    line = pool.Line(key="k", image="i", profile="p", target=target)
    assert pool.shortage(cells_in(*states), line, pool.People(waiting=waiting)) == expected


@given(
    target=st.integers(0, 20),
    waiting=st.integers(0, 20),
    states=st.lists(st.sampled_from([CellState.READY, CellState.PLANNED, CellState.STARTED, CellState.ARMED])),
)
def test_the_pool_never_makes_and_removes_at_once(target: int, waiting: int, states: list[CellState]) -> None:
    line = pool.Line(key="k", image="i", profile="p", target=target)
    cells = cells_in(*states)
    begun = pool.shortage(cells, line, pool.People(waiting=waiting))
    removed = pool.surplus(cells, line, pool.People(waiting=waiting))
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
    exam = instance(Observed.QUEUED, id=InstanceId("4" * 16), queued_at=NOW + timedelta(seconds=2), urgency=0)
    everybody = [second, leaving, first]
    assert queue.ahead(everybody, first) == queue.Ahead(total=0, overtaking=0)
    assert queue.ahead(everybody, second) == queue.Ahead(total=1, overtaking=0)
    assert queue.ahead([*everybody, exam], second) == queue.Ahead(total=2, overtaking=1)
    assert queue.place(queue.Ahead(total=0, overtaking=0), ready=1, rate=4.0) == queue.Place(
        position=1, soonest=timedelta(0), latest=timedelta(0)
    )
    assert queue.place(queue.Ahead(total=2, overtaking=1), ready=1, rate=0.5) == queue.Place(
        position=3, soonest=timedelta(seconds=4), latest=timedelta(seconds=6), overtaken_by=1
    )


@given(
    drawn=st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 20), st.sampled_from([Observed.QUEUED, Observed.OPEN, Observed.LAUNCHING])
        ),
        max_size=30,
    )
)
def test_places_in_the_queue_are_a_permutation(drawn: list[tuple[int, int, Observed]]) -> None:
    everybody = [
        instance(observed, id=InstanceId(f"{number:016x}"), queued_at=NOW + timedelta(seconds=age), urgency=urgency)
        for number, (urgency, age, observed) in enumerate(drawn)
    ]
    queued = [one for one in everybody if one.observed is Observed.QUEUED]
    places = [queue.place(queue.ahead(everybody, one), ready=0, rate=1.0).position for one in queued]
    assert sorted(places) == list(range(1, len(queued) + 1))
    for one, found in zip(queued, places, strict=True):
        assert queue.waiting(everybody)[found - 1] == one
        assert queue.ahead(everybody, one).overtaking == 0 or one.urgency > min(other.urgency for other in queued)


def finished(begun: float, ready: float) -> queue.Finished:
    return queue.Finished(begun=NOW + timedelta(seconds=begun), ready=NOW + timedelta(seconds=ready))


def test_the_rate_is_that_of_the_newest_launches_while_any_was_under_way() -> None:
    assert queue.rate([]) == queue.SEED_RATE
    slow = [finished(10.0 * number, 10.0 * number + 2.0) for number in range(5)]
    fast = [finished(100.0 + number, 100.5 + number) for number in range(20)]
    assert queue.rate(slow) == 0.5
    assert queue.rate(slow + fast) == 2.0
    # Four at once, each of them in two seconds, one every half second.
    together = [finished(0.5 * number, 0.5 * number + 2.0) for number in range(20)]
    assert queue.rate(together) == pytest.approx(20 / 11.5)
    assert queue.rate([finished(0.0, 0.0)]) == queue.SEED_RATE


def test_a_launch_may_take_the_last_seat_and_a_refill_may_not() -> None:
    line = pool.Line(key="k", image="i", profile="p", target=9, seats=4)
    armed = cells_in(CellState.ARMED, CellState.ARMED, CellState.ARMED)
    assert pool.shortage(armed, line, pool.People()) == 0
    assert pool.shortage(armed, line, pool.People(waiting=5)) == 1
    assert pool.shortage(armed, line, pool.People(waiting=5, asleep=2)) == 3
    assert pool.shortage(armed[:2], line, pool.People()) == 1
    full = cells_in(*[CellState.ARMED] * 6)
    assert pool.shortage(full, line, pool.People(waiting=5)) == 0


def test_while_memory_is_tight_nothing_is_refilled_and_people_are_still_served() -> None:
    line = pool.Line(key="k", image="i", profile="p", target=4, may_refill=False)
    assert pool.shortage([], line, pool.People()) == 0
    assert pool.shortage([], line, pool.People(waiting=1)) == 1


def test_after_a_change_of_image_old_cells_leave_as_new_ones_come() -> None:
    line = pool.Line(key="new", image="i", profile="p", target=3)
    old = cells_in(CellState.READY, CellState.READY, CellState.READY, CellState.READY)
    new = [cell(CellState.READY, id=CellId(f"{number:012x}"), pool_key="new") for number in range(10, 14)]
    left = [len(pool.surplus(old + new[:there], line, pool.People())) for there in range(4)]
    assert left == [1, 2, 3, 4]
    assert pool.surplus(old + new, line, pool.People()) == [*old, new[0]]
    tight = replace(line, may_refill=False)
    assert pool.surplus(old, tight, pool.People()) == old
    assert pool.surplus(old, replace(line, key=""), pool.People()) == []


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
    assert pool.shortage([], pool.Line(key="", image="", profile="p", target=3), pool.People(waiting=3)) == 0
    assert LINE.target == 0
