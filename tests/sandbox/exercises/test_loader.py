"""Every problem has a code, a place and a sentence in both languages; all are told at once."""

from __future__ import annotations

import pytest

from sandbox.errors import ExerciseInvalidError
from sandbox.exercises import loader, problems
from tests.sandbox.exercises import files

Change = tuple[str, str]

CASES: dict[str, tuple[list[Change], list[str]]] = {
    "EX101 broken": (
        [("id: small-one", "id: [small")],
        ["3:8 EX101 cannot read: a [ before this is not closed, or a comma is missing"],
    ),
    "EX102": ([("version: 1", "version: 1\nversion: 2")], ["4:1 EX102 key 'version' was already given on line 3"]),
    "EX103": (
        [("id: small-one", "id: !x small-one")],
        ["2:5 EX103 anchors, aliases, merge keys and tags are not allowed"],
    ),
    "EX201 near": (
        [("when: opened", "whn: opened")],
        ["15:22 EX201 unknown key 'whn' in inject 'rash'; did you mean 'when'?"],
    ),
    "EX201 far": (
        [("version: 1", "version: 1\nzzz: 1")],
        ["4:1 EX201 unknown key 'zzz' in the exercise"],
    ),
    "EX201 comma": (
        [("zh: 过敏, en: Rash", "zh: 过敏,皮疹, en: Rash")],
        ["15:90 EX201 unknown key '皮疹' in say of inject 'rash'; quote a text that holds a comma, or …"],
    ),
    "EX201 operator": (
        [("{max: 7}", "{maxx: 7}")],
        ["19:65 EX201 unknown key 'maxx' in max_days of event 'signed'; did you mean 'max'?"],
    ),
    "EX201 beside another kind": (
        [("en: Entry,", "en: Entry, by: patient,")],
        ["22:46 EX201 unknown key 'by' in check 'row'"],
    ),
    "EX202": ([("version: 1\n", "")], ["1:1 EX202 the exercise needs 'version'"]),
    "EX202 inside": ([("points: 40, ", "")], ["21:5 EX202 check 'order' needs 'points'"]),
    "EX203": ([("version: 1", "version: one")], ["3:10 EX203 'version' must be a whole number, found one"]),
    "EX203 quote": ([("sex: '2'", "sex: 2")], ["8:24 EX203 'sex' must be text, found 2; quote it: '2'"]),
    "EX203 yaml 1.1": ([("pass: 80", "pass: on")], ["5:26 EX203 'pass' must be a whole number, found on"]),
    "EX203 role": (
        [("role: OPD", "role: DOC")],
        [
            "6:21 EX203 'role' must be one of 'REG', 'OPD', 'IPD', 'NUR', 'PHA', 'CAS', 'LAB', 'IMG', 'MRC', 'HOD', "
            "'ITA', 'FIN', found DOC"
        ],
    ),
    "EX203 id": (
        [("id: order", "id: Order!")],
        ["21:10 EX203 'id' must be lower-case letters, digits and hyphens, found Order!", "36:46 EX302 …"],
    ),
    "EX203 time": ([("time: 20m", "time: 9h")], ["5:15 EX203 'time' must be from 1m to 8h, found 9h"]),
    "EX203 union": (
        [("event: {action: prescription.sign, code: E-RX-06}", "event: [a]")],
        ["24:53 EX203 'event' must be the name of an event or a mapping, found […]"],
    ),
    "EX203 hole": (
        [("'See {$lin.name}'", "'See {lin}'")],
        [
            "14:43 EX203 'en' must be a text whose braces hold {$name.column} only, found See {lin}",
        ],
    ),
    "EX204": ([("{zh: 小练习, en: Small}", "{zh: 小练习}")], ["4:8 EX204 title needs both zh and en"]),
    "EX204 inside": ([("zh: 顺序, en: Order", "zh: 顺序")], ["21:5 EX204 check 'order' needs both zh and en"]),
    "EX205 kind": (
        [("order: [told, signed]", "order: [told, signed], count: {event: told}")],
        ["21:5 EX205 check 'order' needs exactly one of state, order, within, count, answer, rubric, any_of, all_of"],
    ),
    "EX205 when": (
        [("when: opened, delay: 90s", "when: opened, at: 1m")],
        ["15:11 EX205 inject 'rash' needs exactly one of at, when"],
    ),
    "EX205 dept": (
        [("role: OPD, dept: D0101", "role: OPD")],
        ["6:14 EX205 seat 'doc' needs exactly one of dept, ward"],
    ),
    "EX206": ([("id: row", "id: order")], ["22:10 EX206 id 'order' is already used on line 21"]),
    "EX206 alias": ([("as: ticket", "as: lin")], ["13:25 EX206 id 'lin' is already used on line 8"]),
    "EX207 duration": ([("delay: 90s", "delay: 90x")], ["15:43 EX207 '90x' is not a duration such as 10m"]),
    "EX207 date": (
        [("birth_date: -34y", "birth_date: 1990-01-01")],
        ["8:41 EX207 '1990-01-01' is not a date such as today, -34y, +3d 08:15"],
    ),
    "EX207 edit": ([("at: 5m}", "at: soon}")], ["34:21 EX207 'soon' is not a duration such as 10m"]),
    "EX301": (
        [("opened: {action: chart.open, patient: $lin", "opened: {action: chart.open, patient: $lina")],
        ["17:41 EX301 $lina is not in cast or start; did you mean $lin?"],
    ),
    "EX301 later": (
        [("doctor: doc, paid_at: today 08:02}]", "encounter: $visit}]\n    encounter: [{as: visit, patient: $lin}]")],
        ["13:72 EX301 $visit is not in cast or start"],
    ),
    "EX302 event": (
        [("order: [told, signed]", "order: [tell, signed]")],
        ["21:66 EX302 no event named 'tell'; did you mean 'told'?"],
    ),
    "EX302 step": ([("step: s1", "step: s9")], ["14:69 EX406 …", "21:35 EX302 no step named 's9'; did you mean 's1'?"]),
    "EX302 seat": ([("seat: doc}", "seat: nur}")], ["17:53 EX302 no seat named 'nur'"]),
    "EX302 test": ([("from: reference", "from: referense")], ["33:11 EX302 no test named 'referense'; did you mean …"]),
    "EX302 act": ([("edit: {rx:", "edit: {ry:")], ["34:16 EX302 no act of this test named 'ry'; did you mean 'rx'?"]),
    "EX302 lost": (
        [("lost: [order]", "lost: [roder]")],
        ["36:46 EX302 no check named 'roder'; did you mean 'order'?"],
    ),
    "EX303 action": (
        [("told: {action: allergy.record", "told: {action: allergy.recrod")],
        ["18:18 EX303 action, error code or rule 'allergy.recrod' is not in the catalogue; nearest: allergy.record"],
    ),
    "EX303 code": (
        [("code: E-RX-06", "code: E-RX-66")],
        ["24:87 EX303 action, error code or rule 'E-RX-66' is not in the catalogue; nearest: E-RX-16"],
    ),
    "EX303 rule": (
        [("event: {action: prescription.sign, code: E-RX-06}", "use: privacy.exprot")],
        ["24:51 EX303 action, error code or rule 'privacy.exprot' is not in the catalogue; nearest: privacy.export"],
    ),
    "EX304 table": (
        [("table: allergy", "table: alergy")],
        ["22:61 EX304 there is no table 'alergy'; nearest: 'allergy'"],
    ),
    "EX304 column": (
        [("one: {source: SELF}", "one: {sorce: SELF}")],
        ["22:100 EX304 table 'allergy' has no column 'sorce'; nearest: 'source'"],
    ),
    "EX304 attribute": (
        [("max_days: {max: 7}", "days: {max: 7}")],
        ["19:54 EX304 action 'prescription.sign' has no attribute 'days'; nearest: 'max_days'"],
    ),
    "EX304 start": (
        [("doctor: doc, paid_at", "docter: doc, paid_at")],
        ["13:61 EX304 table 'registration' has no column 'docter'; nearest: 'doctor'"],
    ),
    "EX304 step field": (
        [("items: [{drug: M021, days: 3}]", "itms: []")],
        ["30:79 EX304 action 'prescription.sign' has no attribute 'itms'; nearest: 'items'"],
    ),
    "EX305": ([("class: PEN", "class: PAN")], ["18:56 EX305 'PAN' is not in allergy_classes; did you mean 'PEN'?"]),
    "EX305 label": (
        [("new: {absent: true, name: 新来的}", "new: {from: person-9999}")],
        ["9:15 EX305 'person-9999' is not in the labels of the dataset"],
    ),
    "EX305 state": (
        [("where: {patient: $lin}, one: {source: SELF}", "where: {patient: $lin}, one: {status: activ}")],
        ["22:108 EX305 'activ' is not in allergy; did you mean 'active'?"],
    ),
    "EX402": ([("critical_cap: 59", "critical_cap: 80")], ["5:44 EX402 critical_cap must be below pass"]),
    "EX404": (
        [("name: 新来的}", "name: 新来的}\n  two: {absent: true, name: 新来的}")],
        ["10:8 EX404 two absent people share the identity 新来的"],
    ),
    "EX406": ([("cost: 2", "cost: 41")], ["14:69 EX406 hints of s1 cost 41, its checks are worth 40"]),
    "EX407": (
        [("opened: {action: chart.open, patient: $lin, seat: doc}", "opened: {action: inject.fired, inject: rash}")],
        ["15:11 EX407 inject 'rash' waits for itself"],
    ),
    "EX408": ([("order: [told, signed]", "count: {event: signed}")], ["18:3 EX408 event 'told' is used nowhere"]),
    "EX409": ([("points: 40", "points: 39.5")], ["20:1 EX409 points add up to 99.5, not 100; 0.5 are missing"]),
    "EX411": (
        [("one: {source: SELF}", "none: true")],
        ["22:53 EX411 an idle trainee would satisfy this; add requires"],
    ),
    "EX411 all": (
        [("one: {source: SELF}", "scope: all, one: {source: SELF}")],
        ["22:53 EX411 an idle trainee would satisfy this; add requires"],
    ),
    "EX412": (
        [("told: {action: allergy.record, patient: $lin, class: PEN}", "told: {action: prescription.sign}")],
        ["21:72 EX412 'told' and 'signed' can match the same row"],
    ),
    "EX413": (
        [("order: [told, signed]", "within: {from: told, to: signed, full: 10m, zero: 10m}")],
        ["21:108 EX413 zero must be above full"],
    ),
    "EX414": (
        [("order: [told, signed]", "count: {event: told, times: {max: 3}}")],
        ["19:3 EX408 event 'signed' is used nowhere", "21:86 EX414 times allows 0; use never"],
    ),
    "EX415": (
        [("order: [told, signed]", "any_of: [{all_of: [{any_of: [{order: [told, signed]}]}]}]")],
        ["21:86 EX415 any_of and all_of are nested too deep"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_problem_is_told_with_code_line_and_column(name: str) -> None:
    changes, expected = CASES[name]
    found = files.problems(files.changed(*changes))
    assert [_cut(told, wanted) for told, wanted in zip(found, expected, strict=False)] == expected
    assert len(found) == len(expected), found


def _cut(told: str, wanted: str) -> str:
    """Compare only as far as the expectation goes, if it ends in an ellipsis."""
    return told[: len(wanted) - 1] + "…" if wanted.endswith("…") else told


def test_every_code_has_a_case() -> None:
    cases = {name.partition(" ")[0] for name in CASES}
    elsewhere = {
        "EX104": "test_tree",
        "EX105": "test_hostile_files",
        "EX403": "test_whole_format",
        "EX401": "a released version",
        "EX405": "arming",
    }
    gate = {f"EX{number}" for number in (410, *range(501, 513))}  # tests/exercises/test_gate
    assert {code.partition(".")[0] for code in problems.TEMPLATES} - cases == set(elsewhere) | gate


@pytest.mark.parametrize("name", CASES)
def test_a_problem_is_told_in_chinese_too(name: str) -> None:
    text = files.changed(*CASES[name][0])
    chinese, english = files.problems(text, "zh"), files.problems(text)
    assert len(chinese) == len(english)
    for zh, en in zip(chinese, english, strict=True):
        assert zh != en
        assert "{" not in zh.replace("{$", "").replace("{min", "").replace("{lin", "")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)


def test_the_small_file_is_valid() -> None:
    assert files.problems(files.VALID) == []


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = files.changed(
        ("version: 1", "version: one"),
        ("sex: '2'", "sex: 2"),
        ("when: opened", "whn: opened"),
        ("patient: $lin, class: PEN", "patient: $lni, class: PEN"),
        ("points: 60", "points: 50"),
        ("code: E-RX-06", "code: E-RX-66"),
        ("from: reference", "from: reverence"),
    )
    codes = [problem.split(" ")[:2] for problem in files.problems(text)]
    assert codes == [
        ["3:10", "EX203"],
        ["8:24", "EX203"],
        ["15:22", "EX201"],
        ["18:43", "EX301"],
        ["20:1", "EX409"],
        ["24:87", "EX303"],
        ["33:11", "EX302"],
    ]


def test_loading_raises_with_every_problem_in_both_languages() -> None:
    text = files.changed(("sex: '2'", "sex: 2"), ("critical_cap: 59", "critical_cap: 90"))
    with pytest.raises(ExerciseInvalidError) as caught:
        loader.load(text.encode(), vocabulary=files.VOCABULARY, file="small.yaml")
    assert "small.yaml:8:24 EX203 'sex' must be text, found 2; quote it: '2'" in caught.value.say("en")
    assert "small.yaml:5:44 EX402 critical_cap 必须低于 pass" in caught.value.say("zh")


def test_without_a_vocabulary_codes_are_taken_as_they_are() -> None:
    text = files.changed(("class: PEN", "class: PAN"))
    assert loader.load(text.encode()).plan.events["told"][0]["fields"]["class"] == {"is": "PAN"}


def test_a_released_exercise_is_read_once() -> None:
    assert loader.trusted(files.VALID.encode()) is loader.trusted(files.VALID.encode())


def test_tests_may_not_derive_in_a_circle() -> None:
    text = files.changed(
        ("from: reference\n", "from: early\n"),
        ("lost: [order]}\n", "lost: [order]}\n  - {name: early, from: late, expect: {score: 0, result: fail}}\n"),
    )
    assert [problem[:12] for problem in files.problems(text)] == ["33:11 EX302 ", "37:25 EX302 "]
