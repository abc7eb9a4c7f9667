"""An exercise as the grader uses it: names resolved, patterns compiled, numbers exact. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sandbox.contract.exercise_pack import CastMember, Words

Compiled = Mapping[str, Any]
"""A matcher or pattern in the form `sandbox.contract.matching` reads."""

START = "start"
"""What `within.from` says for the beginning of the attempt."""


@dataclass(frozen=True, kw_only=True)
class State:
    """Exactly one of: `one` (columns that must hold), `none`, `low`/`high` (how many rows)."""

    table: str
    where: Mapping[str, Compiled]
    scope: str
    one: Mapping[str, Compiled] | None = None
    none: bool = False
    low: int = 0
    high: int | None = None
    part: bool = False


@dataclass(frozen=True, kw_only=True)
class Order:
    chain: tuple[str, ...]
    by: str | None = None
    groups: int = 1
    without: str | None = None


@dataclass(frozen=True, kw_only=True)
class Within:
    start: str
    to: str
    full_ms: int
    zero_ms: int | None = None
    work: bool = False
    by: str | None = None
    groups: int = 1


@dataclass(frozen=True, kw_only=True)
class Count:
    event: str
    low: int = 1
    high: int | None = None
    distinct: str | None = None
    part: bool = False


@dataclass(frozen=True, kw_only=True)
class Answer:
    check: str
    type: str
    number: Fraction | None = None
    keys: tuple[str, ...] = ()
    tolerance: Fraction = Fraction(0)
    choices: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class AllOf:
    parts: tuple[Part, ...]
    weights: tuple[Fraction, ...]


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """Marked by a person. `levels`: points and what they mean, ascending from 0."""

    check: str
    levels: tuple[tuple[Fraction, Words], ...]


Part = State | Order | Within | Count | Answer | Rubric | AnyOf | AllOf


@dataclass(frozen=True, kw_only=True)
class Check:
    id: str
    words: Words
    points: Fraction
    part: Part
    step: str | None = None
    seat: str | None = None
    """Whose check it is where seats are marked apart; None = everybody's."""
    must: bool = False
    requires: str | None = None
    show: str = "submitted"
    mistake: str | None = None
    advice: Words | None = None


@dataclass(frozen=True, kw_only=True)
class Never:
    """Exactly one of `event`, `state`, `use`."""

    id: str
    words: Words
    lose: Fraction
    max: Fraction
    critical: bool = False
    mistake: str | None = None
    distinct: str | None = None
    event: str | None = None
    state: State | None = None
    use: str | None = None
    allow: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Hint:
    id: str
    step: str
    cost: Fraction
    words: Words


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How often an exam may be tried (`max` per day or ever), how long to wait between, which result counts."""

    max: int = 3
    per: str = "day"
    keep: str = "best"
    wait_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    id: str
    version: int
    title: Words
    pass_score: int
    critical_cap: int
    events: Mapping[str, tuple[Compiled, ...]]
    checks: tuple[Check, ...]
    never: tuple[Never, ...]
    hints: tuple[Hint, ...]
    absent: tuple[CastMember, ...]
    seats: tuple[str, ...]
    marks: str = "team"
    """`team`: one score for all players; `seat`: each by own and shared checks."""
    players: tuple[int, int] = (1, 1)
    time_ms: int = 0
    min_time_ms: int = 0
    modes: tuple[str, ...] = ("practice", "class", "exam")
    attempts: Limits = Limits()
    names: Mapping[str, str] = field(default_factory=dict)
    """$name -> what the person is called."""
