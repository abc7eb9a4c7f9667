"""An exercise's own tests become scripts, and what they expect is compared exactly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sandbox.authoring import agreement, selftest
from sandbox.contract.journal import Row
from sandbox.contract.replay import Replayed
from sandbox.exercises import loader
from sandbox.exercises.loader import Loaded
from tests.journals import MINUTE, NONCE, Diary
from tests.sandbox.exercises import files

ANCHOR = "2026-03-02"


def loaded(text: str = files.VALID) -> Loaded:
    return loader.load(text.encode())


def test_all_tests_are_runs_of_one_script() -> None:
    (script,) = selftest.build(loaded(), anchor=ANCHOR)
    assert [run.name for run in script.runs] == ["idle", "reference", "late"]
    assert (script.anchor, script.pack.time_factor) == (ANCHOR, 1)
    step = script.runs[1].steps[1]
    assert (step.label, step.at_ms, step.seat, step.action) == ("rx", 2 * MINUTE, "doc", "prescription.sign")
    assert step.fields == {"patient": "$lin", "items": [{"drug": "M021", "days": 3}]}


def test_extra_time_needs_a_script_of_its_own_and_is_inherited() -> None:
    text = files.changed(
        ("swap: [opn, rx]\n", "swap: [opn, rx]\n    accommodations: {untimed: true}\n"),
        ("lost: [order]}\n", "lost: [order]}\n  - {name: later, from: late, expect: {score: 0, result: fail}}\n"),
    )
    standard, untimed = selftest.build(loaded(text), anchor=ANCHOR)
    assert [run.name for run in standard.runs] == ["idle", "reference"]
    assert [run.name for run in untimed.runs] == ["late", "later"]
    assert (untimed.pack.limit_ms, untimed.pack.time_factor) == (None, 4)


def replayed(name: str, diary: Diary) -> Replayed:
    return Replayed(name=name, rows=diary.journal().rows, state=diary.state())


def idle() -> Diary:
    return Diary(bindings={"lin": ["p1"]})


def reference() -> Diary:
    diary = idle()
    diary.write("chart.open", at=MINUTE)
    diary.write("inject.fired", actor="system", patient=None, data={"inject": "rash"})
    diary.create("allergy", "al1", "allergy.record", patient="p1", source="SELF")
    diary.rows[-1] = replace(diary.rows[-1], data={"class": "PEN"})
    diary.write("prescription.sign", data={"max_days": 3})
    return diary


def late() -> Diary:
    diary = idle()
    diary.write("prescription.sign", data={"max_days": 3})
    diary.create("allergy", "al1", "allergy.record", patient="p1", source="SELF")
    diary.rows[-1] = replace(diary.rows[-1], data={"class": "PEN"})
    return diary


def wrong(text: str, **runs: Diary) -> dict[str, list[str]]:
    standard = {"idle": idle(), "reference": reference(), "late": late(), **runs}
    replays = [replayed(name, diary) for name, diary in standard.items()]
    outcomes = selftest.prove(loaded(text), replays, nonce=NONCE)
    return {outcome.test: [en for _, en in outcome.wrong] for outcome in outcomes if outcome.wrong}


def test_expectations_that_hold_are_silent() -> None:
    assert wrong(files.VALID) == {}


def test_every_difference_is_told() -> None:
    text = files.changed(("lost: [order]", "lost: [row], hit: [try], fired: [rash]"), ("score: 60", "score: 59.9"))
    assert wrong(text) == {
        "late": [
            "score: expected 59.9, got 60.0",
            "lost: expected [row], got [order]",
            "hit: expected [try], got []",
            "fired: expected [rash], got []",
        ]
    }


def test_absent_lost_and_hit_mean_none_but_for_idle() -> None:
    text = files.changed((", lost: [order]", ""))
    assert wrong(text) == {"late": ["lost: expected [], got [order]"]}


def test_hints_of_a_test_cost_points() -> None:
    text = files.changed(("name: reference\n", "name: reference\n    hints: [h1]\n"))
    assert wrong(text) == {"reference": ["score: expected 100, got 98.0"]}


def test_a_broken_journal_fails_the_test() -> None:
    diary = reference()
    whole = diary.journal()
    cut = Replayed(name="reference", rows=whole.rows[:-1], state=diary.state())
    replays = [replayed("idle", idle()), cut, replayed("late", late())]
    outcomes = selftest.prove(loaded(), replays, nonce=NONCE)
    assert outcomes[1].report.result == "error"
    assert ("得分应为 100，实际为 –", "score: expected 100, got –") in outcomes[1].wrong


def test_a_test_that_was_not_run_is_an_error() -> None:
    with pytest.raises(KeyError, match="late"):
        selftest.prove(loaded(), [replayed("idle", idle()), replayed("reference", reference())])


def pages(diary: Diary) -> list[Row]:
    """The same deeds through the pages: log-ins, looks around, other numbers, another moment on the wall."""
    rows: list[Row] = []
    for row in diary.journal().rows:
        if row.action == "allergy.record":
            rows += [
                replace(row, action="auth.login", changes=()),
                replace(row, action="queue.view", data={"desk": "clinic"}, changes=()),
                replace(row, action="chart.open", target=None, data={}, changes=()),
            ]
        rows.append(replace(row, wall="2030-01-01T00:00:00.000+00:00", hash="0" * 64))
    numbers = {row.seq: at for at, row in enumerate(rows, start=1)}
    return [
        replace(
            row,
            seq=at,
            data={key: numbers.get(value, value) if key == "cause" else value for key, value in row.data.items()},
        )
        for at, row in enumerate(rows, start=1)
    ]


def test_looking_around_and_logging_in_do_not_make_journals_differ() -> None:
    names = agreement.named(loaded())
    assert names == {"chart.open", "allergy.record", "prescription.sign"}
    done = reference()
    done.write("charge_item.plan", actor="system", data={"cause": 5})
    assert agreement.differences(reference_with_charge(), pages(done), names) == []


def reference_with_charge() -> tuple[Row, ...]:
    diary = reference()
    diary.write("charge_item.plan", actor="system", data={"cause": 5})
    return diary.journal().rows


def test_another_deed_another_time_or_a_missing_row_do() -> None:
    names = agreement.named(loaded())
    memory = reference().journal().rows
    slower = reference()
    slower.rows[-1] = replace(slower.rows[-1], t=slower.rows[-1].t + 1)
    assert agreement.differences(memory, slower.journal().rows, names)
    other = reference()
    other.rows[-1] = replace(other.rows[-1], data={"max_days": 4})
    assert agreement.differences(memory, other.journal().rows, names) == [
        "row 5: data is {'max_days': 3} in memory, {'max_days': 4} through the pages"
    ]
    more = reference()
    more.write("allergy.retract")
    assert "only through the pages: system attempt.end ok" in agreement.differences(memory, more.journal().rows, names)


def test_log_ins_count_where_the_exercise_names_them() -> None:
    diary = reference()
    diary.write("auth.login", data={"account": "PX-DOC", "terminal": "1"})
    rows = diary.journal().rows
    assert agreement.essential(rows, {"chart.open"}) == agreement.essential(rows[:-2] + rows[-1:], {"chart.open"})
    kept = agreement.essential(rows, {"chart.open", "auth.login"})
    assert [each["action"] for each in kept].count("auth.login") == 1
