"""The morning report: what one night was, from its rows. Pure; words are told elsewhere."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sandbox.scheduling.jobs import PUNCTUAL
from sandbox.scheduling.model import UNFINISHED, Entry, Fate, Night, Reason

Verdict = Literal["clean", "nothing", "deferred", "failures", "running", "missed"]
OVERDUE = timedelta(minutes=10)
"""A night that has not begun so long after its hour is called missed, though it may still be caught up."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One instance that somebody should read about."""

    subject: str
    who: str
    """Its owner, as the reader knows people; the instance's id if nobody knows."""
    fate: Fate
    reason: str
    until: datetime | None
    trouble: str
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """All figures of one night."""

    local_date: date
    due_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    verdict: Verdict
    late: bool
    """Begun more than an hour after its time: nobody rang since `silent_since`."""
    silent_since: datetime | None
    total: int
    reset: int
    closed: int
    retired: int
    deferred: int
    skipped: int
    failed: int
    left: int
    """Whose turn has not come or not ended."""
    digests_verified: int
    """Of those reset: copy equal to golden's SHA-256 and dataset digest equal to the recorded one."""
    archives_verified: int
    """Of those reset, closed and retired: archived, the journal's chain whole."""
    p50_s: float | None
    max_s: float | None
    total_s: float | None
    lines: tuple[Line, ...]
    """Failed first, then what was verified in part, deferred, skipped; then what had waited and is done."""

    @property
    def archived(self) -> int:
        """Return how many archives there should be."""
        return self.reset + self.closed + self.retired

    @property
    def done(self) -> int:
        return self.archived + self.skipped


def report(night: Night, entries: Sequence[Entry], *, who: Callable[[str], str] = str) -> Report:
    """Return the report of a night as its rows stand now. `who` names the owner of an instance."""
    count = {fate: sum(entry.fate is fate for entry in entries) for fate in Fate}
    took = [entry.took_ms / 1000 for entry in entries if entry.took_ms is not None]
    return Report(
        local_date=night.local_date,
        due_at=night.due_at,
        begun_at=night.begun_at,
        ended_at=night.ended_at,
        verdict=verdict(night, {entry.fate for entry in entries}, whole=all(_is_whole(entry) for entry in entries)),
        late=is_late(night),
        silent_since=night.silent_since,
        total=len(entries),
        reset=count[Fate.RESET],
        closed=count[Fate.CLOSED],
        retired=count[Fate.RETIRED],
        deferred=count[Fate.DEFERRED],
        skipped=count[Fate.SKIPPED],
        failed=count[Fate.FAILED],
        left=count[Fate.WAITING] + count[Fate.RUNNING],
        digests_verified=sum(entry.fate is Fate.RESET and is_verified(entry) for entry in entries),
        archives_verified=sum(entry.fate in _ARCHIVED and entry.archive_sha256 != "" for entry in entries),
        p50_s=round(statistics.median(took), 2) if took else None,
        max_s=round(max(took), 2) if took else None,
        total_s=total(night),
        lines=tuple(_line(entry, who) for entry in sorted(entries, key=_urgency) if _is_told(entry)),
    )


_ARCHIVED = frozenset({Fate.RESET, Fate.CLOSED, Fate.RETIRED})


def is_verified(entry: Entry) -> bool:
    """Say whether all that a finished row promises was verified."""
    return entry.fate is not Fate.RESET or (entry.copy_sha256 != "" and entry.digest != "")


def _is_whole(entry: Entry) -> bool:
    if entry.epoch is None:
        # From before the ledger kept what was verified.
        return True
    return entry.fate not in _ARCHIVED or (is_verified(entry) and entry.archive_sha256 != "")


def verdict(night: Night, fates: Collection[Fate], *, whole: bool) -> Verdict:
    """Say what kind of night it was. `whole`: everything that is done was verified."""
    fates = set(fates)
    if night.begun_at is None:
        return "missed"
    if fates & (UNFINISHED - {Fate.DEFERRED}):
        return "running"
    if Fate.FAILED in fates or not whole:
        return "failures"
    if Fate.DEFERRED in fates:
        return "deferred"
    return "clean" if fates else "nothing"


def is_late(night: Night) -> bool:
    """Say whether it began more than an hour after its time."""
    return night.begun_at is not None and night.begun_at - night.due_at > PUNCTUAL


def total(night: Night) -> float | None:
    """Return the seconds from its begin to the report, on the monotonic clock where that is known."""
    if night.took_ms is not None:
        return round(night.took_ms / 1000, 1)
    if night.begun_at is None or night.ended_at is None or night.ended_at < night.begun_at:
        return None
    return round((night.ended_at - night.begun_at).total_seconds(), 1)


def _urgency(entry: Entry) -> tuple[int, str]:
    order = (Fate.FAILED, Fate.DEFERRED, Fate.SKIPPED)
    place = order.index(entry.fate) * 2 if entry.fate in order else 1 if not _is_whole(entry) else 7
    return place, entry.subject


_ORDINARY = frozenset({Reason.NONE, Reason.ASLEEP})


def _is_told(entry: Entry) -> bool:
    told = entry.fate in (Fate.FAILED, Fate.DEFERRED, Fate.SKIPPED)
    return told or (entry.fate in _ARCHIVED and (not _is_whole(entry) or entry.reason not in _ORDINARY))


def _line(entry: Entry, who: Callable[[str], str]) -> Line:
    return Line(
        subject=entry.subject,
        who=who(entry.subject),
        fate=entry.fate,
        reason=entry.reason.value,
        until=entry.until,
        trouble=entry.trouble or ("" if _is_whole(entry) else "unverified"),
        finished_at=entry.finished_at,
    )


def overdue(night: Night | None, due: Night, *, rung_at: datetime | None, now: datetime) -> Night | None:
    """Return the night that should have begun as a missed one, for as long as no worker has caught it up.

    `night` is the recorded one of that date, `due` what it would be. None before the first ring of a site, and within
    ten minutes of its time: a worker that is being restarted is no news.
    """
    if night is not None or rung_at is None or now - due.due_at < OVERDUE:
        return None
    return Night(job=due.job, local_date=due.local_date, due_at=due.due_at, begun_at=None, silent_since=rung_at)
