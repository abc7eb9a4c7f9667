"""From lines, losses and hints to the score. Fractions until the last step, rounded once, half up, to 0.1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sandbox.contract.journal import Row
from sandbox.exercises import plan
from sandbox.grading import explain
from sandbox.grading.report import HintCost, Line, Loss, Verdict, exact, points, rounded


@dataclass(frozen=True, kw_only=True)
class HintOpened:
    """A hint the trainee opened, at a working time in milliseconds. In practice mode hints are `free`."""

    hint: str
    working_ms: int = 0
    free: bool = False


@dataclass(frozen=True, kw_only=True)
class Total:
    result: Verdict
    score: str
    score_to: str
    exact: str


def hint_costs(
    graded: plan.Plan, rows: Sequence[Row], lines: Sequence[Line], opened: Sequence[HintOpened]
) -> tuple[HintCost, ...]:
    """Return what hints cost, per step: at most what the checks of that step earned.

    A hint is free if its step ends full on evidence from before it was opened; a step whose lines rest on no row at
    all, but on a person's mark or on what is not there, proves nothing about before.
    """
    times = {row.seq: row.t for row in rows} if opened else {}
    first_opened: dict[str, HintOpened] = {}
    for one in opened:
        first_opened.setdefault(one.hint, one)
    found = []
    for step in dict.fromkeys(hint.step for hint in graded.hints):
        mine = [hint for hint in graded.hints if hint.step == step and hint.id in first_opened]
        if mine:
            of_step = [line for line in lines if line.step == step]
            paid = [hint for hint in mine if not _is_free(first_opened[hint.id], of_step, times)]
            earned = sum((Fraction(line.exact) for line in of_step), Fraction(0))
            cost = min(sum((hint.cost for hint in paid), Fraction(0)), earned)
            found.append(_hint_cost(step, [hint.id for hint in mine], cost))
    return tuple(found)


def _is_free(opened: HintOpened, lines: Sequence[Line], times: dict[int, int]) -> bool:
    if opened.free:
        return True
    return any(line.events for line in lines) and all(
        line.outcome == "full" and all(times[seq] < opened.working_ms for seq in line.events) for line in lines
    )


def _hint_cost(step: str, hints: list[str], cost: Fraction) -> HintCost:
    said = explain.say("hint", "cost" if cost else "free", hints=", ".join(hints), cost=points(cost))
    return HintCost(step=step, hints=tuple(hints), cost=rounded(cost, 2), exact=exact(cost), zh=said.zh, en=said.en)


def total(
    graded: plan.Plan, lines: Sequence[Line], losses: Sequence[Loss], hints: Sequence[HintCost], *, provisional: bool
) -> Total:
    """Return the score. A line in error or not yet marked counts from nothing to full: the score becomes a range."""
    earned = sum((Fraction(line.exact) for line in lines), Fraction(0))
    low = _raw(graded, earned, losses, hints)
    open_lines = [line for line in lines if line.outcome in ("error", "pending")]
    if provisional or open_lines:
        unknown = sum((Fraction(line.points) for line in open_lines), Fraction(0))
        high = _raw(graded, earned + unknown, losses, hints)
        return Total(result="provisional", score=rounded(low, 1), score_to=rounded(high, 1), exact=exact(low))
    passed = (
        Fraction(rounded(low, 1)) >= graded.pass_score
        and all(line.outcome == "full" for line in lines if line.must)
        and not any(loss.critical for loss in losses)
    )
    return Total(result="pass" if passed else "fail", score=rounded(low, 1), score_to="", exact=exact(low))


def scale(graded: plan.Plan) -> Fraction:
    """Return what points count by: 1 for a whole exercise, 100 over the points of one player's checks."""
    worth = sum((check.points for check in graded.checks), Fraction(0))
    return Fraction(100) / worth if worth else Fraction(1)


def _raw(graded: plan.Plan, earned: Fraction, losses: Sequence[Loss], hints: Sequence[HintCost]) -> Fraction:
    costs = [loss.exact for loss in losses] + [hint.exact for hint in hints]
    taken = sum((Fraction(cost) for cost in costs), Fraction(0))
    raw = max(Fraction(0), earned * scale(graded) - taken)
    if any(loss.critical for loss in losses):
        return min(raw, Fraction(graded.critical_cap))
    return raw
