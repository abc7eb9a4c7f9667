"""What a waiting row is judged by, read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.provisioning.model import Cell, Instance
from sandbox.scheduling import standing
from sandbox.scheduling.jobs import Due
from sandbox.scheduling.model import Entry
from sandbox.scheduling.ports import Stores
from sandbox.scheduling.standing import Standing, Verdict


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A row whose turn may have come, and what is to become of it."""

    entry: Entry
    one: Instance
    doing: Standing
    verdict: Verdict


def turn(stores: Stores, entry: Entry, *, now: datetime) -> Turn:
    """Look at the subject of a row."""
    one = stores.instances.get(entry.subject)
    cell = cell_of(stores, one)
    night = stores.ledger.night(entry.job, entry.local_date)
    assert night is not None
    due = Due(local_date=entry.local_date, moment=night.due_at)
    doing = doing_in(stores, one, now=now)
    return Turn(entry=entry, one=one, doing=doing, verdict=standing.verdict(due, one, cell, doing, now=now))


def doing_in(stores: Stores, one: Instance, *, now: datetime) -> Standing:
    """Return what the trainee is doing in an instance."""
    attempt = stores.attempts.live_of_instance(one.id)
    minutes = stores.exercises.get(attempt.exercise_version).minutes if attempt is not None else 0
    return standing.of(one, attempt, minutes=minutes, now=now)


def cell_of(stores: Stores, one: Instance) -> Cell | None:
    """Return the cell behind an instance."""
    return stores.cells.get(one.cell) if one.cell else None
