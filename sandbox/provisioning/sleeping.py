"""Hibernate and wake: archive, stop, keep the folders; start the same cell again and go on where it stood.

The intent to rest is written down before the cell is told, so that no cell stands still for ever behind a worker that
died. From the row of its rest until it is woken nobody can write into a cell: what was archived is its last word.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.control import Health
from sandbox.errors import (
    ArchiveCorruptError,
    ContractMismatchError,
    ControlUnreachableError,
    LeaseLostError,
    LostRaceError,
    PermanentError,
    ProfileDriftError,
    SandboxError,
    StoreBusyError,
    TemporaryError,
    WrongStateError,
)
from sandbox.provisioning import actions, archiving, arming, building, fetching, folders, retiring
from sandbox.provisioning.crashing import crash
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import Cell, CellState, Desired, Instance, InstanceId, Observed, Rest
from sandbox.provisioning.ports import Stores

log = logging.getLogger(__name__)

WAKE_PATIENCE = 10
"""Seconds, while its container runs: on a busy machine a boot takes some, and giving up adds the pause after it."""


def hibernate(means: Means, action: actions.Hibernate) -> None:
    """Have the cell rest, archive what stands in it, call the instance hibernated. On failure the cell goes on."""
    with means.leadership.transaction() as stores:
        instance = stores.instances.get(action.instance)
        cell = _to_sleep(stores, instance)
        if cell is None:
            return
        stores.cells.note_resting(cell.id, means.now())
    crash("rest noted")
    try:
        row = _rested(means, cell)
        with means.leadership.transaction() as stores:
            if _to_sleep(stores, stores.instances.get(instance.id)) is None:
                raise LostRaceError(f"instance {instance.id} is to sleep no longer")
            stores.rests.add(row)
            stores.instances.move(instance.id, Observed.OPEN, Observed.HIBERNATED)
    except LeaseLostError:
        raise
    except SandboxError as wrong:
        log.warning("instance %s stays awake: %s", instance.id, wrong)
        _go_on(means, cell)
        raise
    crash("hibernated")


def _to_sleep(stores: Stores, instance: Instance) -> Cell | None:
    """Return the cell of an instance that is to hibernate, or None if that is no longer so."""
    if instance.desired is not Desired.HIBERNATED or instance.observed is not Observed.OPEN or instance.cell is None:
        return None
    cell = stores.cells.get(instance.cell)
    return cell if cell.state is CellState.ARMED else None


def _rested(means: Means, cell: Cell) -> Rest:
    endpoint = means.driver.endpoint(cell.id)
    with _held_against(means, cell):
        contract = means.control.health(endpoint).contract
    if contract < CONTRACT_VERSION:
        # No fault of the cell's: it goes with its instance, or in the night.
        raise WrongStateError(f"cell {cell.id} is of an earlier contract and cannot rest")
    with _held_against(means, cell):
        rested = means.control.rest(endpoint, resting=True)
        crash("rested")
        rows = fetching.journal(
            means.control,
            endpoint,
            rested.head,
            monotonic=means.clock.monotonic,
            patience_s=retiring.FETCH_PATIENCE_S,
        )
        state = fetching.state(means, cell, rested.state_digest)
    crash("rest fetched")
    row = Rest(
        cell=cell.id,
        rested_at=means.now(),
        journal_sha256=means.files.put(archiving.journal_bytes(rows)),
        state_sha256=means.files.put(state),
        rows=len(rows),
        chain=archiving.chain_fault(rows, rested.head, attempt=arming.journal_name(cell), nonce=cell.nonce),
        woken_at=None,
    )
    crash("rest written")
    with _held_against(means, cell):
        # A container that died and came back meanwhile does not rest: somebody may have written behind what was read.
        if means.control.rest(endpoint, resting=True).head != rested.head:
            raise StoreBusyError(f"cell {cell.id} went on while it was archived")
    means.watch.answered(cell.id)
    return row


@contextmanager
def _held_against(means: Means, cell: Cell) -> Iterator[None]:
    """Remember silence and nonsense, as a seal does: what never can be put to sleep or woken is kept for a person."""
    try:
        yield
    except TemporaryError as silence:
        means.no_answer(cell, silence)
        raise
    except (PermanentError, WrongStateError):
        means.watch.senseless(cell.id)
        raise


def rouse(means: Means, action: actions.Rouse) -> None:
    """Have a cell go on that may rest for a hibernation which is no longer wanted."""
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
        instance = stores.instances.get(InstanceId(cell.instance)) if cell.instance else None
    open_here = instance is not None and instance.cell == cell.id and instance.observed is Observed.OPEN
    if instance is not None and instance.desired is Desired.HIBERNATED:
        return
    if cell.state is CellState.ARMED and cell.resting_since is not None and open_here:
        _lift(means, cell)


def _go_on(means: Means, cell: Cell) -> None:
    """Lift a rest that came to nothing; what does not answer now is roused with the next plan."""
    try:
        _lift(means, cell)
    except (TemporaryError, PermanentError) as silence:
        log.warning("cell %s is not roused yet: %s", cell.id, silence)


def _lift(means: Means, cell: Cell) -> None:
    means.control.rest(means.driver.endpoint(cell.id), resting=False)
    crash("roused")
    with means.leadership.transaction() as stores:
        stores.cells.note_resting(cell.id, None)


def stop(means: Means, action: actions.Stop) -> None:
    """Stop the container of an instance that hibernates; a wake that came in between finds it running or starts it."""
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
        instance = stores.instances.get(InstanceId(cell.instance)) if cell.instance else None
    if cell.state is not CellState.ARMED or instance is None or instance.observed is not Observed.HIBERNATED:
        return
    means.leadership.require_engine_time()
    means.driver.stop(cell.id, retiring.STOP_GRACE_S)
    crash("put to sleep")


def wake(means: Means, action: actions.Wake) -> None:
    """Start the same cell on its folders and open the instance where it stood. A launch if its cell is gone."""
    cell = _begin_to_wake(means, action)
    if cell is None:
        return
    crash("woken")
    try:
        _start(means, cell)
    except (TemporaryError, PermanentError):
        means.watch.restart_failed(cell.id)
        raise
    crash("wake started")
    _answer(means, cell)
    try:
        # Not before it answers: the last wall goes up in the moment in which the first process becomes the hospital.
        means.driver.attest(cell.id)
    except ProfileDriftError as drift:
        retiring.quarantine(means, actions.Quarantine(cell=cell.id, trouble=drift.code))
        raise
    with means.leadership.transaction() as stores:
        stores.cells.note_resting(cell.id, None)
        stores.instances.move(action.instance, Observed.WAKING, Observed.OPEN)
    # Somebody who sleeps and wakes often has no cell that crashes often.
    means.watch.pardon(cell.id)
    means.announce(action.instance)
    crash("awake")


def _begin_to_wake(means: Means, action: actions.Wake) -> Cell | None:
    """Write down that the cell is about to run again: from here on its rest is no longer its last word."""
    with means.leadership.transaction() as stores:
        instance = stores.instances.get(action.instance)
        cell = stores.cells.get(action.cell)
        if instance.cell != cell.id:
            return None
        if instance.observed is Observed.WAKING:
            return cell
        if instance.observed is not Observed.HIBERNATED or instance.desired is not Desired.OPEN:
            return None
        if cell.state is not CellState.ARMED:
            stores.instances.move(instance.id, Observed.HIBERNATED, Observed.QUEUED)
            return None
        stores.instances.move(instance.id, Observed.HIBERNATED, Observed.WAKING)
        if folders.has_database(means.places, cell.id):
            stores.rests.wake(cell.id, now=means.now())
            return cell
        # Started again it would be an empty hospital under the trainee's name; what it held is archived already.
        trouble = ArchiveCorruptError.code
        stores.cells.move(cell.id, CellState.ARMED, CellState.SEALED, now=means.now(), trouble=trouble)
        stores.instances.move(instance.id, Observed.WAKING, Observed.FAILED, trouble=trouble)
    log.error("the folders of cell %s are gone: instance %s cannot wake", action.cell, action.instance)
    return None


def _start(means: Means, cell: Cell) -> None:
    means.leadership.require_engine_time()
    seen = means.driver.ensure(means.spec(cell))
    if seen.engine_id != cell.engine_id:
        with means.leadership.transaction() as stores:
            stores.cells.record_engine_id(cell.id, seen.engine_id)
    if not seen.running:
        means.driver.start(cell.id)
        means.watch.restarted(cell.id)


def _answer(means: Means, cell: Cell) -> None:
    """Wait until the cell answers as the one it was, and have it go on if it only rested."""
    endpoint = means.driver.endpoint(cell.id)
    with _held_against(means, cell):
        health = _awoken(means, cell)
        if (health.condition, health.instance, health.epoch) != ("armed", cell.instance, cell.epoch):
            raise ContractMismatchError(f"woke as {health.condition} {health.instance} {health.epoch}")
        means.control.rest(endpoint, resting=False)


def _awoken(means: Means, cell: Cell) -> Health:
    for _ in range(WAKE_PATIENCE - 1):
        try:
            return building.await_health(means, cell)
        except ControlUnreachableError:
            # A thread that starts cells must not wait for one that has died.
            seen = means.driver.find(cell.id)
            if seen is None or not seen.running:
                raise
    return building.await_health(means, cell)
