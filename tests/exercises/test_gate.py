"""The release gate on X05 with one thing wrong at a time: every code, its place, and its words in both languages."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from his import replaying
from sandbox.authoring import findings, gate, gate_report, rehearsing
from sandbox.authoring.gate_report import Finding, GateReport
from sandbox.authoring.rehearsing import Rehearsed
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import loader
from sandbox.exercises.loader import Loaded
from sandbox.exercises.vocabulary import Vocabulary
from tests.exercises.conftest import FILES, ROOT

X05 = next(file for file in FILES if file.stem.startswith("x05")).read_text(encoding="utf-8")
X15 = next((ROOT / "fixtures/exercises/examples").glob("x15*.yaml")).read_bytes()
IMAGE = "process:tests"


@pytest.fixture(scope="module")
def hospital(golden: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{golden}?mode=ro&immutable=1", uri=True)
    yield connection
    connection.close()


def changed(*changes: tuple[str, str]) -> str:
    text = X05
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text


def rehearsed(hospital: sqlite3.Connection, loaded: Loaded, vocabulary: Vocabulary, *, quick: bool) -> Rehearsed:
    tasks = rehearsing.tasks(loaded, vocabulary, quick=quick)
    replays = [(task, replaying.replay(hospital, task.script)) for task in tasks]
    return rehearsing.judged(loaded, vocabulary, replays)


class Bench:
    """Judges texts: loads, rehearses in this process, asks the gate."""

    def __init__(self, hospital: sqlite3.Connection, vocabulary: Vocabulary) -> None:
        self.hospital, self.vocabulary = hospital, vocabulary

    def judge(self, text: str, *, quick: bool = True) -> GateReport:
        loaded = self.load(text)
        seen = rehearsed(self.hospital, loaded, self.vocabulary, quick=quick)
        return gate.judge(text.encode(), loaded, seen, image=IMAGE, quick=quick)

    def load(self, text: str) -> Loaded:
        return loader.load(text.encode(), vocabulary=self.vocabulary)


@pytest.fixture(scope="module")
def bench(hospital: sqlite3.Connection, vocabulary: Vocabulary) -> Bench:
    return Bench(hospital, vocabulary)


def told(report: GateReport, text: str) -> list[tuple[str, str, str]]:
    """Return code, English sentence and the line of the file each finding points at."""
    lines = text.splitlines()
    return [(one.code, one.en, lines[one.line - 1].strip()) for one in report.findings]


def test_an_exercise_in_order_has_no_findings(bench: Bench) -> None:
    report = bench.judge(X05, quick=False)
    assert report.findings == ()
    assert {one.outcome for one in report.mutants} == {"killed", "excused", "refused"}
    assert [one.id for one in report.mutants if one.outcome == "excused"] == [
        "swap:beg/opn", "swap:opn/alg", "swap:alg/dia", "swap:dia/rec", "swap:rec/rx",
    ]  # fmt: skip
    assert (report.clean, report.releasable, report.ungraded) == (True, False, ())


def test_only_a_report_with_mutants_and_pages_is_green(bench: Bench) -> None:
    loaded = bench.load(X05)
    seen = rehearsed(bench.hospital, loaded, bench.vocabulary, quick=False)
    agreeing: dict[str, list[str]] = {test.name: [] for test in loaded.exercise.tests}

    def judged(*, quick: bool, real: dict[str, list[str]] | None) -> bool:
        return gate.judge(X05.encode(), loaded, seen, image=IMAGE, quick=quick, real=real).releasable

    assert judged(quick=False, real=agreeing)
    assert not judged(quick=True, real=agreeing)
    assert not judged(quick=False, real=None)


LATE_INJECT = "injects:\n  - {id: dead, at: 19m, say: {from: {zh: 甲, en: A}, zh: 乙, en: B}}\n"
SPARED = "{name: idle, run: [], expect"


def test_a_result_that_differs_is_told_with_both(bench: Bench) -> None:
    text = changed(
        ("score: 77, result: fail, lost: [allergy-first, record]", "score: 78, result: fail, lost: [record]")
    )
    ((code, sentence, place),) = told(bench.judge(text), text)
    assert (code, place[:20]) == ("EX410", "- {name: allergy-lat")
    assert sentence == (
        "test 'allergy-late': score: expected 78, got 77.0; lost: expected [record], got [allergy-first, record]"
    )


def test_a_draft_test_forbids_the_release(bench: Bench) -> None:
    text = changed(("  - name: too-long\n", "  - name: too-long\n    draft: true\n"))
    assert told(bench.judge(text), text) == [("EX501", "test 'too-long' is still a draft", "- name: too-long")]


def test_there_must_be_an_idle_test(bench: Bench) -> None:
    text = changed((SPARED, "{name: nothing, run: [], expect"))
    assert ("EX502", "there is no test 'idle' with an empty run", "tests:") in told(bench.judge(text), text)


def test_there_must_be_a_reference(bench: Bench) -> None:
    text = X05.replace("name: reference", "name: model").replace("from: reference", "from: model")
    text = text.split("equivalent:")[0]
    assert told(bench.judge(text, quick=False), text) == [("EX503", "there is no test 'reference'", "tests:")]


def test_a_reference_below_a_hundred_is_told(bench: Bench) -> None:
    text = changed(("- {as: fin, at: 12m", "- {as: fin, at: 17m30s"))
    found = told(bench.judge(text), text)
    sentence = "'reference' scores 97.5 (pass); it must score 100, pass and open no hint"
    assert ("EX503", sentence, "- name: reference") in found


def test_fewer_than_eight_tests_are_too_few(bench: Bench) -> None:
    kept, _, rest = X05.partition("  - {name: unsigned")
    text = kept + rest.partition("\n")[2].partition("  - name: snoop")[0] + "equivalent:" + X05.split("equivalent:")[1]
    found = told(bench.judge(text), text)
    assert ("EX504", "7 tests; at least 8 are needed", "tests:") in found
    lost = [one for one in found if one[0] in ("EX505", "EX506")]
    assert [(code, en, line.split(",")[0]) for code, en, line in lost] == [
        ("EX505", "no test loses check 'signed'; add one that does this wrong", "- {id: signed"),
        ("EX506", "no test hits rule 'snoop'; add one that does it", "- {id: snoop"),
    ]


def test_an_inject_that_never_fires_is_told(bench: Bench) -> None:
    text = changed(("injects:\n", LATE_INJECT))
    found = told(bench.judge(text), text)
    assert [(code, en, line[:11]) for code, en, line in found] == [
        ("EX507", "no test fires inject 'dead'", "- {id: dead")
    ]


def test_a_surviving_mutant_is_told_with_the_check_that_could_catch_it(bench: Bench) -> None:
    text = changed((", requires: opened", ""), ("swap:alg/dia, ", ""))
    found = told(bench.judge(text, quick=False), text)
    assert {code for code, _, _ in found} == {"EX508"}
    assert [(en, line[:10]) for _, en, line in found if "drop:opn" in en or "alg/dia" in en] == [
        (
            "mutant 'drop:opn' survives: leaving out opn (Chart opened) still scores 100; "
            "add a `count` or `state` check on chart.open (looking at it now: namesake-chart, snoop)",
            "- {as: opn",
        ),
        (
            "mutant 'swap:alg/dia' survives: doing dia (Diagnosis added) before alg (Allergy recorded) still scores "
            "100; add an `order` check or, if the order has no meaning, say so under `equivalent` "
            "(looking at it now: allergy-first, allergy-row, wrong-patient)",
            "- {as: alg",
        ),
    ]


def test_an_excuse_for_what_is_noticed_is_an_error(bench: Bench) -> None:
    text = changed(("[swap:beg/opn]", "[swap:beg/opn, drop:alg, drop:rxx]"))
    found = told(bench.judge(text, quick=False), text)
    assert [(code, en) for code, en, _ in found] == [
        ("EX508", "mutant 'drop:alg' is excused, yet it scores 65 (allergy-first, allergy-row)"),
        ("EX508", "there is no mutant 'drop:rxx'; nearest: 'drop:rx'"),
    ]
    assert all("[swap:beg/opn, drop:alg, drop:rxx]" in line for _, _, line in found)


def test_an_action_without_a_desk_is_told_once_where_it_is_done(bench: Bench) -> None:
    loaded = loader.load(X15, vocabulary=bench.vocabulary)
    report = gate.judge(X15, loaded, Rehearsed(), image=IMAGE)
    lines = X15.decode().splitlines()
    assert len(report.findings) == 8
    first = report.findings[0]
    assert first.en == "the hospital does not offer critical_value.confirm yet"
    assert first.zh == "模拟医院尚未提供 critical_value.confirm"
    assert lines[first.line - 1].strip().startswith("- {as: con")


def test_an_act_that_no_page_offers_is_told(bench: Bench) -> None:
    added = "{after: rec, as: long, seat: doc, action: prescription.sign, patient: $lin, items: [" + (
        "{drug: M021, days: 10}]}"
    )
    missing = changed((added, "{after: rec, seat: doc, action: medical_record.archive, patient: $lin}"))
    assert ("EX511", "the hospital does not offer medical_record.archive yet", "- name: too-long") in told(
        bench.judge(missing), missing
    )
    unfit = changed((added, "{after: rec, as: long, seat: doc, action: diagnosis.add, patient: $lin}"))
    found = [one for one in told(bench.judge(unfit), unfit) if one[0] == "EX511"]
    assert found
    assert found[0][1].startswith("no page lets step 'long' of test 'too-long' be done")


def by_hand(bench: Bench, test: str, **report: object) -> tuple[Loaded, Rehearsed]:
    """Return X05 as rehearsed, but for one report: what a sound grader never gives."""
    loaded = bench.load(X05)
    seen = rehearsed(bench.hospital, loaded, bench.vocabulary, quick=True)
    outcomes = tuple(
        (variant, replace(one, report=replace(one.report, **report)) if one.test == test else one)
        for variant, one in seen.outcomes
    )
    return loaded, replace(seen, outcomes=outcomes)


def codes(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.code, one.en) for one in found]


def test_doing_nothing_must_score_exactly_nothing(bench: Bench) -> None:
    loaded, seen = by_hand(bench, "idle", score="5.0")
    assert codes(gate.judge(X05.encode(), loaded, seen, image=IMAGE).findings) == [
        ("EX502", "doing nothing scores 5, not exactly 0")
    ]


def test_a_critical_hit_must_fail(bench: Bench) -> None:
    loaded, seen = by_hand(bench, "snoop", result="pass")
    assert codes(gate.judge(X05.encode(), loaded, seen, image=IMAGE).findings) == [
        ("EX506", "rule 'snoop' is critical, yet test 'snoop' passes")
    ]


def test_an_error_is_no_result(bench: Bench) -> None:
    loaded, seen = by_hand(bench, "unsigned", errors=(Words(zh="缺表", en="a table is missing"),))
    assert codes(gate.judge(X05.encode(), loaded, seen, image=IMAGE).findings) == [
        ("EX509", "test 'unsigned' ends in an error: a table is missing")
    ]


def test_two_gradings_must_give_the_same_bytes(bench: Bench) -> None:
    loaded, other = by_hand(bench, "snoop", exact="59/1")
    seen = rehearsed(bench.hospital, loaded, bench.vocabulary, quick=True)
    assert codes(gate.judge(X05.encode(), loaded, seen, image=IMAGE, again=other).findings) == [
        ("EX509", "test 'snoop' does not give the same bytes when graded twice")
    ]


def test_memory_and_pages_must_agree(bench: Bench) -> None:
    loaded = bench.load(X05)
    seen = rehearsed(bench.hospital, loaded, bench.vocabulary, quick=True)
    report = gate.judge(
        X05.encode(), loaded, seen, image=IMAGE, real={"idle": [], "snoop": ["row 9: a", "b", "c", "d"]}
    )
    assert codes(report.findings) == [("EX510", "test 'snoop' differs between memory and real pages: row 9: a; b; c")]
    assert {one.name: one.real for one in report.tests if one.real is not None} == {"idle": True, "snoop": False}


def test_two_players_need_more_than_an_instance_has(bench: Bench) -> None:
    loaded = bench.load(X05)
    drawn = loaded.variants[0]
    team = replace(loaded, variants=(replace(drawn, plan=replace(drawn.plan, players=(2, 4))),))
    assert codes(gate.judge(X05.encode(), team, Rehearsed(), image=IMAGE).findings) == [
        ("EX512", "needs 2 players; an instance has one player yet")
    ]


def test_a_start_that_the_hospital_refuses_is_told(bench: Bench) -> None:
    report = gate.judge(X05.encode(), bench.load(X05), Rehearsed(unarmed="E-REG-04"), image=IMAGE)
    assert [(one.code, one.en, one.zh) for one in report.findings] == [
        ("EX405", "start breaks a rule of the HIS: E-REG-04", "起始数据违反 HIS 规则：E-REG-04")
    ]
    assert X05.splitlines()[report.findings[0].line - 1] == "start:"


def test_a_report_comes_back_as_it_was_stored(bench: Bench) -> None:
    report = bench.judge(X05)
    assert gate_report.loads(gate_report.dumps(report)) == report


def test_coverage_says_which_test_loses_what(bench: Bench) -> None:
    report = bench.judge(X05)
    tests = {one.id: one.tests for one in (*report.checks, *report.rules, *report.injects)}
    assert tests["allergy-row"] == ("namesake",)
    assert tests["penicillin"] == ("allergen",)
    assert len(tests["lure"]) == len(findings.by_test(rehearsed_tests(bench))) - 1


def rehearsed_tests(bench: Bench) -> Rehearsed:
    return rehearsed(bench.hospital, bench.load(X05), bench.vocabulary, quick=True)
