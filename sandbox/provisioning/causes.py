"""Whose click each step serves, from the rows of the last plan: so the log of a launch or a reset can be told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sandbox.causality import Fact
from sandbox.provisioning.actions import Action
from sandbox.provisioning.model import CellId, InstanceId
from sandbox.provisioning.seen import Rows


class Causes:
    """Read at every plan, asked at every step; lost with the process and learnt anew from the rows."""

    def __init__(self) -> None:
        self._cells: Mapping[CellId, InstanceId] = {}

    def learn(self, rows: Rows) -> None:
        """Take over whose each cell is."""
        self._cells = {cell.id: cell.instance for cell in rows.cells if cell.instance is not None}

    def facts(self, action: Action) -> Mapping[str, Fact]:
        """Return what log lines of this step say: its name, its instance, its cell."""
        cell: CellId | None = getattr(action, "cell", None)
        instance: InstanceId | None = getattr(action, "instance", None) or self._cells.get(cell or CellId(""))
        said = {"action": name(action), "instance": instance or "", "cell": cell or ""}
        return {key: fact for key, fact in said.items() if fact}


def name(action: Action) -> str:
    """Return what a step is called in logs and figures: `launch`, `give_back`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(action).__name__).lower()
