"""The shape of an exercise file (format v1) as pydantic models; the JSON Schema is exported from here.

Shape only: types, required and unknown keys. What a name, table or action means is checked by `consistency`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.exercises.scalars import (
    Date,
    Identifier,
    Matchers,
    Milliseconds,
    Name,
    NotNegative,
    Number,
    Positive,
    TimeOfDay,
    When,
)


class Part(BaseModel):
    """Any mapping of the file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Told(Part):
    """A mapping with a text in both languages."""

    zh: str
    en: str


class Limits(Part):
    """How often an exam may be tried, and which result counts."""

    max: Annotated[int, Field(ge=1, le=100)] = 3
    per: Literal["day", "ever"] = "day"
    keep: Literal["best", "last", "first"] = "best"
    wait: Milliseconds = 0


class Rules(Part):
    time: Milliseconds
    min_time: Milliseconds = 0
    pass_: Annotated[int, Field(alias="pass", ge=0, le=100)] = 80
    critical_cap: Annotated[int, Field(ge=0, le=100)] = 59
    modes: Annotated[list[Literal["practice", "class", "exam"]], Field(min_length=1)] = ["practice", "class", "exam"]
    attempts: Limits = Limits()


class Team(Part):
    players: Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(min_length=2, max_length=2)] = [1, 1]
    marks: Literal["team", "seat"] = "team"


class Seat(Told):
    role: Literal["REG", "OPD", "IPD", "NUR", "PHA", "CAS", "LAB", "IMG", "MRC", "HOD", "ITA", "FIN"]
    dept: str | None = None
    ward: str | None = None


class CastMember(Part):
    """A person; every other key is a column of the record."""

    model_config = ConfigDict(extra="allow")
    from_: str | None = Field(default=None, alias="from")
    absent: bool = False
    identity: list[str] = ["name"]
    kind: Literal["patient", "staff"] = "patient"


class Change(Part):
    """Records that match `where` get the values of `to`."""

    table: str
    where: Annotated[dict[str, Any], Field(min_length=1)]
    to: Annotated[dict[str, Any], Field(min_length=1)]


class Start(Part):
    dataset: str = "base"
    clock: TimeOfDay = "08:00"
    agreement: bool = False
    """Whether everybody signs the confidentiality agreement at the first log-in, before the desks open."""
    add: dict[str, list[dict[str, Any]]] = {}
    set: list[Change] = []


class Hint(Told):
    id: Identifier
    cost: NotNegative


class Skip(Told):
    """A button that moves the hospital clock to a later moment."""

    to: Date


class Step(Told):
    id: Identifier
    seat: str | None = None
    hints: list[Hint] = []
    skip: Skip | None = None


class Speech(Told):
    from_: Told = Field(alias="from")


class Inject(Part):
    id: Identifier
    at: When | None = None
    when: str | None = None
    delay: Milliseconds = 0
    unless: str | None = None
    say: Speech | None = None
    set: Change | None = None
    add: Annotated[dict[str, dict[str, Any]], Field(min_length=1, max_length=1)] | None = None
    jump: Date | None = None


class State(Part):
    table: str
    where: Matchers
    scope: Literal["touched", "created", "all"] | None = None
    one: Matchers | None = None
    none: bool | None = None
    count: int | dict[str, int] | None = None
    part: bool = False


class Within(Part):
    from_: str = Field(alias="from")
    to: str
    full: Milliseconds
    zero: Milliseconds | None = None
    clock: Literal["hospital", "work"] = "hospital"
    by: str | None = None
    groups: Annotated[int, Field(ge=1, le=1000)] = 1


class Count(Part):
    event: str
    times: int | dict[str, int] | None = None
    distinct: str | None = None
    part: bool = False


class Answer(Part):
    ask: Told
    type: Literal["number", "choice", "choices", "text"]
    key: Number | str | list[str]
    choices: dict[str, Told] = {}
    tolerance: NotNegative = Decimal(0)


class Level(Told):
    points: NotNegative


class Rubric(Part):
    """Marked by a person: from 0 up to the check's points."""

    levels: Annotated[list[Level], Field(min_length=2)]


class Kinds(Part):
    """The keys of every kind of check; exactly one kind is given."""

    state: State | None = None
    order: list[str] | None = None
    by: str | None = None
    groups: Annotated[int, Field(ge=1, le=1000)] | None = None
    without: str | None = None
    within: Within | None = None
    count: Count | None = None
    any_of: list[InnerKinds] | None = None
    all_of: list[InnerKinds] | None = None


class InnerKinds(Kinds):
    """A part of any_of or all_of."""

    weight: Positive = Decimal(1)


class Check(Kinds, Told):
    id: Identifier
    points: Positive
    step: str | None = None
    seat: str | None = None
    must: bool = False
    requires: str | None = None
    show: Literal["always", "submitted", "released"] = "submitted"
    mistake: Annotated[str, Field(pattern=r"^T(0[1-9]|[12]\d|3[0-7])$")] | None = None
    advice: Told | None = None
    answer: Answer | None = None
    rubric: Rubric | None = None


class Never(Told):
    id: Identifier
    lose: Positive
    max: Positive | None = None
    critical: bool = False
    mistake: Annotated[str, Field(pattern=r"^T(0[1-9]|[12]\d|3[0-7])$")] | None = None
    distinct: str | None = None
    event: str | dict[str, Any] | None = None
    state: State | None = None
    use: str | None = None
    allow: list[str] | None = None


class RunStep(Part):
    """One act of a test; every other key is an attribute of the action."""

    model_config = ConfigDict(extra="allow")
    as_: Name | None = Field(default=None, alias="as")
    at: Milliseconds
    seat: str
    action: str


class AddedStep(RunStep):
    at: Milliseconds | None = None  # type: ignore[assignment]  # one second after `after` unless given
    after: str


class Expect(Part):
    score: NotNegative
    result: Literal["pass", "fail"]
    lost: list[str] | None = None
    hit: list[str] | None = None
    fired: list[str] | None = None


class Accommodations(Part):
    time_factor: Annotated[int, Field(ge=1, le=4)] = 1
    untimed: bool = False


class SelfTest(Part):
    name: Identifier
    run: list[RunStep] | None = None
    from_: str | None = Field(default=None, alias="from")
    drop: list[str] = []
    edit: dict[str, dict[str, Any]] = {}
    swap: list[str] = []
    add: list[AddedStep] = []
    hints: list[str] = []
    marks: dict[str, NotNegative] = {}
    accommodations: Accommodations | None = None
    draft: bool = False
    expect: Expect


class Equivalent(Told):
    """Mutants of the reference that may score 100, and why."""

    mutants: Annotated[list[str], Field(min_length=1)]


class Exercise(Part):
    """A whole file."""

    schema_: Literal["exercise/v1"] = Field(alias="schema")
    id: Identifier
    version: Annotated[int, Field(ge=1)]
    title: Told
    goal: Told | None = None
    library: Annotated[str, Field(pattern=r"^X(0[1-9]|1\d|2[0-2])$")] | None = None
    notes: str | None = None
    rules: Rules
    seats: dict[Name, Seat]
    team: Team = Team()
    cast: dict[Name, CastMember] = {}
    start: Start = Start()
    steps: list[Step]
    injects: list[Inject] = []
    events: dict[Name, dict[str, Any]]
    checks: list[Check]
    never: list[Never] = []
    tests: list[SelfTest]
    equivalent: list[Equivalent] = []
    vary: dict[Name, Annotated[list[dict[str, Any]], Field(min_length=1)]] = {}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that editors use."""
    return Exercise.model_json_schema(by_alias=True)
