"""Expected beside found, item by item, in the words of the report's language. Kinds without items have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.contract import matching
from sandbox.contract.catalogue import TABLES
from sandbox.contract.matching import Bound
from sandbox.exercises.plan import Check, Order, Plan, State
from sandbox.grading import explain, words
from sandbox.grading.report import Line
from web import wording
from web.wording import _

_NOBODY = Bound(anchor=date.min, names={})


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that was looked at. `right` is None where only the whole line can tell."""

    name: str
    expected: str
    found: str
    right: bool | None


def items(line: Line, plan: Plan, names: Mapping[str, str]) -> tuple[Item, ...]:
    """Return what this line compared; `names` are what people call the cast."""
    check = next((one for one in plan.checks if one.id == line.id), None)
    if check is None:
        return ()
    if isinstance(check.part, State) and check.part.one is not None:
        return tuple(_columns(check.part, line.found, names))
    if isinstance(check.part, Order):
        return _order(check, line.found, plan)
    return ()


def _columns(part: State, found: Mapping[str, Any], names: Mapping[str, str]) -> list[Item]:
    shown = []
    for column, matcher in (part.one or {}).items():
        kind = TABLES.get(part.table, {}).get(column, "text")
        there = column in found
        shown.append(
            Item(
                name=_told(words.column(column)),
                expected=_told(explain.wanted(matcher, kind, names)).removeprefix(_("be ")),
                found=_told(words.value(kind, found[column])) if there else _("nothing found"),
                right=there and matching.holds(matcher, found[column], _NOBODY),
            )
        )
    return shown


def _order(check: Check, found: Mapping[str, Any], plan: Plan) -> tuple[Item, ...]:
    if not isinstance(check.part, Order):
        return ()
    first = found.get("first")
    if not isinstance(first, Mapping):
        return ()
    asked = " → ".join(_told(explain.event(plan, name)) for name in check.part.chain)
    happened = sorted((number, name) for name, number in first.items() if isinstance(number, int))
    done = " → ".join(f"{_told(explain.event(plan, name))} #{number}" for number, name in happened)
    return (Item(name=_("Order"), expected=asked, found=done or _("nothing found"), right=None),)


def _told(pair: tuple[str, str]) -> str:
    return pair[0] if wording.language() == "zh" else pair[1]
