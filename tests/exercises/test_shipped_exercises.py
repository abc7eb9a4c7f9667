"""Every exercise we ship proves itself: its own tests, run in memory by the image's code, hold exactly."""

from __future__ import annotations

from dataclasses import replace

from sandbox.authoring import agreement, selftest
from sandbox.contract.replay import Replayed, whole
from sandbox.exercises.loader import Loaded
from sandbox.grading import report as reports
from sandbox.grading.evidence import Journal
from sandbox.grading.grade import grade
from tests.exercises.conftest import FILES, Replay

LEAP_DAY = "2028-02-29"


def test_there_is_an_exercise() -> None:
    assert [path.stem for path in FILES] == [
        "x01-first-log-in",
        "x05-urti-penicillin-allergy",
        "x08-dispense-fefo-return",
        "x18-privacy-and-phishing",
    ]


def test_every_expectation_holds_exactly(outcomes: dict[str, selftest.Outcome]) -> None:
    assert {name: each.wrong for name, each in outcomes.items() if each.wrong} == {}


def test_nothing_done_earns_nothing_and_everything_right_earns_all(outcomes: dict[str, selftest.Outcome]) -> None:
    idle, reference = outcomes["idle"].report, outcomes["reference"].report
    assert (idle.result, idle.score, idle.losses) == ("fail", "0.0", ())
    assert (reference.result, reference.score, reference.losses, reference.hints) == ("pass", "100.0", (), ())


def test_at_least_eight_tests_lose_every_check_and_hit_every_rule(
    loaded: Loaded, outcomes: dict[str, selftest.Outcome]
) -> None:
    reports_but_idle = [each.report for name, each in outcomes.items() if name != "idle"]
    assert len(outcomes) >= 8
    lost = {line.id for report in reports_but_idle for line in report.lines if line.outcome != "full"}
    assert lost == {check.id for check in loaded.plan.checks}
    hit = {loss.id for report in reports_but_idle for loss in report.losses}
    assert hit == {rule.id for rule in loaded.plan.never}
    fired = {name for report in reports_but_idle for name in report.fired}
    assert fired == {inject.id for inject in loaded.exercise.injects}


def test_every_critical_hit_fails(loaded: Loaded, outcomes: dict[str, selftest.Outcome]) -> None:
    critical = [each.report for each in outcomes.values() if each.report.critical]
    assert critical
    assert all(report.result == "fail" for report in critical)


def test_grading_twice_gives_the_same_bytes(loaded: Loaded, replays: list[Replayed]) -> None:
    first, second = (selftest.prove(loaded, replays) for _ in range(2))
    assert [reports.dumps(each.report) for each in first] == [reports.dumps(each.report) for each in second]


def test_every_lost_point_names_rows_or_says_that_nothing_happened(outcomes: dict[str, selftest.Outcome]) -> None:
    lines = [line for each in outcomes.values() for line in each.report.lines if line.outcome != "full"]
    silent = [line for line in lines if not line.events and not line.near]
    assert silent
    nothing = (("没有发生", "happen"), ("没有作答", "Not answered"))
    assert [line for line in silent if not any(zh in line.zh and en in line.en for zh, en in nothing)] == []


def test_the_case_does_not_age(content: bytes, loaded: Loaded, replay: Replay) -> None:
    standard = selftest.build(loaded, anchor=LEAP_DAY)[0]
    runs = tuple(run for run in standard.runs if run.name == "reference")
    (replayed,) = whole(replay(replace(standard, runs=runs)))
    journal = Journal(attempt=standard.attempt, nonce=standard.nonce, rows=replayed.rows)
    assert grade(content, journal, replayed.state).score == "100.0"


def test_a_run_agrees_with_itself_and_not_with_another(loaded: Loaded, replays: list[Replayed]) -> None:
    names = agreement.named(loaded)
    by_name = {run.name: run.rows for run in replays}
    assert agreement.differences(by_name["reference"], by_name["reference"], names) == []
    assert agreement.differences(by_name["reference"], by_name["idle"], names) != []
