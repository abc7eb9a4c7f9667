"""What scheduling needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sandbox.attempts import ports as attempts


class JobTimes(Protocol):
    """Local times (HH:MM) that people chose for jobs, over those of the settings."""

    def chosen(self, job: str) -> str | None: ...

    def chosen_at(self, job: str) -> datetime | None:
        """Return when the present choice was made, or None."""
        ...

    def choose(self, job: str, local_time: str, *, by: str, at: datetime) -> None: ...


class Stores(attempts.Stores, Protocol):
    """What scheduled jobs need inside one transaction."""

    @property
    def job_times(self) -> JobTimes: ...
