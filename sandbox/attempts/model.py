"""Attempts, evidence, results: values and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from sandbox.exercises.model import Keep, Mode, Per
from sandbox.grading.report import Adjustment
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
    mode: Mode
    time_factor: int
    """Pinned at the start, as all that follows: how many times slower the clock of this hospital runs."""
    untimed: bool
    variant: int


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
    exercise_version: str
    """Version it was graded by: the attempt's own, or a newer one after a regrade."""
    score: str
    """Rounded, one decimal, as text; '' when the report is an error."""
    score_to: str = ""
    """Upper end of the range while the result is provisional, else ''."""
    verdict: str
    """pass, fail, provisional, error."""
    pending: int = 0
    """Lines that wait for a person's mark."""
    faults: int = 0
    """Errors of journal, state or grader; a result with one does not count against the allowed attempts."""
    adjustments: int = 0
    """Number of the newest adjustment applied in it; 0 = none."""
    report_sha256: str
    grader: str
    actor: str
    """Whose decision it was: the worker's at first, later the person who adjusted or accepted a regrade."""
    reason: str = ""
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
    mode: Mode
    opens: datetime | None
    max_attempts: int | None
    per: Per
    keep: Keep
    wait_ms: int
    checks_allowed: bool
    reports_opened_at: datetime | None
    withdrawn: bool
    due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Accommodation:
    """Extra time of one person for one assignment, granted by a trainer before the start."""

    assignment: str
    time_factor: int
    untimed: bool
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """A trainee's wish to know which state checks are full so far; the worker answers it once."""

    id: str
    attempt: AttemptId
    asked_at: datetime
    answered_at: datetime | None
    answer: str
    """Canonical JSON of the checks' ids and whether each is full; '' until answered, or if `trouble` says why not."""
    trouble: str
    """Code of what kept the worker from looking."""


@dataclass(frozen=True, kw_only=True)
class GradingInputs:
    """All that a grade may depend on, as bytes and values."""

    exercise: bytes
    journal: bytes
    """The archived rows: a JSON list in the form of `contract.journal.Row`."""
    state: bytes
    """What was archived of the hospital's state."""
    attempt: AttemptId
    nonce: str
    fault: str
    """What is wrong with the evidence whatever its rows say: its chain at sealing, its files since; '' = nothing."""
    hints: tuple[HintUse, ...]
    baseline: bytes = b""
    """What the state is told against; empty if it is whole."""
    free_hints: bool = False
    """Hints cost nothing in practice mode."""
    time_factor: int = 1
    untimed: bool = False
    variant: int = 0
    adjustments: tuple[Adjustment, ...] = ()
    """What people laid over the grade; as far as it counts."""


@dataclass(frozen=True, kw_only=True)
class Graded:
    """What grading gave: the report's bytes and the few values that lists show."""

    report: bytes
    score: str
    verdict: str
    grader: str
    score_to: str = ""
    pending: int = 0
    faults: int = 0


@dataclass(frozen=True, kw_only=True)
class Launched:
    """What a launch gave. `fresh` is False if the person already had this very thing running."""

    instance: InstanceId
    attempt: AttemptId | None
    fresh: bool
