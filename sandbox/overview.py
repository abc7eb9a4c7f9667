"""Read models that cross rooms: what pages and the command line list. No writes, no decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from sandbox.attempts.model import Accommodation, Attempt, AttemptId, AttemptState
from sandbox.exercises.model import ExerciseVersion
from sandbox.people.model import PersonId
from sandbox.provisioning.model import Cell, CellState, Instance, Observed
from sandbox.rehearsal import ports as rehearsal
from sandbox.training import ports as training
from sandbox.training.model import Assignment


@dataclass(frozen=True, kw_only=True)
class Name:
    """A person as lists show them."""

    id: PersonId
    login: str
    name: str
    department: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The result that counts of one attempt."""

    attempt: AttemptId
    score: str
    """'' when the report is an error."""
    score_to: str
    """Upper end of a provisional range, else ''."""
    verdict: str
    pending: int
    faults: int

    @property
    def worth(self) -> Decimal:
        """Return the score for comparison; an error is worth less than zero points."""
        return Decimal(self.score) if self.score else Decimal(-1)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one person stands with one assignment, or with what was attempted beside all that stands."""

    person: Name
    version: ExerciseVersion
    assignment: Assignment | None
    """The standing assignment; None if it was withdrawn or the exercise was opened freely."""
    accommodation: Accommodation | None
    """For the trainee before the start and for the trainer who grants it; on no other page."""
    tried: tuple[Attempt, ...]
    """Newest first."""
    counted: tuple[Attempt, ...]
    """Those that use up one of the allowed attempts."""
    marks: tuple[Mark, ...]
    """Newest first."""
    counts: Mark | None
    """The result that counts: the best, the last or the first, as the assignment says."""

    @property
    def newest(self) -> Attempt | None:
        return self.tried[0] if self.tried else None

    @property
    def latest(self) -> Mark | None:
        return self.marks[0] if self.marks else None


@dataclass(frozen=True, kw_only=True)
class AttemptLine:
    attempt: Attempt
    person: Name
    title_zh: str
    title_en: str
    mark: Mark | None
    void: bool
    """A person said that it does not count."""
    reports_opened_at: datetime | None
    """When the trainer opened the reports of the attempt's assignment."""


@dataclass(frozen=True, kw_only=True)
class InstanceLine:
    instance: Instance
    owner: Name | None
    title_zh: str | None
    """None = free practice."""
    title_en: str | None


InstanceOrder = Literal["owner", "observed", "epoch", "queued_at", "last_request_at"]


@dataclass(frozen=True, kw_only=True)
class InstanceQuery:
    text: str = ""
    """Part of the owner's name, number, department, of the exercise's title, or of the instance's id."""
    observed: frozenset[Observed] = frozenset()
    """Empty = any."""
    troubled: bool = False
    """Only those that something holds up."""
    order: InstanceOrder = "queued_at"
    descending: bool = True
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class CellLine:
    cell: Cell
    owner: Name | None


@dataclass(frozen=True, kw_only=True)
class LeaseSeen:
    owner: str
    fence: int
    expires_at: datetime
    checked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Vitals:
    """The numbers that say whether provisioning is healthy."""

    instances: dict[Observed, int]
    cells: dict[CellState, int]
    lease: LeaseSeen | None
    troubles: dict[str, int]
    """Code -> how many live instances and present cells it holds up."""
    oldest_queued_at: datetime | None
    attempts: dict[AttemptState, int]
    oldest_submitted_at: datetime | None
    """Of the attempts that wait to be sealed or graded."""
    ungradable: int
    """Attempts whose evidence does not verify and that nobody has settled by a regrade or by voiding them."""


@dataclass(frozen=True, kw_only=True)
class Doorway:
    """All that decides, request by request, who may be inside an instance and where it answers."""

    owner: str
    observed: Observed
    cell: str | None
    disabled: bool
    """The owner's account."""
    login: str | None
    """Token hash of the owner's present log-in."""


class Overview(Protocol):
    """Fulfilled by one set of SQL statements per database."""

    def doorway(self, instance: str) -> Doorway | None:
        """Return the doorway of an instance in one look, or None: the gateway asks this for every request."""
        ...

    def standings(self, person: PersonId | None = None) -> list[Standing]:
        """Return one line per standing assignment, and one per person and version for attempts beside them.

        By person, then due date.
        """
        ...

    def attempts(self, person: PersonId | None = None, *, limit: int = 200) -> list[AttemptLine]:
        """Return attempts, newest first."""
        ...

    def instances(self, query: InstanceQuery) -> tuple[list[InstanceLine], int]:
        """Return one page of instances and how many match in all."""
        ...

    def instances_named(self, keys: frozenset[str]) -> list[InstanceLine]:
        """Return these instances, closed ones included; unknown ids are left out."""
        ...

    def cells(self, states: frozenset[CellState], *, limit: int) -> tuple[list[CellLine], int]:
        """Return cells in these states, those in trouble first, then the newest; and how many there are in all."""
        ...

    def vitals(self) -> Vitals: ...


class Stores(training.Stores, rehearsal.Stores, Protocol):
    """Every store of every room, and the read models: what a page has in one transaction."""

    @property
    def overview(self) -> Overview: ...
