"""The kind `answer`: the last answer given, compared with the key."""

from __future__ import annotations

import unicodedata
from fractions import Fraction
from typing import Any

from sandbox.contract import matching
from sandbox.exercises import plan
from sandbox.grading import explain
from sandbox.grading.explain import Pair
from sandbox.grading.finding import Finding, outcome_of
from sandbox.grading.ledger import Ledger


def answer(part: plan.Answer, ledger: Ledger) -> Finding:
    """Compare the last answer with the key."""
    given = [row for row in ledger.by_action.get("answer.give", ()) if row.outcome == "ok"]
    given = [row for row in given if row.data.get("check") == part.check]
    key = _shown_key(part)
    if not given:
        return Finding(
            share=Fraction(0),
            outcome="not_reached",
            says=explain.say("answer", "not_reached", key=key),
            expected={"key": key[1]},
        )
    value = given[-1].data.get("value")
    share = _answered(part, value)
    outcome = outcome_of(share, reached=True)
    shown = _shown_choices(part, value if isinstance(value, list) else [value])
    return Finding(
        share=share,
        outcome=outcome,
        says=explain.say("answer", outcome, given=shown, key=key, rows=explain.rows((given[-1].seq,))),
        expected={"key": key[1]},
        found={"value": value},
        events=(given[-1].seq,),
    )


def _answered(part: plan.Answer, value: Any) -> Fraction:
    if part.type == "number":
        number = matching.number(_normal(value) if isinstance(value, str) else value)
        if number is None or part.number is None:
            return Fraction(0)
        return Fraction(int(abs(Fraction(number) - part.number) <= part.tolerance))
    if part.type == "choices":
        chosen = {str(one) for one in value} if isinstance(value, list) else {str(value)}
        right = len(chosen & set(part.keys))
        return max(Fraction(0), Fraction(right - (len(chosen) - right), len(part.keys)))
    if part.type == "choice":
        return Fraction(int(value in part.keys))
    return Fraction(int(isinstance(value, str) and _normal(value) in {_normal(key) for key in part.keys}))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _shown_key(part: plan.Answer) -> Pair:
    if part.number is not None:
        text = explain.plain_number(part.number)
        return text, text
    return _shown_choices(part, part.keys)


def _shown_choices(part: plan.Answer, values: Any) -> Pair:
    named = [part.choices.get(str(one)) for one in values]
    return explain.joined(
        (str(one), str(one)) if found is None else (found.zh, found.en)
        for one, found in zip(values, named, strict=True)
    )
