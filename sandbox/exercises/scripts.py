"""Resolves self-tests into steps in order of time: run or from, drop, edit, swap, add. Checks what they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sandbox.contract import moments
from sandbox.contract.catalogue import ACTIONS, TABLES
from sandbox.contract.events import RETURNED, STEP_FIELDS
from sandbox.contract.seat_events import TYPED_FIELDS
from sandbox.exercises import matchers, schema, shape
from sandbox.exercises.names import Scope
from sandbox.exercises.problems import Said, nearest
from sandbox.exercises.shape import Path
from sandbox.exercises.tree import shown

_ROW_FIELDS = {"patient": "ref:patient", "encounter": "ref:encounter"}
_OWN_KEYS = ("as", "at", "seat", "action", "after")
_LATER_MS = 1000
MAX_DERIVED = 20
"""How long a chain of `from` may be: every test of it is built from the one before."""
_NESTED: Mapping[str, Mapping[str, str]] = {
    "items": TABLES["rx_item"],
    "override": ACTIONS["alert.override"].attributes,
    "lines": RETURNED,
}


@dataclass(frozen=True, kw_only=True)
class Act:
    """One step of a resolved test."""

    label: str
    at_ms: int
    seat: str
    action: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def resolve(exercise: schema.Exercise, test: schema.SelfTest) -> tuple[Act, ...]:
    """Return the acts of a test of a valid exercise, sorted by time, stable."""
    acts = _derived(exercise, test)
    return tuple(sorted(acts, key=lambda act: act.at_ms))


def _derived(exercise: schema.Exercise, test: schema.SelfTest) -> list[Act]:
    if test.run is not None:
        acts = [_act(step, step.at, f"{index + 1}") for index, step in enumerate(test.run)]
    else:
        source = next(each for each in exercise.tests if each.name == test.from_)
        acts = _derived(exercise, source)
    acts = [act for act in acts if act.label not in test.drop]
    acts = [_edited(act, test.edit.get(act.label, {})) for act in acts]
    if test.swap:
        acts = _swapped(acts, test.swap)
    for index, step in enumerate(test.add):
        place = next(at for at, act in enumerate(acts) if act.label == step.after)
        at_ms = acts[place].at_ms + _LATER_MS if step.at is None else step.at
        acts.insert(place + 1, _act(step, at_ms, f"+{index + 1}"))
    return acts


def _act(step: schema.RunStep, at_ms: int, number: str) -> Act:
    return Act(
        label=step.as_ or number, at_ms=at_ms, seat=step.seat, action=step.action, fields=dict(step.model_extra or {})
    )


def _edited(act: Act, changes: Mapping[str, Any]) -> Act:
    fields = {key: value for key, value in changes.items() if key not in _OWN_KEYS}
    return replace(
        act,
        at_ms=moments.duration_ms(changes["at"]) if "at" in changes else act.at_ms,
        seat=changes.get("seat", act.seat),
        action=changes.get("action", act.action),
        fields={**act.fields, **fields},
    )


def _swapped(acts: list[Act], pair: list[str]) -> list[Act]:
    times = {act.label: act.at_ms for act in acts}
    other = {pair[0]: pair[1], pair[1]: pair[0]}
    return [replace(act, at_ms=times[other.get(act.label, act.label)]) for act in acts]


def check(exercise: schema.Exercise, scope: Scope) -> None:
    """Report what tests name and nobody declares."""
    by_name = {test.name: test for test in exercise.tests}
    for index, test in scope.each("tests", exercise.tests):
        at: Path = ("tests", index)
        if (test.run is None) == (test.from_ is None):
            scope.report("EX205", at, where=shape.where(scope.root, at), list="run, from")
            continue
        for number, step in enumerate(test.run or ()):
            _step(step, scope, (*at, "run", number))
        _hints_and_results(test, scope, at)
        _marks(exercise, test, scope, at)
        if test.from_ is not None and scope.refer("test", test.from_, (*at, "from")):
            wrong = _endless(test, by_name)
            if wrong is not None:
                scope.report("EX302", (*at, "from"), what=wrong, n=test.from_)
                continue
        _changes(test, _labels(test.from_, by_name) if test.from_ else _own_labels(test), scope, at)


def _own_labels(test: schema.SelfTest) -> dict[str, str]:
    return {step.as_ or f"{index + 1}": step.action for index, step in enumerate(test.run or ())}


def _endless(test: schema.SelfTest, by_name: Mapping[str, schema.SelfTest]) -> Said | None:
    """Return what is looked for in vain if the chain of `from` runs in a circle or is too long, else None."""
    seen: set[str] = set()
    while test.from_ is not None and test.from_ in by_name:
        if test.from_ in seen:
            return Said("不循环引用的自测", "test without a circle")
        seen.add(test.from_)
        if len(seen) > MAX_DERIVED:
            return Said(f"派生不超过 {MAX_DERIVED} 层的自测", f"test derived in at most {MAX_DERIVED} steps")
        test = by_name[test.from_]
    return None


def _labels(name: str, by_name: Mapping[str, schema.SelfTest]) -> dict[str, str] | None:
    """Return label -> action of a test that does not circle, None if one it derives from is broken."""
    test = by_name.get(name)
    if test is None:
        return None
    if test.from_ is None:
        return _own_labels(test)
    known = _labels(test.from_, by_name)
    if known is None:
        return None
    known = {label: action for label, action in known.items() if label not in test.drop}
    return known | {step.as_: step.action for step in test.add if step.as_}


def _changes(test: schema.SelfTest, known: dict[str, str] | None, scope: Scope, at: Path) -> None:
    if known is not None:
        scope.declared["act"] = frozenset(known)
        for index, label in enumerate(test.drop):
            scope.refer("act", label, (*at, "drop", index))
        for index, label in enumerate(test.swap):
            scope.refer("act", label, (*at, "swap", index))
        for label, changes in test.edit.items():
            if scope.refer("act", label, (*at, "edit", label)):
                _edit(changes, known[label], scope, (*at, "edit", label))
    if test.swap and len(test.swap) != 2:
        said = Said("两个自测动作", "two acts")
        shape.wrong_type((*at, "swap"), said, test.swap, scope.root, scope.problems)
    added = dict(known or {})
    for number, step in enumerate(test.add):
        place: Path = (*at, "add", number)
        if known is not None:
            scope.declared["act"] = frozenset(added)
            scope.refer("act", step.after, (*place, "after"))
        _step(step, scope, place)
        added[step.as_ or f"+{number + 1}"] = step.action


def _edit(changes: Mapping[str, Any], was: str, scope: Scope, at: Path) -> None:
    if "seat" in changes:
        scope.refer("seat", str(changes["seat"]), (*at, "seat"))
    if "action" in changes:
        matchers.known_action(str(changes["action"]), scope, (*at, "action"))
    _fields(changes, str(changes.get("action", was)), scope, at)


def _step(step: schema.RunStep, scope: Scope, at: Path) -> None:
    scope.refer("seat", step.seat, (*at, "seat"))
    if matchers.known_action(step.action, scope, (*at, "action")):
        _fields(step.model_extra or {}, step.action, scope, at)


def _fields(fields: Mapping[str, Any], action: str, scope: Scope, at: Path) -> None:
    if action not in ACTIONS:
        return
    kinds = kinds_of(action)
    for name, value in fields.items():
        place: Path = (*at, name)
        if name in _OWN_KEYS:
            if name == "at":
                _time(value, scope, place)
        elif name in STEP_FIELDS.get(action, ()):
            _nested(name, value, scope, place)
        elif name not in kinds:
            scope.report("EX304.attribute", place, key=True, a=action, c=name, near=nearest(name, kinds))
        elif action == "answer.give" and name == "check":
            scope.refer("check", str(value), place)
        elif action == "clock.step" and name == "skip":
            scope.refer("step", str(value), place)
        elif action != "answer.give" and not isinstance(value, list):
            matchers.value(value, kinds[name], scope, place)


def kinds_of(action: str) -> dict[str, str]:
    """Return what an act of this action may say, with the kind of each value."""
    entry = ACTIONS[action]
    columns = {name: kind for name, kind in TABLES.get(entry.target, {}).items() if name != "id"}
    target = {"target": f"ref:{entry.target}"} if entry.target else {}
    return {**columns, **_ROW_FIELDS, **target, **entry.attributes, **TYPED_FIELDS.get(action, {})}


def _time(value: Any, scope: Scope, at: Path) -> None:
    try:
        moments.duration_ms(value if isinstance(value, str) else "")
    except ValueError:
        scope.report("EX207.duration", at, v=str(value))


def _nested(name: str, value: Any, scope: Scope, at: Path) -> None:
    listed = value if isinstance(value, list) else [value]
    kinds = _NESTED[name]
    is_list = name != "override"
    if isinstance(value, list) != is_list or not all(isinstance(one, dict) for one in listed):
        wanted = Said("药品列表", "a list of drugs") if is_list else Said("{reason, text}", "{reason, text}")
        shape.wrong_type(at, wanted, value, scope.root, scope.problems)
        return
    for index, one in enumerate(listed):
        place: Path = (*at, index) if is_list else at
        for key, inner in one.items():
            if key not in kinds:
                where = shape.where(scope.root, place)
                scope.report("EX201", (*place, key), key=True, k=key, where=where, near=nearest(key, kinds))
            else:
                matchers.value(inner, kinds[key], scope, (*place, key))


def marks(exercise: schema.Exercise, test: schema.SelfTest) -> dict[str, Decimal]:
    """Return the marks that people gave in a test of a valid exercise: its own over those it derives from."""
    source = next((each for each in exercise.tests if each.name == test.from_), None)
    return {**({} if source is None else marks(exercise, source)), **test.marks}


def _marks(exercise: schema.Exercise, test: schema.SelfTest, scope: Scope, at: Path) -> None:
    levels = {check.id: [level.points for level in check.rubric.levels] for check in exercise.checks if check.rubric}
    for name, points in test.marks.items():
        place: Path = (*at, "marks", name)
        if scope.refer("check", name, place) and points not in levels.get(name, []):
            offered = ", ".join(shown(each) for each in levels.get(name, ()))
            wanted = Said(f"该项的一个等级（{offered}）", f"one of its levels ({offered})")
            if name not in levels:
                wanted = Said("人工评分的检查项", "a check that a person marks")
            shape.wrong_type(place, wanted, shown(points), scope.root, scope.problems)


def _hints_and_results(test: schema.SelfTest, scope: Scope, at: Path) -> None:
    for index, hint in enumerate(test.hints):
        scope.refer("hint", hint, (*at, "hints", index))
    for key, what in (("lost", "check"), ("hit", "never"), ("fired", "inject")):
        for index, name in enumerate(getattr(test.expect, key) or ()):
            scope.refer(what, name, (*at, "expect", key, index))
