"""Compiles the kinds of checks that look at something: state, order, within, count, answer."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

from sandbox.contract.catalogue import TABLES
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import matchers, plan, schema, shape
from sandbox.exercises.names import Scope
from sandbox.exercises.problems import Said, nearest
from sandbox.exercises.shape import Path

Events = Mapping[str, tuple[plan.Compiled, ...]]


def words(told: schema.Told) -> Words:
    """Return the two texts as the contract carries them."""
    return Words(zh=told.zh, en=told.en)


def state(one: schema.State, scope: Scope, at: Path, *, default: str) -> plan.State:
    """Compile a look at the final state."""
    if one.table not in TABLES:
        scope.report("EX304.table", (*at, "table"), t=one.table, near=nearest(one.table, TABLES))
    asked = [key for key in ("one", "none", "count") if getattr(one, key) is not None]
    hit_rule = at[0] == "never"
    if hit_rule:
        for key in asked:
            scope.stray(key, at)
    elif len(asked) != 1:
        scope.report("EX205", at, where=shape.where(scope.root, at), list="one, none, count")
    if one.none is False or one.one == {}:
        wanted = Said("true", "true") if one.none is False else Said("至少一列", "at least one column")
        key = "none" if one.none is False else "one"
        shape.wrong_type((*at, key), wanted, getattr(one, key), scope.root, scope.problems)
    if one.part and one.count is None:
        scope.stray("part", at)
    low, high = _limits(one.count, scope, (*at, "count"))
    return plan.State(
        table=one.table,
        where=matchers.state_matchers(one.where, one.table, scope, (*at, "where")),
        scope=one.scope or default,
        one=None if one.one is None else matchers.state_matchers(one.one, one.table, scope, (*at, "one")),
        none=bool(one.none),
        low=low,
        high=high,
        part=one.part,
    )


def _limits(raw: int | Mapping[str, int] | None, scope: Scope, at: Path) -> tuple[int, int | None]:
    if raw is None:
        return 0, None
    if isinstance(raw, int):
        return raw, raw
    for key in raw:
        if key not in ("min", "max"):
            around = shape.where(scope.root, at)
            scope.report("EX201", (*at, key), key=True, k=key, where=around, near=nearest(key, ("min", "max")))
    low, high = raw.get("min", 0), raw.get("max")
    if not raw or low < 0 or (high is not None and high < low):
        wanted = Said("min 不大于 max 的范围", "a range whose min is not above its max")
        shape.wrong_type(at, wanted, raw, scope.root, scope.problems)
    return low, high


def order(one: schema.Kinds, known: Events, scope: Scope, at: Path) -> plan.Order:
    """Compile a chain of events."""
    chain = one.order or []
    for index, name in enumerate(chain):
        scope.refer("event", name, (*at, "order", index))
    if len(chain) < 2:
        wanted = Said("至少两个事件", "at least two events")
        shape.wrong_type((*at, "order"), wanted, chain, scope.root, scope.problems)
    for index, (first, then) in enumerate(itertools.pairwise(chain)):
        if _overlap(known.get(first, ()), known.get(then, ())):
            scope.report("EX412", (*at, "order", index + 1), a=first, b=then)
    if one.without is not None:
        scope.refer("event", one.without, (*at, "without"))
    if one.groups is not None and one.by is None:
        scope.report("EX202", at, where=shape.where(scope.root, at), k="by")
    _attribute(one.by, chain, known, scope, (*at, "by"))
    return plan.Order(chain=tuple(chain), by=one.by, groups=one.groups or 1, without=one.without)


def within(one: schema.Within, known: Events, scope: Scope, at: Path) -> plan.Within:
    """Compile a time limit between two events."""
    if one.from_ != plan.START:
        scope.refer("event", one.from_, (*at, "from"))
    scope.refer("event", one.to, (*at, "to"))
    if one.zero is not None and one.zero <= one.full:
        scope.report("EX413", (*at, "zero"))
    _attribute(one.by, [name for name in (one.from_, one.to) if name != plan.START], known, scope, (*at, "by"))
    return plan.Within(
        start=one.from_,
        to=one.to,
        full_ms=one.full,
        zero_ms=one.zero,
        work=one.clock == "work",
        by=one.by,
        groups=one.groups,
    )


def count(one: schema.Count, known: Events, scope: Scope, at: Path) -> plan.Count:
    """Compile a number of rows or of distinct values."""
    scope.refer("event", one.event, (*at, "event"))
    low, high = (1, None) if one.times is None else _limits(one.times, scope, (*at, "times"))
    if low < 1:
        scope.report("EX414", (*at, "times"))
    _attribute(one.distinct, [one.event], known, scope, (*at, "distinct"))
    return plan.Count(event=one.event, low=low, high=high, distinct=one.distinct, part=one.part)


def _attribute(name: str | None, of: Sequence[str], known: Events, scope: Scope, at: Path) -> None:
    if name is None:
        return
    for event_name in of:
        for pattern in known.get(event_name, ()):
            matchers.field_kind(tuple(pattern["actions"]), name, scope, at, key=False)


def answer(check: schema.Kinds, scope: Scope, at: Path) -> plan.Part | None:
    """Compile a question and its key."""
    one = getattr(check, "answer", None)
    if not isinstance(check, schema.Check) or one is None:
        return None
    keys = [one.key] if isinstance(one.key, str) else one.key if isinstance(one.key, list) else []
    numeric = not isinstance(one.key, str | list)
    fits = {"number": numeric, "choice": isinstance(one.key, str), "choices": isinstance(one.key, list)}
    if not fits.get(one.type, not numeric) or (isinstance(one.key, list) and not one.key):
        wanted = {"number": Said("数字", "a number"), "choice": Said("一个选项", "one choice")}
        said = wanted.get(one.type, Said("非空文本列表", "a list of texts that is not empty"))
        shape.wrong_type((*at, "key"), said, one.key, scope.root, scope.problems)
    if one.type in ("choice", "choices"):
        for name in keys:
            if name not in one.choices:
                scope.report("EX305", (*at, "key"), v=name, list="choices")
    elif one.choices:
        scope.stray("choices", at)
    return plan.Answer(
        check=check.id,
        type=one.type,
        number=None if isinstance(one.key, str | list) else Fraction(one.key),
        keys=tuple(keys),
        tolerance=Fraction(one.tolerance),
        choices={name: words(told) for name, told in one.choices.items()},
    )


def rubric(check: schema.Kinds, scope: Scope, at: Path) -> plan.Part | None:
    """Compile the levels a person marks by: ascending, from 0 to the check's points."""
    if not isinstance(check, schema.Check) or check.rubric is None:
        return None
    points = [Fraction(level.points) for level in check.rubric.levels]
    if points != sorted(set(points)) or points[0] != 0 or points[-1] != Fraction(check.points):
        wanted = Said("从 0 递增到本项分值的等级", "levels that rise from 0 to the points of the check")
        shape.wrong_type((*at, "levels"), wanted, [], scope.root, scope.problems)
    levels = zip(points, check.rubric.levels, strict=True)
    return plan.Rubric(check=check.id, levels=tuple((worth, words(level)) for worth, level in levels))


def _overlap(left: Sequence[plan.Compiled], right: Sequence[plan.Compiled]) -> bool:
    return any(not _apart(one, other) for one in left for other in right)


def _apart(left: plan.Compiled, right: plan.Compiled) -> bool:
    """Say whether no row can match both patterns. Undecided counts as overlapping."""
    if not set(left["actions"]) & set(right["actions"]):
        return True
    if "any" not in (left["outcome"], right["outcome"]) and left["outcome"] != right["outcome"]:
        return True
    pairs = [(left["fields"][name], right["fields"][name]) for name in left["fields"] if name in right["fields"]]
    if "code" in left and "code" in right:
        pairs.append((left["code"], right["code"]))
    return any(_exclude(one, other) or _exclude(other, one) for one, other in pairs)


def _exclude(one: plan.Compiled, other: plan.Compiled) -> bool:
    mine, theirs = _values(one), _values(other)
    if mine is None:
        return False
    if theirs is not None and not mine & theirs:
        return True
    return other.get("empty") is True or {json.dumps(other.get("not"), sort_keys=True)} >= mine


def _values(one: plan.Compiled) -> set[str] | None:
    """Return the only values this matcher lets pass, None if they cannot be listed."""
    listed = [one["is"]] if "is" in one else one.get("in")
    return None if listed is None else {json.dumps(each, sort_keys=True) for each in listed}
