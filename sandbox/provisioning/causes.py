"""Whose click each step serves, from the rows of the last plan: so the log of a launch or a reset can be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sandbox.causality import Fact
from sandbox.provisioning.actions import Action
from sandbox.provisioning.model import CellId, Instance, InstanceId
from sandbox.provisioning.seen import Rows


class Causes:
    """Read at every plan, asked at every step; lost with the process and learnt anew from the rows."""

    def __init__(self) -> None:
        self._instances: Mapping[InstanceId, str] = {}
        self._moves: Mapping[tuple[InstanceId, int], str] = {}
        self._cells: Mapping[CellId, tuple[InstanceId, int]] = {}

    def learn(self, rows: Rows, get: Callable[[InstanceId], Instance]) -> None:
        """Take over the causes of these rows. `get` returns an instance that is closed and still has a cell."""
        known = {one.id: one.cause for one in rows.instances}
        cells = {
            cell.id: (cell.instance, cell.epoch)
            for cell in rows.cells
            if cell.instance is not None and cell.epoch is not None
        }
        for key, _epoch in cells.values():
            if key not in known:
                known[key] = self._instances[key] if key in self._instances else get(key).cause
        self._instances = known
        self._moves = {(move.instance, move.epoch): move.cause for move in rows.moves}
        self._cells = cells

    def facts(self, action: Action) -> Mapping[str, Fact]:
        """Return what log lines of this step say: its name, its instance, its cell, and the cause if there is one."""
        cell: CellId | None = getattr(action, "cell", None)
        instance: InstanceId | None = getattr(action, "instance", None)
        epoch: int | None = None
        if cell is not None and instance is None:
            instance, epoch = self._cells.get(cell, (None, None))
        cause = "" if instance is None else self._cause(instance, epoch)
        said = {"action": name(action), "instance": instance or "", "cell": cell or "", "cause": cause}
        return {key: fact for key, fact in said.items() if fact}

    def _cause(self, instance: InstanceId, epoch: int | None) -> str:
        """Return the cause of the newest move of an instance, or of the move that took this epoch's cell out."""
        moved = [move for key, move in sorted(self._moves.items()) if key[0] == instance and epoch in (None, key[1])]
        return moved[-1] if moved else self._instances.get(instance, "")


def name(action: Action) -> str:
    """Return what a step is called in logs and figures: `launch`, `give_back`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(action).__name__).lower()
