"""The virtual clock: working time runs on a monotonic clock inside the cell, hospital time follows it.

Hospital time is a whole number of seconds from midnight of the anchor, so that nothing depends on the date on the wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.contract import moments

DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Working time `t` in milliseconds and hospital time in seconds from the anchor's midnight."""

    t: int
    seconds: int

    @property
    def day(self) -> int:
        """Whole days from the anchor."""
        return self.seconds // DAY_S

    @property
    def second_of_day(self) -> int:
        """Seconds since this day's midnight."""
        return self.seconds % DAY_S


class Clock:
    """Stands still until it is started; never runs back; goes on from where it was saved."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._begun: float | None = None
        self._saved_t = 0
        self._start_s = 0
        self._jumped_s = 0
        self._factor = 1
        self._test = False

    def start(self, *, start_s: int, factor: int = 1, t: int = 0, jumped_s: int = 0, test: bool = False) -> None:
        """Run from working time `t`; with `test` only `set_to` moves it. `jumped_s`: what jumps have added so far."""
        self._start_s, self._factor, self._saved_t, self._test = start_s, factor, t, test
        self._jumped_s = jumped_s
        self._begun = self.monotonic()

    def stop(self) -> None:
        """Stand still from now on."""
        self._saved_t, self._begun = self.now().t, None

    def go_on(self) -> None:
        """Run again from where it was stopped."""
        if self._begun is None:
            self._begun = self.monotonic()

    def set_to(self, t: int) -> None:
        """Move a test clock forward to `t`; a real clock and a step back are left alone."""
        if self._test and t > self._saved_t:
            self._saved_t = t

    def jump(self, seconds: int) -> None:
        """Move hospital time forward; working time, which limits count, is left alone."""
        self._jumped_s += seconds

    def now(self) -> Moment:
        """Return the present moment."""
        t = self._saved_t
        if self._begun is not None and not self._test:
            t += int((self.monotonic() - self._begun) * 1000) // self._factor
        return Moment(t=t, seconds=self._start_s + self._jumped_s + t // 1000)


def iso_time(anchor: date, seconds: int) -> str:
    """Return a stored `time` as people and grading see it."""
    return (datetime.combine(anchor, datetime.min.time()) + timedelta(seconds=seconds)).isoformat()


def iso_day(anchor: date, days: int) -> str:
    """Return a stored `day` as people and grading see it."""
    return (anchor + timedelta(days=days)).isoformat()


def seconds_of(clock: str) -> int:
    """Return the seconds since midnight of `HH:MM`."""
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def moment_of(to: str, anchor: date) -> int:
    """Return the hospital seconds of a date such as `+1d 08:00`; without a time of day its midnight."""
    found = moments.resolve(to, anchor)
    clock = found.clock or datetime.min.time()
    return (found.day - anchor).days * DAY_S + clock.hour * 3600 + clock.minute * 60
