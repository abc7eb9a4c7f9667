"""How long people waited for what a step has just opened. Looked up after the deed: nobody waits for a figure."""

from __future__ import annotations

import logging
from datetime import datetime

from sandbox.errors import TemporaryError
from sandbox.provisioning import actions
from sandbox.provisioning.actions import Action
from sandbox.provisioning.means import Means
from sandbox.provisioning.measuring import Kind
from sandbox.provisioning.model import Cell, Instance, Move, Observed

log = logging.getLogger(__name__)


def noted(means: Means, action: Action, took_s: float) -> bool:
    """Tell the meter if this step, which took so many seconds, opened a hospital. True, whatever came of that."""
    if isinstance(action, actions.Launch | actions.Replace | actions.Wake):
        try:
            _note(means, action, took_s)
        except TemporaryError as busy:
            log.debug("not measured: %s", busy)
    return True


def _note(means: Means, action: actions.Launch | actions.Replace | actions.Wake, took_s: float) -> None:
    found: tuple[Kind, datetime] | None
    with means.read() as stores:
        instance = stores.instances.get(action.instance)
        if instance.observed is not Observed.OPEN or instance.cell is None:
            return
        if isinstance(action, actions.Wake):
            # Whoever waits for a wake waits for this one step.
            means.meter.opened("wake", took_s)
            return
        if isinstance(action, actions.Launch):
            found = launched(instance, stores.cells.get(instance.cell))
        else:
            found = replaced(instance, [move for move in stores.moves.open() if move.instance == instance.id])
    if found is not None:
        kind, since = found
        means.meter.opened(kind, max(0.0, (means.now() - since).total_seconds()))


def launched(instance: Instance, cell: Cell) -> tuple[Kind, datetime]:
    """Return whether a launch found its cell ready, and since when it was wanted."""
    warm = cell.ready_at is not None and cell.ready_at <= instance.queued_at
    return ("warm" if warm else "cold"), instance.queued_at


def replaced(instance: Instance, moves: list[Move]) -> tuple[Kind, datetime] | None:
    """Return which kind of move has just been fulfilled, and since when it was wanted."""
    for move in moves:
        if move.epoch == instance.epoch - 1:
            return move.kind, move.created_at
    return None
