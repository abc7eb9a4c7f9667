"""What the worker counts and times. Whoever shows figures fulfils it; steps know nothing of how."""

from __future__ import annotations

from typing import Literal, Protocol

Kind = Literal["warm", "cold", "wake", "reset", "nightly"]
"""How a hospital came to be open: from a cell that was ready, from one that had to be made, from rest, anew."""


class Meter(Protocol):
    """Counts. Called from many threads; never raises, never waits."""

    def step(self, action: str, outcome: str, seconds: float) -> None:
        """A step of the plan ended: `done`, `lost_race`, or the code of its error."""
        ...

    def opened(self, kind: Kind, seconds: float) -> None:
        """Somebody's hospital is there, so many seconds after it was wanted."""
        ...

    def round(self, phase: Literal["plan", "observe"], seconds: float) -> None:
        """The reconciler looked or planned."""
        ...

    def refill_failed(self, code: str) -> None:
        """A new cell could not be made."""
        ...

    def pool(self, *, target: int, ready: int) -> None:
        """The pool as the last plan saw it."""
        ...

    def leads(self, fence: int) -> None:
        """This worker leads with this fence."""
        ...


class Unmeasured:
    """Fulfils Meter where nobody looks at figures."""

    def step(self, action: str, outcome: str, seconds: float) -> None:
        """Forget it."""

    def opened(self, kind: Kind, seconds: float) -> None:
        """Forget it."""

    def round(self, phase: Literal["plan", "observe"], seconds: float) -> None:
        """Forget it."""

    def refill_failed(self, code: str) -> None:
        """Forget it."""

    def pool(self, *, target: int, ready: int) -> None:
        """Forget it."""

    def leads(self, fence: int) -> None:
        """Forget it."""
