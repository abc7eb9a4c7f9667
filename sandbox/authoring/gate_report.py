"""What the release gate found, as a value: read by the terminal, the panel, and whoever releases (format gate/v1)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sandbox.contract import codec
from sandbox.contract.exercise_pack import Words

MutantOutcome = Literal["killed", "excused", "refused", "impossible", "survived", "wrongly_excused"]
"""refused: a repeat that the hospital does not let happen. impossible: no page offers it. Both excuse themselves."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that forbids the release, with its place in the file."""

    code: str
    line: int
    column: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class TestResult:
    """One self-test. `variant` counts from 0."""

    name: str
    variant: int
    line: int
    expected: str
    """Score and result as the file has them: `95 pass`."""
    got: str
    holds: bool
    lost: tuple[str, ...]
    hit: tuple[str, ...]
    fired: tuple[str, ...]
    real: bool | None = None
    """Whether the run through real pages agreed; None = not run."""


@dataclass(frozen=True, kw_only=True)
class Covered:
    """A check, rule or inject, and the tests that lose, hit or fire it."""

    id: str
    title: Words
    line: int
    tests: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class MutantResult:
    id: str
    outcome: MutantOutcome
    score: str
    by: tuple[str, ...]
    """Checks lost and rules hit."""
    words: Words
    reason: Words | None = None
    """Why the author excuses it."""


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """`quick`: without mutants. `real`: also through real pages. Only a report with mutants and pages can be green."""

    exercise: str
    version: int
    title: Words
    sha256: str
    image: str
    """The hospital that ran the scripts."""
    contract: int
    quick: bool
    real: bool
    findings: tuple[Finding, ...]
    tests: tuple[TestResult, ...] = ()
    checks: tuple[Covered, ...] = ()
    rules: tuple[Covered, ...] = ()
    injects: tuple[Covered, ...] = ()
    mutants: tuple[MutantResult, ...] = ()
    ungraded: tuple[str, ...] = ()
    """Actions of the reference that no event, check or rule looks at."""
    schema: str = "gate/v1"

    @property
    def clean(self) -> bool:
        """Whether nothing was found by whatever was run."""
        return not self.findings

    @property
    def releasable(self) -> bool:
        """Whether everything was run and nothing was found."""
        return self.clean and not self.quick and self.real


def dumps(report: GateReport) -> bytes:
    """Return the report as canonical bytes."""
    return json.dumps(codec.to_json(report), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def loads(content: bytes) -> GateReport:
    """Read a stored report. Raises CodecError."""
    return codec.from_json(GateReport, json.loads(content))
