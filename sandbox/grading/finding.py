"""What one look at the evidence found: a share from 0 to 1, its evidence, its sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sandbox.contract.exercise_pack import Words
from sandbox.grading.report import Outcome


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`looks_at`: events whose near misses may explain a loss; `tables`: tables whose refused writes may."""

    share: Fraction
    outcome: Outcome
    says: Words
    expected: dict[str, Any] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)
    events: tuple[int, ...] = ()
    looks_at: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


def outcome_of(share: Fraction, *, reached: bool) -> Outcome:
    """Return the outcome of a share."""
    if share == 1:
        return "full"
    if share > 0:
        return "part"
    return "none" if reached else "not_reached"
