"""Lanes widen in a rush and narrow after it, and follow the newest plan; nothing that has begun is stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from sandbox.errors import LeaseLostError
from sandbox.provisioning import actions
from sandbox.provisioning.actions import Action
from sandbox.provisioning.lanes import Lanes, Starts
from sandbox.provisioning.model import CellId

PATIENCE_S = 10.0


class Bench:
    """Lanes whose steps last until the test lets them end."""

    def __init__(self) -> None:
        self.busy: set[str] = set()
        self.begun: list[Action] = []
        self.errors: list[Exception | None] = []
        self._go_on = threading.Semaphore(0)
        self._ended = threading.Semaphore(0)
        self.lanes = Lanes(
            {"people": 1, "build": 2, "after": 1},
            self._perform,
            is_free=lambda subject, _trial: subject not in self.busy,
            done=self._done,
            widest={"build": 5},
        )

    def _perform(self, action: Action) -> bool:
        self.begun.append(action)
        return self._go_on.acquire(timeout=PATIENCE_S)

    def _done(self, error: Exception | None) -> None:
        self.errors.append(error)
        self._ended.release()

    def plan(self, count: int, name: str = "") -> list[Action]:
        """Follow a plan of so many creations; return those begun since the last look."""
        self.lanes.follow([creation(number, name) for number in range(count)])
        return self.look()

    def look(self) -> list[Action]:
        """Return what has begun since the last look."""
        threading.Event().wait(0.05)
        begun, self.begun = self.begun, []
        return begun

    def finish(self, count: int) -> list[Action]:
        """Let so many end; return what has begun in their place."""
        for _ in range(count):
            self._go_on.release()
        for _ in range(count):
            assert self._ended.acquire(timeout=PATIENCE_S)
        return self.look()

    def leave(self) -> None:
        self.lanes.follow([])
        for _ in range(20):
            self._go_on.release()
        self.lanes.close()


def creation(number: int, name: str = "") -> Action:
    return actions.Create(cell=CellId(f"{name}{number:012x}"))


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.leave()


def test_a_lane_takes_more_in_a_rush_and_as_few_as_before_after_it(bench: Bench) -> None:
    assert len(bench.plan(9)) == 2
    bench.lanes.resize("build", 4)
    assert len(bench.plan(9)) == 2
    bench.lanes.resize("build", 2)
    # Two of the rush still run: the lane is as wide as before, and full.
    assert bench.finish(2) == []
    assert len(bench.finish(2)) == 2


def test_no_lane_is_wider_than_it_has_threads(bench: Bench) -> None:
    bench.lanes.resize("build", 99)
    bench.lanes.resize("people", 99)
    assert len(bench.plan(20)) == 5


def test_whoever_ends_a_step_takes_the_next_of_the_plan_in_its_order(bench: Bench) -> None:
    assert bench.plan(4) == [creation(0), creation(1)]
    assert bench.finish(1) == [creation(2)]
    assert bench.finish(2) == [creation(3)]
    assert bench.finish(1) == []


def test_a_new_plan_takes_the_place_of_what_still_waited(bench: Bench) -> None:
    bench.plan(4)
    assert bench.plan(1, "f") == []
    assert bench.finish(2) == [creation(0, "f")]


def test_what_was_busy_when_the_plan_was_made_waits_for_the_next_plan(bench: Bench) -> None:
    bench.busy = {creation(2).subject}
    bench.plan(4)
    bench.busy = set()
    assert bench.finish(1) == [creation(3)]
    assert bench.finish(1) == []


def test_what_became_busy_while_it_waited_is_left_out(bench: Bench) -> None:
    bench.plan(4)
    bench.busy = {creation(2).subject}
    assert bench.finish(1) == [creation(3)]


def test_a_step_that_fails_is_told_of_and_the_next_begins() -> None:
    def perform(action: Action) -> bool:
        if action == creation(0):
            raise LeaseLostError("gone")
        return True

    told: SimpleQueue[Exception | None] = SimpleQueue()
    lanes = Lanes({"people": 1, "build": 1, "after": 1}, perform, is_free=lambda _s, _t: True, done=told.put)
    lanes.follow([creation(0), creation(1)])
    assert isinstance(told.get(timeout=PATIENCE_S), LeaseLostError)
    assert told.get(timeout=PATIENCE_S) is None
    lanes.close()


def test_nothing_begins_after_the_end(bench: Bench) -> None:
    bench.plan(4)
    closing = threading.Thread(target=bench.lanes.close)
    closing.start()
    assert bench.finish(2) == []
    closing.join(PATIENCE_S)
    assert not closing.is_alive()


def test_a_rush_begins_with_more_than_a_dozen_people() -> None:
    starts = Starts()
    assert [starts.at_once(waiting) for waiting in (0, 12, 13, 50)] == [4, 4, 16, 16]
