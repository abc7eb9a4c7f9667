"""What IT may do about what the worker cannot solve: try again, or give work up with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.audit import ports as auditing
from sandbox.errors import InvalidError, WrongStateError
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import ports
from sandbox.provisioning.model import CellId, CellState, Desired, InstanceId, Observed


class Stores(ports.Stores, auditing.Stores, Protocol):
    """What these operations need inside one transaction."""


def retire_asleep(stores: ports.Stores, instance_id: InstanceId, *, now: datetime) -> bool:
    """Let the cell of a hibernated instance go without starting it: its rest becomes its archive, then it is destroyed.

    The instance stays hibernated, and its next wake is a launch. False if it does not hibernate or its cell is gone
    already. For the worker, which has audited what it is for; an attempt in it is the caller's to interrupt.
    """
    instance = stores.instances.get(instance_id)
    if instance.observed is not Observed.HIBERNATED or instance.cell is None:
        return False
    if stores.cells.get(instance.cell).state is not CellState.ARMED or stores.rests.asleep(instance.cell) is None:
        return False
    stores.cells.move(instance.cell, CellState.ARMED, CellState.SEALED, now=now)
    return True


def retry(stores: Stores, actor: Actor, instance_id: InstanceId, *, now: datetime) -> None:
    """Queue a failed instance for another cell. Raises WrongStateError unless it failed and is still wanted."""
    instance = stores.instances.get(instance_id)
    policy.require(actor, "fleet.reset", owner=instance.owner)
    if instance.desired is Desired.CLOSED:
        raise WrongStateError(f"instance {instance_id} is to be closed")
    stores.instances.desire(instance_id, Desired.OPEN, cause=actor.cause)
    stores.instances.move(instance_id, instance.observed, Observed.QUEUED)
    stores.instances.note_cause(instance_id, actor.cause)
    audit.record(stores, actor, "fleet.retry", instance_id, at=now, facts={"trouble": instance.trouble})


def release(stores: Stores, actor: Actor, cell_id: CellId, *, now: datetime) -> None:
    """Have a quarantined cell archived once more, and destroyed if that succeeds."""
    policy.require(actor, "fleet.reset")
    cell = stores.cells.get(cell_id)
    stores.cells.move(cell_id, CellState.QUARANTINED, CellState.SEALED, now=now)
    if cell.instance is not None:
        stores.instances.note_cause(cell.instance, actor.cause)
    audit.record(stores, actor, "fleet.release", cell_id, at=now, facts={"trouble": cell.trouble})


def wish_log(stores: Stores, actor: Actor, cell_id: CellId, *, now: datetime) -> None:
    """Have the worker fetch the end of a cell's log. Raises NotFoundError, ForbiddenError."""
    policy.require(actor, "fleet.view")
    stores.cells.get(cell_id)
    stores.log_wishes.wish(cell_id, at=now)
    audit.record(stores, actor, "fleet.read_log", cell_id, at=now)


def give_up(stores: Stores, actor: Actor, cell_id: CellId, *, reason: str, now: datetime) -> None:
    """Give up the work in a quarantined cell: nobody's any more, the worker removes it.

    Raises InvalidError without a reason.
    """
    policy.require(actor, "fleet.destroy")
    if not reason.strip():
        raise InvalidError(problems="reason")
    cell = stores.cells.get(cell_id)
    stores.cells.move(cell_id, CellState.QUARANTINED, CellState.GONE, now=now, trouble=cell.trouble)
    audit.record(stores, actor, "fleet.give_up", cell_id, at=now, facts={"reason": reason, "trouble": cell.trouble})
