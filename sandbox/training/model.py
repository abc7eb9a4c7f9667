"""Assignments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.exercises.model import Keep, Mode, Per


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How something is to be done, as the trainer says it. How often an exam may be tried is the exercise's to say."""

    mode: Mode = Mode.CLASS
    opens: datetime | None = None
    due: datetime | None = None
    max_attempts: int | None = None
    per: Per = Per.EVER
    keep: Keep = Keep.BEST
    checks_allowed: bool = False
    reports_open: bool = False
    """A class whose reports are seen as soon as they are there."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    id: str
    exercise_version: str
    person: str
    mode: Mode
    opens: datetime | None
    """None = at once."""
    due: datetime | None
    max_attempts: int | None
    """None = as often as one likes."""
    per: Per
    keep: Keep
    wait_ms: int
    checks_allowed: bool
    """Whether "check my work" answers in a class; always in practice, never in an exam."""
    reports_opened_at: datetime | None
    """When the trainer opened the reports; None = closed to the trainee. Practice needs no opening."""
    assigned_by: str
    assigned_at: datetime
    withdrawn_at: datetime | None
