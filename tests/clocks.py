"""A clock that stands still until a test moves it. Wall time may step; monotonic time never does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SteppedClock:
    """Fulfils sandbox.clock.Clock."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def step(self, seconds: float) -> None:
        """Set the wall clock only, as an administrator or NTP does."""
        self._now += timedelta(seconds=seconds)
