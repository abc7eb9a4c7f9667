"""What a person decides lies on top of what the grader found, and both stay visible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.contract.exercise_pack import Words
from sandbox.grading.evidence import Journal
from sandbox.grading.grade import grade
from sandbox.grading.report import Adjustment, Report, dumps, loads
from sandbox.grading.scoring import HintOpened
from tests.journals import Diary, check, file, never

LEVELS = [
    {"points": 0, "zh": "缺", "en": "Missing"},
    {"points": 10, "zh": "简略", "en": "Brief"},
    {"points": 20, "zh": "完整", "en": "Complete"},
]
CHECKS = [
    check("open", 80, count={"event": "opened", "times": 2, "part": True}),
    check("note", 20, rubric={"levels": LEVELS}),
]
CONTENT = file(checks=CHECKS, never=[never("peek", 30, critical=True, event={"action": "queue.view"})])


def opened(times: int = 2, *others: str) -> Diary:
    diary = Diary()
    for _ in range(times):
        diary.write("chart.open")
    for action in others:
        diary.write(action)
    return diary


def decided(diary: Diary, *adjustments: Adjustment) -> Report:
    return grade(CONTENT, diary.journal(), diary.state(), adjustments=adjustments)


def mark(points: str) -> Adjustment:
    return Adjustment(subject="note", kind="mark", points=points, reason="")


def lines(report: Report) -> Mapping[str, tuple[str, str, str]]:
    return {line.id: (line.outcome, line.got, line.graded) for line in report.lines}


@pytest.mark.parametrize(
    ("points", "outcome", "zh", "en"),
    [
        ("20", "full", "人工评分20分：完整", "Marked 20: Complete"),
        ("10", "part", "人工评分10分：简略", "Marked 10: Brief"),
        ("0", "none", "人工评分0分：缺", "Marked 0: Missing"),
    ],
)
def test_a_rubric_counts_what_a_person_gave(points: str, outcome: str, zh: str, en: str) -> None:
    line = decided(opened(), mark(points)).lines[1]
    assert (line.outcome, line.exact, line.zh, line.en) == (outcome, points, zh, en)
    assert (line.graded, line.adjusted) == ("", mark(points))


def test_an_unmarked_rubric_is_pending_and_says_what_can_be_given() -> None:
    report = decided(opened())
    line = report.lines[1]
    assert (report.result, report.score, report.score_to, report.pending) == ("provisional", "80.0", "100.0", ("note",))
    assert line.outcome == "pending"
    assert line.zh == "待培训师评分：0分 缺；10分 简略；20分 完整"
    assert line.en == "To be marked by the trainer: 0 Missing; 10 Brief; 20 Complete"


def test_nothing_done_is_nothing_to_mark() -> None:
    report = decided(Diary())
    assert (report.result, report.score, report.pending) == ("fail", "0.0", ())
    assert report.lines[1].zh == "没有发生任何操作，没有可评的内容"
    assert report.lines[1].en == "Nothing happened, so there is nothing to mark"


def test_the_last_decision_about_a_subject_counts() -> None:
    assert decided(opened(), mark("0"), mark("20")).score == "100.0"


@pytest.mark.parametrize(
    ("kind", "points", "expected"),
    [
        ("set", "80", ("full", "80.00", "40")),
        ("set", "12.5", ("part", "12.50", "40")),
        ("set", "0", ("none", "0.00", "40")),
        ("add", "15", ("part", "55.00", "40")),
        ("add", "-100", ("none", "0.00", "40")),
        ("add", "100", ("full", "80.00", "40")),
        ("waive", "", ("full", "80.00", "40")),
    ],
)
def test_an_override_counts_and_keeps_what_the_grader_gave(kind: Any, points: str, expected: tuple[str, ...]) -> None:
    decision = Adjustment(subject="open", kind=kind, points=points, reason="系统卡顿")
    report = decided(opened(1), mark("20"), decision)
    assert lines(report)["open"] == expected
    assert report.lines[0].adjusted == decision


def test_a_waived_critical_hit_takes_nothing_and_fails_nobody() -> None:
    diary = opened(2, "queue.view")
    hit = decided(diary, mark("20"))
    assert (hit.score, hit.result, hit.critical) == ("59.0", "fail", ("peek",))
    waived = decided(
        opened(2, "queue.view"), mark("20"), Adjustment(subject="peek", kind="waive", points="", reason="x")
    )
    assert (waived.score, waived.result, waived.critical) == ("100.0", "pass", ())
    assert (waived.losses[0].lost, waived.losses[0].graded, waived.losses[0].critical) == ("0.00", "30", False)


def test_a_loss_can_be_set_and_stays_critical() -> None:
    lighter = Adjustment(subject="peek", kind="set", points="5", reason="x")
    report = decided(opened(2, "queue.view"), mark("20"), lighter)
    assert (report.losses[0].lost, report.losses[0].graded, report.result) == ("5.00", "30", "fail")
    changed = Adjustment(subject="peek", kind="add", points="-10", reason="x")
    assert decided(opened(2, "queue.view"), mark("20"), changed).losses[0].lost == "20.00"


def test_decisions_are_part_of_the_digests_and_survive_storage() -> None:
    plain, marked = decided(opened()), decided(opened(), mark("20"))
    assert "adjustments" not in plain.digests
    assert len(marked.digests["adjustments"]) == 64
    assert loads(dumps(marked)) == marked


def test_a_report_without_these_fields_still_reads() -> None:
    text = dumps(decided(opened(), mark("20"))).decode()
    old = text.replace(',"scale":"1"', "").replace('"graded":"",', "").replace(',"variant":0', "")
    assert loads(old.encode()) == loads(text.encode())


def varied() -> bytes:
    values = [{"n": 1}, {"n": 2}]
    return file(checks=[check(count={"event": "opened", "times": "$many.n"})], vary={"many": values})


@pytest.mark.parametrize(("drawn", "score"), [(0, "0.0"), (1, "100.0")])
def test_the_variant_that_was_drawn_is_graded(drawn: int, score: str) -> None:
    diary = opened(2)
    diary.rows[0].data["variant"] = drawn
    report = grade(varied(), diary.journal(), diary.state())
    assert (report.score, report.variant) == (score, drawn)


@pytest.mark.parametrize("drawn", [2, -1, True, "1", None])
def test_a_variant_that_does_not_exist_is_an_error_not_a_score(drawn: Any) -> None:
    diary = opened(2)
    diary.rows[0].data["variant"] = drawn
    report = grade(varied(), diary.journal(), diary.state())
    said = Words(zh="第 1 行的变体不属于本练习", en="row 1 names a variant that the exercise does not have")
    assert (report.result, report.errors) == ("error", (said,))


def test_a_broken_journal_has_no_digests_to_compare() -> None:
    diary = opened()
    journal = diary.journal()
    cut = Journal(attempt=journal.attempt, nonce=journal.nonce, rows=journal.rows[:-1])
    assert grade(CONTENT, cut, diary.state()).digests == {}


def test_no_override_makes_a_loss_larger_than_its_rule_allows() -> None:
    report = decided(opened(2, "queue.view"), Adjustment(subject="peek", kind="add", points="30", reason="r"))
    assert (report.losses[0].lost, report.losses[0].graded) == ("30.00", "30")


def test_a_mark_alone_does_not_prove_that_a_hint_came_late() -> None:
    content = file(
        checks=[CHECKS[0], {**CHECKS[1], "step": "s1"}],
        steps=[{"id": "s1", "zh": "写", "en": "Write", "hints": [{"id": "h1", "cost": 5, "zh": "提示", "en": "Hint"}]}],
    )
    diary = opened()
    report = grade(
        content, diary.journal(), diary.state(), hints=[HintOpened(hint="h1", working_ms=1)], adjustments=[mark("20")]
    )
    assert (report.hints[0].cost, report.score) == ("5.00", "95.0")
