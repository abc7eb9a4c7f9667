"""Evidence becomes a grade: the same bytes give the same report, anything doubtful gives none."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from sandbox.attempts import judging
from sandbox.attempts.model import AttemptId, GradingInputs
from sandbox.contract import CONTRACT_VERSION, baseline, canonical, codec, journal
from sandbox.contract.control import HospitalState, StateChanges
from sandbox.contract.journal import Row
from sandbox.contract.state import TABLES
from sandbox.errors import ExerciseInvalidError
from sandbox.grading import report as reports
from sandbox.provisioning import archiving

EXERCISE = Path(__file__).resolve().parents[3] / "fixtures/exercises/x05-urti-penicillin-allergy.yaml"
BEGINNING = {"anchor": "2030-03-04", "bindings": {}, "seats": {}, "exercise": "", "dataset": ""}
ATTEMPT, NONCE = AttemptId("0" * 16), "1" * 32


def row(seq: int, action: str, prev: str) -> Row:
    bare = Row(
        seq=seq,
        attempt=ATTEMPT,
        actor=journal.SYSTEM,
        action=action,
        outcome="ok",
        code=None,
        patient=None,
        encounter=None,
        target=None,
        data={"reason": "submitted"} if action == "attempt.end" else BEGINNING,
        changes=(),
        t=seq * 1000,
        at="2030-03-04T08:30:00",
        wall="2030-03-04T00:30:00Z",
        prev=prev,
        hash="",
    )
    return dataclasses.replace(bare, hash=journal.row_hash(bare))


@pytest.fixture
def idle() -> GradingInputs:
    """Evidence of somebody who opened the exercise and did nothing."""
    begin = row(1, "attempt.begin", journal.first_prev(ATTEMPT, NONCE))
    end = row(2, "attempt.end", begin.hash)
    state = HospitalState(contract=CONTRACT_VERSION, anchor="2030-03-04", tables=dict.fromkeys(TABLES, ()))
    return GradingInputs(
        exercise=EXERCISE.read_bytes(),
        journal=archiving.journal_bytes([begin, end]),
        state=canonical.dumps(codec.to_json(state)).encode(),
        attempt=ATTEMPT,
        nonce=NONCE,
        fault="",
        hints=(),
    )


def test_doing_nothing_earns_nothing_and_the_report_says_why(idle: GradingInputs) -> None:
    graded = judging.judge(idle)
    assert (graded.score, graded.verdict) == ("0.0", "fail")
    report = reports.loads(graded.report)
    assert (report.score, report.result, report.grader) == (graded.score, graded.verdict, graded.grader)
    assert len(report.lines) > 5


def test_equal_evidence_gives_equal_bytes(idle: GradingInputs) -> None:
    assert judging.judge(idle) == judging.judge(idle)


def test_another_attempts_journal_is_an_error_without_a_score(idle: GradingInputs) -> None:
    for foreign in ({"attempt": AttemptId("2" * 16)}, {"nonce": "2" * 32}):
        graded = judging.judge(dataclasses.replace(idle, **foreign))
        assert (graded.score, graded.verdict) == ("", "error")


def test_a_changed_row_is_an_error_without_a_score(idle: GradingInputs) -> None:
    rows = json.loads(idle.journal)
    rows[0]["t"] = 1
    graded = judging.judge(dataclasses.replace(idle, journal=canonical.dumps(rows).encode()))
    assert (graded.score, graded.verdict) == ("", "error")


def test_what_the_worker_saw_at_sealing_spoils_a_journal_that_looks_whole(idle: GradingInputs) -> None:
    graded = judging.judge(dataclasses.replace(idle, fault="the journal ends at row 2, not at its sealed head"))
    assert (graded.score, graded.verdict) == ("", "error")
    assert "sealed head" in reports.loads(graded.report).errors[-1].en


def test_a_state_told_against_its_baseline_is_graded_as_the_whole_one(idle: GradingInputs) -> None:
    begun = canonical.dumps({"contract": CONTRACT_VERSION, "tables": {key: [] for key in TABLES}}).encode()
    changes = StateChanges(contract=CONTRACT_VERSION, anchor="2030-03-04", baseline=baseline.name(begun), tables={})
    state = canonical.dumps(codec.to_json(changes)).encode()
    told, whole = judging.judge(dataclasses.replace(idle, state=state, baseline=begun)), judging.judge(idle)
    assert (told.score, told.verdict, told.faults) == (whole.score, whole.verdict, whole.faults)
    assert judging.judge(dataclasses.replace(idle, state=state)).verdict == "error"


@pytest.mark.parametrize("part", ["journal", "state"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"null"])
def test_bytes_that_do_not_read_are_an_error_without_a_score(idle: GradingInputs, part: str, content: bytes) -> None:
    graded = judging.judge(dataclasses.replace(idle, **{part: content}))
    assert (graded.score, graded.verdict, graded.faults) == ("", "error", 1)


def test_an_exercise_that_does_not_read_is_not_graded(idle: GradingInputs) -> None:
    with pytest.raises(ExerciseInvalidError):
        judging.judge(dataclasses.replace(idle, exercise=b"id: x"))


def test_a_cell_that_began_another_variant_than_the_one_drawn_gets_no_score(idle: GradingInputs) -> None:
    graded = judging.judge(dataclasses.replace(idle, variant=1))
    assert (graded.score, graded.verdict) == ("", "error")
    assert "row 1 names variant 0, drawn was 1" in reports.loads(graded.report).errors[-1].en
