"""What a rehearsal measured, as frozen values. Times are whole microseconds, memory whole KiB: they travel as JSON."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PartName = Literal["door", "turn", "create", "start", "boot", "hand_over", "notice", "page"]
PARTS: tuple[PartName, ...] = ("door", "turn", "create", "start", "boot", "hand_over", "notice", "page")
"""What a launch consists of, in its order: door = press to row, turn = until the worker begins a cell, create and
start = the engine's with the wait for it, boot = until the cell answers and is attested, hand_over = claim, arm, flip,
notice = until the page has asked, page = workbench, ticket and the hospital's first page."""
COLD: frozenset[PartName] = frozenset({"turn", "create", "start", "boot"})
"""What a warm cell spares."""

Who = Literal["engine", "worker", "panel", "gateway", "nginx", "cells", "robots", "others"]
WHO: tuple[Who, ...] = ("engine", "worker", "panel", "gateway", "nginx", "cells", "robots", "others")
CONTROL_PLANE: frozenset[Who] = frozenset({"worker", "panel", "gateway", "nginx"})


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One phase: the times of those who came to its end, ascending, and why the others did not."""

    times: tuple[int, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def p50(self) -> int | None:
        return self.at(0.5)

    @property
    def p95(self) -> int | None:
        return self.at(0.95)

    @property
    def worst(self) -> int | None:
        return self.times[-1] if self.times else None

    def at(self, share: float) -> int | None:
        """Return the smallest time that at least this share did not exceed; None if nobody came to the end."""
        if not self.times:
            return None
        return self.times[max(0, math.ceil(share * len(self.times)) - 1)]


@dataclass(frozen=True, kw_only=True)
class Part:
    """How long one part of a launch took the slowest, on average."""

    name: PartName
    us: int


@dataclass(frozen=True, kw_only=True)
class Burden:
    """What one group of processes used."""

    who: Who
    cpu_us: int
    """Processor time during the rush."""
    kib: int
    """Memory (PSS) while everybody was inside."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    launch: Measured
    reset: Measured
    hibernate: Measured
    wake: Measured
    pages_idle: Measured
    """Other people's pages before."""
    pages_busy: Measured
    """The same pages during the rush."""
    warm: int
    """Launches that found a ready cell."""
    spread_us: int
    """Between the first and the last press."""
    rush_us: int
    """From the first press until the last was inside, or had given up."""
    slowest: int
    """How many launches `parts` tells of: the slowest tenth."""
    parts: tuple[Part, ...]
    burdens: tuple[Burden, ...]
    cell_kib: tuple[int, ...]
    """Memory of each cell with its shim, ascending."""
    left: int = 0
    """Hospitals and cells of robots that were still there at the end."""

    @property
    def cpu_us(self) -> int:
        return sum(one.cpu_us for one in self.burdens)

    @property
    def control_kib(self) -> int:
        """Return the memory of worker, panel, gateway and nginx."""
        return sum(one.kib for one in self.burdens if one.who in CONTROL_PLANE)

    @property
    def failed(self) -> int:
        return sum(len(one.failures) for one in (self.launch, self.reset, self.hibernate, self.wake))


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What it was measured on."""

    cores: int
    memory_kib: int
    kernel: str
    driver: str
    pool: int
    """Ready cells when everybody pressed."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    id: str
    begun_at: datetime
    seats: int
    actor: str
    machine: Machine
    figures: Figures
