"""What releasing exercises needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sandbox.audit import ports as audit
from sandbox.exercises.model import ExerciseVersion


class ExerciseStore(Protocol):
    """Released versions: inserted once, never changed."""

    def add(self, version: ExerciseVersion) -> bool:
        """Insert; False if this very version is already there. Raises VersionTakenError if its bytes were others."""
        ...

    def get(self, key: str) -> ExerciseVersion:
        """Raises NotFoundError."""
        ...

    def newest(self) -> list[ExerciseVersion]:
        """Return the newest version of each exercise that is not retired, by exercise: what can be assigned."""
        ...

    def all(self) -> list[ExerciseVersion]: ...

    def retire(self, key: str, *, by: str, at: datetime) -> bool:
        """Note that nobody is to be assigned this version any more; False if so already."""
        ...

    def retired(self) -> dict[str, datetime]:
        """Return retired versions and when they were."""
        ...


class Stores(audit.Stores, Protocol):
    @property
    def exercises(self) -> ExerciseStore: ...
