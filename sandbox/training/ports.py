"""What training needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sandbox.attempts import ports as attempts
from sandbox.training.model import Assignment


class AssignmentStore(Protocol):
    def add(self, assignment: Assignment) -> bool:
        """Insert; False if this person already has a standing assignment of this version in this mode."""
        ...

    def get(self, key: str) -> Assignment:
        """Raises NotFoundError."""
        ...

    def withdraw(self, key: str, *, at: datetime) -> bool:
        """False if it already was withdrawn."""
        ...

    def open_reports(self, key: str, *, at: datetime) -> bool:
        """False if they were open."""
        ...

    def close_reports(self, key: str) -> bool:
        """False if they were closed."""
        ...

    def of_person(self, person: str) -> list[Assignment]:
        """Return what stands, most urgent first, without a date last."""
        ...

    def all(self) -> list[Assignment]:
        """Return everything ever assigned, newest first."""
        ...


class Stores(attempts.Stores, Protocol):
    """What training's operations need inside one transaction."""

    @property
    def assignments(self) -> AssignmentStore: ...
