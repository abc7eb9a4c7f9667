"""Rings, nights and the ledger of jobs; what was verified of the cells given out at night."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.rows import change_one, check_move, many, one, to_row
from sandbox.adapters.db.tables.nights import cell_verification, job_ledger, job_ring, night
from sandbox.adapters.db.tables.provisioning import cell
from sandbox.errors import LostRaceError
from sandbox.provisioning.model import CellId, InstanceId
from sandbox.scheduling.model import FATES, Entry, Fate, Night, Tally

_UNFINISHED = sa.text("fate IN ('waiting', 'deferred', 'running')")
"""As the partial index says it, so that a site with years of nights looks at a handful of rows."""

_DONE = job_ledger.c.fate.in_([Fate.RESET, Fate.CLOSED, Fate.RETIRED])
_UNVERIFIED = sa.and_(
    job_ledger.c.fate == Fate.RESET, sa.or_(job_ledger.c.copy_sha256 == "", job_ledger.c.digest == "")
)
_LACKING = sa.and_(_DONE, job_ledger.c.epoch.is_not(None), sa.or_(job_ledger.c.archive_sha256 == "", _UNVERIFIED))
"""As `scheduling.report` judges single rows."""


class SqlJobLedger:
    """Fulfils scheduling.ledger.JobLedger."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def ring(self, job: str, *, now: datetime) -> None:
        ringing = insert(job_ring).values(job=job, rung_at=now)
        self._db.execute(ringing.on_conflict_do_update(index_elements=["job"], set_={"rung_at": now}))

    def rung_at(self, job: str) -> datetime | None:
        moment: datetime | None = self._db.scalar(sa.select(job_ring.c.rung_at).where(job_ring.c.job == job))
        return moment

    def begin_night(self, new: Night) -> None:
        values = to_row(new)
        beginning = insert(night).values(values)
        missed = beginning.on_conflict_do_update(
            index_elements=["job", "local_date"], set_=values, where=night.c.begun_at.is_(None)
        )
        if self._db.execute(missed).rowcount != 1:
            raise LostRaceError(f"the night {new.local_date} of {new.job} was begun already")

    def add_missed(self, new: Night) -> None:
        self._db.execute(insert(night).values(to_row(new)).on_conflict_do_nothing())

    def open_nights(self, job: str) -> list[Night]:
        begun = (night.c.job == job, night.c.begun_at.is_not(None), night.c.ended_at.is_(None))
        return many(self._db, Night, sa.select(night).where(*begun).order_by(night.c.local_date))

    def night(self, job: str, local_date: date) -> Night | None:
        return one(self._db, Night, sa.select(night).where(night.c.job == job, night.c.local_date == local_date))

    def nights(self, job: str, *, first: date, last: date) -> list[Night]:
        span = (night.c.job == job, night.c.local_date.between(first, last))
        return many(self._db, Night, sa.select(night).where(*span).order_by(night.c.local_date))

    def newest_night(self, job: str) -> Night | None:
        newest = sa.select(night).where(night.c.job == job).order_by(night.c.local_date.desc()).limit(1)
        return one(self._db, Night, newest)

    def end_night(self, of: Night, *, now: datetime, took_ms: int | None) -> None:
        ending = night.update().where(
            night.c.job == of.job,
            night.c.local_date == of.local_date,
            night.c.begun_at.is_not(None),
            night.c.ended_at.is_(None),
        )
        change_one(self._db, ending.values(ended_at=now, took_ms=took_ms), f"the night {of.local_date} of {of.job}")

    def enrol(self, entry: Entry) -> bool:
        return self._db.execute(insert(job_ledger).values(to_row(entry)).on_conflict_do_nothing()).rowcount == 1

    def change(self, before: Entry, after: Entry) -> None:
        what = f"{before.job} of {before.local_date} for {before.subject}"
        check_move(FATES, before.fate, after.fate, what)
        same = (
            job_ledger.c.job == before.job,
            job_ledger.c.local_date == before.local_date,
            job_ledger.c.subject == before.subject,
            job_ledger.c.fate == before.fate,
        )
        change_one(self._db, job_ledger.update().where(*same).values(to_row(after)), what)

    def unfinished(self, job: str) -> list[Entry]:
        return many(self._db, Entry, self._unfinished(job))

    def running(self, job: str) -> list[Entry]:
        return many(self._db, Entry, self._unfinished(job).where(job_ledger.c.fate == Fate.RUNNING))

    def waiting(self, job: str, *, limit: int) -> list[Entry]:
        waiting = self._unfinished(job).where(job_ledger.c.fate == Fate.WAITING)
        return many(self._db, Entry, waiting.limit(limit))

    def left(self, job: str) -> list[Tally]:
        group = (job_ledger.c.local_date, job_ledger.c.fate)
        counted = sa.select(*group, sa.func.count().label("count")).group_by(*group)
        return many(self._db, Tally, counted.where(job_ledger.c.job == job, _UNFINISHED))

    def of_night(self, job: str, local_date: date) -> list[Entry]:
        wanted = self._ordered().where(job_ledger.c.job == job, job_ledger.c.local_date == local_date)
        return many(self._db, Entry, wanted)

    def tallies(self, job: str, *, first: date, last: date) -> list[Tally]:
        group = (job_ledger.c.local_date, job_ledger.c.fate)
        lacking = sa.func.sum(sa.case((_LACKING, 1), else_=0)).label("lacking")
        counted = sa.select(*group, sa.func.count().label("count"), lacking).group_by(*group).order_by(*group)
        return many(
            self._db, Tally, counted.where(job_ledger.c.job == job, job_ledger.c.local_date.between(first, last))
        )

    def _unfinished(self, job: str) -> sa.Select[Any]:
        return self._ordered().where(job_ledger.c.job == job, _UNFINISHED)

    @staticmethod
    def _ordered() -> sa.Select[Any]:
        return sa.select(job_ledger).order_by(job_ledger.c.local_date, job_ledger.c.enrolled_at, job_ledger.c.subject)


class SqlVerificationStore:
    """Fulfils provisioning.ports.VerificationStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def copied(self, key: CellId, sha256: str, *, now: datetime) -> None:
        values = {"copy_sha256": sha256, "digest": "", "verified_at": now}
        noting = insert(cell_verification).values(cell=key, **values)
        self._db.execute(noting.on_conflict_do_update(index_elements=["cell"], set_=values))

    def armed(self, key: CellId, digest: str) -> None:
        noting = cell_verification.update().where(cell_verification.c.cell == key)
        self._db.execute(noting.values(digest=digest))

    def of(self, instance: InstanceId, epoch: int) -> tuple[str, str]:
        columns = (cell_verification.c.copy_sha256, cell_verification.c.digest)
        serving = (cell.c.instance == instance, cell.c.epoch == epoch, cell_verification.c.digest != "")
        found = sa.select(*columns).join(cell, cell.c.id == cell_verification.c.cell).where(*serving)
        row = self._db.execute(found).first()
        return (row.copy_sha256, row.digest) if row is not None else ("", "")
