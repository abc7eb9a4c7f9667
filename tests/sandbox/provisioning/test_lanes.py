"""Lanes widen in a rush and narrow after it; nothing that has begun is stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sandbox.provisioning import actions
from sandbox.provisioning.actions import Action
from sandbox.provisioning.lanes import Lanes, Starts
from sandbox.provisioning.model import CellId

PATIENCE_S = 10.0


class Bench:
    """Lanes whose steps last until the test lets them end."""

    def __init__(self) -> None:
        self.go_on = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self.lanes = Lanes(
            {"people": 1, "build": 2, "after": 1},
            self._perform,
            is_free=lambda _subject, _trial: True,
            done=lambda _error: self.ended.release(),
            widest={"build": 5},
        )

    def _perform(self, _action: Action) -> bool:
        return self.go_on.acquire(timeout=PATIENCE_S)

    def offer(self, count: int) -> int:
        """Offer so many creations; return how many were taken."""
        return sum(self.lanes.offer(actions.Create(cell=CellId(f"{number:012x}"))) for number in range(count))

    def finish(self, count: int) -> None:
        """Let so many end."""
        for _ in range(count):
            self.go_on.release()
        for _ in range(count):
            assert self.ended.acquire(timeout=PATIENCE_S)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    for _ in range(10):
        made.go_on.release()
    made.lanes.close()


def test_a_lane_takes_more_in_a_rush_and_as_few_as_before_after_it(bench: Bench) -> None:
    assert bench.offer(9) == 2
    bench.lanes.resize("build", 4)
    assert bench.offer(9) == 2
    bench.lanes.resize("build", 2)
    bench.finish(2)
    # Two of the rush still run: the lane is as wide as before, and full.
    assert bench.offer(9) == 0
    bench.finish(2)
    assert bench.offer(9) == 2


def test_no_lane_is_wider_than_it_has_threads(bench: Bench) -> None:
    bench.lanes.resize("build", 99)
    bench.lanes.resize("people", 99)
    assert bench.offer(20) == 5


def test_a_rush_begins_with_more_than_a_dozen_people() -> None:
    starts = Starts()
    assert [starts.at_once(waiting) for waiting in (0, 12, 13, 50)] == [4, 4, 16, 16]
