"""Threads for the plan's steps: a few per lane, and nothing queues behind a less urgent step."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from sandbox.provisioning.actions import Action, Lane


class Lanes:
    """Runs `perform` in the lane of each action. `done` hears of every end, with the error that ended it."""

    def __init__(
        self,
        sizes: Mapping[Lane, int],
        perform: Callable[[Action], bool],
        *,
        is_free: Callable[[str], bool],
        done: Callable[[BaseException | None], None],
    ) -> None:
        self._sizes = sizes
        self._perform = perform
        self._is_free = is_free
        self._done = done
        self._running: dict[Lane, int] = dict.fromkeys(sizes, 0)
        self._pools = {lane: ThreadPoolExecutor(size, f"lane-{lane}") for lane, size in sizes.items()}
        self._counting = threading.Lock()

    def offer(self, action: Action) -> bool:
        """Begin the step if its lane has room and its subject is free; else it comes again with the next plan."""
        lane = action.lane
        with self._counting:
            if self._running[lane] >= self._sizes[lane] or not self._is_free(action.subject):
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
