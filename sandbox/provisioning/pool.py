"""Which cells fit a request, how many are missing, which are surplus. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.contract import CONTRACT_VERSION
from sandbox.provisioning.model import Cell, CellState

RESOURCE_CLASS = "standard"
REFILLS_A_TICK = 4
"""More would crowd out launches: engines start containers one after another."""

UNFINISHED = frozenset({CellState.PLANNED, CellState.CREATED, CellState.STARTED})


def key(image: str, profile: str) -> str:
    """Return the pool key (16 hex digits): all that an engine fixes when it starts a container."""
    parts = f"{image}|{RESOURCE_CLASS}|{profile}|{CONTRACT_VERSION}"
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Line:
    """The pool that serves launches now, and whether it can be filled."""

    key: str
    """'' while there is no image that fits."""
    image: str
    profile: str
    """The isolation profile's hash, as the driver labels its containers."""
    target: int
    trouble: str = ""
    """Code of what keeps new cells from being made, or ''."""
    resting: bool = False
    """After failures: make nothing before the back-off is over."""


def ready(cells: Sequence[Cell], line: Line) -> list[Cell]:
    """Return the cells that a launch could take, oldest first."""
    return [cell for cell in cells if cell.state is CellState.READY and cell.pool_key == line.key]


def fitting(cells: Sequence[Cell], pool_key: str) -> int:
    """Return how many cells of this key are ready or on the way."""
    return sum(1 for cell in cells if cell.pool_key == pool_key and cell.state in (*UNFINISHED, CellState.READY))


def shortage(cells: Sequence[Cell], line: Line, *, waiting: int) -> int:
    """Return how many cells to begin now: all that people wait for, refills a few at a time."""
    if not line.key or line.resting:
        return 0
    coming = fitting(cells, line.key) - len(ready(cells, line))
    missing = waiting + line.target - fitting(cells, line.key)
    return max(0, min(missing, max(waiting - coming, REFILLS_A_TICK)))


def surplus(cells: Sequence[Cell], line: Line, *, waiting: int) -> list[Cell]:
    """Return ready cells to let go, oldest first: those of another key, and those above the target."""
    outdated = [cell for cell in cells if cell.state is CellState.READY and cell.pool_key != line.key]
    fitting = ready(cells, line)
    above = max(0, len(fitting) - waiting - line.target)
    return (outdated if line.key else []) + fitting[:above]
