"""The worker's lease, the ledger of jobs, and the times people chose for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.rows import change_one
from sandbox.adapters.db.tables.provisioning import job_ledger, job_time, lease
from sandbox.errors import LeaseLostError

_WORKER = "worker"


class SqlLease:
    """Fulfils provisioning.stores.Lease."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def holder(self) -> str | None:
        owner = self._db.scalar(sa.select(lease.c.owner).where(lease.c.name == _WORKER))
        return owner or None

    def take(self, owner: str, *, now: datetime, ttl_s: float, succeeding: str | None = None) -> int:
        until = now + timedelta(seconds=ttl_s)
        first = {"name": _WORKER, "owner": owner, "fence": 1, "expires_at": until, "checked_at": now}
        if self._db.execute(insert(lease).values(first).on_conflict_do_nothing()).rowcount == 1:
            return 1
        free = sa.or_(lease.c.expires_at <= now, lease.c.owner.in_(["", owner, succeeding or owner]))
        taking = lease.update().where(lease.c.name == _WORKER, free)
        fence: int | None = self._db.scalar(
            taking.values(owner=owner, fence=lease.c.fence + 1, expires_at=until, checked_at=now).returning(
                lease.c.fence
            )
        )
        if fence is None:
            raise LeaseLostError(f"{self.holder()} holds the lease")
        return fence

    def renew(self, fence: int, *, now: datetime, ttl_s: float) -> None:
        self._change(fence, expires_at=now + timedelta(seconds=ttl_s))

    def check(self, fence: int, *, now: datetime) -> None:
        self._change(fence, checked_at=now)

    def release(self, fence: int) -> None:
        mine = lease.update().where(lease.c.name == _WORKER, lease.c.fence == fence)
        self._db.execute(mine.values(owner=""))

    def _change(self, fence: int, **values: datetime) -> None:
        mine = lease.update().where(lease.c.name == _WORKER, lease.c.fence == fence, lease.c.owner != "")
        if self._db.execute(mine.values(values)).rowcount != 1:
            raise LeaseLostError(f"fence {fence} is not the newest")


class SqlJobLedger:
    """Fulfils provisioning.stores.JobLedger."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def begin(self, job: str, local_date: date, subject: str, *, now: datetime) -> bool:
        row = {"job": job, "local_date": local_date, "subject": subject, "outcome": "", "begun_at": now}
        return self._db.execute(insert(job_ledger).values(row).on_conflict_do_nothing()).rowcount == 1

    def finish(self, job: str, local_date: date, subject: str, *, outcome: str, now: datetime) -> None:
        running = job_ledger.update().where(
            job_ledger.c.job == job,
            job_ledger.c.local_date == local_date,
            job_ledger.c.subject == subject,
            job_ledger.c.outcome == "",
        )
        change_one(self._db, running.values(outcome=outcome, finished_at=now), f"{job} of {local_date} for {subject}")

    def entries(self, job: str, *, newest: int) -> Iterable[tuple[date, str, str, datetime, datetime | None]]:
        columns = (
            job_ledger.c.local_date,
            job_ledger.c.subject,
            job_ledger.c.outcome,
            job_ledger.c.begun_at,
            job_ledger.c.finished_at,
        )
        order = (job_ledger.c.local_date.desc(), job_ledger.c.begun_at.desc(), job_ledger.c.subject)
        wanted = sa.select(*columns).where(job_ledger.c.job == job).order_by(*order).limit(newest)
        return [(row[0], row[1], row[2], row[3], row[4]) for row in self._db.execute(wanted)]


class SqlJobTimes:
    """Local times (HH:MM) that people chose for jobs, over those of the settings."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def chosen(self, job: str) -> str | None:
        local_time: str | None = self._db.scalar(sa.select(job_time.c.local_time).where(job_time.c.job == job))
        return local_time

    def chosen_at(self, job: str) -> datetime | None:
        moment: datetime | None = self._db.scalar(sa.select(job_time.c.chosen_at).where(job_time.c.job == job))
        return moment

    def choose(self, job: str, local_time: str, *, by: str, at: datetime) -> None:
        values = {"local_time": local_time, "chosen_by": by, "chosen_at": at}
        choosing = insert(job_time).values(job=job, **values)
        self._db.execute(choosing.on_conflict_do_update(index_elements=["job"], set_=values))
