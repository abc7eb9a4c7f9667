"""What a cell hands out is hostile: whatever stands in a chained journal or a state, grading ends in a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.grading.evidence import Journal
from sandbox.grading.grade import grade
from sandbox.grading.report import dumps
from tests.journals import ATTEMPT, NONCE, Diary, chained, check, file, never

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["p1", "E-RX-15", "M001", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("check", "value", "rule", "items", "drugs", "classes", "max_days", "cause", "inject", "purpose", "identifiers")
ACTIONS = (
    "answer.give",
    "alert.override",
    "prescription.sign",
    "inject.fired",
    "patient_index.create",
    "print.document",
    "chart.open",
    "no.such_action",
)
CONTENT = file(
    events={
        "opened": {"action": "chart.open", "patient": "$ann"},
        "signed": {"action": "prescription.sign", "max_days": {"max": 7}, "drugs": {"contains": "M001"}},
        "few": {"action": "prescription.sign", "items": {"min": 1}},
    },
    cast={"ann": {"name": "甲"}, "new": {"absent": True, "name": "新"}},
    checks=[
        check(
            "row",
            20,
            state={"table": "patient", "where": {"name": {"like": "*"}}, "scope": "created", "one": {"sex": "1"}},
        ),
        check("chain", 20, order=["opened", "signed"], by="patient", groups=2),
        check("fast", 20, within={"from": "start", "to": "signed", "full": "1m"}),
        check("many", 20, count={"event": "few", "distinct": "drugs"}),
        check("asked", 20, answer={"ask": {"zh": "问", "en": "Ask"}, "type": "number", "key": 3}),
    ],
    never=[
        never("rule-a", use="safety.allergen"),
        never("rule-b", use="privacy.export"),
        never("rule-c", use="identity.duplicate"),
        never("rule-d", use="identity.foreign_seat"),
        never("rule-e", event="signed", distinct="classes"),
    ],
)


@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.dictionaries(st.sampled_from(KEYS), plain)), max_size=8))
@settings(deadline=None, max_examples=60)
def test_any_data_in_a_chained_journal_ends_in_a_report(rows: list[tuple[str, dict[str, Any]]]) -> None:
    diary = Diary()
    for number, (action, data) in enumerate(rows):
        if action == "patient_index.create":
            diary.create("patient", f"p{number + 5}", action, name="新")
        diary.write(action, actor=("doc", "account:x", "system")[number % 3], data=data)
    report = grade(CONTENT, diary.journal(), diary.state())
    assert report.result in ("pass", "fail", "provisional")
    assert dumps(report)


@given(st.dictionaries(st.sampled_from(["bindings", "seats", "anchor"]), plain))
@settings(deadline=None, max_examples=60)
def test_any_first_row_ends_in_a_report(data: dict[str, Any]) -> None:
    diary = Diary()
    diary.rows[0] = replace(diary.rows[0], data={**diary.rows[0].data, **data})
    assert dumps(grade(CONTENT, diary.journal(), diary.state()))


@given(st.lists(st.dictionaries(st.sampled_from(["id", "name", "id_no", "sex"]), plain), max_size=4))
@settings(deadline=None, max_examples=60)
def test_any_state_ends_in_a_report(people: list[dict[str, Any]]) -> None:
    diary = Diary()
    diary.create("patient", "p5", "patient_index.create", name="新")
    state = diary.state()
    state.tables["patient"] = tuple(people)
    assert dumps(grade(CONTENT, diary.journal(), state))


@pytest.mark.parametrize("at", ["never", "", "2026-13-01T00:00:00"])
def test_a_row_without_a_hospital_time_is_an_error_of_its_line_only(at: str) -> None:
    diary = Diary()
    diary.write("prescription.sign", data={"max_days": 3, "drugs": ["M001"], "items": 1}, hospital=at)
    report = grade(CONTENT, diary.journal(), diary.state())
    assert report.result == "provisional"
    assert [line.id for line in report.lines if line.outcome == "error"] == ["fast"]


def test_a_float_has_no_canonical_form_and_makes_an_error() -> None:
    diary = Diary()
    rows = chained([*diary.rows, replace(diary.rows[0], seq=2, action="attempt.end")])
    rows = (rows[0], replace(rows[1], data={"reason": 0.5}))
    report = grade(CONTENT, Journal(attempt=ATTEMPT, nonce=NONCE, rows=rows), diary.state())
    assert (report.result, report.digests) == ("error", {})
