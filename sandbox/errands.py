"""Slow work that a thread of its own does, so that no launch and no grade waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Errand(Protocol):
    """Something to be done again and again, a slice at a time."""

    def tick(self) -> int:
        """Do one slice; return how much was done, 0 = nothing waits. Raises LeaseLostError, TemporaryError."""
        ...


class WokenByRows:
    """An errand that only a row gives something to do: not asked again before any has been written.

    One that raised is asked again all the same. The worker itself writes a row every few seconds, so none sleeps long.
    """

    def __init__(self, errand: Errand, version: Callable[[], int]) -> None:
        """`version` gives another number as soon as anybody has written anything."""
        self._errand = errand
        self._version = version
        self._nothing_in: int | None = None

    def tick(self) -> int:
        """Do one slice if there may be one."""
        # Asked for first: what is written while the errand looks is looked at next time.
        rows = self._version()
        if rows == self._nothing_in:
            return 0
        done = self._errand.tick()
        if not done:
            self._nothing_in = rows
        return done
