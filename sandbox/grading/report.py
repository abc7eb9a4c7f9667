"""The report of one attempt: lines, losses, hints, score, digests. Plain values that travel as canonical JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from sandbox.contract import canonical, codec
from sandbox.contract.exercise_pack import Words

SCHEMA = "report/v1"
GRADER = "2"
"""Version of the grader: raised whenever equal evidence may give another report."""

Outcome = Literal["full", "part", "none", "not_reached", "error", "pending"]
"""`pending`: a rubric that nobody has marked yet."""
Verdict = Literal["pass", "fail", "provisional", "error"]


AdjustmentKind = Literal["mark", "set", "add", "waive"]


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """A person's decision about a check or never rule.

    `mark`: the points of a rubric; `set`, `add`: what a line got or a loss took, put at or changed by `points`
    (decimal text); `waive`: the line counts full, the loss not at all, `points` is ''.
    """

    subject: str
    kind: AdjustmentKind
    points: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Near:
    """A row that almost counted: what it did, and the one part by which it failed."""

    seq: int
    action: str
    part: str
    code: str | None
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Line:
    """One check. `events` are numbers of journal rows; `exact` is the fraction of points got.

    Where a person decided otherwise `graded` is what the grader gave, and `adjusted` the decision.
    """

    id: str
    kind: str
    title: Words
    points: str
    got: str
    exact: str
    outcome: Outcome
    must: bool
    step: str | None
    show: str
    mistake: str | None
    expected: dict[str, Any]
    found: dict[str, Any]
    events: tuple[int, ...]
    near: tuple[Near, ...]
    advice: Words | None
    zh: str
    en: str
    graded: str = ""
    adjusted: Adjustment | None = None


@dataclass(frozen=True, kw_only=True)
class Loss:
    """One never rule that was hit; `graded` and `adjusted` as in a line."""

    id: str
    title: Words
    hits: int
    lost: str
    exact: str
    critical: bool
    mistake: str | None
    events: tuple[int, ...]
    zh: str
    en: str
    graded: str = ""
    adjusted: Adjustment | None = None


@dataclass(frozen=True, kw_only=True)
class HintCost:
    """What the hints opened in one step cost."""

    step: str
    hints: tuple[str, ...]
    cost: str
    exact: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Graded:
    """Which exercise, by id, version and bytes."""

    id: str
    version: int
    sha256: str
    title: Words


@dataclass(frozen=True, kw_only=True)
class Report:
    """`score` is '' when the result is an error; `score_to` is '' unless the result is provisional.

    `scale` is what the points of the lines count by: 1, or 100 over the points of one player's checks where seats are
    marked apart. `digests` are those of the inputs.
    """

    schema: str = SCHEMA
    exercise: Graded
    result: Verdict
    score: str
    score_to: str
    exact: str
    pass_score: int
    lines: tuple[Line, ...]
    losses: tuple[Loss, ...]
    hints: tuple[HintCost, ...]
    critical: tuple[str, ...]
    pending: tuple[str, ...]
    errors: tuple[Words, ...]
    fired: tuple[str, ...]
    digests: dict[str, str] = field(default_factory=dict)
    grader: str = GRADER
    contract: int
    scale: str = "1"
    variant: int = 0


def dumps(report: Report) -> bytes:
    """Return the canonical bytes of a report."""
    return canonical.dumps(codec.to_json(report)).encode()


def loads(data: bytes) -> Report:
    """Return a stored report. Raises CodecError if it has another shape."""
    return codec.from_json(Report, json.loads(data))


def rounded(number: Fraction, digits: int) -> str:
    """Return a number rounded once, half up: `59.7`."""
    scale = 10**digits
    whole = (number * scale * 2 + 1) // 2
    return f"{whole // scale}.{whole % scale:0{digits}d}"


def exact(number: Fraction) -> str:
    """Return a fraction as text: `31/6`, `10`."""
    return str(number)


def points(number: Fraction) -> str:
    """Return points as authors write them: `10`, `2.5`."""
    text = rounded(number, 2).rstrip("0").rstrip(".")
    return text or "0"
