"""The worker's lease, and the times people chose for jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.tables.provisioning import job_time, lease
from sandbox.errors import LeaseLostError

_WORKER = "worker"
_MINE = (lease.c.name == _WORKER, lease.c.fence == sa.bindparam("mine"), lease.c.owner != "")
# Made once: every write of the worker begins with one of them, and making it takes longer than its execution.
_CHECKED = lease.update().where(*_MINE).values(checked_at=sa.bindparam("moment"))
_RENEWED = lease.update().where(*_MINE).values(expires_at=sa.bindparam("moment"))


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
        self._change(_RENEWED, fence, now + timedelta(seconds=ttl_s))

    def check(self, fence: int, *, now: datetime) -> None:
        self._change(_CHECKED, fence, now)

    def release(self, fence: int) -> None:
        mine = lease.update().where(lease.c.name == _WORKER, lease.c.fence == fence)
        self._db.execute(mine.values(owner=""))

    def _change(self, changed: sa.Update, fence: int, moment: datetime) -> None:
        if self._db.execute(changed, {"mine": fence, "moment": moment}).rowcount != 1:
            raise LeaseLostError(f"fence {fence} is not the newest")


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
