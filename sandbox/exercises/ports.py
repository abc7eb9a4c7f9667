"""What releasing exercises needs from outside."""

from __future__ import annotations

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
        """Return the newest version of each exercise, by exercise."""
        ...

    def all(self) -> list[ExerciseVersion]: ...


class Stores(audit.Stores, Protocol):
    @property
    def exercises(self) -> ExerciseStore: ...
