"""The doctor's desk through its pages: queue, identity, a whole visit, and charts that open only through the glass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.his.pages.browser import Browser
from tests.his.pages.charts import TEXTS, visit
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


def test_a_whole_visit(at: Seat, stage: Stage) -> None:
    doctor = at("doc")
    ticket = stage.bound("zhang_ticket")
    doctor.follows("registration", ticket)
    doctor.submits("registration.call")
    doctor.submits("registration.start", {"identifiers": ["name", "mrn"]})
    assert doctor.page.url == f"/clinic/charts/{visit(stage)}"
    assert doctor.page.marked("strip", stage.bound("zhang"))

    doctor.follows("section", "allergy")
    doctor.submits("allergy.record", {"class": "MACRO", "severity": "1", "reaction": "腹泻"})
    doctor.follows("section", "diagnosis")
    doctor.submits("diagnosis.add", {"code": "J06.9"})
    doctor.follows("section", "record")
    doctor.submits("medical_record.sign", TEXTS)
    doctor.follows("section", "prescription")
    doctor.submits("prescription.sign", {"drug": ["M021", "M071"], "days": ["3", "3"]})
    doctor.follows("section", "overview")
    doctor.submits("registration.finish")

    assert doctor.page.url == "/clinic/"
    assert stage.status("registration") == "completed"
    assert stage.status("medical_record") == "signed"
    assert [each["drug"] for each in stage.table("rx_item") if each["patient"] == stage.bound("zhang")] == [
        "M021",
        "M071",
    ]
    acts = [act for actor, act in stage.told() if actor == "doc" and not act.startswith(("auth.", "queue.", "chart.s"))]
    assert acts == [
        "registration.call",
        "registration.start",
        "chart.open",
        "allergy.record",
        "diagnosis.add",
        "medical_record.create",
        "medical_record.sign",
        "prescription.create",
        "prescription.sign",
        "registration.finish",
    ]


def test_one_identifier_is_not_enough_and_the_tick_stays(at: Seat, stage: Stage) -> None:
    doctor = at("doc")
    doctor.follows("registration", stage.bound("zhang_ticket"))
    doctor.submits("registration.call")
    doctor.submits("registration.start", {"identifiers": "name"})
    assert doctor.page.refusal == "E-GEN-06"
    assert ("identifiers", "name") in doctor.form("registration.start").fields


def test_a_number_of_identifiers_counts_as_itself(at: Seat, stage: Stage) -> None:
    doctor = at("doc")
    doctor.follows("registration", stage.bound("zhang_ticket"))
    doctor.submits("registration.call")
    doctor.submits("registration.start", {"identifiers": "2"})
    assert stage.rows()[-1].action == "chart.open"
    assert stage.status("registration") == "in_consult"


def test_calling_out_of_turn_asks_for_a_reason(at: Seat, stage: Stage) -> None:
    doctor = at("doc")
    doctor.follows("registration", stage.bound("li_ticket"))
    doctor.submits("registration.call", {"reason": ""})
    assert doctor.page.refusal == "E-GEN-06"
    doctor.submits("registration.call", {"reason": "年老体弱"})
    assert stage.status("registration", "li") == "called"


def test_a_missed_patient_is_queued_again_by_the_nurse(at: Seat, stage: Stage) -> None:
    ticket = stage.bound("zhang_ticket")
    doctor = at("doc")
    doctor.follows("registration", ticket)
    doctor.submits("registration.call")
    doctor.submits("registration.pass", {"calls": ["call1", "call2"]})
    assert doctor.page.refusal == "E-GEN-03"
    doctor.submits("registration.pass", {"calls": ["call1", "call2", "call3"]})
    assert stage.status("registration") == "missed"
    nurse = at("nur")
    nurse.opens("/clinic/?whose=dept")
    nurse.follows("registration", ticket)
    nurse.submits("registration.re_queue")
    assert stage.status("registration") == "checked_in"


def test_a_mistaken_start_is_taken_back(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    doctor.opens(f"/clinic/charts/{visit(stage)}")
    doctor.submits("registration.undo_start", {"reason": "点错患者"})
    assert stage.status("registration") == "checked_in"


def test_finishing_too_early_is_refused_where_one_stands(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    doctor.opens(f"/clinic/charts/{visit(stage)}")
    doctor.submits("registration.finish")
    assert doctor.page.refusal == "E-GEN-03"
    assert doctor.page.marked("section", "overview")


def test_a_strangers_chart_opens_only_through_the_glass(at: Seat, stage: Stage) -> None:
    stranger = stage.bound("stranger")
    doctor = at("doc")
    doctor.opens("/clinic/find?q=秦望山")
    doctor.follows("patient", stranger)
    assert doctor.page.refusal == "E-PRV-01"
    doctor.submits("chart.break_glass", {"reason": "OTHER", "text": ""})
    assert doctor.page.refusal == "E-GEN-06"
    assert ("reason", "OTHER") in doctor.form("chart.break_glass").fields
    doctor.submits("chart.break_glass", {"text": "朋友托我看看"})
    deeds = [(each.action, each.code, each.data.get("relation")) for each in stage.rows() if each.patient == stranger]
    assert ("chart.open", "E-PRV-01", "none") in deeds
    assert ("chart.break_glass", None, None) in deeds
    assert ("chart.open", None, "break_glass") in deeds


def test_a_section_of_a_closed_chart_leads_to_the_glass(at: Seat, stage: Stage) -> None:
    seeded = next(each for each in stage.table("encounter") if each["status"] == "finished" and each["dept"] != "D0101")
    doctor = at("doc")
    doctor.opens(f"/clinic/charts/{seeded['id']}/record")
    assert doctor.page.refusal == "E-PRV-01"


@pytest.mark.parametrize("seat", ["reg", "cas"])
def test_who_may_not_open_charts_is_refused(at: Seat, stage: Stage, seat: str) -> None:
    page = at(seat).opens(f"/clinic/charts/{visit(stage)}")
    assert page.refusal == "E-GEN-02"


def test_an_unknown_chart_section_and_record_answer_plainly(at: Seat, stage: Stage) -> None:
    doctor = at("doc")
    assert doctor.opens(f"/clinic/charts/{visit(stage)}/secrets").status == 404
    assert doctor.opens("/clinic/charts/en999999").status in (404, 409)
