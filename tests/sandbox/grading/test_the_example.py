"""The exact results that the format's example promises, for each of its tests."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from sandbox.contract.control import HospitalState
from sandbox.exercises import loader, scripts
from sandbox.grading.evidence import Journal
from sandbox.grading.grade import grade
from sandbox.grading.ledger import Accommodations
from sandbox.grading.report import Adjustment, Report
from sandbox.grading.scoring import HintOpened
from tests.paper_ward import Ward

FILE = Path(__file__).parents[3] / "fixtures" / "exercises" / "examples" / "x15-potassium-critical-value.yaml"
CONTENT = FILE.read_bytes()
LOADED = loader.load(CONTENT)
TESTS = {test.name: test for test in LOADED.exercise.tests}


def lived(name: str) -> tuple[Journal, HospitalState]:
    """Return what the ward on paper says of one test."""
    ward = Ward(LOADED)
    for act in scripts.resolve(LOADED.exercise, TESTS[name]):
        ward.does(act)
    return ward.diary.journal(), ward.diary.state()


def report_of(name: str, content: bytes = CONTENT, *, marked: bool = True, seats: tuple[str, ...] = ()) -> Report:
    """Return the report of one test, its rubric marked as the test says."""
    test = TESTS[name]
    extra = test.accommodations
    marks = scripts.marks(LOADED.exercise, test) if marked else {}
    return grade(
        content,
        *lived(name),
        hints=[HintOpened(hint=hint) for hint in test.hints],
        accommodations=Accommodations(untimed=extra is not None and extra.untimed),
        adjustments=[
            Adjustment(subject=check, kind="mark", points=str(points), reason="") for check, points in marks.items()
        ],
        seats=seats,
    )


@pytest.mark.parametrize("name", TESTS)
def test_a_run_gives_exactly_what_the_example_says(name: str) -> None:
    expected, report = TESTS[name].expect, report_of(name)
    assert (Fraction(report.score), report.result) == (Fraction(expected.score), expected.result)
    if name != "idle":
        assert {line.id for line in report.lines if line.outcome != "full"} == set(expected.lost or ())
        assert {loss.id for loss in report.losses} == set(expected.hit or ())
    if expected.fired is not None:
        assert set(report.fired) == set(expected.fired)


def test_fractions_stay_exact_to_the_end() -> None:
    assert report_of("nobody-acked").exact == "179/3"
    assert report_of("slow-doctor").exact == "571/6"


def test_an_unmarked_rubric_leaves_a_range() -> None:
    report = report_of("reference", marked=False)
    assert (report.result, report.score, report.score_to, report.pending) == ("provisional", "98.0", "100.0", ("note",))


def test_seats_can_be_marked_apart() -> None:
    apart = CONTENT.replace(b"marks: team}", b"marks: seat}")
    doctor = report_of("slow-doctor", apart, seats=("doc",))
    assert (doctor.score, doctor.exact, doctor.scale) == ("93.1", "1955/21", "10/7")
    assert {line.id for line in doctor.lines} & {"rule-out", "tell-10", "release", "read-back"} == set()
    operator = report_of("slow-doctor", apart, seats=("lab",))
    assert (operator.score, operator.result) == ("100.0", "pass")


def test_only_own_hits_count_where_seats_are_marked_apart() -> None:
    apart = CONTENT.replace(b"marks: team}", b"marks: seat}")
    assert [loss.id for loss in report_of("homophone", apart, seats=("doc",)).losses] == ["homophone"]
    assert report_of("homophone", apart, seats=("lab",)).losses == ()
    assert [loss.id for loss in report_of("homophone", CONTENT, seats=("lab",)).losses] == ["homophone"]
