"""What nights need to be remembered: when jobs rang, which nights were begun, what became of every subject."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from sandbox.scheduling.model import Entry, Night, Tally


class JobLedger(Protocol):
    """Nights of jobs, and one row per job, local date and subject: the row decides that each is done once."""

    def ring(self, job: str, *, now: datetime) -> None:
        """Note that a worker looked at this job."""
        ...

    def rung_at(self, job: str) -> datetime | None:
        """Return when a worker last looked at this job; None = never."""
        ...

    def begin_night(self, night: Night) -> None:
        """Insert, or begin one that was written down as missed. Raises LostRaceError if it was begun already."""
        ...

    def add_missed(self, night: Night) -> None:
        """Insert unless this job has this local date already."""
        ...

    def night(self, job: str, local_date: date) -> Night | None: ...

    def nights(self, job: str, *, first: date, last: date) -> list[Night]:
        """Return the recorded nights in this span, oldest first."""
        ...

    def newest_night(self, job: str) -> Night | None: ...

    def open_nights(self, job: str) -> list[Night]:
        """Return the nights that were begun and have not ended."""
        ...

    def end_night(self, night: Night, *, now: datetime, took_ms: int | None) -> None:
        """Raises LostRaceError unless it was begun and has not ended."""
        ...

    def enrol(self, entry: Entry) -> bool:
        """Insert; False if this job already has this subject on this local date."""
        ...

    def change(self, before: Entry, after: Entry) -> None:
        """Store what became of a row. Raises LostRaceError unless its fate is as before, WrongStateError."""
        ...

    def unfinished(self, job: str) -> list[Entry]:
        """Return what waits, is deferred or runs, by date, then in the order in which it is to be done."""
        ...

    def running(self, job: str) -> list[Entry]: ...

    def waiting(self, job: str, *, limit: int) -> list[Entry]:
        """Return those whose turn is next."""
        ...

    def left(self, job: str) -> list[Tally]:
        """Count what is unfinished."""
        ...

    def of_night(self, job: str, local_date: date) -> list[Entry]: ...

    def tallies(self, job: str, *, first: date, last: date) -> list[Tally]: ...
