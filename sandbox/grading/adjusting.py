"""What people decide about a report, on top of what the grader found: marks, overrides, waivers.

The grader's own finding is never lost: a line or loss that was adjusted carries both. Decisions are applied over
every regrade. The last one about a subject counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from sandbox.grading.finding import outcome_of
from sandbox.grading.report import Adjustment, Line, Loss, exact, rounded

Decisions = Mapping[str, Adjustment]


def last(adjustments: Iterable[Adjustment]) -> Decisions:
    """Return the decision that counts for each check or never rule."""
    return {each.subject: each for each in adjustments}


def marks(adjustments: Iterable[Adjustment]) -> dict[str, Fraction]:
    """Return the points people gave for rubrics, by check."""
    return {name: Fraction(each.points) for name, each in last(adjustments).items() if each.kind == "mark"}


def line(graded: Line, decisions: Decisions) -> Line:
    """Return the line as it counts."""
    decision = decisions.get(graded.id)
    if decision is None:
        return graded
    if decision.kind == "mark":
        return replace(graded, adjusted=decision)
    worth, was = Fraction(graded.points), Fraction(graded.exact)
    got = {"set": decision.points, "waive": graded.points}.get(decision.kind)
    now = was + Fraction(decision.points) if got is None else Fraction(got)
    now = max(Fraction(0), min(worth, now))
    return replace(
        graded,
        got=rounded(now, 2),
        exact=exact(now),
        outcome=outcome_of(now / worth, reached=True),
        graded=graded.exact,
        adjusted=decision,
    )


def loss(graded: Loss, decisions: Decisions, *, most: Fraction) -> Loss:
    """Return the loss as it counts, at most what its rule may take; a waived one takes nothing and is not critical."""
    decision = decisions.get(graded.id)
    if decision is None or decision.kind == "mark":
        return graded
    was = Fraction(graded.exact)
    given = {"set": decision.points, "waive": "0"}.get(decision.kind)
    now = was + Fraction(decision.points) if given is None else Fraction(given)
    now = max(Fraction(0), min(most, now))
    return replace(
        graded,
        lost=rounded(now, 2),
        exact=exact(now),
        critical=graded.critical and decision.kind != "waive",
        graded=graded.exact,
        adjusted=decision,
    )
