"""One function per kind of check, in one registry. A share is an exact fraction; order is always seq, never time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sandbox.contract import matching
from sandbox.contract.catalogue import TABLES
from sandbox.contract.journal import SYSTEM, Row
from sandbox.exercises import plan
from sandbox.grading import answering, explain, timing, words
from sandbox.grading.explain import Pair
from sandbox.grading.finding import Finding, outcome_of
from sandbox.grading.ledger import Ledger


def judge(part: plan.Part, ledger: Ledger) -> Finding:
    """Return what this part of a check finds. Raises EvidenceError if the evidence lacks what it needs."""
    return KINDS[type(part)](part, ledger)


def kind_of(part: plan.Part) -> str:
    """Return the kind's name in the exercise format."""
    return {plan.AnyOf: "any_of", plan.AllOf: "all_of"}.get(type(part), type(part).__name__.lower())


def state(part: plan.State, ledger: Ledger) -> Finding:
    """Look at the final state: one row's columns, no row, or how many rows."""
    records = ledger.records(part.table, part.where, part.scope)
    numbers = _written(part.table, records, ledger)
    facts: dict[str, explain.Fact] = {"table": words.table(part.table), "rows": explain.rows(numbers)}
    if part.one is not None:
        return _one(part, part.one, records, numbers, facts, ledger)
    if part.none:
        share = Fraction(0 if records else 1)
        return Finding(
            share=share,
            outcome=outcome_of(share, reached=True),
            says=explain.say("state.none", "none" if records else "full", n=len(records), **facts),
            expected={"none": True},
            found={"rows": len(records)},
            events=numbers,
        )
    share = _share_of(len(records), part.low, part.high, part=part.part)
    outcome = outcome_of(share, reached=bool(records))
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say(
            "state.count", outcome, n=len(records), wanted=explain.number_range(part.low, part.high), **facts
        ),
        expected={"min": part.low, "max": part.high},
        found={"rows": len(records)},
        events=numbers,
        tables=(part.table,),
    )


def _one(
    part: plan.State,
    columns: Mapping[str, plan.Compiled],
    records: list[Mapping[str, Any]],
    numbers: tuple[int, ...],
    facts: dict[str, explain.Fact],
    ledger: Ledger,
) -> Finding:
    record = records[0] if len(records) == 1 else None
    wrong = [
        name
        for name, matcher in columns.items()
        if record is None or not matching.holds(matcher, record.get(name), ledger.bound)
    ]
    share = Fraction(len(columns) - len(wrong), len(columns))
    outcome = outcome_of(share, reached=bool(records))
    if record is None:
        said: Pair = (f"应有1条，找到{len(records)}条", f"asked for one, found {len(records)}")
    else:
        kinds = TABLES[part.table]
        said = explain.joined(
            (_differs(name, kinds[name], columns[name], record.get(name), ledger) for name in wrong), zh="；", en="; "
        )
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say("state.one", outcome, total=len(columns), good=len(columns) - len(wrong), wrong=said, **facts),
        expected={name: dict(matcher) for name, matcher in columns.items()},
        found={"rows": len(records), **({} if record is None else {name: record.get(name) for name in columns})},
        events=numbers,
        tables=(part.table,),
    )


def _differs(name: str, kind: str, matcher: plan.Compiled, found: Any, ledger: Ledger) -> Pair:
    column, shown = words.column(name), words.value(kind, found)
    wanted = explain.wanted(matcher, kind, ledger.plan.names)
    return f"{column[0]}是{shown[0]}，应{wanted[0]}", f"{column[1]} is {shown[1]}, must {wanted[1]}"


def _written(table: str, records: list[Mapping[str, Any]], ledger: Ledger) -> tuple[int, ...]:
    return tuple(sorted({row.seq for each in records for row in ledger.writes.get((table, str(each.get("id"))), ())}))


def _share_of(n: int, low: int, high: int | None, *, part: bool) -> Fraction:
    if high is not None and n > high:
        return Fraction(0)
    if n >= low:
        return Fraction(1)
    return Fraction(n, low) if part else Fraction(0)


def order(part: plan.Order, ledger: Ledger) -> Finding:
    """Compare the first rows of neighbouring events; with `by`, once per value of an attribute."""
    grouped: dict[Any, dict[str, Row]] = {}
    for name in part.chain:
        for row in ledger.hits[name]:
            key = None if part.by is None else _key(matching.value_of(row, part.by))
            if part.by is None or key is not None:
                grouped.setdefault(key, {}).setdefault(name, row)
    pairs = list(pairwise(part.chain))
    faults: list[Pair] = []
    good = 0
    for firsts in grouped.values():
        for before, after in pairs:
            fault = _fault(part, before, after, firsts, ledger)
            good += fault is None
            faults += [] if fault is None else [fault]
    groups = max(part.groups, len(grouped)) if part.by is not None else 1
    share = Fraction(good, len(pairs) * groups)
    outcome = outcome_of(share, reached=bool(grouped))
    only = next(iter(grouped.values()), {}) if len(grouped) < 2 else None
    chain = explain.joined((_link(name, only, ledger) for name in part.chain), zh="→", en=" → ")
    if groups > len(grouped) > 0:
        faults.append((f"应有{groups}组，找到{len(grouped)}组", f"asked for {groups} groups, found {len(grouped)}"))
    said = explain.joined(dict.fromkeys(faults), zh="；", en="; ")
    rows = sorted({row.seq for firsts in grouped.values() for row in firsts.values()})
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say("order", outcome, chain=chain, good=good, total=len(pairs) * groups, faults=said),
        expected={"order": list(part.chain)},
        found={"first": {name: row.seq for name, row in only.items()}}
        if only is not None
        else {"groups": len(grouped)},
        events=tuple(rows),
        looks_at=part.chain,
    )


def _link(name: str, only: Mapping[str, Row] | None, ledger: Ledger) -> Pair:
    shown = explain.event(ledger.plan, name)
    return shown if not only else explain.placed(shown, only.get(name))


def _fault(part: plan.Order, before: str, after: str, firsts: Mapping[str, Row], ledger: Ledger) -> Pair | None:
    """Return what is wrong with one pair, None if it earns."""
    one, two = firsts.get(before), firsts.get(after)
    left, right = explain.event(ledger.plan, before), explain.event(ledger.plan, after)
    if one is None or two is None:
        missing = left if one is None else right
        return f"没有发生{missing[0]}", f"{missing[1]} did not happen"
    if one.seq >= two.seq:
        left, right = explain.placed(left, one), explain.placed(right, two)
        return f"{right[0]}早于{left[0]}", f"{right[1]} came before {left[1]}"
    between = [row for row in ledger.hits.get(part.without or "", ()) if one.seq < row.seq < two.seq]
    if between and part.without is not None:
        found = explain.placed(explain.event(ledger.plan, part.without), between[0])
        return f"其间出现了{found[0]}", f"{found[1]} lies between"
    return None


def _key(value: Any) -> Any:
    """Return a value as a group: lists by their text, nothing for what is missing."""
    if matching.is_empty(value):
        return None
    return value if isinstance(value, str | int) else str(value)


def count(part: plan.Count, ledger: Ledger) -> Finding:
    """Count rows, or distinct values of an attribute."""
    rows = ledger.hits[part.event]
    counted: dict[Any, Row] = {}
    for row in rows:
        key = row.seq if part.distinct is None else _key(matching.value_of(row, part.distinct))
        if key is not None:
            counted.setdefault(key, row)
    share = _share_of(len(counted), part.low, part.high, part=part.part) if rows else Fraction(0)
    outcome = outcome_of(share, reached=bool(rows))
    numbers = tuple(row.seq for row in counted.values())
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say(
            "count",
            outcome,
            event=explain.event(ledger.plan, part.event),
            n=len(counted),
            wanted=explain.number_range(part.low, part.high),
            rows=explain.rows(numbers),
        ),
        expected={"min": part.low, "max": part.high},
        found={"n": len(counted)},
        events=numbers,
        looks_at=(part.event,),
    )


def any_of(part: plan.AnyOf, ledger: Ledger) -> Finding:
    """Take the best part, the first among equals."""
    found = [judge(each, ledger) for each in part.parts]
    best = max(range(len(found)), key=lambda at: (found[at].share, found[at].outcome != "not_reached", -at))
    chosen = found[best]
    outcome = outcome_of(chosen.share, reached=any(each.outcome != "not_reached" for each in found))
    return Finding(
        share=chosen.share,
        outcome=outcome,
        says=explain.say("any_of", outcome, n=best + 1, inner=(chosen.says.zh, chosen.says.en)),
        expected={"any_of": [each.expected for each in found]},
        found={"way": best + 1, **chosen.found},
        events=chosen.events,
        looks_at=tuple(dict.fromkeys(name for each in found for name in each.looks_at)),
        tables=tuple(dict.fromkeys(name for each in found for name in each.tables)),
    )


def all_of(part: plan.AllOf, ledger: Ledger) -> Finding:
    """Take the weighted mean of the parts."""
    found = [judge(each, ledger) for each in part.parts]
    total = sum(part.weights, Fraction(0))
    share = sum((weight * each.share for weight, each in zip(part.weights, found, strict=True)), Fraction(0)) / total
    outcome = outcome_of(share, reached=any(each.outcome != "not_reached" for each in found))
    inner = explain.joined(((each.says.zh, each.says.en) for each in found), zh="；", en="; ")
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say("all_of", outcome, inner=inner),
        expected={"all_of": [each.expected for each in found]},
        found={"parts": [each.found for each in found], "shares": [str(each.share) for each in found]},
        events=tuple(sorted({number for each in found for number in each.events})),
        looks_at=tuple(dict.fromkeys(name for each in found for name in each.looks_at)),
        tables=tuple(dict.fromkeys(name for each in found for name in each.tables)),
    )


def rubric(part: plan.Rubric, ledger: Ledger) -> Finding:
    """Take the points a person gave; without any act of the trainee there is nothing to mark."""
    worth = part.levels[-1][0]
    if not any(row.actor != SYSTEM for row in ledger.rows):
        return Finding(share=Fraction(0), outcome="not_reached", says=explain.say("rubric", "not_reached"))
    mark = ledger.marks.get(part.check)
    if mark is None:
        levels = explain.joined((explain.level(points, told) for points, told in part.levels), zh="；", en="; ")
        return Finding(share=Fraction(0), outcome="pending", says=explain.say("rubric", "pending", levels=levels))
    reached = [told for points, told in part.levels if points <= mark]
    share = max(Fraction(0), min(Fraction(1), mark / worth))
    outcome = outcome_of(share, reached=True)
    level = (reached[-1].zh, reached[-1].en) if reached else ("", "")
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say("rubric", outcome, level=level, mark=explain.plain_number(mark)),
        expected={"levels": [explain.plain_number(points) for points, _ in part.levels]},
        found={"mark": explain.plain_number(mark)},
    )


KINDS: Mapping[type, Callable[[Any, Ledger], Finding]] = {
    plan.State: state,
    plan.Order: order,
    plan.Within: timing.within,
    plan.Count: count,
    plan.Answer: answering.answer,
    plan.Rubric: rubric,
    plan.AnyOf: any_of,
    plan.AllOf: all_of,
}
