"""Decides the next step of everything: rows and what is seen in, actions out. Pure.

Priority is the order of the list: launches, resets, closings, repairs, new cells, archives, removals.
What was touched after the observation began is `unsure`: its absence proves nothing, it is left for the next round.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sandbox.errors import ArchiveCorruptError, ContractMismatchError, ControlUnreachableError, ProfileDriftError
from sandbox.provisioning import actions, pool, queue, sleep_plan
from sandbox.provisioning.actions import Action
from sandbox.provisioning.model import Cell, CellState, Desired, Instance, Observed
from sandbox.provisioning.seen import Rows, Seen

BOOT_PATIENCE = timedelta(seconds=20)
"""A started cell that does not answer for longer is broken. Source: provisioning.md R4."""
RESTARTS_ALLOWED = 5
RESTART_WINDOW_S = 600.0
"""Five restarts within ten minutes and the cell is kept for a person. Source: provisioning.md R5."""
RESTART_PATIENCE_S = 600.0
"""A cell that the engine could not start for so long, though it answered, is kept for a person."""
ENTERING = timedelta(seconds=1)
"""From the opening of a hospital to its first page: four boots on two cores would make that take twice as long."""
STRANGER_PATIENCE_S = 60.0
"""Between the two strikes after which a container or folder without a row is removed. Source: R12."""


def plan(
    rows: Rows, seen: Seen, line: pool.Line, *, now: datetime, patience_s: float = STRANGER_PATIENCE_S
) -> list[Action]:
    """Return the steps that are possible now, most urgent first."""
    served = being_served(rows, now)
    people = [
        *_launches(rows, seen, line),
        *sleep_plan.wakes(rows, seen, room=_room_to_wake(rows, line, served)),
        *_resets(rows, seen, line),
        *_closings(rows, seen),
    ]
    repairs = [action for cell in rows.cells for action in _of_cell(cell, rows, seen, line, now)]
    new = _new_cells(rows, line, served) if seen.engine else []
    trim: list[Action] = [actions.Discard(cell=cell.id) for cell in pool.surplus(rows.cells, line, served)]
    after = [*trim, *_finished_moves(rows), *_strangers(rows, seen, patience_s)]
    urgent = [action for action in repairs if action.lane != "after" and not _can_wait(action, rows, line, served)]
    rest = [action for action in repairs if action.lane == "after"]
    everything = [*people, *_notes(rows, line), *urgent, *new, *rest, *after]
    return [action for action in everything if seen.engine or not action.engine]


def _room_to_wake(rows: Rows, line: pool.Line, served: pool.People) -> int:
    """Return how many sleepers may be started: what launches leave, which go first."""
    begun = max(0, served.waiting - pool.fitting(rows.cells, line.key))
    return max(0, pool.room(rows.cells, line, served) - begun)


def _can_wait(action: Action, rows: Rows, line: pool.Line, served: pool.People) -> bool:
    """Say whether this is a refill while people are served from ready cells: a start would slow them."""
    refill = isinstance(action, actions.Create | actions.Start)
    return refill and served.anybody and len(pool.ready(rows.cells, line)) >= served.waiting


def _new_cells(rows: Rows, line: pool.Line, served: pool.People) -> list[Action]:
    count = pool.shortage(rows.cells, line, served)
    fitting = pool.fitting(rows.cells, line.key)
    begin = actions.Begin(pool_key=line.key, image=line.image, count=count, fitting=fitting)
    return [begin] if count else []


def being_served(rows: Rows, now: datetime) -> pool.People:
    """Return how many cells people wait for, and how many people are getting theirs at this moment."""
    asked = {(move.instance, move.epoch): move.kind for move in rows.moves}
    # A sleeper whose cell a night took away has nothing to take off what runs.
    occupying = {cell.id for cell in rows.cells if cell.state in pool.OCCUPYING}
    resets = [
        asked.get((one.id, one.epoch))
        for one in rows.instances
        if one.id not in rows.claimed
        and (one.observed is Observed.REPLACING or (one.observed is Observed.OPEN and (one.id, one.epoch) in asked))
    ]
    return pool.People(
        waiting=len(queue.waiting(rows.instances)) + len(resets),
        nightly=resets.count("nightly"),
        arriving=len(rows.claimed),
        entering=sum(
            one.opened_at is not None and timedelta(0) <= now - one.opened_at < ENTERING for one in rows.instances
        ),
        asleep=sum(one.observed is Observed.HIBERNATED and one.cell in occupying for one in rows.instances),
        waking=sum(one.observed is Observed.HIBERNATED and one.desired is Desired.OPEN for one in rows.instances),
    )


def _launches(rows: Rows, seen: Seen, line: pool.Line) -> Iterator[Action]:
    free = len(pool.ready(rows.cells, line))
    for one in rows.instances:
        if one.observed is Observed.LAUNCHING and _may_go_on(one, rows, seen):
            yield actions.Launch(instance=one.id)
    for one in queue.waiting(rows.instances)[:free]:
        yield actions.Launch(instance=one.id)


def unserved(rows: Rows, line: pool.Line) -> list[actions.Launch]:
    """Return the launches for which there is no ready cell yet, in their order: for the cells that come next."""
    free = len(pool.ready(rows.cells, line))
    return [actions.Launch(instance=one.id) for one in queue.waiting(rows.instances)[free:]]


def _may_go_on(one: Instance, rows: Rows, seen: Seen) -> bool:
    """Say whether a claim may go on: without a cell it looks for one; a dead or unwanted one is given back instead."""
    cell = rows.claimed.get(one.id)
    unwanted = one.observed is Observed.LAUNCHING and one.desired is Desired.CLOSED
    return cell is None or (not unwanted and seen.alive(cell.id) is not False)


def _resets(rows: Rows, seen: Seen, line: pool.Line) -> Iterator[Action]:
    """A reset begins only with a ready cell at hand: nobody loses a hospital before there is another."""
    free = len(pool.ready(rows.cells, line)) - len(queue.waiting(rows.instances))
    asked = {(move.instance, move.epoch): move for move in rows.moves}
    wanted = []
    for one in rows.instances:
        move = asked.get((one.id, one.epoch))
        if _must_wake(one, rows, seen):
            continue
        if one.observed is Observed.REPLACING and one.id in rows.claimed:
            if _may_go_on(one, rows, seen):
                yield actions.Replace(instance=one.id)
        elif one.observed is Observed.REPLACING:
            wanted.append((0, one.id))
        elif one.observed is Observed.OPEN and one.desired is not Desired.CLOSED and move:
            wanted.append((1 if move.kind == "reset" else 2, one.id))
    for _, key in sorted(wanted)[: max(0, free)]:
        yield actions.Replace(instance=key)


def _must_wake(one: Instance, rows: Rows, seen: Seen) -> bool:
    """Say whether its cell is to be sealed but does not run: it is started again first, so that work is archived."""
    if one.cell is None or one.observed in sleep_plan.ASLEEP:
        return False
    return one.cell in rows.armed and seen.alive(one.cell) is False


def _closings(rows: Rows, seen: Seen) -> Iterator[Action]:
    for one in rows.instances:
        closable = one.observed in (Observed.QUEUED, Observed.OPEN, Observed.HIBERNATED, Observed.FAILED)
        if one.desired is Desired.CLOSED and closable and not _must_wake(one, rows, seen):
            yield actions.Close(instance=one.id)


def _notes(rows: Rows, line: pool.Line) -> Iterator[Action]:
    """Tell those who wait what keeps cells from being made; take it back when it is over."""
    for one in queue.waiting(rows.instances):
        if one.trouble != line.trouble:
            yield actions.Note(instance=one.id, trouble=line.trouble)


def _of_cell(cell: Cell, rows: Rows, seen: Seen, line: pool.Line, now: datetime) -> Iterator[Action]:
    alive = seen.alive(cell.id)
    match cell.state:
        case CellState.PLANNED | CellState.CREATED | CellState.STARTED:
            yield from _unfinished(cell, seen, line, now)
        case CellState.READY if alive is False or cell.id in seen.drifted:
            trouble = ProfileDriftError.code if cell.id in seen.drifted else ControlUnreachableError.code
            yield actions.Break(cell=cell.id, trouble=trouble)
        case CellState.CLAIMED:
            yield from _claimed(cell, rows, seen)
        case CellState.ARMED | CellState.SEALED:
            yield from _worked_in(cell, alive is not False, rows, seen)
        case CellState.ARCHIVED:
            yield actions.Destroy(cell=cell.id)
        case CellState.BROKEN:
            yield actions.Discard(cell=cell.id)
        case CellState.QUARANTINED if alive:
            yield actions.Halt(cell=cell.id)
        case _:
            return


def _unfinished(cell: Cell, seen: Seen, line: pool.Line, now: datetime) -> Iterator[Action]:
    """R1-R4: bring a new cell up one step, or break it."""
    if line.key and cell.pool_key != line.key:
        yield actions.Break(cell=cell.id, trouble="")
    elif cell.state is CellState.PLANNED:
        container = seen.containers.get(cell.id)
        if container is not None and container.spec_label != line.profile:
            yield actions.Clear(seen=container)
        elif not line.resting:
            yield actions.Create(cell=cell.id)
    elif _has_failed(cell, seen, now):
        yield actions.Break(cell=cell.id, trouble=ControlUnreachableError.code)
    elif cell.state is CellState.CREATED:
        yield actions.Start(cell=cell.id)
    else:
        yield actions.Probe(cell=cell.id)


def _has_failed(cell: Cell, seen: Seen, now: datetime) -> bool:
    if cell.state is CellState.CREATED:
        return seen.alive(cell.id) is False and cell.id not in seen.containers
    return seen.alive(cell.id) is False or not timedelta(0) <= now - cell.since <= BOOT_PATIENCE


def _claimed(cell: Cell, rows: Rows, seen: Seen) -> Iterator[Action]:
    """R14: launch and reset resume by themselves; what nobody waits for, or died before arming, is broken."""
    one = rows.taking.get(cell.instance) if cell.instance else None
    if one is None:
        yield actions.Break(cell=cell.id, trouble="")
    elif one.epoch + 1 != cell.epoch or not _may_go_on(one, rows, seen):
        trouble = "" if one.desired is Desired.CLOSED else ControlUnreachableError.code
        yield actions.GiveBack(instance=one.id, cell=cell.id, trouble=trouble)


def _worked_in(cell: Cell, alive: bool, rows: Rows, seen: Seen) -> Iterator[Action]:
    """R5-R8, R10: people's work lies in this cell, so it is started again until it can be archived."""
    if sleep_plan.is_asleep(cell, rows):
        yield from sleep_plan.of_cell(cell, rows, seen)
    elif not alive and cell.id not in seen.data:
        # Started again it would be an empty hospital under the trainee's name.
        yield actions.Quarantine(cell=cell.id, trouble=ArchiveCorruptError.code)
    elif not alive:
        yield from _again(cell, seen.restarts.get(cell.id, ()), seen.failing.get(cell.id, 0.0))
    elif cell.id in seen.distrusted:
        yield actions.Quarantine(cell=cell.id, trouble=ContractMismatchError.code)
    elif seen.silent.get(cell.id, 0) >= sleep_plan.SILENCES_ALLOWED:
        yield actions.Quarantine(cell=cell.id, trouble=ControlUnreachableError.code)
    elif cell.state is CellState.SEALED:
        yield actions.Archive(cell=cell.id)
    elif cell.id in seen.drifted:
        yield actions.Expel(cell=cell.id, trouble=ProfileDriftError.code)
    elif cell.id not in rows.pointing:
        yield actions.Seal(cell=cell.id)
    else:
        yield from sleep_plan.of_open_cell(cell, rows)


def _again(cell: Cell, restarts: Sequence[float], failing: float) -> Iterator[Action]:
    recent = sorted(age for age in restarts if age <= RESTART_WINDOW_S)
    if len(recent) >= RESTARTS_ALLOWED or failing >= RESTART_PATIENCE_S:
        yield actions.Quarantine(cell=cell.id, trouble=ControlUnreachableError.code)
    elif not recent or recent[0] >= 2.0 ** (len(recent) - 1):
        yield actions.Restart(cell=cell.id)


def _finished_moves(rows: Rows) -> Iterator[Action]:
    """A move ends when the instance has gone on and the old cell is gone or held for a person."""
    epochs = {one.id: one.epoch for one in rows.instances}
    left = {
        (cell.instance, cell.epoch)
        for cell in rows.cells
        if cell.state not in (CellState.QUARANTINED, CellState.BROKEN, CellState.CLAIMED)
    }
    for move in rows.moves:
        over = move.instance not in epochs or epochs[move.instance] > move.epoch
        if over and (move.instance, move.epoch) not in left:
            yield actions.CloseMove(instance=move.instance, epoch=move.epoch)


def _strangers(rows: Rows, seen: Seen, patience_s: float) -> Iterator[Action]:
    """R12, R13: what no row explains, seen twice at least `patience_s` apart."""
    known = {cell.id for cell in rows.cells}
    for key, container in sorted(seen.containers.items()):
        old = seen.strangers.get(container.engine_id, 0.0) >= patience_s
        if key not in known and key not in seen.unsure and old:
            yield actions.Clear(seen=container)
    for key in sorted(seen.folders - known - set(seen.containers) - seen.unsure):
        if seen.strangers.get(key, 0.0) >= patience_s:
            yield actions.SetAside(cell=key)
