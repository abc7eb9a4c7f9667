"""Which attributes of an act an event, a check or a rule looks at, and with which matchers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.contract import matching, moments
from sandbox.contract.catalogue import ACTIONS
from sandbox.exercises import plan as plans
from sandbox.exercises.plan import Compiled, Plan
from sandbox.exercises.scripts import Act


def parts(part: plans.Part) -> Iterator[plans.Part]:
    """Yield a part and everything inside it."""
    yield part
    if isinstance(part, plans.AnyOf | plans.AllOf):
        for inner in part.parts:
            yield from parts(inner)


def states(plan: Plan) -> Iterator[plans.State]:
    """Yield every look at the final state, of checks and of never rules."""
    for check in plan.checks:
        yield from (part for part in parts(check.part) if isinstance(part, plans.State))
    yield from (rule.state for rule in plan.never if rule.state is not None)


def matchers(plan: Plan, action: str, attribute: str) -> list[Compiled]:
    """Return every matcher on this attribute: of the action's rows, and of the records the action is about."""
    patterns = (pattern for event in plan.events.values() for pattern in event if action in pattern["actions"])
    found = [pattern["fields"][attribute] for pattern in patterns if attribute in pattern["fields"]]
    table = ACTIONS[action].target
    return found + columns(plan, table, attribute)


def columns(plan: Plan, table: str, column: str) -> list[Compiled]:
    """Return every matcher on a column of a table."""
    looks = [state for state in states(plan) if state.table == table]
    return [
        matcher
        for state in looks
        for listed in (state.where, state.one or {})
        for name, matcher in listed.items()
        if name == column
    ]


def bound(names: Iterable[str]) -> matching.Bound:
    """Return a binding in which every `$name` stands for itself."""
    return matching.Bound(anchor=moments.EPOCH, names={name: (f"${name}",) for name in names})


def may_be(act: Act, pattern: Compiled, names: matching.Bound) -> bool:
    """Say whether the act can write a row of this pattern, as far as what it says goes."""
    if act.action not in pattern["actions"]:
        return False
    said: dict[str, Any] = {"seat": act.seat, **act.fields}
    return all(
        matching.holds(matcher, said[name], names)
        for name, matcher in pattern["fields"].items()
        if name in said and isinstance(said[name], str | int | bool)
    )
