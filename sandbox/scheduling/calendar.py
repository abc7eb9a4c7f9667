"""Nights by date: those on record, and the one that should have begun and has not. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.scheduling import jobs, report
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.model import Fate, Night
from sandbox.scheduling.ports import Stores
from sandbox.scheduling.report import Verdict

JOB = NIGHTLY_RESET.name


@dataclass(frozen=True, kw_only=True)
class Site:
    """What nights depend on here."""

    zone: ZoneInfo
    default_at: str
    """HH:MM, unless IT chose another time."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """A night as a calendar shows it."""

    night: Night
    counts: Mapping[Fate, int]
    whole: bool

    @property
    def local_date(self) -> date:
        return self.night.local_date

    @property
    def verdict(self) -> Verdict:
        """Return what kind of night it was."""
        fates = {fate for fate, count in self.counts.items() if count}
        return report.verdict(self.night, fates, whole=self.whole)

    @property
    def late(self) -> bool:
        return report.is_late(self.night)

    @property
    def total_s(self) -> float | None:
        return report.total(self.night)

    def count(self, fate: Fate) -> int:
        return self.counts.get(fate, 0)


def local_time(stores: Stores, site: Site) -> str:
    """Return the time of day in force: IT's choice, else the setting."""
    return stores.job_times.chosen(JOB) or site.default_at


def following(stores: Stores, site: Site, *, now: datetime) -> datetime:
    """Return when the next night rings."""
    at = jobs.local_time(local_time(stores, site))
    last = jobs.due(now, at, site.zone).local_date
    ahead = (last + timedelta(days=shift) for shift in range(1, 4))
    return next(moment for day in ahead if (moment := jobs.moment_of(day, at, site.zone)) > now)


def nights(stores: Stores, site: Site, *, first: date, last: date, now: datetime) -> list[Day]:
    """Return the nights of these dates, oldest first, one that no worker has begun yet included."""
    counts: dict[date, dict[Fate, int]] = defaultdict(dict)
    lacking: Counter[date] = Counter()
    for tally in stores.ledger.tallies(JOB, first=first, last=last):
        counts[tally.local_date][tally.fate] = tally.count
        lacking[tally.local_date] += tally.lacking
    found = stores.ledger.nights(JOB, first=first, last=last)
    waited_for = _overdue(stores, site, now=now)
    if waited_for is not None and first <= waited_for.local_date <= last:
        found.append(waited_for)
    return [Day(night=each, counts=counts[each.local_date], whole=not lacking[each.local_date]) for each in found]


def night(stores: Stores, site: Site, wanted: date | None, *, now: datetime) -> Night | None:
    """Return the night of this date, or the newest one; None if there was none."""
    waited_for = _overdue(stores, site, now=now)
    if waited_for is not None and wanted in (None, waited_for.local_date):
        return waited_for
    return stores.ledger.newest_night(JOB) if wanted is None else stores.ledger.night(JOB, wanted)


def _overdue(stores: Stores, site: Site, *, now: datetime) -> Night | None:
    due = jobs.due(now, jobs.local_time(local_time(stores, site)), site.zone)
    chosen_at = stores.job_times.chosen_at(JOB)
    if chosen_at is not None and due.moment < chosen_at:
        return None
    would_be = Night(job=JOB, local_date=due.local_date, due_at=due.moment, begun_at=None)
    known = stores.ledger.night(JOB, due.local_date)
    return report.overdue(known, would_be, rung_at=stores.ledger.rung_at(JOB), now=now)
