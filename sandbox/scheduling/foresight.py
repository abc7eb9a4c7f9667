"""Tells the pool how many cells to keep, every few seconds: by timetable, recent demand and what the machine has left.

Runs beside the worker's loops; what it finds out is written down for the pages, since its memory dies with the process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.provisioning import capacity, pool, queue
from sandbox.provisioning.capacity import Capacity, Load, Machine, Pressure, Rules
from sandbox.provisioning.model import Cell, CellState
from sandbox.provisioning.watch import SupplyTrouble
from sandbox.scheduling import forecast
from sandbox.scheduling.forecast import Demand, Lesson, Night
from sandbox.scheduling.ports import Host, Stores
from sandbox.scheduling.relief import Relief
from sandbox.scheduling.vitals import Sample, Vitals

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]

EVERY_S = 3.0
MEASURED_AT_ONCE = 40
"""Cells whose memory is read in one look, the next ones each time: some tenths of a millisecond each."""
KEPT = timedelta(hours=24)
"""Minutes of the last day are kept."""
AHEAD = timedelta(hours=1)
"""Lessons are looked for so far ahead: longer than any lead."""
WITH_MEMORY = frozenset({CellState.READY, CellState.ARMED, CellState.SEALED})
"""States in which a cell has settled: what it uses says what the next one will."""


class Supplied(Protocol):
    """The reconciler's side of the pool."""

    def want(self, wanted: pool.Wanted) -> None: ...

    @property
    def served(self) -> pool.People: ...
    @property
    def line(self) -> pool.Line: ...


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the settings say about the pool."""

    ready: int
    night: Night
    burst_cells: int
    rules: Rules
    zone: ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the rows say, read in one transaction."""

    cells: list[Cell]
    lessons: tuple[Lesson, ...]
    begun: frozenset[str]
    unforeseen: list[datetime]
    rate: float


@dataclass
class _Memory:
    """What is remembered between looks."""

    used: dict[str, int] = field(default_factory=dict)
    after: str = ""
    pressure: Pressure = Pressure.CALM
    looked: float = float("-inf")
    pruned: float = float("-inf")


class Foresight:
    """One look after the other. `begin` opens fenced transactions. One thread at a time."""

    def __init__(
        self,
        *,
        begin: Begin,
        reading: Begin,
        host: Host,
        supplied: Supplied,
        trouble: Callable[[], SupplyTrouble],
        fence: Callable[[], int],
        policy: Policy,
        relief: Relief,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._reading = reading
        self._host = host
        self._supplied = supplied
        self._trouble = trouble
        self._fence = fence
        self._policy = policy
        self._relief = relief
        self._clock = clock
        self._memory = _Memory()

    def tick(self) -> int:
        """Look again if it is time to, and make room if need be. Returns 0: nothing ever waits for it.

        Raises LeaseLostError, TemporaryError.
        """
        started = self._clock.monotonic()
        if started - self._memory.looked < EVERY_S:
            return 0
        self._memory.looked = started
        now = self._clock.now()
        with self._reading() as stores:
            seen = situation(stores, now)
        machine = self._host.look()
        load = Load(running=self._occupied(seen.cells), cell_bytes=self._measure(seen.cells))
        self._memory.pressure = capacity.pressure(machine, self._policy.rules, self._memory.pressure)
        vitals = self._vitals(seen, machine, load, now)
        self._supplied.want(wanted(vitals))
        self._write(vitals, seen.cells, now)
        line, served = self._supplied.line, self._supplied.served
        lacking = pool.lacking(seen.cells, line, served)
        self._relief.act(vitals, lacking=lacking, ready=len(pool.ready(seen.cells, line)), now=now)
        return 0

    def _occupied(self, cells: list[Cell]) -> int:
        return max(0, pool.occupied(cells) - self._supplied.served.asleep)

    def _measure(self, cells: list[Cell]) -> int:
        """Read the memory of the next few settled cells; return what one more cell is expected to use."""
        memory = self._memory
        settled = sorted((cell for cell in cells if cell.state in WITH_MEMORY), key=lambda cell: cell.id)
        turn = [cell for cell in settled if cell.id > memory.after][:MEASURED_AT_ONCE]
        turn += settled[: MEASURED_AT_ONCE - len(turn)]
        there = {cell.id for cell in settled}
        memory.used = {key: used for key, used in memory.used.items() if key in there}
        memory.used.update(self._host.memory_of(turn))
        memory.after = turn[-1].id if turn else ""
        return capacity.cell_bytes(list(memory.used.values()))

    def _vitals(self, seen: Situation, machine: Machine, load: Load, now: datetime) -> Vitals:
        policy, pressed, trouble = self._policy, self._memory.pressure, self._trouble()
        held = capacity.measure(machine, policy.rules, load)
        asked = demand(seen, policy, now=now)
        waking = self._supplied.served.waking
        return Vitals(
            fence=self._fence(),
            at=now,
            base=asked.base,
            lessons=asked.lessons,
            recent=asked.recent,
            target=forecast.target(asked, room=room(held, seen.cells, load, pressed, waking=waking)),
            occupied=load.running,
            by_memory=held.memory,
            by_disk=held.disk,
            by_site=held.site,
            pressure=pressed,
            memory_total=machine.memory_total,
            memory_available=machine.memory_available,
            memory_reserve=policy.rules.reserve,
            swap_used=machine.swap_used,
            disk_free=machine.disk_free,
            stalled=machine.stalled,
            strict=policy.rules.strict,
            cell_bytes=load.cell_bytes,
            measured=len(self._memory.used),
            rate=seen.rate,
            trouble=trouble.code,
            failures=trouble.failures,
            failing_since=now - timedelta(seconds=trouble.lasting_s) if trouble.failures else None,
            resting_until=now + timedelta(seconds=trouble.resting_s) if trouble.resting_s else None,
        )

    def _write(self, vitals: Vitals, cells: list[Cell], now: datetime) -> None:
        sample = Sample(
            minute=now.replace(second=0, microsecond=0),
            occupied=vitals.occupied,
            ready=len(pool.ready(cells, self._supplied.line)),
            waiting=self._supplied.served.waiting,
            target=vitals.target,
            seats=vitals.capacity.seats,
            memory_total=vitals.memory_total,
            memory_available=vitals.memory_available,
            cell_bytes=vitals.cell_bytes,
        )
        with self._begin() as stores:
            if not stores.vitals.put(vitals):
                return
            stores.vitals.add_sample(sample)
            if self._memory.looked - self._memory.pruned > KEPT.total_seconds() / 24:
                stores.vitals.prune(before=now - KEPT)
                self._memory.pruned = self._memory.looked


def situation(stores: Stores, now: datetime) -> Situation:
    """Read what the forecast needs."""
    since, until = now - forecast.LATECOMERS, now + AHEAD
    return Situation(
        cells=stores.cells.present(),
        lessons=forecast.timetable(stores.demand.opening(since, until)),
        begun=stores.demand.begun(since, until),
        unforeseen=stores.demand.unforeseen(since=now - forecast.MEMORY_OF_BURSTS),
        rate=queue.rate(stores.demand.finished(newest=queue.REMEMBERED)),
    )


def demand(seen: Situation, policy: Policy, *, now: datetime) -> Demand:
    """Return the ready cells asked for. A site that keeps none ready keeps none after a burst either. Pure."""
    return Demand(
        base=forecast.base(policy.ready, policy.night, now=now, zone=policy.zone),
        lessons=forecast.want(seen.lessons, seen.begun, rate=seen.rate, now=now),
        recent=forecast.recent(seen.unforeseen, most=policy.burst_cells, now=now) if policy.ready else 0,
    )


def room(held: Capacity, cells: list[Cell], load: Load, pressed: Pressure, *, waking: int) -> int:
    """Return how many ready cells the machine has room for: not one more while tight, none at all while short.

    So many sleepers are `waking`: they need a seat and cannot use a ready cell, which goes for them. Pure.
    """
    spare = sum(cell.state in (*pool.UNFINISHED, CellState.READY) for cell in cells)
    if pressed is Pressure.SHORT:
        return 0
    if pressed is Pressure.TIGHT:
        return max(0, spare - waking)
    # The last slot is for a launch.
    left = held.seats - (load.running - spare) - 1
    # Measured memory breathes: cells that are there stay until it is tight, or they would come and go with it.
    return max(spare, left) if held.short == "memory" and not waking else left


def wanted(vitals: Vitals) -> pool.Wanted:
    """Return what the pool is to be like. Pure."""
    return pool.Wanted(
        target=vitals.target,
        seats=vitals.capacity.seats,
        may_refill=vitals.pressure is Pressure.CALM,
    )
