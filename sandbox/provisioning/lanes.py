"""Threads for the plan's steps: a few per lane, more in a rush, and nothing queues behind a less urgent step."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from sandbox.provisioning.actions import Action, Lane

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
        done: Callable[[BaseException | None], None],
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
        self._counting = threading.Lock()

    def resize(self, lane: Lane, size: int) -> None:
        """Have the lane run so many steps at once from now on; what runs already is finished."""
        with self._counting:
            self._sizes[lane] = min(size, self._widest[lane])

    def offer(self, action: Action) -> bool:
        """Begin the step if its lane has room and its subject is free; else it comes again with the next plan."""
        lane = action.lane
        with self._counting:
            if self._running[lane] >= self._sizes[lane] or not self._is_free(action.subject, action.trial):
                return False
            self._running[lane] += 1
        future = self._pools[lane].submit(self._perform, action)
        future.add_done_callback(functools.partial(self._ended, lane))
        return True

    def close(self) -> None:
        """Finish what has begun."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _ended(self, lane: Lane, future: Future[bool]) -> None:
        with self._counting:
            self._running[lane] -= 1
        self._done(None if future.cancelled() else future.exception())
