"""The worker's vitals and minutes, and what was asked of the pool lately."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.rows import many, to_row
from sandbox.adapters.db.stores.people import ROBOTS
from sandbox.adapters.db.tables.attempts import assignment, attempt
from sandbox.adapters.db.tables.provisioning import cell, instance, move
from sandbox.adapters.db.tables.supply import capacity_sample, worker_vitals
from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import CellState, Desired, Instance, Observed
from sandbox.provisioning.queue import Ahead, Finished
from sandbox.scheduling.vitals import Sample, Vitals
from sandbox.training.model import Assignment

_WORKER = "worker"


class SqlVitalsStore:
    """Fulfils scheduling.ports.VitalsStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def put(self, vitals: Vitals) -> bool:
        row = to_row(vitals) | {"pressure": int(vitals.pressure)}
        writing = insert(worker_vitals).values(name=_WORKER, **row)
        newest = worker_vitals.c.fence <= vitals.fence
        return (
            self._db.execute(writing.on_conflict_do_update(index_elements=["name"], set_=row, where=newest)).rowcount
            == 1
        )

    def latest(self) -> Vitals | None:
        row = self._db.execute(_VITALS).mappings().first()
        return None if row is None else Vitals(**{**row, "pressure": Pressure(row["pressure"])})

    def add_sample(self, sample: Sample) -> None:
        row = to_row(sample)
        self._db.execute(insert(capacity_sample).values(row).on_conflict_do_update(index_elements=["minute"], set_=row))

    def samples(self, *, since: datetime) -> list[Sample]:
        wanted = sa.select(capacity_sample).where(capacity_sample.c.minute >= since)
        return many(self._db, Sample, wanted.order_by(capacity_sample.c.minute))

    def prune(self, *, before: datetime) -> None:
        self._db.execute(capacity_sample.delete().where(capacity_sample.c.minute < before))


_VITALS = sa.select(*(column for column in worker_vitals.c if column.name != "name")).where(
    worker_vitals.c.name == _WORKER
)


class SqlDemandStore:
    """Fulfils scheduling.ports.DemandStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def unforeseen(self, *, since: datetime) -> list[datetime]:
        announced = (
            sa.select(attempt.c.id)
            .join(assignment, assignment.c.id == attempt.c.assignment)
            .where(assignment.c.opens.is_not(None))
        )
        launched = sa.select(instance.c.queued_at).where(
            instance.c.queued_at >= since,
            # After a rehearsal nobody comes who needs as many again.
            instance.c.owner.not_in(ROBOTS),
            sa.or_(instance.c.attempt.is_(None), instance.c.attempt.not_in(announced)),
        )
        replaced = (
            sa.select(move.c.created_at)
            .join(instance, instance.c.id == move.c.instance)
            .where(move.c.created_at >= since, move.c.kind == "reset", instance.c.owner.not_in(ROBOTS))
        )
        return sorted([*self._db.scalars(launched), *self._db.scalars(replaced)])

    def opening(self, begins: datetime, ends: datetime) -> list[Assignment]:
        wanted = sa.select(assignment).where(
            assignment.c.withdrawn_at.is_(None), assignment.c.opens.between(begins, ends)
        )
        return many(self._db, Assignment, wanted.order_by(assignment.c.opens, assignment.c.id))

    def begun(self, begins: datetime, ends: datetime) -> frozenset[str]:
        started = (
            sa.select(attempt.c.person)
            # By person too: that is what attempts are indexed by.
            .join(
                assignment,
                sa.and_(assignment.c.person == attempt.c.person, assignment.c.id == attempt.c.assignment),
            )
            .where(assignment.c.opens.between(begins, ends))
        )
        return frozenset(self._db.scalars(started.distinct()))

    def ahead(self, one: Instance) -> Ahead:
        told = {"urgency": one.urgency, "queued_at": one.queued_at, "id": one.id}
        row = self._db.execute(_AHEAD, told).one()
        return Ahead(total=row[0], overtaking=row[1])

    def ready(self) -> int:
        return self._db.scalar(_READY) or 0

    def next_expiry(self) -> datetime | None:
        soonest = sa.select(sa.func.min(instance.c.expires_at)).where(instance.c.observed == Observed.OPEN)
        moment: datetime | None = self._db.scalar(soonest)
        return moment

    def finished(self, *, newest: int) -> list[Finished]:
        columns = (cell.c.begun_at, cell.c.ready_at)
        wanted = sa.select(*columns).where(cell.c.ready_at.is_not(None), cell.c.begun_at.is_not(None))
        rows = self._db.execute(wanted.order_by(cell.c.ready_at.desc()).limit(newest)).all()
        return [Finished(begun=row[0], ready=row[1]) for row in reversed(rows)]


# Built once: everybody who waits asks these each second, and composing a statement costs more than running it.
_READY = sa.select(sa.func.count()).select_from(cell).where(cell.c.state == CellState.READY)


def _ahead() -> sa.Select[Any]:
    asking = sa.bindparam("queued_at", type_=instance.c.queued_at.type), sa.bindparam("id", type_=sa.Text)
    age = sa.tuple_(instance.c.queued_at, instance.c.id)
    later = sa.case((age > sa.tuple_(*asking), 1), else_=0)
    turn = sa.tuple_(instance.c.urgency, instance.c.queued_at, instance.c.id)
    return sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(later), 0)).where(
        instance.c.observed == Observed.QUEUED,
        instance.c.desired == Desired.OPEN,
        turn < sa.tuple_(sa.bindparam("urgency", type_=sa.Integer), *asking),
    )


_AHEAD = _ahead()
