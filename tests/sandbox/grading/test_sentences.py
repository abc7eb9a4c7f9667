"""Every kind of check in every outcome says what happened, in Chinese and in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sandbox.grading import explain, lines
from sandbox.grading.grade import grade
from sandbox.grading.report import Adjustment, Line
from sandbox.grading.scoring import HintOpened
from tests.journals import MINUTE, Diary, check, file, graded, line_of, never

EVENTS = {
    "call": {"action": "registration.call"},
    "begun": {"action": "registration.start"},
    "open": {"action": "chart.open"},
}
STATE_ONE = {"table": "allergy", "where": {}, "one": {"severity": {"in": ["1", "2"]}, "source": "SELF"}}
STATE_NONE = {"table": "allergy", "where": {}, "none": True}
STATE_COUNT = {"table": "allergy", "where": {}, "count": {"min": 2, "max": 3}, "part": True}
ORDER = ["call", "begun", "open"]
WITHIN = {"from": "start", "to": "call", "full": "5m", "zero": "1h"}
GROUPED = {**WITHIN, "by": "patient", "groups": 2}
ASK = {"ask": {"zh": "问", "en": "Ask"}, "type": "choices", "key": ["a", "b"]}
ANSWER = {**ASK, "choices": {key: {"zh": f"选{key}", "en": f"pick {key}"} for key in "abc"}}


def allergies(*severities: str, source: str = "SELF") -> Diary:
    diary = Diary()
    diary.write("chart.open")
    for number, severity in enumerate(severities):
        diary.create("allergy", f"al{number}", "allergy.record", severity=severity, source=source)
    return diary


def acts(*actions: str, first: int = MINUTE, patients: tuple[str, ...] = ("p1",)) -> Diary:
    diary = Diary()
    for number, action in enumerate(actions):
        diary.write(action, at=first + number, patient=patients[number % len(patients)])
    return diary


def answering(*values: list[str]) -> Diary:
    diary = Diary()
    for value in values:
        diary.write("answer.give", data={"check": "it", "value": value})
    return diary


Case = tuple[Callable[[], Diary], Mapping[str, Any], str, str]

CASES: Mapping[tuple[str, str], Case] = {
    ("state.one", "full"): (
        lambda: allergies("1"),
        {"state": STATE_ONE},
        "过敏记录符合要求(#3)",
        "The allergy entry is right (#3)",
    ),
    ("state.one", "part"): (
        lambda: allergies("3"),
        {"state": STATE_ONE},
        "过敏记录2项中有1项正确(#3)；不符：严重程度是重度/过敏性休克，应为轻度或中度",
        "1 of 2 parts of the allergy entry are right (#3); wrong: severity is Severe/anaphylaxis, "
        "must be Mild or Moderate",
    ),
    ("state.one", "none"): (
        lambda: allergies("1", "2"),
        {"state": STATE_ONE},
        "过敏记录不符合要求(#3、#4)；应有1条，找到2条",
        "The allergy entry is not right (#3, #4); asked for one, found 2",
    ),
    ("state.one", "not_reached"): (
        Diary,
        {"state": STATE_ONE},
        "没有发生：本次练习没有写过符合条件的过敏记录",
        "Nothing happened: no such allergy entry was written",
    ),
    ("state.none", "full"): (
        allergies,
        {"state": STATE_NONE, "requires": "open"},
        "没有不该有的过敏记录",
        "There is no allergy entry that should not be there",
    ),
    ("state.none", "none"): (
        lambda: allergies("1"),
        {"state": STATE_NONE, "requires": "open"},
        "有1条不该有的过敏记录(#3)",
        "Found 1 of the kind allergy entry that should not be there (#3)",
    ),
    ("state.count", "full"): (
        lambda: allergies("1", "2"),
        {"state": STATE_COUNT},
        "过敏记录共2条，符合要求(#3、#4)",
        "Found 2 of the kind allergy entry, as asked (#3, #4)",
    ),
    ("state.count", "part"): (
        lambda: allergies("1"),
        {"state": STATE_COUNT},
        "过敏记录共1条，要求2到3(#3)",
        "Found 1 of the kind allergy entry, asked for 2 to 3 (#3)",
    ),
    ("state.count", "none"): (
        lambda: allergies("1", "1", "1", "1"),
        {"state": STATE_COUNT},
        "过敏记录共4条，要求2到3(#3、#4、#5、#6)",
        "Found 4 of the kind allergy entry, asked for 2 to 3 (#3, #4, #5, #6)",
    ),
    ("state.count", "not_reached"): (
        Diary,
        {"state": STATE_COUNT},
        "没有发生：没有符合条件的过敏记录，要求2到3",
        "Nothing happened: no such allergy entry, asked for 2 to 3",
    ),
    ("order", "full"): (
        lambda: acts("registration.call", "registration.start", "chart.open"),
        {"order": ORDER},
        "顺序正确：叫号(#2)→接诊(#3)→打开病历(#4)",
        "In the right order: called (#2) → consultation started (#3) → chart opened (#4)",
    ),
    ("order", "part"): (
        lambda: acts("registration.call", "chart.open", "registration.start"),
        {"order": ORDER},
        "2段顺序中有1段正确：叫号(#2)→接诊(#4)→打开病历(#3)；打开病历(#3)早于接诊(#4)",
        "1 of 2 steps in the right order: called (#2) → consultation started (#4) → chart opened (#3); "
        "chart opened (#3) came before consultation started (#4)",
    ),
    ("order", "none"): (
        lambda: acts("registration.start"),
        {"order": ORDER},
        "顺序不对：叫号(未发生)→接诊(#2)→打开病历(未发生)；没有发生叫号；没有发生打开病历",
        "Not in the right order: called (did not happen) → consultation started (#2) → chart opened (did not happen); "
        "called did not happen; chart opened did not happen",
    ),
    ("order", "not_reached"): (
        Diary,
        {"order": ORDER},
        "都没有发生：叫号→接诊→打开病历",
        "None of this happened: called → consultation started → chart opened",
    ),
    ("within", "full"): (
        lambda: acts("registration.call", first=3 * MINUTE + 5000),
        {"within": WITHIN},
        "开始到叫号(#2)用时3分5秒；5分钟内满分，1小时起零分",
        "Start to called (#2) took 3 min 5 s; full to 5 min, none from 1 h",
    ),
    ("within", "part"): (
        lambda: acts("registration.call", first=37 * MINUTE + 15_000),
        {"within": WITHIN},
        "开始到叫号(#2)用时37分15秒；5分钟内满分，1小时起零分",
        "Start to called (#2) took 37 min 15 s; full to 5 min, none from 1 h",
    ),
    ("within", "none"): (
        lambda: acts("registration.call", first=61 * MINUTE),
        {"within": WITHIN},
        "开始到叫号(#2)用时1小时1分；5分钟内满分，1小时起零分",
        "Start to called (#2) took 1 h 1 min; full to 5 min, none from 1 h",
    ),
    ("within", "not_reached"): (
        Diary,
        {"within": WITHIN},
        "没有发生：叫号；5分钟内满分，1小时起零分",
        "Did not happen: called; full to 5 min, none from 1 h",
    ),
    ("within.groups", "full"): (
        lambda: acts("registration.call", "registration.call", patients=("p1", "p2")),
        {"within": GROUPED},
        "2组都按时完成；5分钟内满分，1小时起零分",
        "All 2 in time; full to 5 min, none from 1 h",
    ),
    ("within.groups", "part"): (
        lambda: acts("registration.call"),
        {"within": GROUPED},
        "2组中部分按时完成(#2)；5分钟内满分，1小时起零分",
        "Some of 2 in time (#2); full to 5 min, none from 1 h",
    ),
    ("within.groups", "none"): (
        lambda: acts("registration.call", first=70 * MINUTE),
        {"within": GROUPED},
        "2组都没有按时完成(#2)；5分钟内满分，1小时起零分",
        "None of 2 in time (#2); full to 5 min, none from 1 h",
    ),
    ("within.groups", "not_reached"): (
        Diary,
        {"within": GROUPED},
        "没有发生：叫号；5分钟内满分，1小时起零分",
        "Did not happen: called; full to 5 min, none from 1 h",
    ),
    ("count", "full"): (
        lambda: acts("registration.call"),
        {"count": {"event": "call"}},
        "叫号1次，符合要求(#2)",
        "Called: 1, as asked (#2)",
    ),
    ("count", "part"): (
        lambda: acts("registration.call"),
        {"count": {"event": "call", "times": {"min": 3}, "part": True}},
        "叫号1次，要求至少3(#2)",
        "Called: 1, asked for at least 3 (#2)",
    ),
    ("count", "none"): (
        lambda: acts("registration.call"),
        {"count": {"event": "call", "times": 2}},
        "叫号1次，要求2(#2)",
        "Called: 1, asked for 2 (#2)",
    ),
    ("count", "not_reached"): (
        Diary,
        {"count": {"event": "call"}},
        "没有发生符合条件的操作：叫号",
        "Did not happen as asked: called",
    ),
    ("answer", "full"): (
        lambda: answering(["c"], ["b", "a"]),
        {"answer": ANSWER},
        "回答正确：选b、选a(#3)",
        "Right answer: pick b, pick a (#3)",
    ),
    ("answer", "part"): (
        lambda: answering(["a"]),
        {"answer": ANSWER},
        "回答部分正确：选a；应为选a、选b(#2)",
        "Partly right: pick a; the answer is pick a, pick b (#2)",
    ),
    ("answer", "none"): (
        lambda: answering(["c"]),
        {"answer": ANSWER},
        "回答不对：选c；应为选a、选b(#2)",
        "Not right: pick c; the answer is pick a, pick b (#2)",
    ),
    ("answer", "not_reached"): (
        Diary,
        {"answer": ANSWER},
        "没有作答；应为选a、选b",
        "Not answered; the answer is pick a, pick b",
    ),
    ("any_of", "full"): (
        lambda: acts("registration.call"),
        {"any_of": [{"count": {"event": "open"}}, {"count": {"event": "call"}}]},
        "第2种做法成立：叫号1次，符合要求(#2)",
        "Way 2 holds: Called: 1, as asked (#2)",
    ),
    ("any_of", "part"): (
        lambda: acts("registration.call", "registration.start"),
        {"any_of": [{"count": {"event": "open"}}, {"order": ORDER}]},
        "最接近的是第2种做法：2段顺序中有1段正确：叫号(#2)→接诊(#3)→打开病历(未发生)；没有发生打开病历",
        "Way 2 comes closest: 1 of 2 steps in the right order: called (#2) → consultation started (#3) → chart opened "
        "(did not happen); chart opened did not happen",
    ),
    ("any_of", "none"): (
        lambda: acts("registration.call"),
        {"any_of": [{"count": {"event": "open"}}, {"count": {"event": "call", "times": 2}}]},
        "哪种做法都不成立：叫号1次，要求2(#2)",
        "No way holds: Called: 1, asked for 2 (#2)",
    ),
    ("any_of", "not_reached"): (
        Diary,
        {"any_of": [{"count": {"event": "open"}}, {"count": {"event": "call"}}]},
        "哪种做法都没有发生：没有发生符合条件的操作：打开病历",
        "No way was taken: Did not happen as asked: chart opened",
    ),
    ("all_of", "full"): (
        lambda: acts("registration.call", "chart.open"),
        {"all_of": [{"count": {"event": "open"}}, {"count": {"event": "call"}}]},
        "全部成立：打开病历1次，符合要求(#3)；叫号1次，符合要求(#2)",
        "All hold: Chart opened: 1, as asked (#3); Called: 1, as asked (#2)",
    ),
    ("all_of", "part"): (
        lambda: acts("registration.call"),
        {"all_of": [{"count": {"event": "open"}}, {"count": {"event": "call"}}]},
        "部分成立：没有发生符合条件的操作：打开病历；叫号1次，符合要求(#2)",
        "Some hold: Did not happen as asked: chart opened; Called: 1, as asked (#2)",
    ),
    ("all_of", "none"): (
        lambda: acts("registration.call"),
        {"all_of": [{"count": {"event": "open"}}, {"count": {"event": "call", "times": 2}}]},
        "都不成立：没有发生符合条件的操作：打开病历；叫号1次，要求2(#2)",
        "None holds: Did not happen as asked: chart opened; Called: 1, asked for 2 (#2)",
    ),
    ("all_of", "not_reached"): (
        Diary,
        {"all_of": [{"count": {"event": "open"}}, {"count": {"event": "call"}}]},
        "都没有发生：没有发生符合条件的操作：打开病历；没有发生符合条件的操作：叫号",
        "None of it happened: Did not happen as asked: chart opened; Did not happen as asked: called",
    ),
    ("requires", "not_reached"): (
        lambda: acts("registration.call"),
        {"count": {"event": "call"}, "requires": "open"},
        "没有发生前提：打开病历",
        "What it builds on did not happen: chart opened",
    ),
}


def found(case: Case) -> Line:
    diary, kind, _, _ = case
    return line_of(diary(), kind, events=EVENTS)


@pytest.mark.parametrize("key", CASES, ids=lambda key: f"{key[0]}-{key[1]}")
def test_the_sentence_of_a_kind_and_outcome(key: tuple[str, str]) -> None:
    line = found(CASES[key])
    assert (line.outcome, line.zh, line.en) == (key[1], CASES[key][2], CASES[key][3])


def test_every_template_has_a_case() -> None:
    others = {("check", "error")}
    others |= {key for key in explain.TEMPLATES if key[0] in ("never", "hint", "near", "rubric")}
    assert set(CASES) | others == set(explain.TEMPLATES)


def test_the_two_languages_fill_the_same_facts() -> None:
    def holes(sentence: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", sentence))

    unlike = {key for key, (zh, en) in explain.TEMPLATES.items() if holes(zh) - {"n"} != holes(en) - {"n", "times"}}
    assert unlike == set()


def test_a_lost_line_shows_up_to_three_near_misses() -> None:
    diary = Diary()
    diary.write("registration.start")
    diary.write("chart.open", patient="p2")
    for _ in range(3):
        diary.write("chart.open", code="E-PRV-01")
    line = line_of(diary, {"count": {"event": "opened"}})
    assert [(near.seq, near.part, near.code) for near in line.near] == [
        (3, "patient", None),
        (4, "outcome", "E-PRV-01"),
        (5, "outcome", "E-PRV-01"),
    ]
    assert line.near[0].zh == "#3 打开病历：患者不符"
    assert line.near[1].en == "#4 chart opened: refused (E-PRV-01)"


def test_a_refused_write_is_a_near_miss_of_a_state_check() -> None:
    diary = Diary()
    diary.write("allergy.record", code="E-GEN-06")
    line = line_of(diary, {"state": STATE_ONE})
    assert [(near.seq, near.zh) for near in line.near] == [(2, "#2 登记过敏被拒绝(E-GEN-06)")]


def test_model_answer_and_mistake_stand_under_lines_that_are_not_full() -> None:
    extra = {"mistake": "T06", "advice": {"zh": "先登记", "en": "Record first"}}
    kind = {"count": {"event": "opened"}, **extra}
    lost = line_of(Diary(), kind)
    assert (lost.mistake, lost.advice.zh if lost.advice else "") == ("T06", "先登记")
    diary = Diary()
    diary.write("chart.open")
    full = line_of(diary, kind)
    assert (full.mistake, full.advice) == (None, None)


def rendered() -> Iterator[list[str]]:
    diary = Diary()
    diary.write("chart.open")
    diary.write("chart.open", patient="p2")
    content = file(
        checks=[
            check("seen", 60, must=True, count={"event": "opened"}),
            check("twice", 40, count={"event": "opened", "times": 2}, advice={"zh": "再看", "en": "Look again"}),
        ],
        never=[
            never("peek", 5, event={"action": "chart.open", "patient": "$bea"}),
            never("harm", 30, critical=True, event={"action": "chart.open", "patient": {"not": "$ann"}}),
        ],
    )
    report = graded(diary, content)
    yield lines.render(report, "zh")
    yield lines.render(report, "en")


def test_the_report_as_text() -> None:
    zh, en = rendered()
    assert zh == [
        "手工练习 · 第1版",
        "结果：未通过，25.0分(及格80分)",
        "  ✓  60.00/60   检查seen[必须] — 打开病历1次，符合要求(#2)",
        "  ✗   0.00/40   检查twice — 打开病历1次，要求2(#2)",
        "               差一点: #3 打开病历：患者不符",
        "               建议: 再看",
        "  ▼  -5.00      禁止peek — 出现1次(#3)，扣5分",
        "  ☠ -30.00      禁止harm — 出现1次(#3)，扣30分；属严重错误，本次不通过",
    ]
    assert en[1] == "Result: not passed, 25.0 points (pass mark 80)"
    assert en[-1] == "  ☠ -30.00      Never harm — Happened once (#3), minus 30; critical, the attempt fails"


def test_a_broken_report_as_text() -> None:
    diary = Diary()
    content = file()
    report = grade(content, diary.journal(ended=False), diary.state())
    assert lines.render(report, "zh")[1:] == ["结果：无法评分", "  ! 操作日志校验失败：不完整、被改动或不属于本次练习"]


def test_a_provisional_report_as_text_with_its_hint_its_adjustment_and_what_is_open() -> None:
    diary = Diary()
    diary.write("chart.open")
    levels = [{"points": 0, "zh": "缺", "en": "Missing"}, {"points": 20, "zh": "全", "en": "Whole"}]
    hint = {"id": "h1", "cost": 2, "zh": "看", "en": "Look"}
    content = file(
        steps=[{"id": "s1", "zh": "做", "en": "Do", "hints": [hint]}],
        checks=[
            check("seen", 50, step="s1", must=True, count={"event": "opened"}),
            check("thrice", 30, count={"event": "opened", "times": {"min": 3}, "part": True}),
            check("note", 20, rubric={"levels": levels}),
        ],
    )
    given = Adjustment(subject="thrice", kind="set", points="25", reason="口头补做")
    report = grade(content, diary.journal(), diary.state(), hints=[HintOpened(hint="h1")], adjustments=[given])
    assert lines.render(report, "zh") == [
        "手工练习 · 第1版",
        "结果：待定，73.0–93.0分(及格80分)",
        "  ✓  50.00/50   检查seen[必须] — 打开病历1次，符合要求(#2)",
        "  ◐  25.00/30   检查thrice — 打开病历1次，要求至少3(#2)",
        "               人工调整：评分器给10.00；口头补做",
        "  …   0.00/20   检查note — 待培训师评分：0分 缺；20分 全",
        "  ?   -2.00  打开提示h1，扣2分",
    ]
    assert lines.render(report, "en") == [
        "By hand · version 1",
        "Result: provisional, 73.0–93.0 points (pass mark 80)",
        "  ✓  50.00/50   Check seen [must] — Chart opened: 1, as asked (#2)",
        "  ◐  25.00/30   Check thrice — Chart opened: 1, asked for at least 3 (#2)",
        "               Adjusted by a person: the grader gave 10.00; 口头补做",
        "  …   0.00/20   Check note — To be marked by the trainer: 0 Missing; 20 Whole",
        "  ?   -2.00  Opened h1, minus 2",
    ]


def test_a_broken_report_and_near_misses_as_text_in_english() -> None:
    diary = Diary()
    diary.write("chart.open", patient="p2")
    kind = {"count": {"event": "opened"}, "advice": {"zh": "再看", "en": "Look again"}}
    report = graded(diary, file(checks=[check(**kind)]))
    assert lines.render(report, "en")[2:] == [
        "  –   0.00/100  Check it — Did not happen as asked: chart opened",
        "               Nearly: #2 chart opened: not as asked in its patient",
        "               Advice: Look again",
    ]
    broken = grade(file(), Diary().journal(ended=False), diary.state())
    assert lines.render(broken, "en")[1:] == [
        "Result: cannot be graded",
        "  ! the journal does not verify (the last row is missing)",
    ]
