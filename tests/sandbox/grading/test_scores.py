"""From lines to the score: rounding, must, critical cap, hints, losses, provisional ranges."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from sandbox.contract import canonical, codec
from sandbox.grading import report as reports
from sandbox.grading.grade import grade
from sandbox.grading.report import Report
from sandbox.grading.scoring import HintOpened
from tests.journals import MINUTE, Diary, check, file, graded, never

ACTIONS = ("registration.call", "registration.start", "chart.open", "registration.finish")
EVENTS = {f"e{number}": {"action": action} for number, action in enumerate(ACTIONS)}


def done(*actions: str) -> Diary:
    diary = Diary()
    for action in actions:
        diary.write(action)
    return diary


def counted(*points: float | int, **more: Any) -> list[dict[str, Any]]:
    return [check(f"c{at}", each, count={"event": f"e{at}"}, **more) for at, each in enumerate(points)]


def verdict(report: Report) -> tuple[str, str]:
    return report.score, report.result


@pytest.mark.parametrize(
    ("first", "expected"),
    [(79.95, ("80.0", "pass")), (79.94, ("79.9", "fail")), (80, ("80.0", "pass")), (100, ("100.0", "pass"))],
)
def test_the_rounded_score_meets_the_pass_mark(first: float, expected: tuple[str, str]) -> None:
    parts = (first,) if first == 100 else (first, round(100 - first, 2))
    content = file(events={name: EVENTS[name] for name in list(EVENTS)[: len(parts)]}, checks=counted(*parts))
    assert verdict(graded(done(ACTIONS[0]), content)) == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [("179/3", "59.7"), ("571/6", "95.2"), ("1/20", "0.1"), ("1/21", "0.0"), ("100", "100.0"), ("0", "0.0")],
)
def test_scores_are_rounded_once_half_up(number: str, text: str) -> None:
    assert reports.rounded(Fraction(number), 1) == text


def test_nobody_acknowledged_gives_59_7() -> None:
    """10+10+5+20/3+0+5+5+10+0+5+0+3+0 = 179/3."""
    diary = done("registration.call", "registration.start", "registration.finish")
    events = {**EVENTS}
    checks = [
        check("rest", 53, count={"event": "e0"}),
        check("loop", 20, must=True, order=["e0", "e1", "e2", "e3"]),
        check("lost", 27, count={"event": "e2"}),
    ]
    report = graded(diary, file(events=events, checks=checks))
    assert (report.exact, report.score, report.result) == ("179/3", "59.7", "fail")
    assert [line.exact for line in report.lines] == ["53", "20/3", "0"]
    assert [line.got for line in report.lines] == ["53.00", "6.67", "0.00"]


def test_ninety_with_a_must_check_that_is_not_full_fails() -> None:
    content = file(
        events=EVENTS,
        checks=[check("most", 80, count={"event": "e0"}), check("must", 20, must=True, order=["e0", "e1", "e2"])],
    )
    report = graded(done("registration.call", "registration.start"), content)
    assert verdict(report) == ("90.0", "fail")


def test_a_critical_hit_caps_the_score_and_fails() -> None:
    content = file(
        events=EVENTS,
        checks=counted(90, 10),
        never=[never(lose=30, critical=True, event="e2")],
    )
    report = graded(done("registration.call", "chart.open"), content)
    assert (report.exact, report.score, report.result, report.critical) == ("59", "59.0", "fail", ("harm",))
    assert report.losses[0].exact == "30"


def test_losses_count_hits_up_to_their_maximum_and_never_go_below_zero() -> None:
    def loss(lose: int, most: int | None) -> tuple[str, str, int]:
        rule = never(lose=lose, event="e2", **({} if most is None else {"max": most}))
        content = file(events=EVENTS, checks=counted(100), never=[rule])
        report = graded(done("registration.call", "chart.open", "chart.open", "chart.open"), content)
        return report.score, report.losses[0].exact, report.losses[0].hits

    assert loss(10, None) == ("90.0", "10", 3)
    assert loss(10, 25) == ("75.0", "25", 3)
    assert loss(60, 180) == ("0.0", "180", 3)


def hinted(*hints: HintOpened, actions: tuple[str, ...]) -> Report:
    steps = [
        {
            "id": "s1",
            "zh": "做",
            "en": "Do",
            "hints": [
                {"id": "h1", "cost": 2, "zh": "提示", "en": "Hint"},
                {"id": "h2", "cost": 3, "zh": "再", "en": "More"},
            ],
        }
    ]
    checks = [check("c0", 4, step="s1", count={"event": "e0"}), check("c1", 96, step="s1", count={"event": "e1"})]
    return graded(done(*actions), file(events=EVENTS, steps=steps, checks=checks), hints=hints)


def test_hints_cost_at_most_what_their_step_earned() -> None:
    both = (HintOpened(hint="h1"), HintOpened(hint="h2"))
    assert hinted(*both, actions=ACTIONS[:2]).score == "95.0"
    only_four = hinted(*both, actions=ACTIONS[:1])
    assert (only_four.score, only_four.hints[0].exact) == ("0.0", "4")
    idle = hinted(*both, actions=())
    assert (idle.score, idle.hints[0].exact) == ("0.0", "0")


def test_a_hint_opened_after_the_step_was_full_is_free() -> None:
    late = HintOpened(hint="h1", working_ms=10 * MINUTE)
    assert hinted(late, actions=ACTIONS[:2]).score == "100.0"
    in_between = HintOpened(hint="h1", working_ms=MINUTE + 1)
    assert hinted(in_between, actions=ACTIONS[:2]).score == "98.0"
    assert hinted(HintOpened(hint="h1", free=True), actions=ACTIONS[:2]).score == "100.0"


def test_a_hint_opened_twice_costs_once_from_its_first_opening() -> None:
    twice = (HintOpened(hint="h1"), HintOpened(hint="h1", working_ms=60 * MINUTE))
    assert hinted(*twice, actions=ACTIONS[:2]).score == "98.0"


def test_a_line_in_error_costs_nothing_and_makes_the_score_a_range() -> None:
    content = file(
        events=EVENTS,
        checks=[
            check("clear", 70, count={"event": "e0"}),
            check("lost", 30, state={"table": "allergy", "where": {}, "one": {"source": "SELF"}}),
        ],
    )
    diary = done("registration.call")
    state = diary.state()
    del state.tables["allergy"]
    report = grade(content, diary.journal(), state)
    assert (report.result, report.score, report.score_to) == ("provisional", "70.0", "100.0")
    assert [line.outcome for line in report.lines] == ["full", "error"]
    assert "allergy" in report.errors[0].en
    assert "allergy" in report.errors[0].zh


def test_the_report_travels_and_carries_the_digest_of_every_input() -> None:
    content = file(events=EVENTS, checks=counted(100))
    diary = done("registration.call")
    journal, state = diary.journal(), diary.state()
    report = grade(content, journal, state)
    assert reports.loads(reports.dumps(report)) == report
    assert report.digests["journal"] == canonical.digest(codec.to_json(journal.rows))
    assert report.digests["state"] == canonical.digest(codec.to_json(state))
    assert set(report.digests) == {"journal", "state", "hints", "accommodations"}
    assert len(report.exercise.sha256) == 64
