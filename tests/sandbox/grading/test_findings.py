"""What a line says beside its sentence: exact points, what was asked, what was found, the rows that show it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from sandbox.contract.exercise_pack import Words
from sandbox.exercises import loader
from sandbox.grading import evidence, explain
from sandbox.grading.grade import STANDARD, Circumstances, grade, judge
from sandbox.grading.report import Report, points
from tests.journals import MINUTE, Diary, change, check, file, graded, line_of, never
from tests.sandbox.grading.test_sentences import CASES, EVENTS, GROUPED, ORDER, STATE_ONE, WITHIN, found

FOUND: dict[tuple[str, str], tuple[str, dict[str, Any], dict[str, Any], tuple[int, ...]]] = {
    ("state.one", "full"): (
        "100",
        {"severity": {"in": ["1", "2"]}, "source": {"is": "SELF"}},
        {"rows": 1, "severity": "1", "source": "SELF"},
        (3,),
    ),
    ("state.one", "part"): (
        "50",
        {"severity": {"in": ["1", "2"]}, "source": {"is": "SELF"}},
        {"rows": 1, "severity": "3", "source": "SELF"},
        (3,),
    ),
    ("state.one", "none"): ("0", {"severity": {"in": ["1", "2"]}, "source": {"is": "SELF"}}, {"rows": 2}, (3, 4)),
    ("state.one", "not_reached"): ("0", {"severity": {"in": ["1", "2"]}, "source": {"is": "SELF"}}, {"rows": 0}, ()),
    ("state.none", "full"): ("100", {"none": True}, {"rows": 0}, ()),
    ("state.none", "none"): ("0", {"none": True}, {"rows": 1}, (3,)),
    ("state.count", "full"): ("100", {"min": 2, "max": 3}, {"rows": 2}, (3, 4)),
    ("state.count", "part"): ("50", {"min": 2, "max": 3}, {"rows": 1}, (3,)),
    ("state.count", "none"): ("0", {"min": 2, "max": 3}, {"rows": 4}, (3, 4, 5, 6)),
    ("state.count", "not_reached"): ("0", {"min": 2, "max": 3}, {"rows": 0}, ()),
    ("order", "full"): (
        "100",
        {"order": ["call", "begun", "open"]},
        {"first": {"call": 2, "begun": 3, "open": 4}},
        (2, 3, 4),
    ),
    ("order", "part"): (
        "50",
        {"order": ["call", "begun", "open"]},
        {"first": {"call": 2, "begun": 4, "open": 3}},
        (2, 3, 4),
    ),
    ("order", "none"): ("0", {"order": ["call", "begun", "open"]}, {"first": {"begun": 2}}, (2,)),
    ("order", "not_reached"): ("0", {"order": ["call", "begun", "open"]}, {"first": {}}, ()),
    ("within", "full"): ("100", {"full": "5m", "zero": "1h"}, {"d": "3m5s"}, (2,)),
    ("within", "part"): ("455/11", {"full": "5m", "zero": "1h"}, {"d": "37m15s"}, (2,)),
    ("within", "none"): ("0", {"full": "5m", "zero": "1h"}, {"d": "1h1m"}, (2,)),
    ("within", "not_reached"): ("0", {"full": "5m", "zero": "1h"}, {}, ()),
    ("within.groups", "full"): ("100", {"full": "5m", "zero": "1h"}, {"groups": 2, "shares": ["1", "1"]}, (2, 3)),
    ("within.groups", "part"): ("50", {"full": "5m", "zero": "1h"}, {"groups": 1, "shares": ["1"]}, (2,)),
    ("within.groups", "none"): ("0", {"full": "5m", "zero": "1h"}, {"groups": 1, "shares": ["0"]}, (2,)),
    ("within.groups", "not_reached"): ("0", {"full": "5m", "zero": "1h"}, {"groups": 0, "shares": []}, ()),
    ("count", "full"): ("100", {"min": 1, "max": None}, {"n": 1}, (2,)),
    ("count", "part"): ("100/3", {"min": 3, "max": None}, {"n": 1}, (2,)),
    ("count", "none"): ("0", {"min": 2, "max": 2}, {"n": 1}, (2,)),
    ("count", "not_reached"): ("0", {"min": 1, "max": None}, {"n": 0}, ()),
    ("answer", "full"): ("100", {"key": "pick a, pick b"}, {"value": ["b", "a"]}, (3,)),
    ("answer", "part"): ("50", {"key": "pick a, pick b"}, {"value": ["a"]}, (2,)),
    ("answer", "none"): ("0", {"key": "pick a, pick b"}, {"value": ["c"]}, (2,)),
    ("answer", "not_reached"): ("0", {"key": "pick a, pick b"}, {}, ()),
    ("any_of", "full"): (
        "100",
        {"any_of": [{"min": 1, "max": None}, {"min": 1, "max": None}]},
        {"way": 2, "n": 1},
        (2,),
    ),
    ("any_of", "part"): (
        "50",
        {"any_of": [{"min": 1, "max": None}, {"order": ["call", "begun", "open"]}]},
        {"way": 2, "first": {"call": 2, "begun": 3}},
        (2, 3),
    ),
    ("any_of", "none"): ("0", {"any_of": [{"min": 1, "max": None}, {"min": 2, "max": 2}]}, {"way": 2, "n": 1}, (2,)),
    ("any_of", "not_reached"): (
        "0",
        {"any_of": [{"min": 1, "max": None}, {"min": 1, "max": None}]},
        {"way": 1, "n": 0},
        (),
    ),
    ("all_of", "full"): (
        "100",
        {"all_of": [{"min": 1, "max": None}, {"min": 1, "max": None}]},
        {"parts": [{"n": 1}, {"n": 1}], "shares": ["1", "1"]},
        (2, 3),
    ),
    ("all_of", "part"): (
        "50",
        {"all_of": [{"min": 1, "max": None}, {"min": 1, "max": None}]},
        {"parts": [{"n": 0}, {"n": 1}], "shares": ["0", "1"]},
        (2,),
    ),
    ("all_of", "none"): (
        "0",
        {"all_of": [{"min": 1, "max": None}, {"min": 2, "max": 2}]},
        {"parts": [{"n": 0}, {"n": 1}], "shares": ["0", "0"]},
        (2,),
    ),
    ("all_of", "not_reached"): (
        "0",
        {"all_of": [{"min": 1, "max": None}, {"min": 1, "max": None}]},
        {"parts": [{"n": 0}, {"n": 0}], "shares": ["0", "0"]},
        (),
    ),
    ("requires", "not_reached"): ("0", {"requires": "open"}, {}, ()),
}


@pytest.mark.parametrize("key", CASES, ids=lambda key: f"{key[0]}-{key[1]}")
def test_what_was_asked_and_found_stands_beside_the_sentence(key: tuple[str, str]) -> None:
    line = found(CASES[key])
    assert (line.exact, line.expected, line.found, line.events) == FOUND[key]


CALL = {"count": {"event": "call"}}
LOOKING: dict[str, dict[str, Any]] = {
    "count": CALL,
    "order": {"order": ORDER},
    "within": {"within": WITHIN},
    "within from": {"within": {"from": "call", "to": "open", "full": "5m"}},
    "within.groups": {"within": GROUPED},
    "within.groups from": {"within": {"from": "call", "to": "open", "full": "5m", "by": "patient"}},
    "any_of": {"any_of": [{"count": {"event": "open"}}, CALL]},
    "all_of": {"all_of": [{"count": {"event": "open"}}, CALL]},
    "requires": {"requires": "call", "count": {"event": "open"}},
}
REFUSED = (2, "outcome", "E-GEN-01", "#2 叫号被拒绝(E-GEN-01)", "#2 called: refused (E-GEN-01)")


@pytest.mark.parametrize("name", LOOKING)
def test_every_kind_shows_the_near_misses_of_the_events_it_looks_at(name: str) -> None:
    diary = Diary()
    diary.write("registration.call", code="E-GEN-01")
    near = line_of(diary, LOOKING[name], events=EVENTS).near
    assert [(each.seq, each.part, each.code, each.zh, each.en) for each in near] == [REFUSED]


@pytest.mark.parametrize("kind", ["any_of", "all_of"])
def test_parts_that_look_at_a_table_show_its_refused_writes(kind: str) -> None:
    diary = Diary()
    diary.write("allergy.record", code="E-GEN-06")
    line = line_of(
        diary, {kind: [{"state": STATE_ONE}, {"state": {**STATE_ONE, "table": "diagnosis", "one": {"rank": 1}}}]}
    )
    assert [(near.seq, near.action, near.part) for near in line.near] == [(2, "allergy.record", "outcome")]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ({"count": {"event": "call", "times": 2}}, []),
        ({"count": {"event": "open"}}, [(3, "actor")]),
        ({"count": {"event": "begun"}}, []),
    ],
)
def test_what_counted_or_failed_twice_or_the_hospital_did_is_no_near_miss(
    kind: dict[str, Any], rows: list[Any]
) -> None:
    diary = Diary()
    diary.write("registration.call")
    diary.write("chart.open", actor="nur")
    diary.write("chart.open", actor="nur", patient="p2")
    diary.write("registration.start", actor="system", code="E-GEN-01")
    events = {**EVENTS, "open": {"action": "chart.open", "patient": "$ann", "seat": "doc"}}
    line = line_of(diary, kind, events=events)
    assert [(near.seq, near.part.replace("seat", "actor")) for near in line.near] == rows


def test_a_distinct_count_shows_the_first_row_of_each_value() -> None:
    diary = Diary()
    for items in (["M001"], ["M001"], [], ["M021"]):
        diary.write("alert.shown", data={"items": items})
    events = {"shown": {"action": "alert.shown"}}
    line = line_of(diary, {"count": {"event": "shown", "distinct": "items", "times": 2}}, events=events)
    assert (line.exact, line.found, line.events) == ("100", {"n": 2}, (2, 5))


def test_an_order_by_patient_tells_groups_and_every_fault_once() -> None:
    diary = Diary()
    for patient in ("p1", "p2"):
        diary.write("registration.start", patient=patient)
        diary.write("registration.call", patient=patient)
    diary.write("registration.call", patient=None)
    line = line_of(diary, {"order": ["call", "begun"], "by": "patient", "groups": 3}, events=EVENTS)
    assert (line.outcome, line.found, line.events) == ("none", {"groups": 2}, (2, 3, 4, 5))
    assert line.zh == "顺序不对：叫号→接诊；接诊(#2)早于叫号(#3)；接诊(#4)早于叫号(#5)；应有3组，找到2组"
    assert line.en == (
        "Not in the right order: called → consultation started; consultation started (#2) came before called (#3); "
        "consultation started (#4) came before called (#5); asked for 3 groups, found 2"
    )


def test_an_event_between_breaks_an_order_and_is_named() -> None:
    diary = Diary()
    for action in ("registration.call", "chart.open", "registration.start"):
        diary.write(action)
    line = line_of(diary, {"order": ["call", "begun"], "without": "open"}, events=EVENTS)
    assert (line.exact, line.zh) == ("0", "顺序不对：叫号(#2)→接诊(#4)；其间出现了打开病历(#3)")
    assert line.en.endswith("; chart opened (#3) lies between")


@pytest.mark.parametrize("at", [0, 3])
def test_an_event_before_or_after_an_order_does_not_break_it(at: int) -> None:
    diary, actions = Diary(), ["registration.call", "registration.start"]
    actions.insert(at, "chart.open")
    for action in actions:
        diary.write(action)
    assert line_of(diary, {"order": ["call", "begun"], "without": "open"}, events=EVENTS).exact == "100"


def test_a_time_between_events_names_both_and_what_is_missing() -> None:
    kind = {"within": {"from": "call", "to": "open", "full": "5m"}}
    diary = Diary()
    diary.write("chart.open")
    late = line_of(diary, kind, events=EVENTS)
    assert (late.outcome, late.found, late.events) == ("none", {}, (2,))
    assert late.zh == "叫号(未发生)到打开病历(#2)用时无法计时；应在5分钟内"
    assert late.en == "Called (did not happen) to chart opened (#2) took no measurable time; asked for 5 min"
    diary.rows.pop()
    diary.write("registration.call")
    diary.write("chart.open")
    full = line_of(diary, kind, events=EVENTS)
    assert (full.expected, full.found, full.events) == ({"full": "5m"}, {"d": "1m"}, (3, 4))
    assert full.zh == "叫号(#3)到打开病历(#4)用时1分钟；应在5分钟内"


def test_groups_of_a_time_are_the_values_of_both_events_without_empty_ones() -> None:
    diary = Diary()
    for action, patient, at in (
        ("call", "p1", 1),
        ("call", None, 2),
        ("call", "p2", 3),
        ("start", "p1", 4),
        ("start", "p3", 5),
    ):
        diary.write(f"registration.{action}", patient=patient, at=at * MINUTE)
    kind = {"within": {"from": "call", "to": "begun", "full": "1m", "zero": "5m", "by": "patient"}}
    line = line_of(diary, kind, events=EVENTS)
    assert (line.exact, line.events) == ("50/3", (5,))
    assert line.found == {"groups": 3, "shares": ["1/2", "0", "0"]}
    assert line.zh == "3组中部分按时完成(#5)；1分钟内满分，5分钟起零分"


@pytest.mark.parametrize(
    ("matcher", "kind", "zh", "en"),
    [
        ({"is": "1"}, "code:allergy_severity", "为轻度", "be Mild"),
        ({"not": "1"}, "code:allergy_severity", "不为轻度", "not be Mild"),
        ({"in": ["1", "2"]}, "code:allergy_severity", "为轻度或中度", "be Mild or Moderate"),
        ({"not_in": ["1", "2"]}, "code:allergy_severity", "不为轻度或中度", "not be Mild or Moderate"),
        ({"min": {"number": "2"}, "max": {"number": "5"}}, "int", "不小于2且不大于5", "be at least 2 and be at most 5"),
        ({"is": {"date": "today"}}, "day", "为today", "be today"),
        ({"contains": "x"}, "text", "含x", "contain x"),
        ({"like": "x*"}, "text", "形如x*", "look like x*"),
        ({"empty": True}, "text", "为空", "be empty"),
        ({"empty": False}, "text", "不为空", "not be empty"),
        ({"is": {"name": "ann"}}, "ref:patient", "为甲", "be 甲"),
        ({"is": {"name": "bea"}}, "ref:patient", "为bea", "be bea"),
        ({"is": True}, "bool", "为是", "be yes"),
    ],
)
def test_every_matcher_says_what_it_asks_for(matcher: dict[str, Any], kind: str, zh: str, en: str) -> None:
    assert explain.wanted(matcher, kind, {"ann": "甲"}) == (zh, en)


@pytest.mark.parametrize(
    ("milliseconds", "zh", "en", "span"),
    [
        (0, "0秒", "0 s", "0s"),
        (999, "0秒", "0 s", "0s"),
        (59_000, "59秒", "59 s", "59s"),
        (60_000, "1分钟", "1 min", "1m"),
        (3_600_000, "1小时", "1 h", "1h"),
        (90_061_000, "1天1小时1分1秒", "1 d 1 h 1 min 1 s", "1d1h1m1s"),
    ],
)
def test_durations_read_as_people_say_and_as_authors_write_them(milliseconds: int, zh: str, en: str, span: str) -> None:
    assert (explain.duration(milliseconds), explain.span(milliseconds)) == ((zh, en), span)


def test_rows_stand_in_brackets_and_more_than_five_are_cut_short() -> None:
    assert explain.rows(()) == ("", "")
    assert explain.rows(range(2, 7)) == ("(#2、#3、#4、#5、#6)", " (#2, #3, #4, #5, #6)")
    assert explain.rows(range(2, 8)) == ("(#2、#3、#4、#5、#6…)", " (#2, #3, #4, #5, #6…)")


def test_an_event_is_called_by_its_first_three_actions() -> None:
    actions = ["registration.call", "chart.open", "registration.start", "registration.finish"]
    loaded = loader.trusted(
        file(events={"opened": {"any_of": [{"action": {"in": actions}}, {"action": "chart.open"}]}})
    )
    assert explain.event(loaded.plan, "opened") == (
        "叫号或打开病历或接诊",
        "called or chart opened or consultation started",
    )
    assert explain.action_words("no.such") == ("no.such", "no.such")


def lacking(diary: Diary) -> Report:
    state = diary.state()
    del state.tables["allergy"]
    rule = never("nka", state={"table": "allergy", "where": {"class": "NKA"}})
    checks = [check("seen", 40, count={"event": "opened"}), check("row", 60, state={**STATE_ONE, "where": {}})]
    return grade(file(checks=checks, never=[rule]), diary.journal(), state)


def test_what_the_state_lacks_costs_nothing_and_is_told_for_lines_and_rules() -> None:
    diary = Diary()
    diary.write("chart.open")
    report = lacking(diary)
    assert (report.result, report.score, report.score_to, report.losses) == ("provisional", "40.0", "100.0", ())
    assert report.errors == (
        Words(zh="检查row：最终状态中没有表 allergy", en="Check row: the final state has no table allergy"),
        Words(zh="禁止nka：最终状态中没有表 allergy", en="Never nka: the final state has no table allergy"),
    )
    line = report.lines[1]
    assert (line.outcome, line.got, line.events, line.near) == ("error", "0.00", (), ())
    assert line.zh == "无法评分，不扣分：最终状态中没有表 allergy"
    assert line.en == "Cannot be graded, costs nothing: the final state has no table allergy"


def test_a_replayed_run_is_graded_like_an_archived_one_but_for_the_digests() -> None:
    diary = Diary()
    diary.write("chart.open")
    journal, loaded = diary.journal(), loader.trusted(file())
    found = evidence.replayed(journal.rows, diary.state().tables)
    replayed, archived = judge(loaded, found, Circumstances()), grade(file(), journal, diary.state())
    assert (replayed.lines, replayed.exact, replayed.result) == (archived.lines, archived.exact, archived.result)
    assert set(replayed.digests) == {"hints", "accommodations"}
    assert set(archived.digests) == {"journal", "state", "hints", "accommodations"}
    assert replayed.digests["accommodations"] == archived.digests["accommodations"]
    assert Circumstances().accommodations == STANDARD


def test_injects_that_were_carried_out_are_listed_in_order() -> None:
    diary = Diary()
    for inject, code in (("b", None), ("a", None), ("c", "E-GEN-01")):
        diary.write("inject.fired", actor="system", data={"inject": inject}, code=code)
    assert graded(diary, file()).fired == ("b", "a")


@pytest.mark.parametrize(
    ("scope", "exact", "events"), [("touched", "100", (2, 3)), ("created", "0", ()), ("all", "100", (2, 3))]
)
def test_a_scope_says_whose_records_count(scope: str, exact: str, events: tuple[int, ...]) -> None:
    diary = Diary()
    diary.present("allergy", "al1", severity="2")
    diary.write("allergy.retract", changes=(change("allergy", "al1", "severity", "2", "1"),))
    diary.write(
        "allergy.retract", actor="system", data={"cause": 2}, changes=(change("allergy", "al1", "source", "x"),)
    )
    diary.write("allergy.retract", actor="system", changes=(change("allergy", "al1", "source", "y"),))
    kind = {"state": {"table": "allergy", "where": {}, "one": {"severity": "2"}, "scope": scope}}
    line = line_of(
        diary,
        {**kind, "requires": "opened"} if scope == "all" else kind,
        events={"opened": {"action": "allergy.retract"}},
    )
    assert (line.exact, line.events) == (exact, events)


@pytest.mark.parametrize(
    ("question", "value", "zh", "en"),
    [
        ({"type": "number", "key": 6.80}, "7", "回答不对：7；应为6.8(#2)", "Not right: 7; the answer is 6.8 (#2)"),
        (
            {"type": "text", "key": ["a", "b"]},
            "c",
            "回答不对：c；应为a、b(#2)",
            "Not right: c; the answer is a, b (#2)",
        ),
    ],
)
def test_an_answer_and_its_key_are_told_as_they_were_written(
    question: dict[str, Any], value: object, zh: str, en: str
) -> None:
    diary = Diary()
    diary.write("answer.give", data={"check": "it", "value": value})
    line = line_of(diary, {"answer": {"ask": {"zh": "问", "en": "Ask"}, **question}})
    assert (line.zh, line.en) == (zh, en)


def test_a_column_may_be_asked_to_name_a_person() -> None:
    diary = Diary()
    diary.create("allergy", "al1", "allergy.record", patient="p2", source="SELF")
    kind = {"state": {"table": "allergy", "where": {}, "one": {"patient": "$bea", "source": "SELF"}}}
    assert line_of(diary, kind).exact == "100"
    other = line_of(diary, {"state": {**kind["state"], "one": {"patient": "$ann"}}})
    assert (other.zh, other.expected) == (
        "过敏记录不符合要求(#2)；患者是p2，应为甲",
        {"patient": {"is": {"name": "ann"}}},
    )


@pytest.mark.parametrize(
    ("number", "text"), [("0", "0"), ("10", "10"), ("5/2", "2.5"), ("7/3", "2.33"), ("17/8", "2.13"), ("100", "100")]
)
def test_points_are_told_without_zeros_that_say_nothing(number: str, text: str) -> None:
    assert points(Fraction(number)) == text
