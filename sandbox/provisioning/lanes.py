"""Threads for the plan's steps: a few per lane, more in a rush, and nothing queues behind a less urgent step.

What a lane has no room for waits only until the next plan, which knows better; until then whoever ends a step takes the
next one. Reading all rows for every step would take as long as many of the steps.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sandbox.errors import LeaseLostError
from sandbox.provisioning.actions import Action, Lane

log = logging.getLogger(__name__)

FEWEST, MOST = 4, 16
"""Bounds of the engine mutations that are worth having at once. Source: provisioning.md §2."""


def starts_for(cores: int) -> int:
    """Return how many containers so many cores start best at once: while one start waits for the engine, one boots."""
    return min(MOST, max(FEWEST, 2 * cores))


@dataclass(frozen=True, kw_only=True)
class Starts:
    """How many engine mutations run at once: few, so that each is quick, and more while many people wait."""

    normally: int = FEWEST
    in_a_rush: int = MOST
    rush_from: int = 13
    """So many people waiting are a rush."""

    def is_rush(self, waiting: int) -> bool:
        return waiting >= self.rush_from

    def at_once(self, waiting: int) -> int:
        return self.in_a_rush if self.is_rush(waiting) else self.normally


class Lanes:
    """Runs `perform` in the lane of each action. `done` hears of every end, with the error that ended it."""

    def __init__(
        self,
        sizes: Mapping[Lane, int],
        perform: Callable[[Action], bool],
        *,
        is_free: Callable[[str, str], bool],
        done: Callable[[Exception | None], None],
        widest: Mapping[Lane, int] | None = None,
    ) -> None:
        """`widest` are the sizes that `resize` may ask for; a lane that is not named there stays as it is."""
        self._sizes = dict(sizes)
        self._widest = {**sizes, **(widest or {})}
        self._perform = perform
        self._is_free = is_free
        self._done = done
        self._running: dict[Lane, int] = dict.fromkeys(sizes, 0)
        self._pools = {lane: ThreadPoolExecutor(size, f"lane-{lane}") for lane, size in self._widest.items()}
        self._waiting: dict[Lane, deque[Action]] = {lane: deque() for lane in sizes}
        self._counting = threading.Lock()
        self._closed = False

    def resize(self, lane: Lane, size: int) -> None:
        """Have the lane run so many steps at once from now on; what runs already is finished."""
        with self._counting:
            self._sizes[lane] = min(size, self._widest[lane])

    def follow(self, steps: Iterable[Action]) -> None:
        """Begin what of a new plan there is room for, and keep the rest in its order until there is, or a newer plan.

        What is busy or pausing was decided upon half the truth: it comes again with the next plan.
        """
        with self._counting:
            for waiting in self._waiting.values():
                waiting.clear()
            for action in steps:
                if self._is_free(action.subject, action.trial):
                    self._waiting[action.lane].append(action)
            begun = [action for lane in self._waiting for action in self._taken(lane, self._sizes[lane])]
        for action in begun:
            self._pools[action.lane].submit(self._work, action)

    def close(self) -> None:
        """Finish what has begun."""
        with self._counting:
            self._closed = True
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _taken(self, lane: Lane, most: int) -> list[Action]:
        """Take from what waits as much as there is room for, at most so many."""
        taken: list[Action] = []
        waiting = self._waiting[lane]
        while waiting and not self._closed and len(taken) < most and self._running[lane] < self._sizes[lane]:
            action = waiting.popleft()
            if self._is_free(action.subject, action.trial):
                self._running[lane] += 1
                taken.append(action)
        return taken

    def _work(self, action: Action) -> None:
        """Do this step, then those that wait for a thread of its lane."""
        lane, steps = action.lane, [action]
        while steps:
            error = self._error_of(steps.pop())
            with self._counting:
                self._running[lane] -= 1
                steps = self._taken(lane, 1)
            self._done(error)

    def _error_of(self, action: Action) -> Exception | None:
        try:
            self._perform(action)
        except LeaseLostError as lost:
            return lost
        except Exception as wrong:
            # The thread goes on: a lane that lost one of its places to every fault would end without any.
            log.exception("%s ended in an unforeseen way", action)
            return wrong
        return None
