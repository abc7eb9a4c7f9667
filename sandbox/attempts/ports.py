"""What attempts need from outside."""

from __future__ import annotations

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


class Grader(Protocol):
    """Turns exercise and evidence into a report. Pure; the grading room fulfils it, the worker passes it in."""

    def __call__(self, inputs: GradingInputs) -> Graded: ...
