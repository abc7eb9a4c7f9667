"""How many cells this machine holds, which term is the shortest, and what to do while memory is short. Pure.

Measured use with headroom decides, not the sum of limits: an idle cell uses a fifth of what it may.
Source: provisioning.md §7.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

MIB = 1 << 20
SEED_CELL_BYTES = 28 * MIB
"""A cell's memory before any was measured. Source: provisioning.md §4 and §12, 24.4 MiB with room to spare."""
DISK_RESERVE_BYTES = 5 << 30
DATA_CAP_BYTES = 96 * MIB
"""A cell's three data files at their limit of 32 MiB each."""
STALLED_PERCENT, THRASHING_PERCENT = 10.0, 25.0
"""Share of the last ten seconds in which something waited for memory: from here on it is tight, or short."""

Term = Literal["memory", "disk", "site"]


class Pressure(IntEnum):
    """What memory allows. Each step adds to the one before; launches wait only when nothing else is left to give."""

    CALM = 0
    TIGHT = 1
    """Refills stop."""
    SHORT = 2
    """Ready cells go, then the hospitals idle longest hibernate."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the host says now. Bytes."""

    memory_total: int
    memory_available: int
    swap_used: int
    disk_free: int
    stalled: float | None
    """Percent of the last ten seconds in which something waited for memory; None: the kernel does not tell."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the site's settings say. Bytes."""

    reserve: int
    """Memory kept for everything that is not a cell, and for surprises."""
    most: int
    """Cells at once, whatever the machine could hold."""
    cell_limit: int
    """Memory that one cell may use at most."""
    strict: bool
    """Count every cell at its limit."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What runs now."""

    running: int
    """Cells that use memory: from planned to sealed."""
    cell_bytes: int
    """95th percentile of a cell's measured memory."""


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Cells that may run at once, by each term."""

    memory: int
    disk: int
    site: int

    @property
    def seats(self) -> int:
        return max(0, min(self.memory, self.disk, self.site))

    @property
    def short(self) -> Term:
        """Return the term that runs out first."""
        terms: tuple[tuple[int, Term], ...] = ((self.memory, "memory"), (self.disk, "disk"), (self.site, "site"))
        return min(terms, key=lambda term: term[0])[1]


def measure(machine: Machine, rules: Rules, load: Load) -> Capacity:
    """Return how many cells may run at once; what runs already is counted as what it uses."""
    if rules.strict:
        memory = (machine.memory_total - rules.reserve) // rules.cell_limit
    else:
        memory = load.running + (machine.memory_available - rules.reserve) // max(1, load.cell_bytes)
    disk = load.running + (machine.disk_free - DISK_RESERVE_BYTES) // DATA_CAP_BYTES
    return Capacity(memory=max(0, memory), disk=max(0, disk), site=rules.most)


def pressure(machine: Machine, rules: Rules, before: Pressure) -> Pressure:
    """Return what memory allows now. It relaxes later than it tightens: what was freed must not be spent at once."""
    stalled = machine.stalled or 0.0
    free = machine.memory_available
    if free < rules.reserve // 2 or stalled >= THRASHING_PERCENT:
        return Pressure.SHORT
    if before is Pressure.SHORT and free < rules.reserve:
        return Pressure.SHORT
    margin = rules.reserve if before is Pressure.CALM else rules.reserve * 5 // 4
    return Pressure.TIGHT if free < margin or stalled >= STALLED_PERCENT else Pressure.CALM


def percentile(values: Sequence[int], share: float) -> int:
    """Return the smallest value that at least `share` of all do not exceed. Raises ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def cell_bytes(measured: Sequence[int]) -> int:
    """Return what one more cell is expected to use: the 95th percentile, or the seed before any was measured."""
    return percentile(measured, 0.95) if measured else SEED_CELL_BYTES


def missing_bytes(seats: int, capacity: Capacity, cell: int) -> int:
    """Return the memory to add so that this many cells fit, 0 if memory is not what they lack."""
    return max(0, seats - capacity.memory) * cell
