"""What the rehearsal room needs from outside."""

from __future__ import annotations

from typing import Protocol

from sandbox.rehearsal.model import Rehearsal
from sandbox.scheduling import ports as scheduling


class RehearsalStore(Protocol):
    """Results, never changed once written."""

    def add(self, rehearsal: Rehearsal) -> None: ...

    def get(self, key: str) -> Rehearsal:
        """Raises NotFoundError."""
        ...

    def newest(self, count: int) -> list[Rehearsal]:
        """Return the newest first."""
        ...


class Stores(scheduling.Stores, Protocol):
    """What the room's operations need inside one transaction."""

    @property
    def rehearsals(self) -> RehearsalStore: ...
