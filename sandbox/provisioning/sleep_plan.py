"""The part of the plan that is about hibernation: who goes to sleep, who wakes, whose container is to stop. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.errors import ContractMismatchError, ControlUnreachableError
from sandbox.provisioning import actions
from sandbox.provisioning.actions import Action
from sandbox.provisioning.model import Cell, CellId, CellState, Desired, Observed
from sandbox.provisioning.seen import Rows, Seen

ASLEEP = frozenset({Observed.HIBERNATED, Observed.WAKING})

STARTS_ALLOWED = 5
START_WINDOW_S = 600.0
"""A cell that needs more starts within ten minutes than this to wake is kept for a person, as in R5."""
START_PATIENCE_S = 600.0
"""So is one that the engine could not start for so long, though it answered."""
SILENCES_ALLOWED = 6
"""Commands without answer, half a minute with their pauses, after which a running cell is kept for a person."""


def wakes(rows: Rows, seen: Seen, *, room: int) -> Iterator[Action]:
    """R9 backwards: wanted open again, or half awake. A wake that was begun is finished before anything else.

    No more than `room` are begun: the host must not swap for them.
    """
    for one in rows.instances:
        begun = one.observed is Observed.WAKING
        asked = one.observed is Observed.HIBERNATED and one.desired is Desired.OPEN
        if one.cell is not None and (begun or asked):
            if begun and (trouble := _hopeless(one.cell, seen)):
                yield actions.Quarantine(cell=one.cell, trouble=trouble)
            elif begun or room > 0:
                room -= 0 if begun else 1
                yield actions.Wake(instance=one.id, cell=one.cell)


def _hopeless(cell: CellId, seen: Seen) -> str:
    """Return the code of what keeps it from ever waking, or ''."""
    if cell in seen.distrusted:
        return ContractMismatchError.code
    starts = [age for age in seen.restarts.get(cell, ()) if age <= START_WINDOW_S]
    mute = seen.silent.get(cell, 0) >= SILENCES_ALLOWED
    lost = mute or len(starts) > STARTS_ALLOWED or seen.failing.get(cell, 0.0) >= START_PATIENCE_S
    return ControlUnreachableError.code if lost else ""


def is_asleep(cell: Cell, rows: Rows) -> bool:
    """Say whether this cell is not to be started for its own sake: it hibernates, or its archive is there already."""
    one = rows.pointing.get(cell.id)
    # A sealed one without a rest is to be archived from what lies in it: its rest was found damaged.
    sleeps = one is not None and one.observed in ASLEEP and cell.state is CellState.ARMED
    return cell.id in rows.asleep or sleeps


def of_cell(cell: Cell, rows: Rows, seen: Seen) -> Iterator[Action]:
    """Stop what hibernates and runs; what is over is archived from what was kept of it, without a start."""
    one = rows.pointing.get(cell.id)
    if cell.state is CellState.SEALED:
        yield actions.Archive(cell=cell.id)
    elif one is None:
        yield actions.Seal(cell=cell.id)
    elif one.observed is Observed.HIBERNATED and one.desired is Desired.HIBERNATED and seen.alive(cell.id):
        yield actions.Stop(cell=cell.id)


def of_open_cell(cell: Cell, rows: Rows) -> Iterator[Action]:
    """R9: a running cell of an open instance goes to sleep, or goes on if its sleep is no longer wanted."""
    one = rows.pointing.get(cell.id)
    if one is None or one.observed is not Observed.OPEN:
        return
    moving = any((move.instance, move.epoch) == (one.id, one.epoch) for move in rows.moves)
    if one.desired is Desired.HIBERNATED and not moving:
        yield actions.Hibernate(instance=one.id)
    elif one.desired is Desired.OPEN and cell.resting_since is not None:
        yield actions.Rouse(cell=cell.id)
