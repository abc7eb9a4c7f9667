"""Attempts, evidence, results: values and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from sandbox.provisioning.model import InstanceId

AttemptId = NewType("AttemptId", str)


class AttemptState(StrEnum):
    REQUESTED = "requested"
    OPEN = "open"
    CANCELLED = "cancelled"
    SUBMITTED = "submitted"
    ABANDONED = "abandoned"
    INTERRUPTED = "interrupted"
    SEALED = "sealed"
    GRADED = "graded"


ATTEMPT_MOVES: Mapping[AttemptState, frozenset[AttemptState]] = {
    AttemptState.REQUESTED: frozenset({AttemptState.OPEN, AttemptState.CANCELLED, AttemptState.INTERRUPTED}),
    AttemptState.OPEN: frozenset({AttemptState.SUBMITTED, AttemptState.ABANDONED, AttemptState.INTERRUPTED}),
    AttemptState.SUBMITTED: frozenset({AttemptState.SEALED, AttemptState.INTERRUPTED}),
    AttemptState.SEALED: frozenset({AttemptState.GRADED}),
    AttemptState.CANCELLED: frozenset(),
    AttemptState.ABANDONED: frozenset(),
    AttemptState.INTERRUPTED: frozenset(),
    AttemptState.GRADED: frozenset(),
}

COUNTED = frozenset(
    {
        AttemptState.REQUESTED,
        AttemptState.OPEN,
        AttemptState.SUBMITTED,
        AttemptState.ABANDONED,
        AttemptState.SEALED,
        AttemptState.GRADED,
    }
)
"""States that use up one of the allowed attempts; cancelled and interrupted give it back."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    id: AttemptId
    person: str
    exercise_version: str
    assignment: str | None
    instance: InstanceId
    state: AttemptState
    requested_at: datetime
    opened_at: datetime | None
    submitted_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Journal and state sealed at submission, by SHA-256 in the file store."""

    attempt: AttemptId
    journal_sha256: str
    state_sha256: str
    nonce: str
    rows: int
    sealed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Result:
    """Appended, never changed; the newest counts."""

    attempt: AttemptId
    number: int
    score: str
    """Rounded, one decimal, as text; '' when the report is an error."""
    verdict: str
    """pass, fail, provisional, error."""
    report_sha256: str
    grader: str
    graded_at: datetime


@dataclass(frozen=True, kw_only=True)
class HintUse:
    attempt: AttemptId
    hint: str
    working_ms: int
    opened_at: datetime


@dataclass(frozen=True, kw_only=True)
class AssignmentTerms:
    """What of an assignment binds an attempt."""

    assignment: str
    person: str
    exercise_version: str
    max_attempts: int | None
    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class GradingInputs:
    """All that a grade may depend on, as bytes and values."""

    exercise: bytes
    journal: bytes
    """The archived rows: a JSON list in the form of `contract.journal.Row`."""
    state: bytes
    attempt: AttemptId
    nonce: str
    fault: str
    """What was wrong with the journal's chain when it was archived; '' = nothing."""
    hints: tuple[HintUse, ...]


@dataclass(frozen=True, kw_only=True)
class Graded:
    """What grading gave: the report's bytes and the few values that lists show."""

    report: bytes
    score: str
    verdict: str
    grader: str


@dataclass(frozen=True, kw_only=True)
class Launched:
    """What a launch gave. `fresh` is False if the person already had this very thing running."""

    instance: InstanceId
    attempt: AttemptId | None
    fresh: bool
