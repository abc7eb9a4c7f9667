"""The nightly reset: every instance exactly once per local date, a few at a time, whatever rings or restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.errors import LostRaceError, RefusedError
from sandbox.provisioning import queue
from sandbox.provisioning.crashing import crash
from sandbox.provisioning.model import Instance, InstanceId
from sandbox.scheduling import beginning, jobs, looking, reporting, settling, turning
from sandbox.scheduling.jobs import NIGHTLY_RESET, Due
from sandbox.scheduling.looking import Turn
from sandbox.scheduling.model import Entry, Fate, Night, Reason
from sandbox.scheduling.ports import Stores

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]
JOB = NIGHTLY_RESET.name


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one ring led to."""

    local_date: str
    reset: int
    """How many had their turn: reset, or closed because they serve an exercise."""
    deferred: int


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How nights are run here."""

    zone: ZoneInfo
    default_at: str
    """HH:MM, unless IT chose another time."""
    at_once: int = 8
    """Instances whose turn it is at the same time."""
    golden_trouble: Callable[[], str] = lambda: ""
    """Returns the code of what is wrong with the dataset's file, read whole; '' = intact."""


class Nightly:
    """Called when a timer rings, at start, and after every step of the worker. `begin` opens fenced transactions."""

    def __init__(self, *, begin: Begin, reading: Begin, clock: Clock, habits: Habits) -> None:
        self._begin = begin
        self._reading = reading
        self._clock = clock
        self._habits = habits
        self._rolling = True
        self._since: dict[InstanceId | date, float] = {}
        self._intact: date | None = None

    def local_time(self) -> str:
        """Return the time of day in force: IT's choice, else the setting."""
        with self._reading() as stores:
            return stores.job_times.chosen(JOB) or self._habits.default_at

    def run(self) -> Outcome:
        """Begin the night that is due, once; look again at what waits. Raises LeaseLostError, TemporaryError."""
        now = self._clock.now()
        with self._begin() as stores:
            due = self._due(stores, now)
            begun = due is not None and beginning.begin_night(
                stores, due, at=self._at(stores), now=now, zone=self._habits.zone
            )
            stores.ledger.ring(JOB, now=now)
        if due is not None and begun:
            self._since[due.local_date] = self._clock.monotonic()
            crash("night begun")
        had_their_turn = self._roll(now, everything=True)
        deferred = self._end(now)
        return Outcome(
            local_date=due.local_date.isoformat() if due is not None else "", reset=had_their_turn, deferred=deferred
        )

    def go_on(self) -> int:
        """Note what has ended and begin the next ones; return how many. Costs nothing while no night is under way."""
        if not self._rolling:
            return 0
        now = self._clock.now()
        begun = self._roll(now, everything=False)
        self._end(now)
        return begun

    def _due(self, stores: Stores, now: datetime) -> Due | None:
        """Return the due run, or None if its ring lies before the present time of day was chosen."""
        due = jobs.due(now, self._at(stores), self._habits.zone)
        chosen_at = stores.job_times.chosen_at(JOB)
        return None if chosen_at is not None and due.moment < chosen_at else due

    def _at(self, stores: Stores) -> time:
        return jobs.local_time(stores.job_times.chosen(JOB) or self._habits.default_at)

    def _roll(self, now: datetime, *, everything: bool) -> int:
        """Settle what has ended, then begin as many as there is room for; return how many were begun.

        `everything`: look at all that waits, at what is deferred too, not only at those whose turn is next.
        """
        with self._reading() as stores:
            running = stores.ledger.running(JOB)
            moving = {(move.instance, move.epoch) for move in stores.moves.open()} if running else set()
            ended = [(entry, after) for entry in running if (after := self._settled(stores, entry, moving, now))]
        for entry, after in ended:
            self._change(entry, after)
            self._since.pop(entry.subject, None)
            crash("ledger finished")
        room = self._habits.at_once - len(running) + len(ended)
        return self._begin_next(room, now, everything=everything) if everything or room > 0 else 0

    def _settled(
        self, stores: Stores, entry: Entry, moving: set[tuple[InstanceId, int]], now: datetime
    ) -> Entry | None:
        since = self._since.get(entry.subject)
        took = None if since is None else round((self._clock.monotonic() - since) * 1000)
        return settling.settled(stores, entry, moving, now=now, took_ms=took)

    def _begin_next(self, room: int, now: datetime, *, everything: bool) -> int:
        with self._reading() as stores:
            if everything:
                waiting = [entry for entry in stores.ledger.unfinished(JOB) if entry.fate is not Fate.RUNNING]
            else:
                waiting = stores.ledger.waiting(JOB, limit=room)
            # A later night has a row of its own for the same instance: it does what this one waited for.
            newest = {entry.subject: entry.local_date for entry in waiting}
            turns = [looking.turn(stores, entry, now=now) for entry in waiting]
            somebody_waits = bool(turns) and bool(queue.waiting(stores.instances.live()))
        begun = 0
        for turn in turns:
            if turn.entry.local_date < newest[turn.entry.subject]:
                self._pass(turn.entry, Reason.NEXT_NIGHT, now)
            else:
                # Whoever is awake at this hour goes first.
                begun += self._take(turn, now, room=begun < room and not somebody_waits)
        return begun

    def _take(self, turn: Turn, now: datetime, *, room: bool) -> bool:
        """Do what is to be done about one that waits; say whether its turn has begun."""
        entry, one = turn.entry, turn.one
        match turn.verdict:
            case "ends by itself":
                self._change(entry, replace(entry, fate=Fate.RUNNING, begun_at=now, epoch=one.epoch, cell=one.cell))
            case "fresh":
                self._pass(entry, Reason.GONE, now)
            case "failed":
                self._pass(entry, Reason.GONE, now, trouble=one.trouble)
            case "defer":
                waits = replace(entry, fate=Fate.DEFERRED, reason=turn.doing.reason, until=turn.doing.until)
                if waits != entry:
                    self._change(entry, waits)
            case "go" if room:
                return self._go(entry, one, now)
            case "go" if entry.fate is Fate.DEFERRED:
                self._change(entry, replace(entry, fate=Fate.WAITING))
            case _:
                log.debug("instance %s: not yet", entry.subject)
        return False

    def _pass(self, entry: Entry, reason: Reason, now: datetime, *, trouble: str = "") -> None:
        kept = entry.reason or reason
        self._change(entry, replace(entry, fate=Fate.SKIPPED, reason=kept, trouble=trouble, finished_at=now))

    def _go(self, entry: Entry, one: Instance, now: datetime) -> bool:
        if turning.needs_dataset(one) and (trouble := self._golden_trouble(entry.local_date)):
            # Better yesterday's hospital than none: nothing has been sealed yet.
            log.error("the dataset of %s cannot be given out: %s", entry.local_date, trouble)
            self._change(entry, replace(entry, fate=Fate.FAILED, trouble=trouble, finished_at=now))
            return False
        self._since[entry.subject] = self._clock.monotonic()
        try:
            with self._begin() as stores:
                after = turning.begin(stores, entry, now=now)
        except LostRaceError as first:
            log.debug("instance %s: %s", entry.subject, first)
            return False
        except RefusedError as refused:
            log.info("instance %s is not reset tonight: %s", entry.subject, refused)
            self._change(entry, replace(entry, fate=Fate.SKIPPED, trouble=refused.code, finished_at=now))
            return False
        crash("ledger written")
        return after.fate is Fate.RUNNING

    def _golden_trouble(self, of: date) -> str:
        """Read the dataset's file whole once a night, and again for as long as it is not as it should be."""
        if self._intact == of:
            return ""
        trouble = self._habits.golden_trouble()
        self._intact = None if trouble else of
        return trouble

    def _change(self, before: Entry, after: Entry) -> None:
        with self._begin() as stores:
            stores.ledger.change(before, after)
        if before.fate is Fate.DEFERRED and after.fate is not Fate.DEFERRED:
            log.info(
                "instance %s waited on %s for: %s; now: %s", after.subject, after.local_date, before.reason, after.fate
            )

    def _end(self, now: datetime) -> int:
        """Report nights in which nothing waits for its turn any more; return how many instances are deferred still."""
        with self._reading() as stores:
            left = stores.ledger.left(JOB)
            busy = {each.local_date for each in left if each.fate is not Fate.DEFERRED}
            ended = [night for night in stores.ledger.open_nights(JOB) if night.local_date not in busy]
            rows = {night.local_date: stores.ledger.of_night(JOB, night.local_date) for night in ended}
        self._rolling = bool(busy)
        for night in ended:
            self._report(night, rows[night.local_date], now)
        return sum(each.count for each in left if each.fate is Fate.DEFERRED)

    def _report(self, night: Night, rows: list[Entry], now: datetime) -> None:
        since = self._since.pop(night.local_date, None)
        took = None if since is None else round((self._clock.monotonic() - since) * 1000)
        # First the report, then the note that it is out: one told twice is better than one that is lost.
        reporting.tell(log, replace(night, ended_at=now, took_ms=took), rows, zone=self._habits.zone)
        crash("report logged")
        with self._begin() as stores:
            stores.ledger.end_night(night, now=now, took_ms=took)
