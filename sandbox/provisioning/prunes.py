"""Requests to clear up, and the worker's answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class PruneRequest:
    id: str
    approved: str
    """JSON list of the left-overs' keys; '' = only look."""
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    answer: str
    """JSON list of what was found, each with `done`."""
    trouble: str
    """Code of what kept the worker from looking, or ''."""


class PruneStore(Protocol):
    def add(self, request: PruneRequest) -> None: ...

    def get(self, key: str) -> PruneRequest: ...

    def waiting(self) -> list[PruneRequest]:
        """Return what is not answered, oldest first."""
        ...

    def answer(self, key: str, *, answer: str, trouble: str, at: datetime) -> None:
        """Raises LostRaceError if it is answered."""
        ...
