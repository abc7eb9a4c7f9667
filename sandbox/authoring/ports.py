"""What authoring needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sandbox.authoring.model import Draft, GateRequest, GateRun
from sandbox.exercises import ports as exercises


class DraftStore(Protocol):
    """Drafts: inserted once, never changed."""

    def add(self, draft: Draft) -> bool:
        """Insert; False if these bytes are there already."""
        ...

    def get(self, sha256: str) -> Draft:
        """Raises NotFoundError."""
        ...

    def all(self) -> list[Draft]:
        """Return all drafts, newest first."""
        ...


class GateStore(Protocol):
    """Requests that the panel leaves and the worker answers; verdicts that stay."""

    def ask(self, request: GateRequest) -> bool:
        """Insert; False if one waits for this draft already."""
        ...

    def waiting(self) -> list[GateRequest]:
        """Return what is not answered, oldest first."""
        ...

    def last_request(self, draft: str) -> GateRequest | None: ...

    def note(self, key: str, *, stage: str, done: int, total: int) -> None:
        """Say how far a run got. Raises LostRaceError if it is answered."""
        ...

    def answer(self, key: str, *, trouble: str, at: datetime) -> None:
        """Raises LostRaceError if it was answered before."""
        ...

    def add(self, run: GateRun) -> None: ...

    def newest(self) -> dict[str, GateRun]:
        """Return the newest verdict of each draft."""
        ...

    def of(self, draft: str) -> list[GateRun]:
        """Return the verdicts of a draft, newest first."""
        ...


class Stores(exercises.Stores, Protocol):
    @property
    def drafts(self) -> DraftStore: ...
    @property
    def gate(self) -> GateStore: ...
