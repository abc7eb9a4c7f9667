"""From what each robot noted and what the rows say to the parts of a launch. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.rehearsal.model import PARTS, Measured, Part, PartName

SLOWEST = 0.1
MICRO = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Way:
    """The moments of one launch, in seconds of one clock. The cell's moments lie before `queued` if it was warm."""

    pressed: float
    queued: float
    begun: float
    """The cell's row was written."""
    created: float
    started: float
    ready: float
    opened: float
    seen: float
    """The page knew."""
    inside: float

    @property
    def warm(self) -> bool:
        return self.ready <= self.queued

    @property
    def took(self) -> float:
        return self.inside - self.pressed

    def parts(self) -> dict[PartName, float]:
        """Return seconds by part; they add up to `took`, and none is negative whatever the clocks say."""
        moments = (self.queued, self.begun, self.created, self.started, self.ready, self.opened, self.seen, self.inside)
        found: dict[PartName, float] = {}
        last = self.pressed
        for name, moment in zip(PARTS, moments, strict=True):
            here = min(max(moment, last), self.inside)
            found[name] = here - last
            last = here
        return found


def measured(seconds: Iterable[float], failures: Iterable[str] = ()) -> Measured:
    """Return a phase from seconds in any order."""
    return Measured(times=tuple(sorted(round(each * MICRO) for each in seconds)), failures=tuple(failures))


def slowest(ways: Sequence[Way]) -> list[Way]:
    """Return the slowest tenth, at least one of any."""
    ordered = sorted(ways, key=lambda way: way.took, reverse=True)
    return ordered[: max(1, math.ceil(SLOWEST * len(ordered)))] if ordered else []


def parts(ways: Sequence[Way]) -> tuple[Part, ...]:
    """Return how long each part took these launches on average."""
    if not ways:
        return ()
    told = [way.parts() for way in ways]
    return tuple(Part(name=name, us=round(MICRO * sum(each[name] for each in told) / len(told))) for name in PARTS)
