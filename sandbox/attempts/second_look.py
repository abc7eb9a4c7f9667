"""What may be done to a grade afterwards: adjustments by people, voiding, regrades, papers. Values and states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

from sandbox.attempts.model import AttemptId

RegradeId = NewType("RegradeId", str)

AdjustmentKind = Literal["mark", "set", "add", "waive", "withdraw"]
"""`mark`: points of a rubric line; `set`, `add`: override of a line or loss; `waive`: the line counts full, the loss
not at all; `withdraw`: what the grader gave counts again."""


@dataclass(frozen=True, kw_only=True)
class AdjustmentRow:
    """Appended, never changed. Of one subject the row with the highest number counts."""

    attempt: AttemptId
    number: int
    subject: str
    """Id of a check or never rule."""
    kind: AdjustmentKind
    points: str
    """Decimal text; '' for waive and withdraw."""
    reason: str
    """'' only for a mark: its level says why."""
    actor: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Voided:
    """An attempt that does not count, by a person's word. Its results stay readable."""

    attempt: AttemptId
    reason: str
    actor: str
    at: datetime


class RegradeState(StrEnum):
    REQUESTED = "requested"
    COMPUTING = "computing"
    READY = "ready"
    APPLYING = "applying"
    APPLIED = "applied"
    DISCARDED = "discarded"


REGRADE_MOVES: Mapping[RegradeState, frozenset[RegradeState]] = {
    RegradeState.REQUESTED: frozenset({RegradeState.COMPUTING, RegradeState.DISCARDED}),
    RegradeState.COMPUTING: frozenset({RegradeState.READY, RegradeState.DISCARDED}),
    RegradeState.READY: frozenset({RegradeState.APPLYING, RegradeState.DISCARDED}),
    RegradeState.APPLYING: frozenset({RegradeState.APPLIED}),
    RegradeState.APPLIED: frozenset(),
    RegradeState.DISCARDED: frozenset(),
}
"""Only the worker moves a regrade; people insert requests and decisions, which it sees."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose results are computed anew: all that is given must hold. At least one is given."""

    exercise: str | None = None
    assignment: str | None = None
    """Any assignment of one class: those made in the same act are meant."""
    person: str | None = None
    attempt: AttemptId | None = None
    max_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class Regrade:
    """A request. `target` is an exercise version, or '' for the version of each result, by the present grader."""

    id: RegradeId
    exercise: str | None
    assignment: str | None
    person: str | None
    attempt: AttemptId | None
    max_version: int | None
    target: str
    reason: str
    requested_by: str
    requested_at: datetime
    state: RegradeState
    since: datetime

    @property
    def scope(self) -> Scope:
        return Scope(
            exercise=self.exercise,
            assignment=self.assignment,
            person=self.person,
            attempt=self.attempt,
            max_version=self.max_version,
        )


Choice = Literal["all", "higher", "discard"]


@dataclass(frozen=True, kw_only=True)
class RegradeDecision:
    """A person's word on a preview; one per regrade, never changed."""

    regrade: RegradeId
    choice: Choice
    reason: str
    actor: str
    at: datetime


class ItemOutcome(StrEnum):
    """What became of one attempt of a regrade."""

    WAITING = "waiting"
    """Not computed yet."""
    COMPUTED = "computed"
    APPLIED = "applied"
    SAME = "same"
    """Accepted, and nothing had changed: no result was appended."""
    KEPT = "kept"
    """Only higher ones were accepted, and this one was not."""
    OVERTAKEN = "overtaken"
    """Somebody adjusted or regraded it after the preview: what was shown is no longer the difference."""
    FAILED = "failed"
    """Its papers could not be read or do not fit the target; the old result stands."""


@dataclass(frozen=True, kw_only=True)
class RegradeItem:
    """One attempt of a regrade: what counts now beside what would count. Values of the new result are '' until then."""

    regrade: RegradeId
    attempt: AttemptId
    number: int
    """Of the result it is compared with."""
    old_score: str
    old_verdict: str
    exercise_version: str
    """Version it is graded by."""
    outcome: ItemOutcome = ItemOutcome.WAITING
    new_score: str = ""
    new_score_to: str = ""
    new_verdict: str = ""
    new_report: str = ""
    """SHA-256."""
    grader: str = ""
    pending: int = 0
    faults: int = 0
    adjustments: int = 0
    """Number of the newest adjustment in it."""
    trouble: str = ""
    """Code of what failed."""

    @property
    def flips(self) -> bool:
        """Say whether a pass becomes a fail or the other way round."""
        return {self.old_verdict, self.new_verdict} == {"pass", "fail"}


@dataclass(frozen=True, kw_only=True)
class RegradeChange:
    """One line or loss that would differ: points before and after; '' where there was or is none."""

    regrade: RegradeId
    attempt: AttemptId
    subject: str
    old: str
    new: str


class PaperState(StrEnum):
    WANTED = "wanted"
    MADE = "made"
    FAILED = "failed"


PAPER_MOVES: Mapping[PaperState, frozenset[PaperState]] = {
    PaperState.WANTED: frozenset({PaperState.MADE, PaperState.FAILED}),
    PaperState.FAILED: frozenset({PaperState.WANTED}),
    PaperState.MADE: frozenset({PaperState.WANTED}),
}
"""The worker makes or fails; a person may want a failed one again, or one that no longer says all."""

Audience = Literal["trainee", "trainer"]
PaperLanguage = Literal["zh", "en"]


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One report to print: made once for each attempt, report, language and audience."""

    report: str
    """SHA-256 of the report."""
    language: PaperLanguage
    audience: Audience
    attempt: AttemptId
    state: PaperState
    wanted_by: str
    wanted_at: datetime
    made_at: datetime | None
    file: str
    """SHA-256 of the PDF; '' until made."""
    trouble: str
    """Code of what failed."""
