"""The worked numbers of the format: what share each kind of check gives."""

from __future__ import annotations

import pytest

from sandbox.grading.report import Line
from tests.journals import MINUTE, SECOND, Diary, change, line_of, share

CHAIN = {
    "confirmed": {"action": "registration.call"},
    "notified": {"action": "registration.start"},
    "acked": {"action": "chart.open"},
    "handled": {"action": "registration.finish"},
}


def outcome(line: Line) -> tuple[str, str]:
    return share(line), line.outcome


def allergy(**columns: object) -> Diary:
    diary = Diary()
    diary.create("allergy", "al1", "allergy.record", patient="p1", **columns)
    return diary


ONE = {
    "table": "allergy",
    "where": {"patient": "$ann"},
    "one": {"severity": "2", "source": "SELF"},
}


def test_one_counts_the_columns_that_hold() -> None:
    assert outcome(line_of(allergy(severity="1", source="SELF"), {"state": ONE})) == ("1/2", "part")
    assert outcome(line_of(allergy(severity="2", source="SELF"), {"state": ONE})) == ("1", "full")
    assert outcome(line_of(allergy(severity="1", source="ADR"), {"state": ONE})) == ("0", "none")


def test_one_without_a_row_is_not_reached_and_with_two_says_so() -> None:
    assert outcome(line_of(Diary(), {"state": ONE})) == ("0", "not_reached")
    twice = allergy(severity="2", source="SELF")
    twice.create("allergy", "al2", "allergy.record", patient="p1", severity="2", source="SELF")
    line = line_of(twice, {"state": ONE})
    assert outcome(line) == ("0", "none")
    assert line.found == {"rows": 2}
    assert "2" in line.zh


def test_one_sees_only_what_this_attempt_touched() -> None:
    diary = Diary()
    diary.present("allergy", "al1", patient="p1", severity="2", source="SELF")
    assert outcome(line_of(diary, {"state": ONE})) == ("0", "not_reached")
    diary.write("allergy.record", changes=(change("allergy", "al1", "severity", "2", "1"),))
    assert outcome(line_of(diary, {"state": ONE})) == ("1", "full")


def test_created_leaves_out_what_was_only_changed() -> None:
    diary = Diary()
    diary.present("allergy", "al1", patient="p1", severity="2", source="SELF")
    diary.write("allergy.record", changes=(change("allergy", "al1", "severity", "2", "1"),))
    assert outcome(line_of(diary, {"state": {**ONE, "scope": "created"}})) == ("0", "not_reached")


def test_what_an_inject_or_a_timer_wrote_is_nobodys_work() -> None:
    diary = Diary()
    diary.present("allergy", "al1", patient="p1", severity="2", source="SELF")
    diary.write("inject.fired", actor="system", changes=(change("allergy", "al1", "id", "al1"),))
    assert outcome(line_of(diary, {"state": ONE})) == ("0", "not_reached")


def test_what_the_hospital_did_because_of_the_trainee_is_his_work() -> None:
    diary = Diary()
    diary.present("allergy", "al1", patient="p1", severity="2", source="SELF")
    diary.write("allergy.record", actor="system", data={"cause": 2}, changes=(change("allergy", "al1", "id", "al1"),))
    assert outcome(line_of(diary, {"state": ONE})) == ("1", "full")


def test_none_needs_something_done_first() -> None:
    none = {"requires": "opened", "state": {"table": "allergy", "where": {"class": "NKA"}, "none": True}}
    assert outcome(line_of(Diary(), none)) == ("0", "not_reached")
    clean = Diary()
    clean.write("chart.open")
    assert outcome(line_of(clean, none)) == ("1", "full")
    clean.present("allergy", "al7", patient="p2", **{"class": "NKA"})
    assert outcome(line_of(clean, none)) == ("0", "none")


@pytest.mark.parametrize(("tickets", "expected"), [(0, "0"), (1, "1/6"), (5, "5/6"), (6, "1"), (8, "1"), (9, "0")])
def test_five_of_six_tickets_earn_five_sixths(tickets: int, expected: str) -> None:
    diary = Diary()
    for number in range(tickets):
        diary.create("registration", f"r{number}", dept="D0101")
    state = {"table": "registration", "where": {"dept": "D0101"}, "count": {"min": 6, "max": 8}, "part": True}
    assert share(line_of(diary, {"state": state})) == expected


def test_a_count_without_part_is_all_or_nothing() -> None:
    diary = Diary()
    diary.create("registration", "r1", dept="D0101")
    exactly = {"table": "registration", "where": {}, "count": 2}
    assert outcome(line_of(diary, {"state": exactly})) == ("0", "none")
    diary.create("registration", "r2", dept="D0101")
    assert outcome(line_of(diary, {"state": exactly})) == ("1", "full")


def test_order_pays_each_neighbouring_pair() -> None:
    diary = Diary()
    for action in ("registration.call", "registration.start", "registration.finish"):
        diary.write(action)
    line = line_of(diary, {"order": ["confirmed", "notified", "acked", "handled"]}, events=CHAIN)
    assert outcome(line) == ("1/3", "part")
    assert line.events == (2, 3, 4)
    assert line_of(Diary(), {"order": ["confirmed", "notified"]}, events=_only("confirmed", "notified")).outcome == (
        "not_reached"
    )


def _only(*names: str) -> dict[str, object]:
    return {name: CHAIN[name] for name in names}


def test_order_looks_at_numbers_never_at_time() -> None:
    diary = Diary()
    diary.write("registration.call", at=9 * MINUTE)
    diary.write("registration.start", at=9 * MINUTE)
    assert outcome(line_of(diary, {"order": ["confirmed", "notified"]}, events=_only("confirmed", "notified"))) == (
        "1",
        "full",
    )
    swapped = Diary()
    swapped.write("registration.start", at=MINUTE)
    swapped.write("registration.call", at=MINUTE)
    assert outcome(line_of(swapped, {"order": ["confirmed", "notified"]}, events=_only("confirmed", "notified"))) == (
        "0",
        "none",
    )


def _by(diary: Diary, groups: int) -> Line:
    kind = {"order": ["confirmed", "notified", "acked"], "by": "patient", "groups": groups}
    return line_of(diary, kind, events=_only("confirmed", "notified", "acked"))


def test_order_by_an_attribute_pays_per_group() -> None:
    diary = Diary()
    for patient in ("p1", "p2"):
        for action in ("registration.call", "registration.start", "chart.open"):
            diary.write(action, patient=patient)
    diary.write("registration.start", patient="p3")
    diary.write("chart.open", patient="p3")
    diary.write("registration.call", patient="p3")
    assert share(_by(diary, 3)) == "5/6"


def test_one_group_of_three_done_perfectly_earns_a_third() -> None:
    diary = Diary()
    for action in ("registration.call", "registration.start", "chart.open"):
        diary.write(action)
    assert share(_by(diary, 3)) == "1/3"


def test_without_spoils_a_pair_that_has_it_between() -> None:
    kind = {"order": ["confirmed", "notified"], "without": "acked"}
    events = _only("confirmed", "notified", "acked")
    diary = Diary()
    diary.write("registration.call")
    diary.write("chart.open")
    diary.write("registration.start")
    assert outcome(line_of(diary, kind, events=events)) == ("0", "none")
    after = Diary()
    for action in ("registration.call", "registration.start", "chart.open"):
        after.write(action)
    assert outcome(line_of(after, kind, events=events)) == ("1", "full")


WITHIN = {"within": {"from": "notified", "to": "handled", "full": "30m", "zero": "45m"}}


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (30 * MINUTE, "1"),
        (30 * MINUTE + SECOND, "899/900"),
        (37 * MINUTE + 15 * SECOND, "31/60"),
        (45 * MINUTE - SECOND, "1/900"),
        (45 * MINUTE, "0"),
    ],
)
def test_time_decays_from_full_to_zero(taken: int, expected: str) -> None:
    diary = Diary()
    diary.write("registration.start", at=MINUTE)
    diary.write("registration.finish", at=MINUTE + taken)
    line = line_of(diary, WITHIN, events=_only("notified", "handled"))
    assert share(line) == expected
    assert line.events == (2, 3)


def test_time_runs_to_the_next_row_after_the_first() -> None:
    diary = Diary()
    diary.write("registration.finish", at=MINUTE)
    diary.write("registration.start", at=2 * MINUTE)
    diary.write("registration.finish", at=60 * MINUTE)
    assert share(line_of(diary, WITHIN, events=_only("notified", "handled"))) == "0"


def test_an_end_without_a_beginning_earns_nothing() -> None:
    only_before = Diary()
    only_before.write("registration.finish")
    only_before.write("registration.start")
    assert outcome(line_of(only_before, WITHIN, events=_only("notified", "handled"))) == ("0", "none")
    no_from = Diary()
    no_from.write("registration.finish")
    assert outcome(line_of(no_from, WITHIN, events=_only("notified", "handled"))) == ("0", "none")
    no_to = Diary()
    no_to.write("registration.start")
    assert outcome(line_of(no_to, WITHIN, events=_only("notified", "handled"))) == ("0", "not_reached")


def test_untimed_is_full_as_soon_as_the_end_follows() -> None:
    diary = Diary()
    diary.write("registration.start", at=MINUTE)
    diary.write("registration.finish", at=300 * MINUTE)
    assert share(line_of(diary, WITHIN, events=_only("notified", "handled"), untimed=True)) == "1"
    never_begun = Diary()
    never_begun.write("registration.finish")
    assert share(line_of(never_begun, WITHIN, events=_only("notified", "handled"), untimed=True)) == "0"


@pytest.mark.parametrize(("clock", "expected"), [("hospital", "0"), ("work", "1")])
def test_a_jump_of_the_hospital_clock_is_no_working_time(clock: str, expected: str) -> None:
    diary = Diary()
    diary.write("registration.start", at=MINUTE)
    diary.write("registration.finish", at=2 * MINUTE, hospital="2026-03-03T08:00:00")
    kind = {"within": {**WITHIN["within"], "clock": clock}}
    assert share(line_of(diary, kind, events=_only("notified", "handled"))) == expected


def test_within_by_an_attribute_averages_the_groups() -> None:
    diary = Diary()
    diary.write("registration.start", at=MINUTE, patient="p1")
    diary.write("registration.start", at=MINUTE, patient="p2")
    diary.write("registration.finish", at=2 * MINUTE, patient="p1")
    diary.write("registration.finish", at=60 * MINUTE, patient="p2")
    kind = {"within": {**WITHIN["within"], "by": "patient", "groups": 4}}
    assert share(line_of(diary, kind, events=_only("notified", "handled"))) == "1/4"


def test_count_takes_rows_or_distinct_values() -> None:
    diary = Diary()
    for patient in ("p1", "p1", "p2"):
        diary.write("chart.open", patient=patient)
    events = {"opened": {"action": "chart.open"}}
    assert share(line_of(diary, {"count": {"event": "opened", "times": 3}}, events=events)) == "1"
    distinct = {"event": "opened", "distinct": "patient", "times": {"min": 3}, "part": True}
    assert outcome(line_of(diary, {"count": distinct}, events=events)) == ("2/3", "part")
    assert outcome(line_of(diary, {"count": {"event": "opened", "times": {"min": 1, "max": 2}}}, events=events)) == (
        "0",
        "none",
    )


def answered(value: object, **question: object) -> tuple[str, str]:
    diary = Diary()
    diary.write("answer.give", patient=None, data={"check": "it", "value": "something else"})
    diary.write("answer.give", patient=None, data={"check": "it", "value": value})
    diary.write("answer.give", patient=None, data={"check": "other", "value": "9"})
    ask = {"ask": {"zh": "问", "en": "Ask"}, **question}
    return outcome(line_of(diary, {"answer": ask}))


CHOICES = {name: {"zh": name, "en": name} for name in ("hemo", "fist", "cold", "meal")}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["hemo", "fist", "cold"], ("1", "full")),
        (["hemo", "fist", "meal"], ("1/3", "part")),
        (["hemo", "fist"], ("2/3", "part")),
        (["meal"], ("0", "none")),
        (["hemo", "hemo"], ("1/3", "part")),
    ],
)
def test_choices_are_right_minus_wrong(value: list[str], expected: tuple[str, str]) -> None:
    assert answered(value, type="choices", key=["hemo", "fist", "cold"], choices=CHOICES) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("6.8", "1"), ("6.75", "1"), ("6.7", "0"), ("６．８", "1"), ("about 7", "0"), (None, "0")]
)
def test_numbers_have_a_tolerance(value: object, expected: str) -> None:
    assert answered(value, type="number", key=6.8, tolerance=0.05)[0] == expected


def test_texts_are_compared_after_normalising() -> None:
    assert answered("  ＡＢＣ ", type="text", key=["abc", "def"])[0] == "1"
    assert answered("abcd", type="text", key="abc")[0] == "0"
    assert answered("meal", type="choice", key="meal", choices=CHOICES)[0] == "1"
    assert answered("hemo", type="choice", key="meal", choices=CHOICES) == ("0", "none")


def test_without_an_answer_nothing_is_reached() -> None:
    ask = {"ask": {"zh": "问", "en": "Ask"}, "type": "text", "key": "abc"}
    line = line_of(Diary(), {"answer": ask})
    assert outcome(line) == ("0", "not_reached")


def test_any_of_takes_the_best_and_all_of_the_weighted_mean() -> None:
    diary = Diary()
    diary.write("registration.call")
    diary.write("registration.start")
    done, missing = {"count": {"event": "confirmed"}}, {"count": {"event": "handled"}}
    events = _only("confirmed", "handled")
    best = line_of(diary, {"any_of": [missing, done]}, events=events)
    assert (outcome(best), best.found["way"]) == (("1", "full"), 2)
    assert outcome(line_of(diary, {"all_of": [done, missing]}, events=events)) == ("1/2", "part")
    heavy = [{**done, "weight": 3}, missing]
    assert share(line_of(diary, {"all_of": heavy}, events=events)) == "3/4"
    inside = [{"any_of": [done, missing]}, missing]
    assert share(line_of(diary, {"all_of": inside}, events=events)) == "1/2"
    assert line_of(Diary(), {"all_of": [done, missing]}, events=events).outcome == "not_reached"


def test_among_equals_the_first_way_is_told() -> None:
    diary = Diary()
    diary.write("registration.call")
    diary.write("registration.finish")
    parts = [{"count": {"event": "confirmed"}}, {"count": {"event": "handled"}}]
    line = line_of(diary, {"any_of": parts}, events=_only("confirmed", "handled"))
    assert (line.found["way"], line.events) == (1, (2,))


def test_requires_keeps_a_check_from_being_reached() -> None:
    diary = Diary()
    diary.write("registration.call")
    kind = {"requires": "handled", "count": {"event": "confirmed"}}
    line = line_of(diary, kind, events=_only("confirmed", "handled"))
    assert outcome(line) == ("0", "not_reached")
    assert line.expected == {"requires": "handled"}
