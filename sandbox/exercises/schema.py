"""The shape of an exercise file (format v1) as pydantic models; the JSON Schema is exported from here.

Shape only: types, required and unknown keys. What a name, table or action means is checked by `consistency`.
`unsupported` holds keys of the format that this version refuses instead of ignoring them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.exercises.scalars import (
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
    unsupported: ClassVar[frozenset[str]] = frozenset()


class Told(Part):
    """A mapping with a text in both languages."""

    zh: str
    en: str


class Rules(Part):
    unsupported = frozenset({"min_time", "modes", "attempts"})
    time: Milliseconds
    pass_: Annotated[int, Field(alias="pass", ge=0, le=100)] = 80
    critical_cap: Annotated[int, Field(ge=0, le=100)] = 59


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


class Start(Part):
    unsupported = frozenset({"set"})
    dataset: str = "base"
    clock: TimeOfDay = "08:00"
    add: dict[str, list[dict[str, Any]]] = {}


class Hint(Told):
    id: Identifier
    cost: NotNegative


class Step(Told):
    unsupported = frozenset({"skip"})
    id: Identifier
    seat: str | None = None
    hints: list[Hint] = []


class Speech(Told):
    from_: Told = Field(alias="from")


class Inject(Part):
    unsupported = frozenset({"set", "add", "jump"})
    id: Identifier
    at: When | None = None
    when: str | None = None
    delay: Milliseconds = 0
    unless: str | None = None
    say: Speech | None = None


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


class Kinds(Part):
    """The keys of every kind of check; exactly one kind is given."""

    unsupported = frozenset({"rubric"})
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
    unsupported = frozenset({"marks", "draft"})
    name: Identifier
    run: list[RunStep] | None = None
    from_: str | None = Field(default=None, alias="from")
    drop: list[str] = []
    edit: dict[str, dict[str, Any]] = {}
    swap: list[str] = []
    add: list[AddedStep] = []
    hints: list[str] = []
    accommodations: Accommodations | None = None
    expect: Expect


class Exercise(Part):
    """A whole file."""

    unsupported = frozenset({"team", "vary", "equivalent"})
    schema_: Literal["exercise/v1"] = Field(alias="schema")
    id: Identifier
    version: Annotated[int, Field(ge=1)]
    title: Told
    goal: Told | None = None
    library: Annotated[str, Field(pattern=r"^X(0[1-9]|1\d|2[0-2])$")] | None = None
    notes: str | None = None
    rules: Rules
    seats: dict[Name, Seat]
    cast: dict[Name, CastMember] = {}
    start: Start = Start()
    steps: list[Step]
    injects: list[Inject] = []
    events: dict[Name, dict[str, Any]]
    checks: list[Check]
    never: list[Never] = []
    tests: list[SelfTest]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that editors use."""
    return Exercise.model_json_schema(by_alias=True)
