"""What differs between two reports of one attempt, line by line. Pure; reads stored JSON of any grader's version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.attempts.second_look import Choice, ItemOutcome, RegradeItem

Change = tuple[str, str, str]
"""Id of check or never rule, points before, points after; a loss is negative; '' = not in that report."""


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return what changed, in the order of the new report."""
    before, after = _points(old), _points(new)
    names = [*after, *(name for name in before if name not in after)]
    return tuple(
        (name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def _points(report: Mapping[str, Any]) -> dict[str, str]:
    lines: Sequence[Mapping[str, Any]] = report.get("lines", ())
    losses: Sequence[Mapping[str, Any]] = report.get("losses", ())
    found = {str(line["id"]): "?" if line["outcome"] in ("pending", "error") else str(line["got"]) for line in lines}
    return found | {str(loss["id"]): f"-{loss['lost']}" for loss in losses}


def outcome(item: RegradeItem, choice: Choice, *, old_report: str, newest: int, own: bool) -> ItemOutcome:
    """Return what becomes of a computed item when a person has chosen; `own` = it is that person's attempt.

    `newest` is the number of the result that counts now. "Only higher" never turns a pass into a fail.
    """
    if newest != item.number:
        return ItemOutcome.OVERTAKEN
    if item.new_report == old_report:
        return ItemOutcome.SAME
    if own or (choice == "higher" and not is_higher(item)):
        return ItemOutcome.KEPT
    return ItemOutcome.APPLIED


def is_higher(item: RegradeItem) -> bool:
    """Say whether the trainee gains: more points and no pass lost, or a pass won at equal points."""
    old, new = _worth(item.old_score), _worth(item.new_score)
    if item.old_verdict == "pass" and item.new_verdict != "pass":
        return False
    return new > old or (new == old and item.new_verdict == "pass" and item.old_verdict != "pass")


def _worth(score: str) -> Decimal:
    return Decimal(score) if score else Decimal(-1)
