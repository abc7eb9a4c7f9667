"""A forged, cut, reordered or foreign journal is an error, always: nobody's score changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import Row
from sandbox.grading import evidence
from sandbox.grading.evidence import Evidence, Journal
from sandbox.grading.grade import grade
from sandbox.grading.report import Graded, Report
from sandbox.grading.scoring import HintOpened
from tests.journals import ATTEMPT, NONCE, Diary, chained, file

CONTENT = file()


def written() -> tuple[Diary, Journal]:
    diary = Diary()
    for _ in range(4):
        diary.write("chart.open", data={"relation": "own"})
    return diary, diary.journal()


def test_the_whole_journal_is_graded() -> None:
    diary, journal = written()
    assert grade(CONTENT, journal, diary.state()).result == "pass"


FORGERIES: dict[str, Callable[[tuple[Row, ...]], tuple[Row, ...]]] = {
    "empty": lambda rows: (),
    "cut at the end": lambda rows: rows[:-1],
    "cut at the start": lambda rows: rows[1:],
    "a gap": lambda rows: rows[:2] + rows[3:],
    "reordered": lambda rows: (*rows[:2], rows[3], rows[2], *rows[4:]),
    "a row twice": lambda rows: (*rows[:3], rows[2], *rows[3:]),
    "an end that was added": lambda rows: (*rows, replace(rows[-1], seq=len(rows) + 1)),
    "chained anew without the end": lambda rows: chained(rows[:-1]),
    "chained anew without the beginning": lambda rows: chained(
        [replace(row, seq=row.seq - 1) for row in rows if row.seq > 1]
    ),
    "no date of the start": lambda rows: chained((replace(rows[0], data={}), *rows[1:])),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_journal_is_an_error(forge: Callable[[tuple[Row, ...]], tuple[Row, ...]]) -> None:
    diary, journal = written()
    report = grade(CONTENT, replace(journal, rows=forge(journal.rows)), diary.state())
    assert (report.result, report.score, report.exact, report.lines) == ("error", "", "", ())
    assert report.errors[0].zh
    assert report.errors[0].en


def test_another_attempts_journal_is_an_error() -> None:
    diary, journal = written()
    foreign = Journal(attempt="b" * 16, nonce=NONCE, rows=journal.rows)
    other_cell = Journal(attempt=ATTEMPT, nonce="x" * 32, rows=journal.rows)
    assert grade(CONTENT, foreign, diary.state()).result == "error"
    assert grade(CONTENT, other_cell, diary.state()).result == "error"


@settings(deadline=None, max_examples=40)
@given(at=st.integers(0, 5), field=st.sampled_from(["actor", "action", "patient", "t", "at", "data", "code", "wall"]))
def test_no_field_of_any_row_can_be_changed(at: int, field: str) -> None:
    diary, journal = written()
    value = {"t": 7, "data": {"relation": "none"}}.get(field, "else")
    rows = list(journal.rows)
    rows[at] = replace(rows[at], **{field: value})
    assert grade(CONTENT, replace(journal, rows=tuple(rows)), diary.state()).result == "error"


def test_evidence_that_does_not_hold_hands_on_nothing_but_the_reason() -> None:
    diary, journal = written()
    found = evidence.read(replace(journal, rows=journal.rows[:-1]), diary.state())
    said = "the journal does not verify (the last row is missing)"
    fault = Words(zh="操作日志校验失败：不完整、被改动或不属于本次练习", en=said)
    assert found == Evidence(rows=(), tables={}, digests={}, fault=fault)
    odd = evidence.read(replace(journal, rows=(replace(journal.rows[0], data={"x": 0.5}),)), diary.state())
    fault = Words(zh="日志或状态中有不合约定的值", en="journal or state hold a value without a canonical form")
    assert odd == Evidence(rows=(), tables={}, digests={}, fault=fault)


def test_digests_of_the_files_are_taken_as_they_are_kept() -> None:
    diary, journal = written()
    state = diary.state()
    kept = evidence.read(journal, state, digests={"journal": "1", "state": "2"})
    assert kept == Evidence(rows=journal.rows, tables=state.tables, digests={"journal": "1", "state": "2"})
    assert set(evidence.read(journal, state).digests) == {"journal", "state"}


def test_the_report_of_a_forged_journal_holds_the_reason_and_nothing_else() -> None:
    diary, journal = written()
    report = grade(CONTENT, replace(journal, rows=journal.rows[:-1]), diary.state(), hints=[HintOpened(hint="h1")])
    said = "the journal does not verify (the last row is missing)"
    assert report == Report(
        exercise=report.exercise,
        result="error",
        score="",
        score_to="",
        exact="",
        pass_score=80,
        lines=(),
        losses=(),
        hints=(),
        critical=(),
        pending=(),
        errors=(Words(zh="操作日志校验失败：不完整、被改动或不属于本次练习", en=said),),
        fired=(),
        digests={},
        contract=CONTRACT_VERSION,
    )
    title = Words(zh="手工练习", en="By hand")
    assert report.exercise == Graded(
        id="made-by-hand", version=1, sha256=hashlib.sha256(CONTENT).hexdigest(), title=title
    )
