"""The worker's rounds: what takes time is looked at now and then and written down, so that no page waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.audit import ports as auditing
from sandbox.clock import Clock
from sandbox.errors import ArchiveCorruptError, NotFoundError, SandboxError
from sandbox.health.model import Fact
from sandbox.health.ports import CheckupStore
from sandbox.provisioning import archiving
from sandbox.provisioning import ports as provisioning

log = logging.getLogger(__name__)

CLOCK_STEP_S = 2.0
"""A clock that jumps further is worth a line: deadlines and the night go by it."""
STEP_TOLD = timedelta(days=1)
NEWEST_ARCHIVES = 5
"""Read whole at each round; what is older was read when it was newest."""


class Stores(provisioning.Stores, auditing.Stores, Protocol):
    """What a round reads and writes."""

    @property
    def checkups(self) -> CheckupStore: ...


Begin = Callable[[], AbstractContextManager[Stores]]


@dataclass(frozen=True, kw_only=True)
class Look:
    """One concern: how often it is looked at, in seconds, and how."""

    concern: str
    every_s: float
    look: Callable[[], Mapping[str, Fact]]


class Rounds:
    """An errand of the worker. One look per tick, so that none keeps another waiting."""

    def __init__(self, *, begin: Begin, looks: tuple[Look, ...], clock: Clock) -> None:
        self._begin = begin
        self._looks = looks
        self._clock = clock
        self._due: dict[str, float] = {}

    def tick(self) -> int:
        """Look at one concern that is due; return how many were. Raises LeaseLostError, TemporaryError."""
        begun = self._clock.monotonic()
        due = next((one for one in self._looks if self._due.get(one.concern, begun) <= begun), None)
        if due is None:
            return 0
        # Before the look: one that fails is not tried again at once.
        self._due[due.concern] = begun + due.every_s
        found = due.look()
        with self._begin() as stores:
            stores.checkups.put(due.concern, found, at=self._clock.now())
        if found.get("broken") or found.get("damage"):
            log.critical("%s: %s", due.concern, found.get("broken") or found.get("damage"))
        return 1


def audit_trail(read: Begin) -> Mapping[str, Fact]:
    """Verify the whole chain of audit entries."""
    with read() as stores:
        broken = audit.verify(stores)
        newest = stores.audit.newest()
    return {"broken": broken or "", "entries": newest.seq if newest else 0}


def archives(read: Begin, files: provisioning.Files) -> Mapping[str, Fact]:
    """Read the newest archives: the stored bytes are those of the row, and the journal still reads."""
    with read() as stores:
        newest = stores.archives.newest(NEWEST_ARCHIVES)
    broken = ""
    for one in newest:
        try:
            rows = archiving.read_journal(files.get(one.journal_sha256))
            state = files.get(one.state_sha256)
            named = archiving.baseline_of(state)
            archiving.read_state(state, files.get(named) if named else b"")
        except (ArchiveCorruptError, NotFoundError) as wrong:
            broken = f"cell {one.cell}: {wrong}"
            continue
        if len(rows) != one.rows:
            broken = f"cell {one.cell}: {len(rows)} rows instead of {one.rows}"
    return {"broken": broken, "checked": len(newest)}


def engine(ask: Callable[[], Mapping[str, Fact]], clock: Clock) -> Mapping[str, Fact]:
    """Ask the engine about itself; its silence is a finding too."""
    begun = clock.monotonic()
    try:
        said = ask()
    except SandboxError as silence:
        return {"trouble": silence.code}
    return {**said, "trouble": "", "seconds": round(clock.monotonic() - begun, 3)}


class ClockWatch:
    """Tells how far the wall clock last jumped against elapsed time, for a day."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._elapsed = clock.now(), clock.monotonic()
        self._step = 0.0
        self._stepped_at = self._wall

    def look(self) -> Mapping[str, Fact]:
        """Return the step in seconds, positive if the clock was set forward, and when it was seen (ISO, UTC)."""
        wall, elapsed = self._clock.now(), self._clock.monotonic()
        step = (wall - self._wall).total_seconds() - (elapsed - self._elapsed)
        self._wall, self._elapsed = wall, elapsed
        if abs(step) >= CLOCK_STEP_S or not timedelta(0) <= wall - self._stepped_at < STEP_TOLD:
            self._step, self._stepped_at = (step if abs(step) >= CLOCK_STEP_S else 0.0), wall
        return {"step_s": round(self._step, 1), "stepped_at": self._stepped_at.isoformat()}
