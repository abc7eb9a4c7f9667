"""Steps nobody waits for: archive before destroy, quarantine, removal of what nobody explains."""

from __future__ import annotations

import logging

from sandbox.contract.control import Head
from sandbox.contract.journal import Row
from sandbox.errors import (
    ArchiveCorruptError,
    ControlUnreachableError,
    DiskFullError,
    NotFoundError,
    PermanentError,
    StoreBusyError,
    TemporaryError,
    WrongStateError,
)
from sandbox.provisioning import actions, archiving, arming, fetching, folders, kept_logs
from sandbox.provisioning.crashing import crash
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import (
    Cell,
    CellArchive,
    CellId,
    CellState,
    Endpoint,
    Instance,
    InstanceId,
    Observed,
    Rest,
    SeenCell,
)
from sandbox.provisioning.ports import Stores
from sandbox.provisioning.serving import seal_inside

log = logging.getLogger(__name__)

STOP_GRACE_S = 2.0
FETCH_PATIENCE_S = 120.0
"""For a whole journal, page by page: a cell that trickles must not keep one of the few threads for ever."""


def archive(means: Means, action: actions.Archive) -> None:
    """Fetch, verify and store what is kept of a sealed cell; then the cell may go. Quarantines what cannot be."""
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
        known = stores.archives.of_cell(cell.id)
        asleep = stores.rests.asleep(cell.id)
    if cell.state is not CellState.SEALED:
        return
    try:
        row = known or (_fetch(means, cell) if asleep is None else _kept(means, cell, asleep))
    except DiskFullError as full:
        # Seen by IT at the cell: it stays, its work in it, until there is room.
        _note(means, cell, full.code)
        raise
    except TemporaryError as silence:
        means.no_answer(cell, silence)
        raise
    except (PermanentError, WrongStateError) as wrong:
        quarantine(means, actions.Quarantine(cell=cell.id, trouble=wrong.code))
        raise
    with means.leadership.transaction() as stores:
        stores.archives.add(row)
        stores.cells.move(cell.id, CellState.SEALED, CellState.ARCHIVED, now=means.now())
    crash("row committed")


def _kept(means: Means, cell: Cell, asleep: Rest) -> CellArchive:
    """Return what was archived before the cell was stopped to hibernate: nobody wrote into it since.

    Raises StoreBusyError, after giving it up, if that is not whole any more: then the cell is started and asked again.
    """
    assert cell.instance is not None
    assert cell.epoch is not None
    try:
        means.files.get(asleep.journal_sha256)
        means.files.get(asleep.state_sha256)
    except (ArchiveCorruptError, NotFoundError) as rotten:
        with means.leadership.transaction() as stores:
            stores.rests.wake(cell.id, now=means.now())
        raise StoreBusyError(f"what was archived of cell {cell.id} is not whole: {rotten}") from rotten
    return CellArchive(
        cell=cell.id,
        instance=cell.instance,
        epoch=cell.epoch,
        attempt=cell.attempt,
        journal_sha256=asleep.journal_sha256,
        state_sha256=asleep.state_sha256,
        rows=asleep.rows,
        chain=asleep.chain,
        archived_at=means.now(),
    )


def _fetch(means: Means, cell: Cell) -> CellArchive:
    assert cell.instance is not None
    assert cell.epoch is not None
    endpoint = means.driver.endpoint(cell.id)
    sealed = seal_inside(means, cell)
    rows = _journal(means, endpoint, sealed.head)
    state = fetching.state(means, cell, sealed.state_digest)
    crash("archive fetched")
    row = CellArchive(
        cell=cell.id,
        instance=cell.instance,
        epoch=cell.epoch,
        attempt=cell.attempt,
        journal_sha256=means.files.put(archiving.journal_bytes(rows)),
        state_sha256=means.files.put(state),
        rows=len(rows),
        chain=archiving.chain_fault(rows, sealed.head, attempt=arming.journal_name(cell), nonce=cell.nonce),
        archived_at=means.now(),
    )
    crash("file written")
    return row


def _journal(means: Means, endpoint: Endpoint, head: Head) -> list[Row]:
    return fetching.journal(means.control, endpoint, head, monotonic=means.clock.monotonic, patience_s=FETCH_PATIENCE_S)


def _note(means: Means, cell: Cell, trouble: str) -> None:
    if cell.trouble != trouble:
        with means.leadership.transaction() as stores:
            stores.cells.note_trouble(cell.id, trouble)


def destroy(means: Means, action: actions.Destroy) -> None:
    """Stop and remove an archived cell, then its folders, then say so."""
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
        kept = stores.archives.of_cell(cell.id)
    if cell.state is not CellState.ARCHIVED:
        return
    if kept is None:
        raise ArchiveCorruptError(f"cell {cell.id} is called archived but has no archive")
    _remove(means, cell)
    with means.leadership.transaction() as stores:
        stores.cells.move(cell.id, CellState.ARCHIVED, CellState.GONE, now=means.now())
    crash("gone")


def discard(means: Means, action: actions.Discard) -> None:
    """Remove a cell in which nobody ever worked. A ready one is broken first, so that nobody claims it meanwhile."""
    with means.leadership.transaction() as stores:
        cell = stores.cells.get(action.cell)
        if cell.state is CellState.READY:
            stores.cells.move(cell.id, CellState.READY, CellState.BROKEN, now=means.now())
        elif cell.state is not CellState.BROKEN:
            return
    _remove(means, cell)
    with means.leadership.transaction() as stores:
        stores.cells.move(cell.id, CellState.BROKEN, CellState.GONE, now=means.now(), trouble=cell.trouble)
    crash("gone")


def _remove(means: Means, cell: Cell) -> None:
    means.leadership.require_engine_time()
    _keep_log(means, cell)
    seen = means.driver.find(cell.id)
    if seen is not None:
        # At once: its work is kept, or it never held any, and a polite stop costs a night of a hundred half a minute.
        means.leadership.require_engine_time()
        means.driver.remove(seen)
    crash("removed")
    means.driver.discard_folders(cell.id)
    crash("folders removed")


def _keep_log(means: Means, cell: Cell) -> None:
    try:
        kept_logs.keep(means.driver, means.places.cell_logs, cell.id)
    except DiskFullError as full:
        # Removing cells is what makes room again: it must not wait for room.
        log.warning("cell %s goes without its log: %s", cell.id, full)


def quarantine(means: Means, action: actions.Quarantine) -> None:
    """Keep the cell for a person. An instance that depends on it fails, so that the person gets another one."""
    with means.leadership.transaction() as stores:
        cell = stores.cells.get(action.cell)
        stores.cells.move(cell.id, cell.state, CellState.QUARANTINED, now=means.now(), trouble=action.trouble)
        _fail_dependent(stores, cell, action.trouble)
    means.watch.pardon(cell.id)
    log.error("cell %s of instance %s is quarantined: %s", cell.id, cell.instance, action.trouble)


def expel(means: Means, action: actions.Expel) -> None:
    """Seal a cell whose container differs from the profile; its instance fails, its work is archived."""
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
    if cell.state is not CellState.ARMED:
        return
    log.critical("the container of cell %s is not as its profile wants it", cell.id)
    seal_inside(means, cell)
    with means.leadership.transaction() as stores:
        stores.cells.move(cell.id, CellState.ARMED, CellState.SEALED, now=means.now(), trouble=action.trouble)
        _fail_dependent(stores, cell, action.trouble)
    crash("sealed")


def _fail_dependent(stores: Stores, cell: Cell, trouble: str) -> None:
    instance = _instance_of(stores, cell)
    if instance is not None and instance.cell == cell.id and instance.observed in (Observed.OPEN, Observed.WAKING):
        stores.instances.move(instance.id, instance.observed, Observed.FAILED, trouble=trouble)


def _instance_of(stores: Stores, cell: Cell) -> Instance | None:
    return stores.instances.get(InstanceId(cell.instance)) if cell.instance else None


def seal(means: Means, action: actions.Seal) -> None:
    """Seal an armed cell to which no instance points."""
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
        instance = _instance_of(stores, cell)
        asleep = stores.rests.asleep(cell.id)
    pointed_at = instance is not None and instance.cell == cell.id and instance.observed is not Observed.CLOSED
    if cell.state is not CellState.ARMED or pointed_at:
        return
    if asleep is None:
        seal_inside(means, cell)
    with means.leadership.transaction() as stores:
        stores.cells.move(cell.id, CellState.ARMED, CellState.SEALED, now=means.now())
    crash("sealed")


def halt(means: Means, action: actions.Halt) -> None:
    """Stop a quarantined cell; its folders stay for a person."""
    means.leadership.require_engine_time()
    means.driver.stop(action.cell, STOP_GRACE_S)


def clear(means: Means, action: actions.Clear) -> None:
    """Remove a container that no row explains. If somebody worked in it, journal and state are kept first."""
    with means.read() as stores:
        rows = {cell.id: cell.state for cell in stores.cells.present()}
    if rows.get(action.seen.cell, CellState.PLANNED) is not CellState.PLANNED:
        return
    if action.seen.cell not in rows and not _save_stranger(means, action.seen):
        # Perhaps the only copy of somebody's work, for instance after an older database was put back.
        folders.set_aside(means.places, action.seen.cell, now=means.now())
    means.leadership.require_engine_time()
    means.driver.remove(action.seen)


def _save_stranger(means: Means, seen: SeenCell) -> bool:
    """Say whether nothing is lost with its folders: nobody worked there, or journal and state are kept."""
    try:
        endpoint = means.driver.endpoint(seen.cell)
        if means.control.health(endpoint).condition == "ready":
            return True
        sealed = means.control.seal(endpoint)
        journal = means.files.put(archiving.journal_bytes(_journal(means, endpoint, sealed.head)))
        state = means.files.put(means.control.state_bytes(endpoint))
    except (ControlUnreachableError, PermanentError, WrongStateError) as silence:
        log.warning("container %s has no row and gives nothing: %s", seen.engine_id[:12], silence)
        return False
    log.warning("container %s had no row; kept journal %s and state %s", seen.engine_id[:12], journal, state)
    return True


def set_aside(means: Means, action: actions.SetAside) -> None:
    """Move folders without row and container away."""
    folders.set_aside(means.places, CellId(action.cell), now=means.now())
    # What is left is the run folder: a mount, which only the driver can take away.
    means.driver.discard_folders(CellId(action.cell))
    log.warning("folders of %s have no row: moved to %s", action.cell, means.places.set_aside)


def close_move(means: Means, action: actions.CloseMove) -> None:
    """Write down that a reset is over, its old cell archived and gone."""
    with means.leadership.transaction() as stores:
        stores.moves.close(action.instance, action.epoch, now=means.now())
    crash("move closed")
