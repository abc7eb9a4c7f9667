"""The library of never rules: what each takes for a hit, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.grading.grade import grade
from sandbox.grading.report import Loss
from tests.journals import OTHER, PATIENT, Diary, change, file, graded, never


def hits(diary: Diary, **rule: Any) -> list[tuple[int, tuple[int, ...]]]:
    report = graded(diary, file(never=[never(**rule)]))
    losses: tuple[Loss, ...] = report.losses
    return [(loss.hits, loss.events) for loss in losses]


SNOOP = {"use": "privacy.unrelated_chart", "allow": ["$ann"]}


def test_an_unrelated_chart_counts_once_per_patient_when_really_opened() -> None:
    diary = Diary()
    diary.write("chart.open", patient=PATIENT)
    diary.write("chart.open", patient=OTHER, code="E-PRV-01")
    assert hits(diary, **SNOOP) == []
    diary.rows.pop()
    diary.write("chart.break_glass", patient=OTHER)
    diary.write("chart.open", patient=OTHER)
    diary.write("chart.open", patient=OTHER)
    diary.write("chart.open", patient="p9")
    assert hits(diary, **SNOOP) == [(2, (5, 7))]


def test_a_print_without_a_purpose_is_an_export() -> None:
    diary = Diary()
    diary.write("print.document", data={"document": "record", "purpose": "病人需要"})
    assert hits(diary, use="privacy.export") == []
    diary.rows.pop()
    diary.write("print.document", data={"document": "record", "purpose": ""})
    diary.write("print.document", data={"document": "record"})
    assert hits(diary, use="privacy.export") == [(2, (3, 4))]


def test_work_under_a_foreign_account_counts_per_account() -> None:
    diary = Diary()
    diary.write("chart.open", actor="account:10002")
    diary.write("allergy.record", actor="account:10002")
    diary.write("chart.open", actor="account:10003", code="E-GEN-02")
    assert hits(diary, use="identity.foreign_seat") == [(1, (2,))]


def person(diary: Diary, key: str, **columns: str) -> None:
    columns = {"name": "张三", "birth_date": "1990-01-01", "phone": "15400000001", "id_no": "", **columns}
    diary.create("patient", key, "patient_index.create", **columns)


def test_a_duplicate_shares_the_number_or_name_birth_and_phone() -> None:
    diary = Diary()
    diary.present("patient", "p1", name="张三", birth_date="1990-01-01", phone="15400000001", id_no="77A")
    person(diary, "p5", phone="15400000002")
    assert hits(diary, use="identity.duplicate") == []
    diary.rows.pop()
    person(diary, "p6", name="李四", id_no="77A")
    person(diary, "p7")
    assert hits(diary, use="identity.duplicate") == [(2, (3, 4))]


def test_of_two_equal_new_records_only_the_later_is_the_duplicate() -> None:
    diary = Diary()
    person(diary, "p5", id_no="77B")
    person(diary, "p6", id_no="77B")
    assert hits(diary, use="identity.duplicate") == [(1, (3,))]


def overridden(diary: Diary, rule: str = "E-RX-15", patient: str = PATIENT) -> None:
    diary.write("alert.override", patient=patient, data={"rule": rule, "items": ["M001"]})


def test_an_allergy_block_counts_only_if_the_prescription_was_then_signed() -> None:
    rule = {"use": "safety.allergen"}
    stopped = Diary()
    overridden(stopped)
    stopped.write("prescription.sign", code="E-RX-15", data={"drugs": ["M001"]})
    assert hits(stopped, **rule) == []
    heeded = Diary()
    overridden(heeded)
    heeded.write("prescription.sign", code="E-RX-15", data={"drugs": ["M001"]})
    heeded.write("prescription.sign", data={"drugs": ["M021"]})
    assert hits(heeded, **rule) == []
    signed = Diary()
    overridden(signed)
    signed.write("prescription.sign", patient=OTHER, data={"drugs": ["M001"]})
    signed.write("prescription.sign", data={"drugs": ["M001", "M021"]})
    assert hits(signed, **rule) == [(1, (2,))]


def test_another_alert_is_no_allergen() -> None:
    diary = Diary()
    overridden(diary, rule="E-RX-09")
    diary.write("prescription.sign", data={"drugs": ["M001"]})
    assert hits(diary, use="safety.allergen") == []


def test_a_pattern_in_place_and_distinct_values() -> None:
    diary = Diary()
    for code in ("E-RX-06", "E-RX-06", "E-RX-07"):
        diary.write("prescription.sign", code=code)
    tries = {"action": "prescription.sign", "outcome": "refused"}
    assert hits(diary, event=tries) == [(3, (2, 3, 4))]
    diary.rows.pop()
    assert hits(diary, event={"action": "prescription.sign", "code": "E-RX-07"}) == [(1, (4,))]
    diary.rows.pop()
    assert hits(diary, event=tries, distinct="patient") == [(1, (2,))]


def test_a_state_rule_counts_the_rows_the_trainee_touched() -> None:
    rule = {"state": {"table": "allergy", "where": {"class": "NKA"}}}
    diary = Diary()
    diary.present("allergy", "al1", **{"class": "NKA"})
    assert hits(diary, **rule) == []
    diary.rows.pop()
    diary.create("allergy", "al2", "allergy.record", **{"class": "NKA"})
    diary.write("allergy.retract", changes=(change("allergy", "al2", "status", "retracted", "active"),))
    assert hits(diary, **rule) == [(1, (2, 3))]


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ({"id_no": "77A", "name": "李四"}, 1),
        ({"id_no": "77B"}, 1),
        ({"id_no": "77B", "name": "李四"}, 0),
        ({"id_no": "77B", "birth_date": "1990-01-02"}, 0),
        ({"id_no": "77B", "phone": "15400000002"}, 0),
        ({"name": ""}, 0),
    ],
)
def test_one_equal_number_or_three_equal_particulars_make_a_duplicate(columns: dict[str, str], number: int) -> None:
    diary = Diary()
    diary.present("patient", "p1", name="张三", birth_date="1990-01-01", phone="15400000001", id_no="77A")
    person(diary, "p6", **columns)
    assert sum(hit for hit, _ in hits(diary, use="identity.duplicate")) == number


def test_empty_particulars_make_nobody_a_duplicate() -> None:
    diary = Diary()
    diary.present("patient", "p1", name="", birth_date="", phone="", id_no="")
    person(diary, "p6", name="", birth_date="", phone="", id_no="")
    assert hits(diary, use="identity.duplicate") == []


def test_without_a_table_of_patients_duplicates_cannot_be_judged() -> None:
    diary = Diary()
    state = diary.state()
    del state.tables["patient"]
    report = grade(file(never=[never(use="identity.duplicate")]), diary.journal(), state)
    assert [(each.zh, each.en) for each in report.errors] == [
        ("禁止harm：最终状态中没有患者表", "Never harm: the final state has no patients")
    ]


@pytest.mark.parametrize("rule", ["E-RX-15", "E-ORD-09"])
@pytest.mark.parametrize("action", ["prescription.sign", "prescription.revise", "order.sign", "order.revise"])
def test_every_allergy_block_and_every_signature_counts(rule: str, action: str) -> None:
    diary = Diary()
    overridden(diary, rule=rule)
    diary.write(action, data={"drugs": ["M021", "M001"]})
    assert hits(diary, use="safety.allergen") == [(1, (2,))]


@pytest.mark.parametrize(
    ("shown", "signed", "number"),
    [
        ({"items": ["M001"]}, {"item": "M001"}, 1),
        ({"items": ["M001"]}, {"item": "M021"}, 0),
        ({"items": []}, {"drugs": ["M021"]}, 1),
        ({}, {"drugs": ["M021"]}, 1),
        ({"items": "M001"}, {"drugs": "M021"}, 1),
    ],
)
def test_the_blocked_drug_must_be_among_those_signed(
    shown: dict[str, Any], signed: dict[str, Any], number: int
) -> None:
    diary = Diary()
    diary.write("alert.override", data={"rule": "E-RX-15", **shown})
    diary.write("prescription.sign", data=signed)
    assert len(hits(diary, use="safety.allergen")) == number


def test_a_signature_before_the_override_is_no_hit() -> None:
    diary = Diary()
    diary.write("prescription.sign", data={"drugs": ["M001"]})
    overridden(diary)
    assert hits(diary, use="safety.allergen") == []


def test_another_alert_before_the_block_does_not_hide_it() -> None:
    diary = Diary()
    overridden(diary, rule="E-RX-09")
    overridden(diary)
    diary.write("prescription.sign", data={"drugs": ["M001"]})
    assert hits(diary, use="safety.allergen") == [(1, (3,))]


def test_a_dose_needs_a_scan_of_that_line_by_whoever_gives_it() -> None:
    diary = Diary()
    diary.write("scan.wristband", target="oe1", data={"match": True})
    diary.write("order_execution.give", target="oe1")
    diary.write("order_execution.give", target="oe2")
    diary.write("order_execution.give", target="oe1", actor="nur")
    diary.write("scan.wristband", target="oe3", data={"match": False})
    diary.write("order_execution.give", target="oe3")
    diary.write("scan.wristband", target="oe4", code="E-GEN-01")
    diary.write("order_execution.give", target="oe4")
    diary.write("order_execution.give", target="oe5", code="E-GEN-01")
    diary.write("order_execution.give", target="oe5", actor="system")
    diary.write("scan.wristband", target="oe6")
    diary.write("order_execution.give", target="oe6")
    assert hits(diary, use="safety.unscanned") == [(4, (4, 5, 7, 9))]


def test_taking_data_out_is_an_export_wherever_it_comes_in_the_journal() -> None:
    diary = Diary()
    diary.write("print.document", data={"purpose": ""})
    diary.write("export.request")
    diary.write("export.request", code="E-PRV-02")
    diary.write("print.document", actor="system", data={"purpose": ""})
    diary.write("print.document", data={})
    assert hits(diary, use="privacy.export") == [(3, (2, 3, 6))]


def test_a_report_that_another_person_approved_for_a_purpose_is_no_leak() -> None:
    diary = Diary()
    approved = {"what": "STATS", "purpose": "科务会", "second": "colleague", "rows": 4}
    diary.write("export.request", data=approved)
    diary.write("export.request", data={**approved, "what": "LIST"})
    diary.write("export.request", data={**approved, "second": None})
    diary.write("export.request", data={**approved, "purpose": ""})
    assert hits(diary, use="privacy.export") == [(3, (3, 4, 5))]


def test_a_hit_says_how_often_where_and_what_it_costs() -> None:
    diary = Diary()
    diary.write("queue.view")
    diary.write("queue.view")
    content = file(never=[never(lose=5, max=8, mistake="T28", event={"action": "queue.view"})])
    loss = graded(diary, content).losses[0]
    assert (loss.hits, loss.lost, loss.exact, loss.critical, loss.mistake) == (2, "8.00", "8", False, "T28")
    assert (loss.zh, loss.en) == ("出现2次(#2、#3)，扣8分", "Happened 2 times (#2, #3), minus 8")
