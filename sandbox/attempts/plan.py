"""Decides what is to become of every unfinished attempt. Pure: what is stored in, deeds out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sandbox.attempts import deadline
from sandbox.attempts.model import Attempt, AttemptState
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import CellArchive, Desired, Instance, Observed

Reason = Literal["closed", "failed", "lost"]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """One unfinished attempt and what stands around it."""

    attempt: Attempt
    instance: Instance
    minutes: int
    """Working time that the exercise allows."""
    remains: bool
    """A cell that was claimed for this attempt is not gone yet."""
    archive: CellArchive | None
    """Of the cell that was armed for this attempt."""


@dataclass(frozen=True, kw_only=True)
class Expire:
    """Time is over: submitted as it stands."""

    attempt: Attempt


@dataclass(frozen=True, kw_only=True)
class Interrupt:
    attempt: Attempt
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Seal:
    attempt: Attempt
    archive: CellArchive


@dataclass(frozen=True, kw_only=True)
class Grade:
    attempt: Attempt


Deed = Expire | Interrupt | Seal | Grade


def plan(situations: Iterable[Situation], *, now: datetime) -> list[Deed]:
    """Return at most one deed per attempt; the next tick sees what it led to."""
    return [deed for each in situations if (deed := _next(each, now)) is not None]


def _next(seen: Situation, now: datetime) -> Deed | None:
    state = seen.attempt.state
    if state is AttemptState.SEALED:
        return Grade(attempt=seen.attempt)
    if state is AttemptState.SUBMITTED:
        return _after_submission(seen)
    reason = _interruption(seen)
    if reason is not None:
        return Interrupt(attempt=seen.attempt, reason=reason)
    return Expire(attempt=seen.attempt) if _is_over(seen, now) else None


def _is_over(seen: Situation, now: datetime) -> bool:
    """Say whether the time is up. In practice the limit is shown and ends nothing; source: exercises.md 11."""
    attempt = seen.attempt
    if attempt.opened_at is None or attempt.mode is Mode.PRACTICE:
        return False
    return deadline.is_over(attempt.opened_at, minutes=seen.minutes, extra=attempt, now=now)


def _interruption(seen: Situation) -> Reason | None:
    if seen.instance.observed is Observed.FAILED:
        return "failed"
    return "closed" if seen.instance.desired is Desired.CLOSED else None


def _after_submission(seen: Situation) -> Deed | None:
    if seen.archive is not None:
        return Seal(attempt=seen.attempt, archive=seen.archive)
    # Sealed, archived, even quarantined cells may still yield the evidence; only a cell that is gone cannot.
    over = seen.instance.observed in (Observed.CLOSED, Observed.FAILED)
    if over and not seen.remains:
        return Interrupt(attempt=seen.attempt, reason="lost")
    return None
