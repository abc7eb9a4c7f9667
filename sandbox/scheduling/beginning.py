"""The beginning of a night: its row, those of the nights that were missed, and a row for everybody who is due."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sandbox.provisioning.model import Instance
from sandbox.scheduling import jobs, standing
from sandbox.scheduling.jobs import NIGHTLY_RESET, Due
from sandbox.scheduling.model import Entry, Night
from sandbox.scheduling.ports import Stores

JOB = NIGHTLY_RESET.name


def begin_night(stores: Stores, due: Due, *, at: time, now: datetime, zone: ZoneInfo) -> bool:
    """Write the night that is due and all that belongs to it, once; False if it is there already.

    Call it before the ring is noted: how long nobody rang says why a night comes late.
    """
    late = due.is_catch_up(now)
    known = stores.ledger.night(JOB, due.local_date)
    if known is not None and (known.begun_at is not None or late):
        return False
    rung = stores.ledger.rung_at(JOB)
    instances = due_instances(stores, due)
    if rung is None and not instances:
        # A new site: its first night is the next one.
        return False
    _note_missed(stores, due, rung, at=at, zone=zone)
    stores.ledger.begin_night(
        Night(
            job=JOB,
            local_date=due.local_date,
            due_at=due.moment,
            begun_at=now,
            silent_since=rung if late else None,
        )
    )
    for one in instances:
        stores.ledger.enrol(Entry(job=JOB, local_date=due.local_date, subject=one.id, enrolled_at=now))
    return True


def due_instances(stores: Stores, due: Due) -> list[Instance]:
    """Return the instances that served somebody before the ring, oldest launch first."""
    cells = {cell.id: cell for cell in stores.cells.present()}
    return [one for one in stores.instances.live() if one.cell and standing.is_due(due, one, cells.get(one.cell))]


def _note_missed(stores: Stores, due: Due, rung: datetime | None, *, at: time, zone: ZoneInfo) -> None:
    """Write down the dates since the newest night that had none: only the newest one is caught up."""
    newest = stores.ledger.newest_night(JOB)
    if newest is None:
        return
    chosen_at = stores.job_times.chosen_at(JOB)
    for day in jobs.between(newest.local_date, due.local_date, zone):
        moment = jobs.moment_of(day, at, zone)
        if chosen_at is None or moment >= chosen_at:
            stores.ledger.add_missed(Night(job=JOB, local_date=day, due_at=moment, begun_at=None, silent_since=rung))
