"""Which cells fit a request, how many are missing, which are surplus. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.contract import CONTRACT_VERSION
from sandbox.provisioning.model import Cell, CellState

RESOURCE_CLASS = "standard"
REFILLS_A_TICK = 4
"""Refills under way at once. More would crowd out launches: engines start containers one after another."""
UNMEASURED = 1_000_000
"""Seats before the machine was measured: the engine itself says when it is full."""

UNFINISHED = frozenset({CellState.PLANNED, CellState.CREATED, CellState.STARTED})
OCCUPYING = UNFINISHED | {
    CellState.READY,
    CellState.CLAIMED,
    CellState.ARMED,
    CellState.SEALED,
    CellState.ARCHIVED,
}
"""States in which a cell's container runs, is about to, or is about to go."""


def key(image: str, profile: str) -> str:
    """Return the pool key (16 hex digits): all that an engine fixes when it starts a container."""
    parts = f"{image}|{RESOURCE_CLASS}|{profile}|{CONTRACT_VERSION}"
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the forecast asks of the pool, and what the machine allows."""

    target: int
    """Ready cells to keep."""
    seats: int = UNMEASURED
    """Cells that may run at once."""
    may_refill: bool = True
    """False while memory is tight."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """The pool that serves launches now, and whether it can be filled."""

    key: str
    """'' while there is no image that fits."""
    image: str
    profile: str
    """The isolation profile's hash, as the driver labels its containers."""
    target: int
    seats: int = UNMEASURED
    """Cells that may run at once, whatever they are for."""
    may_refill: bool = True
    """False while memory is tight."""
    trouble: str = ""
    """Code of what keeps new cells from being made, or ''."""
    resting: bool = False
    """After failures: make nothing before the back-off is over."""


@dataclass(frozen=True, kw_only=True)
class People:
    """Who is being served. Refills are for later: they begin when nobody is."""

    waiting: int = 0
    """Cells that are waited for."""
    nightly: int = 0
    """Those of them that a night waits for, and no person."""
    arriving: int = 0
    """People whose cell is being armed at this moment."""
    entering: int = 0
    """People whose hospital opened a moment ago: their first pages are on the way."""
    asleep: int = 0
    """Hibernated hospitals that still have a cell: it is stopped."""
    waking: int = 0
    """Those of them that are wanted open again."""

    @property
    def in_person(self) -> int:
        """How many people wait for a cell."""
        return self.waiting - self.nightly

    @property
    def anybody(self) -> bool:
        return self.waiting > 0 or self.arriving > 0 or self.entering > 0


def ready(cells: Sequence[Cell], line: Line) -> list[Cell]:
    """Return the cells that a launch could take, oldest first."""
    return [cell for cell in cells if cell.state is CellState.READY and cell.pool_key == line.key]


def fitting(cells: Sequence[Cell], pool_key: str) -> int:
    """Return how many cells of this key are ready or on the way."""
    return sum(1 for cell in cells if cell.pool_key == pool_key and cell.state in (*UNFINISHED, CellState.READY))


def occupied(cells: Sequence[Cell]) -> int:
    """Return how many cells use memory, or will in a moment; those that are stopped are for the caller to take off."""
    return sum(cell.state in OCCUPYING for cell in cells)


def room(cells: Sequence[Cell], line: Line, people: People) -> int:
    """Return how many more cells may run; below zero while there are too many."""
    return line.seats - occupied(cells) + people.asleep


def lacking(cells: Sequence[Cell], line: Line, people: People) -> int:
    """Return for how many people there is no seat: launches, resets and wakes beyond cells and room."""
    here = fitting(cells, line.key) + max(0, room(cells, line, people))
    return max(0, people.waiting + people.waking - here)


def shortage(cells: Sequence[Cell], line: Line, people: People) -> int:
    """Return how many cells to begin now: all that people wait for, else refills, a few under way at a time.

    A launch may take the last slot of the machine, a refill may not.
    """
    space = room(cells, line, people)
    if not line.key or line.resting:
        return 0
    there = fitting(cells, line.key)
    if people.anybody:
        return max(0, min(people.waiting - there, space))
    if not line.may_refill:
        return 0
    coming = there - len(ready(cells, line))
    return max(0, min(line.target - there, REFILLS_A_TICK - coming, space - 1))


def surplus(cells: Sequence[Cell], line: Line, people: People) -> list[Cell]:
    """Return ready cells to let go, oldest first: those above the target, and those of another key.

    On a change of key each old cell stays until a new one is ready in its place: should the new image not start, the
    old one registered again finds its cells warm. While memory is tight they go at once: nobody can use them now.
    """
    if not line.key:
        return []
    usable = ready(cells, line)
    above = max(0, len(usable) - people.waiting - line.target)
    outdated = [cell for cell in cells if cell.state is CellState.READY and cell.pool_key != line.key]
    kept = max(0, line.target - len(usable)) if line.may_refill else 0
    return outdated[: max(0, len(outdated) - kept)] + usable[:above]
