"""What of a report its trainee may see, and what may be asked during the attempt. Pure; trainers see everything.

Practice shows all at once. In a class and in an exam the trainer opens the reports of an assignment; before that only
lines whose author said `show: always` are seen, and no score. Source: exercises.md 11.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sandbox.exercises.model import Mode

Hints = Literal["free", "cost", "hidden"]


def is_open(mode: Mode, reports_opened_at: datetime | None) -> bool:
    """Say whether the trainee may see score, verdict and the whole report."""
    return mode is Mode.PRACTICE or reports_opened_at is not None


def sees_line(show: str, mode: Mode, reports_opened_at: datetime | None) -> bool:
    """Say whether the trainee may see a line whose `show` is `always`, `submitted` or `released`."""
    return show == "always" or is_open(mode, reports_opened_at)


def hints(mode: Mode) -> Hints:
    """Return what hints are in this mode."""
    return {Mode.PRACTICE: "free", Mode.CLASS: "cost", Mode.EXAM: "hidden"}[mode]  # type: ignore[return-value]


def may_check(mode: Mode, *, allowed: bool) -> bool:
    """Say whether "check my work" answers; `allowed` is the trainer's word for a class."""
    return mode is Mode.PRACTICE or (mode is Mode.CLASS and allowed)


def checks_line(show: str, mode: Mode) -> bool:
    """Say whether "check my work" may name a line: in a class not one that is for after the release."""
    return mode is Mode.PRACTICE or show != "released"
