"""What the worker remembers between rounds: who is busy, who failed, who was seen before. Lost with the process.

Nothing here decides about people's work: a fresh worker knows none of it and converges all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.provisioning.model import CellId

LONGEST_REST_S = 300.0
FAILURES_BEFORE_REST = 3
"""Refills stop after three failures in a row, the pause doubles to five minutes. Source: provisioning.md §4."""


@dataclass(frozen=True)
class _Failure:
    count: int
    until: float


@dataclass(frozen=True, kw_only=True)
class SupplyTrouble:
    """Why new cells could not be made. Durations in seconds on the monotonic clock."""

    code: str
    """'' = nothing is wrong."""
    failures: int
    """In a row."""
    lasting_s: float
    """Since the first of them."""
    resting_s: float
    """Until refills are tried again, 0 = they are."""


class Watch:
    """Thread-safe memory of steps: running, lately finished, failed."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._now = monotonic
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._touched: dict[str, float] = {}
        self._failures: dict[str, _Failure] = {}
        self._restarts: dict[CellId, list[float]] = {}
        self._silent: dict[CellId, int] = {}
        self._senseless: set[CellId] = set()
        self._failing: dict[CellId, float] = {}
        self._strangers: dict[str, float] = {}
        self.hurry = True
        """Whether somebody waits for a cell, as of the newest plan."""
        self._rest = _Failure(0, 0.0)
        self._trouble = ""
        self._failing_since = 0.0

    def is_free(self, subject: str, trial: str = "") -> bool:
        """Say whether a step of this subject could begin now. Failures count under `trial`, else under the subject."""
        with self._lock:
            return self._is_free(subject, trial or subject)

    def begin(self, subject: str, trial: str = "") -> bool:
        """Mark the subject busy; False if it is, or if this trial failed a moment ago."""
        with self._lock:
            if not self._is_free(subject, trial or subject):
                return False
            self._busy.add(subject)
            return True

    def _is_free(self, subject: str, trial: str) -> bool:
        failure = self._failures.get(trial)
        return subject not in self._busy and (failure is None or failure.until <= self._now())

    def done(self, subject: str, trial: str = "") -> None:
        """The step succeeded."""
        with self._lock:
            self._failures.pop(trial or subject, None)
            self._leave(subject)

    def failed(self, subject: str, trial: str = "", *, retry_after_s: float) -> None:
        """The step failed; the next try waits, twice as long each time."""
        key = trial or subject
        with self._lock:
            count = self._failures.get(key, _Failure(0, 0.0)).count + 1
            pause = min(LONGEST_REST_S, retry_after_s * 2.0 ** (count - 1))
            self._failures[key] = _Failure(count, self._now() + pause)
            self._leave(subject)

    def _leave(self, subject: str) -> None:
        self._busy.discard(subject)
        self._touched[subject] = self._now()

    def unsure(self, since: float) -> frozenset[CellId]:
        """Return the cells of which an observation begun at `since` proves nothing."""
        with self._lock:
            self._touched = {key: at for key, at in self._touched.items() if at >= since}
            subjects = self._busy | set(self._touched)
        return frozenset(CellId(key.removeprefix("cell ")) for key in subjects if key.startswith("cell "))

    def next_retry_in(self) -> float | None:
        """Return the seconds until the next pause is over, or None."""
        with self._lock:
            ends = [each.until for each in (*self._failures.values(), self._rest)]
            ahead = [end - self._now() for end in ends if end > self._now()]
        return min(ahead, default=None)

    def restarted(self, cell: CellId) -> None:
        with self._lock:
            self._restarts.setdefault(cell, []).append(self._now())
            self._failing.pop(cell, None)

    def restart_failed(self, cell: CellId) -> None:
        """The engine answers, and still the cell cannot be started."""
        with self._lock:
            self._failing.setdefault(cell, self._now())

    def engine_silent(self) -> None:
        """While nothing can be started, no cell is to blame for it."""
        with self._lock:
            self._failing.clear()

    def failing(self) -> dict[CellId, float]:
        """Return for how many seconds each cell could not be started again."""
        with self._lock:
            return {cell: self._now() - since for cell, since in self._failing.items()}

    def restarts(self) -> dict[CellId, tuple[float, ...]]:
        """Return how long ago each cell was started again, in seconds."""
        with self._lock:
            return {cell: tuple(self._now() - at for at in times) for cell, times in self._restarts.items()}

    def no_answer(self, cell: CellId) -> None:
        """A cell that should answer did not."""
        with self._lock:
            self._silent[cell] = self._silent.get(cell, 0) + 1

    def senseless(self, cell: CellId) -> None:
        """A cell answered what no cell of ours would: asking again cannot help."""
        with self._lock:
            self._senseless.add(cell)

    def distrusted(self) -> frozenset[CellId]:
        """Return the cells that answered nonsense."""
        with self._lock:
            return frozenset(self._senseless)

    def answered(self, cell: CellId) -> None:
        with self._lock:
            self._silent.pop(cell, None)

    def pardon(self, cell: CellId) -> None:
        """Forget what was held against a cell: a person decides about it now."""
        with self._lock:
            self._silent.pop(cell, None)
            self._senseless.discard(cell)
            self._failing.pop(cell, None)
            self._restarts.pop(cell, None)

    def silent(self) -> dict[CellId, int]:
        with self._lock:
            return dict(self._silent)

    def strangers(self, present: Iterable[str]) -> dict[str, float]:
        """Note who is there without a row; return for how many seconds each has been."""
        with self._lock:
            now = self._now()
            self._strangers = {key: self._strangers.get(key, now) for key in present}
            return {key: now - first for key, first in self._strangers.items()}

    def supply_failed(self, code: str) -> None:
        """A new cell could not be made. After three in a row the pool rests."""
        with self._lock:
            count = self._rest.count + 1
            over = count - FAILURES_BEFORE_REST
            pause = min(LONGEST_REST_S, 2.0**over) if over >= 0 else 0.0
            if count == 1:
                self._failing_since = self._now()
            self._rest = _Failure(count, self._now() + pause)
            self._trouble = code

    def supply_works(self) -> None:
        """A cell became ready, or what kept it from being made is over."""
        with self._lock:
            self._rest = _Failure(0, 0.0)
            self._trouble = ""

    def supply(self) -> tuple[str, bool]:
        """Return the code of what keeps cells from being made ('' = nothing), and whether the pool rests."""
        with self._lock:
            return self._trouble, self._rest.until > self._now()

    def supply_trouble(self) -> SupplyTrouble:
        """Return what keeps cells from being made, since when, and when it is tried again."""
        with self._lock:
            now = self._now()
            return SupplyTrouble(
                code=self._trouble,
                failures=self._rest.count,
                lasting_s=now - self._failing_since if self._rest.count else 0.0,
                resting_s=max(0.0, self._rest.until - now),
            )

    def forget(self, present: Iterable[CellId]) -> None:
        """Drop what is remembered of cells that are gone."""
        kept = set(present)
        with self._lock:
            self._restarts = {cell: times for cell, times in self._restarts.items() if cell in kept}
            self._silent = {cell: count for cell, count in self._silent.items() if cell in kept}
            self._failing = {cell: since for cell, since in self._failing.items() if cell in kept}
            self._senseless &= kept
            # Whoever failed and was never tried again is gone.
            long_ago = self._now() - LONGEST_REST_S
            self._failures = {key: each for key, each in self._failures.items() if each.until > long_ago}
