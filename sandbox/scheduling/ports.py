"""What scheduling needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sandbox.attempts import ports as attempts
from sandbox.provisioning.capacity import Machine
from sandbox.provisioning.model import Cell, Instance
from sandbox.provisioning.queue import Ahead, Finished
from sandbox.scheduling.ledger import JobLedger
from sandbox.scheduling.vitals import Sample, Vitals
from sandbox.training.model import Assignment


class JobTimes(Protocol):
    """Local times (HH:MM) that people chose for jobs, over those of the settings."""

    def chosen(self, job: str) -> str | None: ...

    def chosen_at(self, job: str) -> datetime | None:
        """Return when the present choice was made, or None."""
        ...

    def choose(self, job: str, local_time: str, *, by: str, at: datetime) -> None: ...


class Host(Protocol):
    """The machine itself. Reading it changes nothing and takes milliseconds."""

    def look(self) -> Machine: ...

    def memory_of(self, cells: Sequence[Cell]) -> Mapping[str, int]:
        """Return bytes by cell id; cells of which nothing can be read are left out."""
        ...


class VitalsStore(Protocol):
    """What the worker tells the pages of itself: one row, and a minute's line for each minute of the last day."""

    def put(self, vitals: Vitals) -> bool:
        """Write the row; False if a newer worker has written it."""
        ...

    def latest(self) -> Vitals | None: ...

    def add_sample(self, sample: Sample) -> None:
        """Write this minute's line, over the one that is there."""
        ...

    def samples(self, *, since: datetime) -> list[Sample]:
        """Return them, oldest first."""
        ...

    def prune(self, *, before: datetime) -> None: ...


class DemandStore(Protocol):
    """What was asked of the pool lately, and what will be."""

    def unforeseen(self, *, since: datetime) -> list[datetime]:
        """Return when people wanted a cell that no lesson had announced: launches and resets."""
        ...

    def opening(self, begins: datetime, ends: datetime) -> list[Assignment]:
        """Return the standing assignments that open at a moment from `begins` to `ends`."""
        ...

    def begun(self, begins: datetime, ends: datetime) -> frozenset[str]:
        """Return the people who have started an assignment that opens between these moments."""
        ...

    def ahead(self, one: Instance) -> Ahead:
        """Return who is served before this queued launch; the same as `queue.ahead`, without reading every row."""
        ...

    def ready(self) -> int:
        """Return how many cells are ready."""
        ...

    def next_expiry(self) -> datetime | None:
        """Return when the next open hospital is closed by its age, None if none will be."""
        ...

    def finished(self, *, newest: int) -> list[Finished]:
        """Return the cells that became ready last, oldest first."""
        ...


class Stores(attempts.Stores, Protocol):
    """What scheduled jobs need inside one transaction."""

    @property
    def job_times(self) -> JobTimes: ...
    @property
    def ledger(self) -> JobLedger: ...
    @property
    def vitals(self) -> VitalsStore: ...
    @property
    def demand(self) -> DemandStore: ...
