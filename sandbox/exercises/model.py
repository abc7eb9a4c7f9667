"""A released exercise version: immutable bytes under id, number and SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ExerciseVersion:
    id: str
    """`<exercise>@<version>`."""
    exercise: str
    version: int
    sha256: str
    """Of the file's bytes, which the file store keeps."""
    title_zh: str
    title_en: str
    goal_zh: str
    goal_en: str
    minutes: int
    pass_score: int
    released_at: datetime
