"""Steps that make a new cell, up to ready, and start a trainee's cell again. No engine call inside a transaction."""

from __future__ import annotations

import logging
from dataclasses import replace

from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.control import Health
from sandbox.errors import (
    ContractMismatchError,
    ControlUnreachableError,
    DiskFullError,
    PermanentError,
    ProfileDriftError,
    SandboxError,
    StoreBusyError,
    TemporaryError,
)
from sandbox.provisioning import actions, certificates, pool
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.crashing import crash
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import Cell, CellId, CellState, GoldenDataset

log = logging.getLogger(__name__)

MAKING = (actions.Create, actions.Start, actions.Probe)
"""The steps that end with a ready cell."""
PROBE_PATIENCE_S = 3.0
"""A cell boots in about 170 ms, with fifteen others on two cores in two seconds."""
PROBE_PAUSE_S = 0.003
PROBE_SHARE, CROWDED_SHARE = 50, 20
"""Asking again soon saves half a tick of every cold launch; later it is asked after a fiftieth of the time waited so
far."""
UNHURRIED_SHARE = 8
"""While nobody waits, as for most refills and all night."""
CROWDED_S = 0.3
"""A boot that takes longer is one of many, and what asks it costs the others: it is asked after a twentieth."""
WALLS_UP_S = 0.03
"""The engine says "started" a moment before the container's first process has put up its last wall."""


def begin(means: Means, action: actions.Begin) -> list[CellId]:
    """Write the intents, id, uid and nonce of each new cell, and return their ids. Raises NoCapacityError."""
    begun: list[CellId] = []
    with means.leadership.transaction() as stores:
        if pool.fitting(stores.cells.present(), action.pool_key) != action.fitting:
            return begun
        for _ in range(action.count):
            uid = stores.cells.free_uid(means.uid_base, means.uid_count)
            crash("uid taken")
            cell = _planned(means, action, uid)
            stores.cells.add(cell)
            begun.append(cell.id)
    crash("intent")
    return begun


def _planned(means: Means, action: actions.Begin, uid: int) -> Cell:
    now = means.now()
    return Cell(
        id=CellId(means.random_hex(6)),
        state=CellState.PLANNED,
        instance=None,
        epoch=None,
        uid=uid,
        image=action.image,
        pool_key=action.pool_key,
        engine_id=None,
        nonce=means.random_hex(16),
        dataset=None,
        since=now,
        failures=0,
        trouble="",
        begun_at=now,
    )


def bring_up(
    means: Means, action: actions.Create | actions.Start | actions.Probe, golden: GoldenDataset | None
) -> None:
    """Do this step of a new cell and those after it, up to ready: each looks at the state and leaves what is done.

    The plan names one step at a time, and resumes anywhere. Going back to it between two steps of one cell would
    cost a person who waits for a cold launch some 20 ms.
    """
    with means.read() as stores:
        cell = stores.cells.get(action.cell)
    if cell.state is CellState.PLANNED:
        cell = create(means, cell)
    if cell.state is CellState.CREATED:
        cell = start(means, cell)
    if cell.state is CellState.STARTED:
        probe(means, cell, golden)


def create(means: Means, cell: Cell) -> Cell:
    """Make or adopt the container and record its id. What cannot be made stays planned, with the reason to be seen."""
    means.leadership.require_engine_time()
    try:
        seen = means.driver.ensure(means.spec(cell))
    except ProfileDriftError as foreign:
        _break(means, cell, foreign.code)
        raise
    except (TemporaryError, PermanentError) as wrong:
        _leave_planned(means, cell, wrong)
        raise
    crash("container created")
    with means.leadership.transaction() as stores:
        stores.cells.record_engine_id(cell.id, seen.engine_id)
        stores.cells.move(cell.id, CellState.PLANNED, CellState.CREATED, now=means.now())
    crash("id recorded")
    return replace(cell, state=CellState.CREATED, engine_id=seen.engine_id)


def _leave_planned(means: Means, cell: Cell, wrong: TemporaryError | PermanentError) -> None:
    """Note the reason; take back what a full disk or a missing image left, unless the container may be there."""
    with means.leadership.transaction() as stores:
        stores.cells.note_trouble(cell.id, wrong.code)
    if isinstance(wrong, DiskFullError | PermanentError):
        means.driver.discard_folders(cell.id)


def start(means: Means, cell: Cell) -> Cell:
    """Start the container of a new cell."""
    means.leadership.require_engine_time()
    try:
        means.driver.start(cell.id)
    except (DiskFullError, PermanentError) as wrong:
        _break(means, cell, wrong.code)
        raise
    crash("container started")
    with means.leadership.transaction() as stores:
        stores.cells.move(cell.id, CellState.CREATED, CellState.STARTED, now=means.now())
    crash("started")
    return replace(cell, state=CellState.STARTED)


def probe(means: Means, cell: Cell, golden: GoldenDataset | None) -> None:
    """Call a started cell ready once it answers in our contract and its container is as the profile wants it."""
    try:
        early = _while_it_boots(means, cell, golden)
        _await_answer(means, cell)
        crash("probed")
        means.leadership.require_engine_time()
        attested = early or means.driver.attest(cell.id)
    except PermanentError as wrong:
        _break(means, cell, wrong.code)
        raise
    crash("attested")
    leadership = means.leadership
    with leadership.transaction() as stores:
        # In one transaction: nobody is handed a cell without a certificate.
        certificates.keep(stores, cell, attested, worker=leadership.owner, fence=leadership.fence, now=means.now())
        stores.cells.move(cell.id, CellState.STARTED, CellState.READY, now=means.now())
    means.watch.supply_works()
    crash("ready")


def _while_it_boots(means: Means, cell: Cell, golden: GoldenDataset | None) -> Attestation | None:
    """Do what a person who waits for this cell would otherwise wait for after its boot.

    The walls stand before the image's first instruction, no process can take one down, and its children inherit them:
    what is read early holds later. What cannot be done yet, or differs, is looked at again in its turn.
    """
    means.pause(WALLS_UP_S)
    attested = None
    try:
        means.leadership.require_engine_time()
        attested = means.driver.attest(cell.id)
        if golden is not None:
            means.driver.stage(cell.id, means.places.golden(golden.sha256))
            crash("golden staged")
    except (TemporaryError, PermanentError) as early:
        log.debug("cell %s while it boots: %s", cell.id, early)
    # One that is not running has no processes of which anything was read.
    unread = attested is not None and attested.isolates and not attested.readings
    return None if unread else attested


def await_health(means: Means, cell: Cell) -> Health:
    """Return what a cell that is booting says of itself. Raises ControlUnreachableError after seconds of silence."""
    endpoint = means.driver.endpoint(cell.id)
    waited = 0.0
    while waited < PROBE_PATIENCE_S:
        try:
            return means.control.health(endpoint)
        except ControlUnreachableError:
            share = UNHURRIED_SHARE if not means.watch.hurry else PROBE_SHARE if waited < CROWDED_S else CROWDED_SHARE
            pause = max(PROBE_PAUSE_S, waited / share)
            means.pause(pause)
            waited += pause
    return means.control.health(endpoint)


def _await_answer(means: Means, cell: Cell) -> None:
    health = await_health(means, cell)
    if health.contract != CONTRACT_VERSION:
        raise ContractMismatchError(f"the cell speaks contract {health.contract}, we speak {CONTRACT_VERSION}")
    if health.condition != "ready":
        raise ContractMismatchError(f"a new cell calls itself {health.condition}")


def take_out(means: Means, action: actions.Break) -> None:
    """Mark a cell that nobody has worked in as broken."""
    _break(means, _row(means, action.cell), action.trouble)
    if action.trouble:
        means.watch.supply_failed(action.trouble)


def _break(means: Means, cell: Cell, trouble: str) -> None:
    with means.leadership.transaction() as stores:
        stores.cells.move(cell.id, cell.state, CellState.BROKEN, now=means.now(), trouble=trouble)


def restart(means: Means, action: actions.Restart) -> None:
    """Start a trainee's cell on its own folders; if the container is gone it is made anew under the same name."""
    cell = _row(means, action.cell)
    if cell.state not in (CellState.ARMED, CellState.SEALED):
        return
    means.leadership.require_engine_time()
    try:
        seen = means.driver.ensure(means.spec(cell))
        if seen.engine_id != cell.engine_id:
            with means.leadership.transaction() as stores:
                stores.cells.record_engine_id(cell.id, seen.engine_id)
        if not seen.running:
            means.driver.start(cell.id)
            means.watch.restarted(cell.id)
    except (TemporaryError, PermanentError):
        means.watch.restart_failed(cell.id)
        raise


def _row(means: Means, key: CellId) -> Cell:
    with means.read() as stores:
        return stores.cells.get(key)


def counts_against_supply(action: actions.Action, wrong: SandboxError) -> bool:
    """Say whether this failure shows that no new cell can be made at present."""
    making = isinstance(action, actions.Begin | actions.Create | actions.Start | actions.Probe)
    booting = isinstance(action, actions.Probe) and isinstance(wrong, ControlUnreachableError)
    return making and not booting and not isinstance(wrong, StoreBusyError)
