"""What a plan is made from: what the rows say, and what is seen on the machine. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sandbox.provisioning.model import Cell, CellId, CellState, Instance, InstanceId, Move, Observed, SeenCell


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What the database says: live instances, cells that are not gone, open moves."""

    instances: Sequence[Instance] = ()
    cells: Sequence[Cell] = ()
    moves: Sequence[Move] = ()
    asleep: frozenset[CellId] = frozenset()
    """Cells archived before a hibernation and not started since: that archive is their last word."""

    @cached_property
    def claimed(self) -> Mapping[InstanceId, Cell]:
        """Return the claimed cell of each instance that has one."""
        return {cell.instance: cell for cell in self.cells if cell.state is CellState.CLAIMED and cell.instance}

    @cached_property
    def pointing(self) -> Mapping[CellId, Instance]:
        """Return the live instance that points to each cell."""
        return {one.cell: one for one in self.instances if one.cell}

    @cached_property
    def armed(self) -> frozenset[CellId]:
        return frozenset(cell.id for cell in self.cells if cell.state is CellState.ARMED)

    @cached_property
    def taking(self) -> Mapping[InstanceId, Instance]:
        """Return the instances that are being given a cell."""
        return {one.id: one for one in self.instances if one.observed in (Observed.LAUNCHING, Observed.REPLACING)}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the machine says. Ages are seconds on the monotonic clock, so that a clock step changes nothing."""

    engine: bool = True
    """The engine answered the last observation."""
    containers: Mapping[CellId, SeenCell] = field(default_factory=dict)
    data: frozenset[CellId] = frozenset()
    """Cells with a database file in their data folder."""
    folders: frozenset[CellId] = frozenset()
    """Cells with any folder of ours."""
    unsure: frozenset[CellId] = frozenset()
    drifted: frozenset[CellId] = frozenset()
    """Cells whose container is not as the profile wants it."""
    restarts: Mapping[CellId, Sequence[float]] = field(default_factory=dict)
    """How long ago each cell was started again."""
    silent: Mapping[CellId, int] = field(default_factory=dict)
    """How often in a row each cell did not answer a command, though its container ran."""
    failing: Mapping[CellId, float] = field(default_factory=dict)
    """For how long the engine could not start each cell again, though it answered."""
    distrusted: frozenset[CellId] = frozenset()
    """Cells that answered a command with nonsense."""
    strangers: Mapping[str, float] = field(default_factory=dict)
    """Engine id or folder name without a row -> for how long we have seen it."""

    def alive(self, cell: CellId) -> bool | None:
        """Say whether its container runs; None if nobody knows at the moment."""
        if not self.engine or cell in self.unsure:
            return None
        container = self.containers.get(cell)
        return container is not None and container.running
