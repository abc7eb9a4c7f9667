"""What attempts need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sandbox.attempts.model import (
    Accommodation,
    AssignmentTerms,
    Attempt,
    AttemptId,
    AttemptState,
    CheckRequest,
    Evidence,
    Graded,
    GradingInputs,
    HintUse,
    Result,
)
from sandbox.attempts.second_look import (
    AdjustmentRow,
    Audience,
    ItemOutcome,
    Paper,
    PaperLanguage,
    Regrade,
    RegradeChange,
    RegradeDecision,
    RegradeId,
    RegradeItem,
    RegradeState,
    Scope,
    Voided,
)
from sandbox.exercises import ports as exercises
from sandbox.people import ports as people
from sandbox.provisioning import ports as provisioning
from sandbox.provisioning.model import InstanceId


class AttemptStore(Protocol):
    def add(self, attempt: Attempt) -> None:
        """Raises LostRaceError if the instance already has a live attempt."""
        ...

    def get(self, key: AttemptId) -> Attempt:
        """Raises NotFoundError."""
        ...

    def move(self, key: AttemptId, old: AttemptState, new: AttemptState, *, at: datetime) -> None:
        """Stamp and move. Raises LostRaceError, WrongStateError."""
        ...

    def live_of_instance(self, instance: InstanceId) -> Attempt | None:
        """Return the requested, open or submitted attempt of this instance."""
        ...

    def unfinished(self) -> list[Attempt]:
        """Return all that are requested, open, submitted or sealed, oldest first."""
        ...

    def counted(self, person: str, assignment: str) -> list[Attempt]:
        """Return the attempts under this assignment that use up one of those allowed, oldest first.

        One that was cancelled, interrupted or could not be graded gives it back.
        """
        ...

    def of_person(self, person: str) -> list[Attempt]:
        """Return a person's attempts, newest first."""
        ...

    def all(self) -> list[Attempt]:
        """Return everybody's attempts, newest first."""
        ...


class EvidenceStore(Protocol):
    def add(self, evidence: Evidence) -> None: ...

    def of(self, attempt: AttemptId) -> Evidence | None: ...


class ResultStore(Protocol):
    def append(self, result: Result) -> None: ...

    def of(self, attempt: AttemptId) -> list[Result]:
        """Return all results of an attempt, newest first; the newest counts."""
        ...

    def newest(self) -> dict[AttemptId, Result]:
        """Return the result that counts, for every attempt that has one."""
        ...


class HintStore(Protocol):
    def add(self, use: HintUse) -> bool:
        """Insert; False if this hint was already open."""
        ...

    def of(self, attempt: AttemptId) -> list[HintUse]: ...


class TermsStore(Protocol):
    """Assignments as attempts see them; the training room, which lies above, writes them."""

    def of(self, assignment: str) -> AssignmentTerms:
        """Raises NotFoundError."""
        ...


class AccommodationStore(Protocol):
    def set(self, granted: Accommodation) -> None:
        """Insert, or replace what was granted before."""
        ...

    def of(self, assignment: str) -> Accommodation | None: ...


class CheckStore(Protocol):
    """Questions "check my work": the panel inserts, the worker answers."""

    def add(self, request: CheckRequest) -> None:
        """Raises LostRaceError if one of this attempt is still waiting."""
        ...

    def newest(self, attempt: AttemptId) -> CheckRequest | None: ...

    def waiting(self) -> list[CheckRequest]:
        """Return what has no answer yet, oldest first."""
        ...

    def answer(self, key: str, *, answer: str, trouble: str, at: datetime) -> None:
        """Raises LostRaceError if it has an answer."""
        ...


class AdjustmentStore(Protocol):
    """The manual layer: rows are appended, never changed."""

    def add(self, row: AdjustmentRow) -> None:
        """Raises LostRaceError if the number is taken."""
        ...

    def of(self, attempt: AttemptId) -> list[AdjustmentRow]:
        """Return all rows of an attempt, oldest first."""
        ...

    def unapplied(self) -> list[Attempt]:
        """Return graded attempts with an adjustment that no result holds yet."""
        ...


class VoidStore(Protocol):
    def add(self, voided: Voided) -> bool:
        """Insert; False if the attempt was void already."""
        ...

    def of(self, attempt: AttemptId) -> Voided | None: ...


class RegradeStore(Protocol):
    def add(self, regrade: Regrade) -> None: ...

    def get(self, key: RegradeId) -> Regrade:
        """Raises NotFoundError."""
        ...

    def all(self) -> list[Regrade]:
        """Return every regrade, newest first."""
        ...

    def unfinished(self) -> list[Regrade]:
        """Return those neither applied nor discarded, oldest first."""
        ...

    def move(self, key: RegradeId, old: RegradeState, new: RegradeState, *, at: datetime) -> None:
        """Raises LostRaceError, WrongStateError."""
        ...

    def decide(self, decision: RegradeDecision) -> None:
        """Raises LostRaceError if somebody decided already."""
        ...

    def decision(self, key: RegradeId) -> RegradeDecision | None: ...

    def attempts_in(self, scope: Scope) -> list[Attempt]:
        """Return the graded attempts in the scope, by id."""
        ...

    def add_items(self, items: Sequence[RegradeItem]) -> None: ...

    def items(
        self, key: RegradeId, outcome: ItemOutcome | None = None, *, after: str = "", limit: int | None = None
    ) -> list[RegradeItem]:
        """Return items by attempt, from the one after `after`; only those with this outcome if one is given."""
        ...

    def record(self, item: RegradeItem, changes: Sequence[RegradeChange]) -> None:
        """Store what was computed for a waiting item. Raises LostRaceError if it no longer waits."""
        ...

    def settle(self, item: RegradeItem, outcome: ItemOutcome) -> None:
        """Say what became of a computed item. Raises LostRaceError if that was said already."""
        ...

    def changes(self, key: RegradeId, attempt: AttemptId | None = None) -> list[RegradeChange]: ...

    def counts(self, key: RegradeId) -> dict[ItemOutcome, int]: ...

    def newest_numbers(self, keys: Sequence[AttemptId]) -> dict[AttemptId, int]:
        """Return the number of the result that counts, for each of these attempts."""
        ...


class PaperStore(Protocol):
    """Reports to print, and the files they became."""

    def want(self, paper: Paper) -> bool:
        """Insert; False if this report of this attempt is wanted in this language for this audience already."""
        ...

    def of(self, attempt: AttemptId, report: str, language: PaperLanguage, audience: Audience) -> Paper | None: ...

    def waiting(self, limit: int) -> list[Paper]:
        """Return those to be made, oldest first."""
        ...

    def made(self, paper: Paper, file: str, *, at: datetime) -> None:
        """Raises LostRaceError."""
        ...

    def failed(self, paper: Paper, trouble: str) -> None:
        """Raises LostRaceError."""
        ...

    def want_again(self, paper: Paper, *, at: datetime) -> None:
        """Want a failed or outdated paper anew. Raises LostRaceError unless it is still as it was read."""
        ...


class Stores(provisioning.Stores, people.Stores, exercises.Stores, Protocol):
    """What operations on attempts need inside one transaction."""

    @property
    def attempts(self) -> AttemptStore: ...
    @property
    def evidence(self) -> EvidenceStore: ...
    @property
    def results(self) -> ResultStore: ...
    @property
    def hints(self) -> HintStore: ...
    @property
    def terms(self) -> TermsStore: ...
    @property
    def accommodations(self) -> AccommodationStore: ...
    @property
    def checks(self) -> CheckStore: ...
    @property
    def adjustments(self) -> AdjustmentStore: ...
    @property
    def voids(self) -> VoidStore: ...
    @property
    def regrades(self) -> RegradeStore: ...
    @property
    def papers(self) -> PaperStore: ...


class Grader(Protocol):
    """Turns exercise and evidence into a report. Pure; the grading room fulfils it, the worker passes it in."""

    def __call__(self, inputs: GradingInputs) -> Graded: ...
