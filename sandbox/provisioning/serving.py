"""Steps somebody waits for: launch, reset, close. No engine call; a few milliseconds with a ready cell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sandbox.contract.control import Sealed
from sandbox.errors import (
    ControlUnreachableError,
    DatasetCorruptError,
    DiskFullError,
    InvalidError,
    LostRaceError,
    NotFoundError,
    PermanentError,
    TemporaryError,
    WrongStateError,
)
from sandbox.provisioning import actions, arming
from sandbox.provisioning.crashing import crash
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import Cell, CellState, Desired, GoldenDataset, Instance, InstanceId, Move, Observed
from sandbox.provisioning.ports import Stores

HOPELESS = (PermanentError, InvalidError, NotFoundError)
"""Another cell could not be armed either: the instance fails and a person is told why."""
CLAIM_PATIENCE = timedelta(seconds=20)
"""A claimed cell that has not been armed for so long is given back, and another one taken."""


def launch(means: Means, action: actions.Launch, pool_key: str, golden: GoldenDataset) -> None:
    """Give a queued instance a ready cell. Does nothing if there is none: it stays queued."""
    fresh = False
    with means.leadership.transaction() as stores:
        instance = stores.instances.get(action.instance)
        if instance.observed is Observed.QUEUED and instance.desired is Desired.OPEN:
            cell = _claim(means, stores, instance, pool_key, golden)
            if cell is None:
                return
            stores.instances.move(instance.id, Observed.QUEUED, Observed.LAUNCHING)
            fresh = True
        elif instance.observed is Observed.LAUNCHING:
            cell = _claimed(stores, instance)
            if cell is None:
                stores.instances.move(instance.id, Observed.LAUNCHING, Observed.QUEUED)
                return
        else:
            return
    crash("claimed")
    _arm_and_flip(means, instance, cell, golden, fresh=fresh)


def replace(means: Means, action: actions.Replace, pool_key: str, golden: GoldenDataset) -> None:
    """Give an instance with an open move a new cell. The old one is sealed first: no write is lost or late."""
    with means.leadership.transaction() as stores:
        instance = stores.instances.get(action.instance)
        move = _asked(stores, instance)
        if instance.observed is Observed.OPEN and move is not None:
            stores.instances.move(instance.id, Observed.OPEN, Observed.REPLACING)
        elif instance.observed is not Observed.REPLACING:
            return
        old = stores.cells.get(instance.cell) if instance.cell else None
    crash("replacing")
    if old is not None and old.state is CellState.ARMED:
        seal_inside(means, old)
        with means.leadership.transaction() as stores:
            stores.cells.move(old.id, CellState.ARMED, CellState.SEALED, now=means.now())
        crash("sealed")
    with means.leadership.transaction() as stores:
        claimed = _claimed(stores, instance)
        cell = claimed or _claim(means, stores, instance, pool_key, golden)
    if cell is None:
        return
    crash("claimed")
    _arm_and_flip(means, instance, cell, golden, fresh=claimed is None, move=move)


def close(means: Means, action: actions.Close) -> None:
    """Seal the instance's cell, then close the instance; what follows needs nobody to wait."""
    with means.read() as stores:
        instance = stores.instances.get(action.instance)
        cell = stores.cells.get(instance.cell) if instance.cell else None
    if instance.desired is not Desired.CLOSED or instance.observed is Observed.CLOSED:
        return
    armed = cell is not None and cell.state is CellState.ARMED
    # One that hibernates is not started for its end: what was archived before it was stopped is its last word.
    if armed and cell is not None and instance.observed is not Observed.HIBERNATED:
        seal_inside(means, cell)
    with means.leadership.transaction() as stores:
        if armed and cell is not None:
            stores.cells.move(cell.id, CellState.ARMED, CellState.SEALED, now=means.now())
        stores.instances.move(instance.id, instance.observed, Observed.CLOSED, trouble=instance.trouble)
    crash("sealed")


def give_back(means: Means, action: actions.GiveBack) -> None:
    """Break a claimed cell that failed before anybody worked in it."""
    with means.leadership.transaction() as stores:
        instance, cell = stores.instances.get(action.instance), stores.cells.get(action.cell)
        _give_back(means, stores, instance, cell, action.trouble)


def note(means: Means, action: actions.Note) -> None:
    """Write down what holds the instance up."""
    with means.leadership.transaction() as stores:
        stores.instances.note_trouble(action.instance, action.trouble)


def seal_inside(means: Means, cell: Cell) -> Sealed:
    """Have the cell refuse writes from now on. May be repeated."""
    try:
        sealed = means.control.seal(means.driver.endpoint(cell.id))
    except TemporaryError as silence:
        means.no_answer(cell, silence)
        raise
    except (PermanentError, WrongStateError):
        means.watch.senseless(cell.id)
        raise
    if cell.state is CellState.ARMED:
        # A sealed one has answered only when its journal is here: seals are repeated before each try to fetch it.
        means.watch.answered(cell.id)
    crash("seal requested")
    return sealed


def _arm_and_flip(
    means: Means, instance: Instance, cell: Cell, golden: GoldenDataset, *, fresh: bool, move: Move | None = None
) -> None:
    cause = instance.cause if move is None else move.cause
    nightly = move is not None and move.kind == "nightly"
    endpoint = means.driver.endpoint(cell.id)
    with _given_back_on_failure(means, instance.id, cell):
        pack = arming.pack_of(instance, cell, means.packs)
        command = arming.command(instance, cell, means.trainee(instance.owner), pack, today=means.today(), cause=cause)
        # An armed cell has its database open: placing the dataset again would pull it from under its feet.
        means.leadership.require_engine_time()
        if fresh or means.control.health(endpoint).condition == "ready":
            means.driver.place(cell.id, means.places.golden(golden.sha256))
            crash("golden placed")
            if nightly:
                # Nobody waits: the copy is read whole, and what was verified is kept for the morning report.
                _read_back(means, cell, golden)
        armed = means.control.arm(endpoint, command)
        arming.verify(armed, instance, cell, golden)
    crash("armed")
    assert cell.epoch is not None
    with means.leadership.transaction() as stores:
        now = means.now()
        stores.cells.move(cell.id, CellState.CLAIMED, CellState.ARMED, now=now)
        stores.instances.flip(instance.id, cell=cell.id, epoch=cell.epoch, now=now)
        stores.moves.note_flip(instance.id, instance.epoch, now=now)
        means.opened(stores, cell, now)
        if nightly:
            stores.verifications.armed(cell.id, armed.dataset_digest)
    means.announce(instance.id)
    crash("flipped")


def _read_back(means: Means, cell: Cell, golden: GoldenDataset) -> None:
    found = means.driver.read_back(cell.id)
    if found != golden.sha256:
        raise DatasetCorruptError(f"the copy in cell {cell.id} is {found[:12]} instead of {golden.sha256[:12]}")
    with means.leadership.transaction() as stores:
        stores.verifications.copied(cell.id, found, now=means.now())
    crash("copy verified")


@contextmanager
def _given_back_on_failure(means: Means, key: InstanceId, cell: Cell) -> Iterator[None]:
    """Break the claimed cell if it cannot be armed, so that the person gets another one, and raise all the same."""
    try:
        yield
    except (*HOPELESS, WrongStateError, DiskFullError, ControlUnreachableError) as wrong:
        patient = isinstance(wrong, ControlUnreachableError) and means.now() - cell.since < CLAIM_PATIENCE
        if not patient:
            with means.leadership.transaction() as stores:
                instance = stores.instances.get(key)
                _give_back(means, stores, instance, stores.cells.get(cell.id), wrong.code)
                if isinstance(wrong, HOPELESS) and instance.observed is Observed.LAUNCHING:
                    stores.instances.move(key, Observed.QUEUED, Observed.FAILED, trouble=wrong.code)
                elif isinstance(wrong, HOPELESS):
                    stores.instances.move(key, Observed.REPLACING, Observed.FAILED, trouble=wrong.code)
        raise


def _give_back(means: Means, stores: Stores, instance: Instance, cell: Cell, trouble: str) -> None:
    if cell.state is not CellState.CLAIMED:
        raise LostRaceError(f"cell {cell.id} is {cell.state}")
    stores.cells.move(cell.id, CellState.CLAIMED, CellState.BROKEN, now=means.now(), trouble=trouble)
    if instance.observed is Observed.LAUNCHING:
        stores.instances.move(instance.id, Observed.LAUNCHING, Observed.QUEUED, trouble=trouble)


def _claim(means: Means, stores: Stores, instance: Instance, pool_key: str, golden: GoldenDataset) -> Cell | None:
    cell = stores.cells.claim(pool_key, instance=instance.id, epoch=instance.epoch + 1, now=means.now())
    if cell is not None:
        stores.cells.record_dataset(cell.id, golden.sha256)
    return cell


def _claimed(stores: Stores, instance: Instance) -> Cell | None:
    """Return the cell that was claimed for this instance's next epoch by a worker that died."""
    for cell in stores.cells.present():
        if (cell.state, cell.instance, cell.epoch) == (CellState.CLAIMED, instance.id, instance.epoch + 1):
            return cell
    return None


def _asked(stores: Stores, instance: Instance) -> Move | None:
    """Return the open move of the instance's present epoch."""
    asked = (move for move in stores.moves.open() if (move.instance, move.epoch) == (instance.id, instance.epoch))
    return next(asked, None)
