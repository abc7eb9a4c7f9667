"""Whether a run in memory and the same run through the pages wrote the same journal.

The pages look at more than a script says: log-ins, views and searches that no event, rule or step names are dropped
from both, a named view counts once per person and patient, and rows are numbered anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sandbox.contract import codec
from sandbox.contract.catalogue import ACTIONS
from sandbox.contract.journal import Row
from sandbox.exercises import scripts
from sandbox.exercises.loader import Loaded

_OF_THE_RUN = ("seq", "attempt", "wall", "prev", "hash")
_LOG_IN = ("auth.", "his_account.")
_RULE_ACTIONS = {
    "privacy.unrelated_chart": ("chart.open",),
    "privacy.export": ("print.document", "export.request"),
}


def named(loaded: Loaded) -> frozenset[str]:
    """Return the actions that the exercise's events, rules and tests name."""
    patterns = (pattern for event in loaded.plan.events.values() for pattern in event)
    acts = (act for test in loaded.exercise.tests for act in scripts.resolve(loaded.exercise, test))
    return frozenset(
        [action for pattern in patterns for action in pattern["actions"]]
        + [action for rule in loaded.plan.never for action in _RULE_ACTIONS.get(rule.use or "", ())]
        + [act.action for act in acts]
    )


def essential(rows: Iterable[Row], names: Collection[str]) -> list[dict[str, Any]]:
    """Return what must be equal in both journals."""
    kept: list[dict[str, Any]] = []
    numbers: dict[int, int] = {}
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        action = ACTIONS.get(row.action)
        is_view = action is not None and action.kind == "view"
        sight = (row.actor, row.action, row.outcome, row.patient, row.target)
        is_named = row.action in names
        if (row.action.startswith(_LOG_IN) and not is_named) or (is_view and (not is_named or sight in seen)):
            continue
        seen.add(sight)
        numbers[row.seq] = len(kept) + 1
        value = {key: inner for key, inner in codec.to_json(row).items() if key not in _OF_THE_RUN}
        cause = value["data"].get("cause")
        value["data"] = {**value["data"], "cause": numbers.get(cause)} if isinstance(cause, int) else value["data"]
        kept.append(value)
    return kept


def differences(memory: Sequence[Row], real: Sequence[Row], names: Collection[str]) -> list[str]:
    """Return, per row that differs, what each of the two says; empty if they agree."""
    left, right = essential(memory, names), essential(real, names)
    found = [
        f"row {number}: {key} is {one.get(key)!r} in memory, {other.get(key)!r} through the pages"
        for number, (one, other) in enumerate(zip(left, right, strict=False), start=1)
        for key in one
        if one.get(key) != other.get(key)
    ]
    for rows, place in ((left[len(right) :], "in memory"), (right[len(left) :], "through the pages")):
        found += [f"only {place}: {row['actor']} {row['action']} {row['outcome']}" for row in rows]
    return found
