"""Reads matchers and patterns: checks them against the catalogue and compiles them for `contract.matching`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.contract import moments
from sandbox.contract.catalogue import ACTIONS, REFUSALS, STATES, TABLES
from sandbox.contract.matching import OPERATORS
from sandbox.exercises import shape
from sandbox.exercises.names import Scope
from sandbox.exercises.plan import Compiled
from sandbox.exercises.problems import Said, nearest
from sandbox.exercises.shape import Path
from sandbox.exercises.tree import shown

_NAME = re.compile(r"\$[a-z][a-z0-9_]{0,30}", re.ASCII)
_DATES = ("date", "day", "time")
_TEXT = shape.TEXT
_WRITABLE = tuple(name for name in OPERATORS if name != "is")

PATTERN_KEYS = ("action", "outcome", "code", "seat", "patient", "encounter", "target")


def state_matchers(raw: Mapping[str, Any], table: str, scope: Scope, at: Path) -> dict[str, Compiled]:
    """Compile `{column: matcher}` of a gradable table."""
    found = {}
    for column, one in raw.items():
        kind = column_kind(table, column, scope, (*at, column))
        if kind is not None:
            found[column] = matcher(one, kind, scope, (*at, column))
    return found


def column_kind(table: str, column: str, scope: Scope, at: Path) -> str | None:
    """Return the kind of a table's column, None (and a problem) if there is none."""
    columns = TABLES.get(table)
    if columns is None:
        return None
    if column not in columns:
        scope.report("EX304.column", at, key=True, t=table, c=column, near=nearest(column, columns))
        return None
    return columns[column]


def pattern(raw: Mapping[str, Any], scope: Scope, at: Path) -> Compiled:
    """Compile one pattern over journal rows."""
    actions = _actions(raw.get("action"), scope, at)
    outcome = raw.get("outcome", "refused" if "code" in raw else "ok")
    if outcome not in ("ok", "refused", "any") or ("code" in raw and outcome != "refused"):
        allowed = Said("refused", "refused") if "code" in raw else Said("ok、refused 或 any", "ok, refused or any")
        shape.wrong_type((*at, "outcome"), allowed, outcome, scope.root, scope.problems)
    compiled: dict[str, Any] = {"actions": list(actions), "outcome": outcome, "fields": {}}
    for name, one in raw.items():
        if name == "code":
            compiled["code"] = matcher(one, "refusal", scope, (*at, name))
        elif name not in ("action", "outcome"):
            kind = field_kind(actions, name, scope, (*at, name))
            if kind is not None:
                compiled["fields"][name] = matcher(one, kind, scope, (*at, name))
    return compiled


def field_kind(actions: tuple[str, ...], name: str, scope: Scope, at: Path, *, key: bool = True) -> str | None:
    """Return the kind of a row's field, None (and a problem) if one of the actions does not have it."""
    if name in ("patient", "encounter"):
        return f"ref:{name}"
    if name == "seat":
        return "seat"
    if name == "target":
        tables = {ACTIONS[action].target for action in actions}
        return f"ref:{tables.pop()}" if len(tables) == 1 and tables != {""} else "text"
    if name == "inject" and actions == ("inject.fired",):
        return "inject"
    for action in actions:
        if name not in ACTIONS[action].attributes:
            near = nearest(name, [*ACTIONS[action].attributes, *PATTERN_KEYS])
            scope.report("EX304.attribute", at, key=key, a=action, c=name, near=near)
            return None
    return ACTIONS[actions[0]].attributes[name] if actions else None


def _actions(raw: Any, scope: Scope, at: Path) -> tuple[str, ...]:
    if raw is None:
        scope.report("EX202", at, where=shape.where(scope.root, at), k="action")
        return ()
    listed = isinstance(raw, dict) and list(raw) == ["in"] and isinstance(raw["in"], list)
    found = []
    for index, name in enumerate(raw["in"] if listed else [raw]):
        place: Path = (*at, "action", "in", index) if listed else (*at, "action")
        if not isinstance(name, str):
            shape.wrong_type(place, _TEXT, name, scope.root, scope.problems)
        elif known_action(name, scope, place):
            found.append(name)
    return tuple(found)


def known_action(name: str, scope: Scope, at: Path) -> bool:
    """Check that the catalogue has this action."""
    if name not in ACTIONS:
        scope.report("EX303", at, a=name, near=_action_called(name) or nearest(name, ACTIONS))
    return name in ACTIONS


def _action_called(words: str) -> str:
    """Return the action that people call so, '' if there is none: authors write what the journal page shows."""
    return next((each.name for each in ACTIONS.values() if words in (each.zh, each.en)), "")


def matcher(raw: Any, kind: str, scope: Scope, at: Path) -> Compiled:
    """Compile a matcher for a value of this kind."""
    if not isinstance(raw, dict):
        return {"is": value(raw, kind, scope, at)}
    if not raw:
        shape.wrong_type(at, Said("匹配条件", "a matcher"), raw, scope.root, scope.problems)
    return {
        operator: _operand(operator, one, kind, scope, (*at, operator))
        for operator, one in raw.items()
        if _known_operator(operator, scope, (*at, operator))
    }


def _known_operator(operator: str, scope: Scope, at: Path) -> bool:
    if operator in _WRITABLE:
        return True
    around = shape.where(scope.root, at[:-1])
    scope.report("EX201", at, key=True, k=operator, where=around, near=nearest(operator, _WRITABLE))
    return False


def _operand(operator: str, raw: Any, kind: str, scope: Scope, at: Path) -> Any:
    if operator in ("in", "not_in"):
        if not isinstance(raw, list) or not raw:
            shape.wrong_type(at, Said("非空列表", "a list that is not empty"), raw, scope.root, scope.problems)
            return []
        return [value(one, kind, scope, (*at, index)) for index, one in enumerate(raw)]
    if operator == "empty":
        if not isinstance(raw, bool):
            shape.wrong_type(at, Said("true 或 false", "true or false"), raw, scope.root, scope.problems)
        return raw
    if operator == "like":
        return value(raw, "text", scope, at)
    if operator == "contains":
        return value(raw, _element(kind), scope, at)
    if operator in ("min", "max") and kind not in ("int", "decimal", *_DATES):
        wanted = Said("只用于数字或日期的条件", "used on numbers and dates only")
        shape.wrong_type(at, wanted, raw, scope.root, scope.problems)
        return raw
    return value(raw, kind, scope, at)


def _element(kind: str) -> str:
    if not kind.startswith("list:"):
        return "text"
    inner = kind.removeprefix("list:")
    return f"ref:{inner}" if inner in TABLES else f"code:{inner}"


def value(raw: Any, kind: str, scope: Scope, at: Path) -> Any:
    """Compile one value of this kind; what does not fit is reported and passed on as written."""
    if kind in ("int", "decimal"):
        return _number(raw, kind, scope, at)
    if kind == "bool":
        if not isinstance(raw, bool):
            shape.wrong_type(at, Said("true 或 false", "true or false"), raw, scope.root, scope.problems)
        return raw
    if kind.startswith("list:"):
        wanted = Said("{contains: …} 形式的匹配条件", "a matcher such as {contains: …}")
        shape.wrong_type(at, wanted, raw, scope.root, scope.problems)
        return raw
    if not isinstance(raw, str):
        shape.wrong_type(at, _TEXT, raw, scope.root, scope.problems)
        return raw
    if kind in _DATES:
        return _date(raw, kind, scope, at)
    return _text(raw, kind, scope, at)


def _number(raw: Any, kind: str, scope: Scope, at: Path) -> Any:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        shape.wrong_type(at, Said("数字", "a number"), raw, scope.root, scope.problems)
        return raw
    if kind == "int" and raw != int(raw):
        shape.wrong_type(at, Said("整数", "a whole number"), raw, scope.root, scope.problems)
    return {"number": shown(raw)}


def _date(raw: str, kind: str, scope: Scope, at: Path) -> Any:
    if not moments.is_date(raw) or (kind != "time" and " " in raw):
        scope.report("EX207.date", at, v=raw)
    return {"date": raw}


def _text(raw: str, kind: str, scope: Scope, at: Path) -> Any:
    if _NAME.fullmatch(raw):
        return _named(raw[1:], kind, scope, at)
    if kind == "seat":
        scope.refer("seat", raw, at)
    elif kind == "inject":
        scope.refer("inject", raw, at)
    elif kind == "refusal":
        if raw not in REFUSALS:
            scope.report("EX303", at, a=raw, near=nearest(raw, REFUSALS))
    elif kind == "ref:staff" and raw in scope.declared["seat"]:
        return {"name": raw}
    elif kind.startswith("ref:"):
        wanted = Said("$名字", "a $name")
        shape.wrong_type(at, wanted, raw, scope.root, scope.problems)
    else:
        coded(raw, kind, scope, at)
    return raw


def _named(name: str, kind: str, scope: Scope, at: Path) -> Any:
    table = scope.record(name, at)
    wanted = kind.removeprefix("ref:")
    if kind.startswith("ref:") and table is not None and table != wanted:
        said = Said(f"表 {wanted} 中记录的 $名字", f"the $name of a record in {wanted}")
        shape.wrong_type(at, said, f"${name}", scope.root, scope.problems)
    return {"name": name}


def coded(raw: str, kind: str, scope: Scope, at: Path) -> None:
    """Check a code against its list, a state against its machine."""
    prefix, _, name = kind.partition(":")
    if prefix == "state":
        known = STATES.get(name, frozenset())
    elif prefix == "code" and scope.vocabulary is not None and name in scope.vocabulary.codes:
        known = scope.vocabulary.codes[name]
    else:
        return
    if raw not in known:
        named = {} if scope.vocabulary is None else scope.vocabulary.names.get(name, {})
        near = named.get(raw) or nearest(raw, known) or named.get(nearest(raw, named), "")
        scope.report("EX305", at, v=raw, list=name, near=near)
