"""Every key of the format is read, means what it says, and is told when it cannot be meant."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from sandbox.contract.exercise_pack import Skip, StartRow, StartSet, Words
from sandbox.exercises import compile as compiling
from sandbox.exercises import loader, plan, scripts
from tests.sandbox.exercises import files

EXAMPLE = Path(__file__).parents[3] / "fixtures" / "exercises" / "examples" / "x15-potassium-critical-value.yaml"
RULES = "rules: {time: 20m, pass: 80, critical_cap: 59}"
SAY = "say: {from: {zh: 患者, en: Patient}, zh: 过敏, en: Rash}"
ORDER = "order: [told, signed]"
RUBRIC = "rubric: {levels: [{points: 0, zh: 缺, en: None}, {points: 40, zh: 全, en: All}]}"
UNUSED = ["18:3 EX408 …", "19:3 EX408 …"]

CASES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "min_time": ([(RULES, "rules: {time: 20m, min_time: 20m}")], ["5:30 EX203 'min_time' must be shorter than …"]),
    "mode": (
        [(RULES, "rules: {time: 20m, modes: [exams]}")],
        ["5:28 EX203 'modes' must be one of 'practice', 'class', 'exam', found exams"],
    ),
    "no mode": ([(RULES, "rules: {time: 20m, modes: []}")], ["5:27 EX203 'modes' must be of at least 1, found […]"]),
    "attempts": (
        [(RULES, "rules: {time: 20m, attempts: {max: 0, keep: worst}}")],
        ["5:36 EX203 'max' must be at least 1, found 0", "5:45 EX203 'keep' must be one of 'best', 'last', 'first', …"],
    ),
    "EX403": ([("version: 1", "version: 1\nteam: {players: [1, 2]}")], ["4:17 EX403 more players than seats"]),
    "players": (
        [("version: 1", "version: 1\nteam: {players: [2, 1]}")],
        ["4:17 EX203 'players' must be [fewest, most], found [2, 1]"],
    ),
    "set table": (
        [("clock: '08:30'", "clock: '08:30'\n  set: [{table: patients, where: {id: $lin}, to: {sex: '1'}}]")],
        ["12:17 EX304 there is no table 'patients'; nearest: 'patient'"],
    ),
    "set what": (
        [("clock: '08:30'", "clock: '08:30'\n  set: [{table: patient, where: {}, to: {sexx: '1'}}]")],
        ["12:33 EX203 'where' must be of at least 1, found {…}"],
    ),
    "set column": (
        [("clock: '08:30'", "clock: '08:30'\n  set: [{table: patient, where: {id: $lin}, to: {sexx: '1'}}]")],
        ["12:50 EX304 table 'patient' has no column 'sexx'; nearest: 'sex'"],
    ),
    "skip back": (
        [("zh: '接诊{$lin.name}'", "skip: {to: -1d, zh: 前, en: Back}, zh: '接诊'")],
        ["14:29 EX203 'to' must be a date that is not before the start, found -1d"],
    ),
    "skip duration": (
        [("zh: '接诊{$lin.name}'", "skip: {to: 10m, zh: 前, en: On}, zh: '接诊'")],
        ["14:29 EX207 '10m' is not a date such as today, -34y, +3d 08:15"],
    ),
    "two deeds": (
        [(SAY, f"jump: +1d 08:00, {SAY}")],
        ["15:11 EX205 inject 'rash' needs exactly one of say, set, add, jump"],
    ),
    "no deed": ([(f", {SAY}", "")], ["15:11 EX205 inject 'rash' needs exactly one of say, set, add, jump"]),
    "jump back": ([(SAY, "jump: -1d")], ["15:54 EX203 'jump' must be a date that is not before the start, found -1d"]),
    "add to nothing": ([(SAY, "add: {alergy: {patient: $lin}}")], ["15:54 EX304 there is no table 'alergy'; …"]),
    "add as": (
        [(SAY, "add: {allergy: {as: new2, patient: $lin}}")],
        ["15:64 EX201 unknown key 'as' in add.allergy of inject 'rash'"],
    ),
    "add two": (
        [(SAY, "add: {allergy: {patient: $lin}, diagnosis: {patient: $lin}}")],
        ["15:53 EX203 'add' must be of at most 1, found {…}"],
    ),
    "rubric levels": (
        [(ORDER, "rubric: {levels: [{points: 0, zh: 缺, en: None}, {points: 39, zh: 全, en: All}]}")],
        [*UNUSED, "21:75 EX203 'levels' must be levels that rise from 0 to the points of the check, found […]"],
    ),
    "one level": (
        [(ORDER, "rubric: {levels: [{points: 0, zh: 缺, en: None}]}")],
        ["21:75 EX203 'levels' must be of at least 2, found […]"],
    ),
    "rubric inside": (
        [(ORDER, f"any_of: [{{{RUBRIC}}}]")],
        ["21:68 EX201 unknown key 'rubric' in any_of.0 of check 'order'"],
    ),
    "marks of no rubric": (
        [("from: reference\n", "from: reference\n    marks: {row: 1}\n")],
        ["34:18 EX203 'row' must be a check that a person marks, found 1"],
    ),
    "marks of nothing": (
        [("from: reference\n", "from: reference\n    marks: {rwo: 1}\n")],
        ["34:18 EX302 no check named 'rwo'; did you mean 'row'?"],
    ),
    "equivalent": (
        [("lost: [order]}\n", "lost: [order]}\nequivalent: [{mutants: [], zh: 无, en: None}]\n")],
        ["37:24 EX203 'mutants' must be of at least 1, found […]"],
    ),
    "vary": (
        [("version: 1", "version: 1\nvary: {who: [{name: 林一}]}"), ("name: 林一", "name: $who.nam")],
        ["9:15 EX301 $who.nam is not in cast or start; did you mean $who.name?"],
    ),
    "vary nothing": ([("name: 林一", "name: $who.name")], ["8:15 EX301 $who.name is not in cast or start"]),
    "vary too much": (
        [("version: 1", "version: 1\nvary: {a: [{x: 1}, {x: 2}, {x: 3}, {x: 4}, {x: 5}], b: [{}, {}, {}, {}]}")],
        ["4:7 EX104 too large: variants 20, limit 16"],
    ),
    "answer to nothing": (
        [("1m, seat: doc, action: chart.open, patient: $lin", "1m, seat: doc, action: answer.give, check: rwo")],
        ["29:66 EX302 no check named 'rwo'; did you mean 'row'?"],
    ),
}  # fmt: skip


def _cut(told: str, wanted: str) -> str:
    return f"{told[: len(wanted) - 1]}…" if wanted.endswith("…") else told


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_meant_is_told_with_its_place(name: str) -> None:
    changes, expected = CASES[name]
    pairs = [(old, new) for old, new in changes]
    text = files.changed(*pairs) if name != "vary" else files.changed(pairs[1], pairs[0])
    found = files.problems(text)
    assert [_cut(told, wanted) for told, wanted in zip(found, expected, strict=False)] == expected
    assert len(found) == len(expected), found


def loaded(*changes: tuple[str, str]) -> loader.Loaded:
    return loader.load(files.changed(*changes).encode(), vocabulary=files.VOCABULARY)


def test_rules_say_how_an_exam_goes() -> None:
    limits = "attempts: {max: 2, per: ever, keep: last, wait: 1h}"
    given = f"rules: {{time: 20m, min_time: 5m, modes: [exam, exam, class], {limits}}}"
    found = loaded((RULES, given)).plan
    assert found.modes == ("exam", "class")
    assert (found.time_ms, found.min_time_ms) == (1_200_000, 300_000)
    assert found.attempts == plan.Limits(max=2, per="ever", keep="last", wait_ms=3_600_000)


def test_rules_have_defaults() -> None:
    found = loaded().plan
    assert found.modes == ("practice", "class", "exam")
    assert found.attempts == plan.Limits(max=3, per="day", keep="best", wait_ms=0)
    assert (found.marks, found.players, found.min_time_ms) == ("team", (1, 1), 0)


def test_start_and_injects_travel_in_the_pack() -> None:
    made = loaded(
        ("clock: '08:30'", "clock: '08:30'\n  set: [{table: patient, where: {id: $lin}, to: {phone: '15400000001'}}]"),
        (SAY, "add: {allergy: {patient: $lin, class: PEN}}"),
        ("zh: '接诊{$lin.name}'", "skip: {to: +1d 08:00, zh: 次日早晨, en: Next morning}, zh: '接诊{$lin.name}'"),
    )
    pack = compiling.pack(made.exercise, made.plan, sha256=made.sha256)
    assert pack.set == (StartSet(table="patient", where={"id": "$lin"}, to={"phone": "15400000001"}),)
    assert pack.injects[0].add == StartRow(table="allergy", alias=None, row={"patient": "$lin", "class": "PEN"})
    assert pack.skips == (Skip(step="s1", to="+1d 08:00", label=Words(zh="次日早晨", en="Next morning")),)


def test_a_rubric_is_compiled_with_its_levels() -> None:
    made = loaded((ORDER, RUBRIC), ("id: row, points: 60", "id: row, points: 60, requires: told"),
                  ("zh: 记录, en: Entry", "zh: 记录, en: Entry, must: true"),
                  ("event: {action: prescription.sign, code: E-RX-06}", "event: signed"),
                  ("lost: [order]", "lost: [row]"))  # fmt: skip
    part = made.plan.checks[0].part
    levels = ((Fraction(0), Words(zh="缺", en="None")), (Fraction(40), Words(zh="全", en="All")))
    assert part == plan.Rubric(check="order", levels=levels)


def test_marks_are_inherited_and_overridden() -> None:
    made = loaded(
        (ORDER, RUBRIC),
        (
            "zh: 超量, en: Too much, event: {action: prescription.sign, code: E-RX-06}",
            "zh: 超, en: Much, event: signed",
        ),
        ("where: {patient: $lin}, one", "where: {patient: $lin}, one"),
        ("id: row, points: 60", "id: row, points: 60, requires: told"),
        (
            "expect: {score: 100, result: pass, fired: [rash]}",
            "marks: {order: 40}\n    expect: {score: 100, result: pass}",
        ),
        ("swap: [opn, rx]", "marks: {order: 0}"),
    )
    exercise = made.exercise
    by_name = {test.name: scripts.marks(exercise, test) for test in exercise.tests}
    assert by_name == {"idle": {}, "reference": {"order": Decimal(40)}, "late": {"order": Decimal(0)}}


def test_variants_are_files_of_their_own() -> None:
    text = files.VALID.replace(
        "version: 1", "version: 1\nvary: {who: [{name: 林一, sex: '2'}, {name: 林二, sex: '1'}], n: [{m: 5}, {m: 7}]}"
    )
    text = text.replace("name: 林一, sex: '2', birth", "name: $who.name, sex: $who.sex, birth", 1)
    text = text.replace("max_days: {max: 7}", "max_days: {max: $n.m}").replace("en: Rash", "en: 'Rash of {$who.name}'")
    made = loader.load(text.encode(), vocabulary=files.VOCABULARY)
    people = [(each.exercise.cast["lin"].model_extra or {})["name"] for each in made.variants]
    assert people == ["林一", "林一", "林二", "林二"]
    limits = [each.plan.events["signed"][0]["fields"]["max_days"] for each in made.variants]
    assert limits == [{"max": {"number": number}} for number in ("5", "7", "5", "7")]
    said = [each.exercise.injects[0].say for each in made.variants]
    assert [each.en for each in said if each] == ["Rash of 林一", "Rash of 林一", "Rash of 林二", "Rash of 林二"]
    packs = [compiling.pack(each.exercise, each.plan, sha256="", variant=at) for at, each in enumerate(made.variants)]
    assert [pack.variant for pack in packs] == [0, 1, 2, 3]


def test_the_example_of_the_format_is_valid() -> None:
    made = loader.load(EXAMPLE.read_bytes(), vocabulary=None)
    assert sum(check.points for check in made.plan.checks) == 100
    assert (made.plan.players, made.plan.marks) == ((1, 4), "team")
    assert len(made.exercise.tests) == 22
