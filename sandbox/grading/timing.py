"""The kind `within`: how long from one event to the next of another."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sandbox.contract import matching
from sandbox.contract.journal import Row
from sandbox.exercises import plan
from sandbox.grading import explain
from sandbox.grading.explain import Pair
from sandbox.grading.finding import Finding, outcome_of
from sandbox.grading.ledger import Ledger, hospital_ms

_START: Pair = ("开始", "Start")


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """From one row to the next of the other event; `d` is None where one of the two is missing."""

    begin: Row | None
    end: Row | None
    d: int | None
    share: Fraction


def within(part: plan.Within, ledger: Ledger) -> Finding:
    """Measure from the first `from` to the next `to`; with `by`, once per value of an attribute."""
    if part.by is not None:
        return _grouped(part, part.by, ledger)
    begins = ledger.rows[:1] if part.start == plan.START else ledger.hits[part.start]
    ends = ledger.hits[part.to]
    found = _stretch(part, begins, ends, ledger)
    outcome = outcome_of(found.share, reached=bool(ends))
    start = _START if part.start == plan.START else explain.placed(explain.event(ledger.plan, part.start), found.begin)
    to = explain.placed(explain.event(ledger.plan, part.to), found.end or (ends[0] if ends else None))
    limit = explain.limit(part.full_ms, part.zero_ms)
    if found.d is None:
        took: Pair = ("无法计时", "no measurable time")
        told = explain.event(ledger.plan, part.to) if not ends else to
    else:
        took, told = explain.duration(found.d), to
    rows = [row.seq for row in (found.begin, found.end) if row is not None and row is not ledger.rows[0]]
    return Finding(
        share=found.share,
        outcome=outcome,
        says=explain.say("within", outcome, start=start, to=told, d=took, limit=limit),
        expected=_expected(part),
        found={} if found.d is None else {"d": explain.span(found.d)},
        events=tuple(rows) or tuple(row.seq for row in ends[:1]),
        looks_at=tuple(name for name in (part.start, part.to) if name != plan.START),
    )


def _grouped(part: plan.Within, by: str, ledger: Ledger) -> Finding:
    ends = _groups(ledger.hits[part.to], by)
    begins = {} if part.start == plan.START else _groups(ledger.hits[part.start], by)
    keys = list(dict.fromkeys([*begins, *ends]))
    found = [
        _stretch(part, ledger.rows[:1] if part.start == plan.START else begins.get(key, []), ends.get(key, []), ledger)
        for key in keys
    ]
    groups = max(part.groups, len(keys))
    share = sum((each.share for each in found), Fraction(0)) / groups
    outcome = outcome_of(share, reached=bool(ends))
    rows = tuple(sorted({row.seq for each in found for row in (each.end,) if row is not None}))
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say(
            "within.groups",
            outcome,
            n=groups,
            rows=explain.rows(rows),
            to=explain.event(ledger.plan, part.to),
            limit=explain.limit(part.full_ms, part.zero_ms),
        ),
        expected=_expected(part),
        found={"groups": len(keys), "shares": [str(each.share) for each in found]},
        events=rows,
        looks_at=tuple(name for name in (part.start, part.to) if name != plan.START),
    )


def _stretch(part: plan.Within, begins: Any, ends: Any, ledger: Ledger) -> _Stretch:
    begin = begins[0] if begins else None
    end = None if begin is None else next((row for row in ends if row.seq > begin.seq), None)
    if begin is None or end is None:
        return _Stretch(begin=begin, end=end, d=None, share=Fraction(0))
    d = end.t - begin.t if part.work else hospital_ms(end) - hospital_ms(begin)
    return _Stretch(begin=begin, end=end, d=d, share=Fraction(1) if ledger.untimed else _share(part, d))


def _share(part: plan.Within, d: int) -> Fraction:
    if d <= part.full_ms:
        return Fraction(1)
    if part.zero_ms is None or d >= part.zero_ms:
        return Fraction(0)
    return Fraction(part.zero_ms - d, part.zero_ms - part.full_ms)


def _groups(rows: Any, by: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        value = matching.value_of(row, by)
        if not matching.is_empty(value):
            found.setdefault(str(value), []).append(row)
    return found


def _expected(part: plan.Within) -> dict[str, Any]:
    limits = {"full": explain.span(part.full_ms)}
    return limits if part.zero_ms is None else {**limits, "zero": explain.span(part.zero_ms)}
