"""Assignments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Assignment:
    id: str
    exercise_version: str
    person: str
    due: datetime | None
    max_attempts: int | None
    """None = as often as one likes."""
    assigned_by: str
    assigned_at: datetime
    withdrawn_at: datetime | None
