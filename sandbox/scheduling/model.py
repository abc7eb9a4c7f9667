"""Nights of a job and what becomes of each subject in one: values and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sandbox.provisioning.model import CellId, InstanceId


class Fate(StrEnum):
    """What became of one instance in one night."""

    WAITING = "waiting"
    """Its turn has not come: a night rolls, a few at a time."""
    DEFERRED = "deferred"
    """Somebody's exam, class or work is waited for."""
    RUNNING = "running"
    RESET = "reset"
    CLOSED = "closed"
    RETIRED = "retired"
    """It hibernated: its cell went without being started, its archive is the one taken before it was stopped."""
    SKIPPED = "skipped"
    FAILED = "failed"


FATES: Mapping[Fate, frozenset[Fate]] = {
    Fate.WAITING: frozenset({Fate.DEFERRED, Fate.RUNNING, Fate.SKIPPED, Fate.FAILED}),
    Fate.DEFERRED: frozenset({Fate.DEFERRED, Fate.WAITING, Fate.RUNNING, Fate.SKIPPED, Fate.FAILED}),
    Fate.RUNNING: frozenset({Fate.RESET, Fate.CLOSED, Fate.RETIRED, Fate.FAILED}),
    Fate.RESET: frozenset(),
    Fate.CLOSED: frozenset(),
    Fate.RETIRED: frozenset(),
    Fate.SKIPPED: frozenset(),
    Fate.FAILED: frozenset(),
}
UNFINISHED = frozenset({Fate.WAITING, Fate.DEFERRED, Fate.RUNNING})


class Reason(StrEnum):
    """Why an instance waited, or was passed over."""

    NONE = ""
    EXAM = "exam"
    CLASS = "class"
    PRACTICE = "practice"
    """A practice attempt, during a catch-up in the day."""
    AT_WORK = "at work"
    """Somebody clicked a moment ago, during a catch-up in the day."""
    ASLEEP = "asleep"
    """It hibernated when its turn came."""
    RESETTING = "resetting"
    """Somebody had asked for a reset already."""
    GONE = "gone"
    """Closed, reset or failed by itself before its turn came."""
    NEXT_NIGHT = "next night"
    """Still waited for when the next night came, which has a row of its own."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of the ledger: a subject has at most one per job and local date, whoever rings how often."""

    job: str
    local_date: date
    subject: InstanceId
    fate: Fate = Fate.WAITING
    reason: Reason = Reason.NONE
    """Kept when what was waited for is over, so that the report can tell it."""
    until: datetime | None = None
    """When the reason is expected to end."""
    trouble: str = ""
    """Code of the error it failed with."""
    enrolled_at: datetime
    begun_at: datetime | None = None
    finished_at: datetime | None = None
    took_ms: int | None = None
    """From intent to the old cell's end, on the monotonic clock; None if the worker changed in between."""
    epoch: int | None = None
    """The epoch that is replaced or ended."""
    cell: CellId | None = None
    """The cell that served it."""
    copy_sha256: str = ""
    """SHA-256 of the new cell's copy of the golden file, read back and found equal."""
    digest: str = ""
    """Digest of the dataset as the new cell told it, found equal to the recorded one."""
    archive_sha256: str = ""
    """The journal in the archive of the old cell, whose chain held."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """One run of a job, by local date: its key, so that no clock can double it."""

    job: str
    local_date: date
    due_at: datetime
    begun_at: datetime | None
    """None = missed: no worker rang before the next night was due."""
    silent_since: datetime | None = None
    """When anybody last rang before a late or missed night: the worker was not at work from then on."""
    ended_at: datetime | None = None
    """When nothing waited for its turn any more and the report was logged; what is deferred may come later."""
    took_ms: int | None = None
    """On the monotonic clock; None if the worker changed in between."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many subjects of one night met this fate."""

    local_date: date
    fate: Fate
    count: int
    lacking: int = 0
    """Of these: done, and yet not archived or verified as a finished row promises."""
