"""What the worker knows of pool and machine, as pages and commands read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.provisioning.capacity import Capacity, Machine, Pressure
from sandbox.scheduling.forecast import Demand


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """One look of the worker, a few seconds old at most while it lives. Bytes."""

    fence: int
    at: datetime
    base: int
    lessons: int
    recent: int
    """Ready cells asked for, by reason: always, by the timetable, after a burst."""
    target: int
    """Ready cells kept: what is asked for as far as there is room."""
    occupied: int
    """Cells that run or are about to."""
    by_memory: int
    by_disk: int
    by_site: int
    """Cells that may run at once, by each term."""
    pressure: Pressure
    memory_total: int
    memory_available: int
    memory_reserve: int
    swap_used: int
    disk_free: int
    stalled: float | None
    strict: bool
    """Cells are counted at their limit, not at what they were measured to use."""
    cell_bytes: int
    measured: int
    """Cells whose memory was read; 0 = `cell_bytes` is an assumption."""
    rate: float
    """Cold launches a second."""
    trouble: str
    """Code of what keeps refills from succeeding, or ''."""
    failures: int
    """In a row."""
    failing_since: datetime | None
    resting_until: datetime | None
    """Refills are not tried again before; None = they are not resting."""

    @property
    def capacity(self) -> Capacity:
        return Capacity(memory=self.by_memory, disk=self.by_disk, site=self.by_site)

    @property
    def demand(self) -> Demand:
        return Demand(base=self.base, lessons=self.lessons, recent=self.recent)

    @property
    def machine(self) -> Machine:
        return Machine(
            memory_total=self.memory_total,
            memory_available=self.memory_available,
            swap_used=self.swap_used,
            disk_free=self.disk_free,
            stalled=self.stalled,
        )

    @property
    def free(self) -> int:
        """Return how many more cells could run."""
        return max(0, self.capacity.seats - self.occupied)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One minute of the last day."""

    minute: datetime
    occupied: int
    ready: int
    waiting: int
    target: int
    seats: int
    memory_total: int
    memory_available: int
    cell_bytes: int
