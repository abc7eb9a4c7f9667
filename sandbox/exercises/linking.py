"""Turns checks and never rules into the grader's plan, and complains about what cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sandbox.exercises import matchers, parts, plan, schema, shape
from sandbox.exercises.names import Scope
from sandbox.exercises.parts import Events, words
from sandbox.exercises.problems import Said, nearest
from sandbox.exercises.shape import Path

KINDS = ("state", "order", "within", "count", "answer", "rubric", "any_of", "all_of")
RULES = (
    "privacy.unrelated_chart",
    "privacy.export",
    "identity.foreign_seat",
    "identity.duplicate",
    "safety.allergen",
    "safety.unscanned",
)


def events(raw: Mapping[str, Mapping[str, Any]], scope: Scope) -> dict[str, tuple[plan.Compiled, ...]]:
    """Compile all named events."""
    return {name: event(one, scope, ("events", name)) for name, one in raw.items()}


def event(raw: Mapping[str, Any], scope: Scope, at: Path) -> tuple[plan.Compiled, ...]:
    """Compile one event: a pattern, or any_of several."""
    if "any_of" not in raw:
        return (matchers.pattern(raw, scope, at),)
    for key in raw:
        if key != "any_of":
            scope.stray(key, at)
    listed = raw["any_of"]
    if not isinstance(listed, list) or not listed or not all(isinstance(part, dict) for part in listed):
        wanted = Said("由匹配模式组成的列表", "a list of patterns")
        shape.wrong_type((*at, "any_of"), wanted, listed, scope.root, scope.problems)
        return ()
    return tuple(matchers.pattern(part, scope, (*at, "any_of", index)) for index, part in enumerate(listed))


def check(one: schema.Check, known: Events, scope: Scope, at: Path) -> plan.Check | None:
    """Compile a check, None if its kind cannot be told."""
    for what, name in (("step", one.step), ("seat", one.seat), ("event", one.requires)):
        if name is not None:
            scope.refer(what, name, (*at, "requires" if what == "event" else what))
    part = _part(one, known, scope, at, requires=one.requires is not None, depth=0)
    if part is None:
        scope.guessing = True
        return None
    return plan.Check(
        id=one.id,
        words=words(one),
        points=Fraction(one.points),
        part=part,
        step=one.step,
        seat=one.seat,
        must=one.must,
        requires=one.requires,
        show=one.show,
        mistake=one.mistake,
        advice=None if one.advice is None else words(one.advice),
    )


def never(one: schema.Never, inline: dict[str, tuple[plan.Compiled, ...]], scope: Scope, at: Path) -> plan.Never | None:
    """Compile a never rule. A pattern written in place is added to `inline` under the rule's own name."""
    given = [key for key in ("event", "state", "use") if getattr(one, key) is not None]
    if len(given) != 1:
        scope.report("EX205", at, where=shape.where(scope.root, at), list="event, state, use")
        return None
    name = one.event if isinstance(one.event, str) else None
    if isinstance(one.event, dict):
        name = f"never:{one.id}"
        inline[name] = event(one.event, scope, (*at, "event"))
    elif name is not None:
        scope.refer("event", name, (*at, "event"))
    if one.use is not None:
        _rule(one, scope, at)
    return plan.Never(
        id=one.id,
        words=words(one),
        lose=Fraction(one.lose),
        max=Fraction(one.lose if one.max is None else one.max),
        critical=one.critical,
        mistake=one.mistake,
        distinct=one.distinct,
        event=name,
        state=None if one.state is None else parts.state(one.state, scope, (*at, "state"), default="touched"),
        use=one.use,
        allow=tuple(person.removeprefix("$") for person in one.allow or ()),
    )


def _rule(one: schema.Never, scope: Scope, at: Path) -> None:
    if one.use not in RULES:
        scope.report("EX303", (*at, "use"), a=str(one.use), near=nearest(str(one.use), RULES))
    if (one.allow is not None) != (one.use == "privacy.unrelated_chart"):
        key = "allow"
        if one.allow is None:
            scope.report("EX202", at, where=shape.where(scope.root, at), k=key)
        else:
            scope.stray(key, at)
    for index, person in enumerate(one.allow or ()):
        if not person.startswith("$"):
            wanted = Said("$名字", "a $name")
            shape.wrong_type((*at, "allow", index), wanted, person, scope.root, scope.problems)
        else:
            scope.record(person[1:], (*at, "allow", index))


def _part(one: schema.Kinds, known: Events, scope: Scope, at: Path, *, requires: bool, depth: int) -> plan.Part | None:
    given = [key for key in KINDS if getattr(one, key, None) is not None]
    if len(given) != 1:
        offered = KINDS if depth == 0 else tuple(key for key in KINDS if key not in ("answer", "rubric"))
        scope.report("EX205", at, where=shape.where(scope.root, at), list=", ".join(offered))
        return None
    kind, place = given[0], (*at, given[0])
    for key in ("by", "groups", "without") if kind != "order" else ():
        if getattr(one, key) is not None:
            scope.stray(key, at)
    if kind in ("any_of", "all_of"):
        return _group(one, kind, known, scope, at, requires=requires, depth=depth)
    if one.state is not None:
        if not requires and (one.state.none is not None or one.state.scope == "all"):
            scope.report("EX411", place)
        return parts.state(one.state, scope, place, default="all" if one.state.none is not None else "touched")
    if one.order is not None:
        return parts.order(one, known, scope, at)
    if one.within is not None:
        return parts.within(one.within, known, scope, place)
    if one.count is not None:
        return parts.count(one.count, known, scope, place)
    return parts.answer(one, scope, place) or parts.rubric(one, scope, place)


def _group(
    one: schema.Kinds, kind: str, known: Events, scope: Scope, at: Path, *, requires: bool, depth: int
) -> plan.Part | None:
    raw = one.any_of if one.any_of is not None else one.all_of or []
    if depth == 2:
        scope.guessing = True
        scope.report("EX415", (*at, kind))
        return None
    if not raw:
        shape.wrong_type((*at, kind), Said("非空列表", "a list that is not empty"), [], scope.root, scope.problems)
        return None
    compiled = [
        _part(inner, known, scope, (*at, kind, index), requires=requires, depth=depth + 1)
        for index, inner in enumerate(raw)
    ]
    whole = tuple(part for part in compiled if part is not None)
    if kind == "any_of":
        return plan.AnyOf(parts=whole)
    return plan.AllOf(parts=whole, weights=tuple(Fraction(inner.weight) for inner in raw))
