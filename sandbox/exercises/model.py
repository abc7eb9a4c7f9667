"""A released exercise version: immutable bytes under id, number and SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """What an attempt is for; source: exercises.md 11."""

    PRACTICE = "practice"
    CLASS = "class"
    EXAM = "exam"


class Per(StrEnum):
    """Over what the allowed attempts are counted: a day of the hospital's calendar, or all time."""

    DAY = "day"
    EVER = "ever"


class Keep(StrEnum):
    """Which of several results counts."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"


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
    modes: tuple[str, ...] = tuple(Mode)
    """Values of `Mode` in which it may be assigned."""
    exam_attempts: int = 3
    exam_per: Per = Per.DAY
    exam_keep: Keep = Keep.BEST
    exam_wait_ms: int = 0
    """Between the end of one attempt of an exam and the start of the next."""
    min_time_ms: int = 0
    """Working time below which a result is a signal for the trainer; never part of a score."""
    variants: int = 1
    released_at: datetime
