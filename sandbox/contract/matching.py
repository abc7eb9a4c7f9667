"""Matchers and patterns over journal rows, used by the grader and, for injects, inside the cell. Pure.

Compiled forms, plain JSON throughout so that they travel inside an exercise pack:

- value: text, true, false, {"number": "9.8"}, {"name": "zhou"} (any id bound to the name), {"date": "-34y"}
- matcher: {"is"|"not"|"min"|"max"|"contains": value, "in"|"not_in": [value…], "like": glob, "empty": bool}; all hold
- pattern: {"actions": [name…], "outcome": "ok"|"refused"|"any", "code"?: matcher, "fields": {field: matcher}}
- event: [pattern…]; any of them matches

A field is `seat` (the row's actor), `patient`, `encounter`, `target` or an attribute of the action.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.contract import moments
from sandbox.contract.journal import SYSTEM, Row

Matcher = Mapping[str, Any]
Pattern = Mapping[str, Any]
Event = Sequence[Pattern]

OPERATORS = ("is", "not", "in", "not_in", "min", "max", "contains", "like", "empty")

_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_SYSTEM_ACTIONS = frozenset({"inject.fired"})


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What names and dates mean in one attempt: ids bound to each $name, and the hospital date of the start."""

    anchor: date
    names: Mapping[str, Collection[str]] = field(default_factory=dict)


def matches(event: Event, row: Row, bound: Bound) -> bool:
    """Say whether the row matches one of the event's patterns."""
    return any(fits(pattern, row, bound) for pattern in event)


def fits(pattern: Pattern, row: Row, bound: Bound) -> bool:
    """Say whether the row matches this pattern. Rows of the system match only `inject.fired`."""
    # The grader's innermost loop: leaves at the first thing that fails, where `misses` names them all.
    if row.action not in pattern["actions"] or pattern["outcome"] not in ("any", row.outcome):
        return False
    if row.actor == SYSTEM and row.action not in _SYSTEM_ACTIONS:
        return False
    if "code" in pattern and not holds(pattern["code"], row.code, bound):
        return False
    for name, matcher in pattern["fields"].items():  # noqa: SIM110 a generator costs as much as the comparison
        if not holds(matcher, value_of(row, name), bound):
            return False
    return True


def misses(pattern: Pattern, row: Row, bound: Bound) -> list[str]:
    """Return which parts of the pattern the row fails: action, system, outcome, code, or names of fields."""
    failed = [] if row.action in pattern["actions"] else ["action"]
    if row.actor == SYSTEM and row.action not in _SYSTEM_ACTIONS:
        failed.append("system")
    if pattern["outcome"] not in ("any", row.outcome):
        failed.append("outcome")
    if "code" in pattern and not holds(pattern["code"], row.code, bound):
        failed.append("code")
    failed += [name for name, matcher in pattern["fields"].items() if not holds(matcher, value_of(row, name), bound)]
    return failed


def value_of(row: Row, name: str) -> Any:
    """Return what the row carries under a field's name, None if nothing."""
    if name == "seat":
        return row.actor
    if name in ("patient", "encounter", "target"):
        return getattr(row, name)
    return row.data.get(name)


def holds(matcher: Matcher, found: Any, bound: Bound) -> bool:
    """Say whether the value satisfies every operator of the matcher."""
    for operator, wanted in matcher.items():  # noqa: SIM110 as in `fits`
        if not _HOLDS[operator](found, wanted, bound):
            return False
    return True


def equal(found: Any, wanted: Any, bound: Bound) -> bool:
    """Say whether a value of a row equals a compiled value: text by code point, numbers exactly, names by set."""
    if isinstance(wanted, dict):
        if "name" in wanted:
            return isinstance(found, str) and found in bound.names.get(wanted["name"], ())
        order = _compared(found, wanted, bound)
        return order == 0
    return type(found) is type(wanted) and bool(found == wanted)


def is_empty(found: Any) -> bool:
    """Say whether there is nothing: missing, null, empty text or an empty list."""
    return found is None or found == "" or found == []


def glob(pattern: str, text: str) -> bool:
    """Say whether the whole text fits `*` and `?`. Never backtracks beyond the last star."""
    at = star = 0
    starred = -1
    place = 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            starred, star = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            place += 1
            at += 1
        elif starred >= 0:
            star += 1
            place, at = starred + 1, star
        else:
            return False
    return all(letter == "*" for letter in pattern[place:])


def number(found: Any) -> Decimal | None:
    """Return the exact number a value stands for, None if it is none. Booleans are no numbers."""
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return Decimal(found)
    if isinstance(found, str) and _NUMBER.fullmatch(found):
        return Decimal(found)
    return None


def _compared(found: Any, wanted: Mapping[str, Any], bound: Bound) -> int | None:
    """Return -1, 0 or 1, None if the two cannot be compared."""
    if "number" in wanted:
        left, right = number(found), Decimal(wanted["number"])
        return None if left is None else (left > right) - (left < right)
    if not isinstance(found, str) or not found:
        return None
    day = moments.resolve(wanted["date"], bound.anchor).iso()
    # Cut to what the author wrote: `today` equals any time of that day, `today 08:15` any second of that minute.
    shown = found.replace(" ", "T")[: len(day)]
    return (shown > day) - (shown < day)


def _at_least(found: Any, wanted: Any, bound: Bound) -> bool:
    order = _compared(found, wanted, bound)
    return order is not None and order >= 0


def _at_most(found: Any, wanted: Any, bound: Bound) -> bool:
    order = _compared(found, wanted, bound)
    return order is not None and order <= 0


def _contains(found: Any, wanted: Any, bound: Bound) -> bool:
    if isinstance(found, list | tuple):
        return any(equal(one, wanted, bound) for one in found)
    return isinstance(found, str) and isinstance(wanted, str) and wanted in found


def _one_of(found: Any, wanted: Sequence[Any], bound: Bound) -> bool:
    return any(equal(found, one, bound) for one in wanted)


_HOLDS: Mapping[str, Callable[[Any, Any, Bound], bool]] = {
    "is": equal,
    "not": lambda found, wanted, bound: not equal(found, wanted, bound),
    "in": _one_of,
    "not_in": lambda found, wanted, bound: not _one_of(found, wanted, bound),
    "min": _at_least,
    "max": _at_most,
    "contains": _contains,
    "like": lambda found, wanted, _bound: isinstance(found, str) and glob(wanted, found),
    "empty": lambda found, wanted, _bound: is_empty(found) is wanted,
}
