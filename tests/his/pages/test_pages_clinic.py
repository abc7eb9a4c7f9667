"""The doctor's desk through its pages: queue, chart, allergy, diagnosis, record, prescription, break-glass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.his.pages.browser import Browser, password
from tests.his.stage import Stage

Seat = Callable[[str], Browser]
TEXTS = {"complaint": "咽痛2天", "present": "受凉后咽痛，无发热", "examination": "咽部充血", "plan": "对症治疗"}


def visit(stage: Stage, name: str = "zhang") -> str:
    return str(stage.one("registration", id=stage.bound(f"{name}_ticket"))["encounter"])


def section(stage: Stage, name: str, who: str = "zhang") -> str:
    return f"/clinic/charts/{visit(stage, who)}/{name}"


def test_an_old_tab_overwrites_no_record(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "record"))
    old_tab = doctor.form("medical_record.sign")
    doctor.opens(section(stage, "record"))
    save = doctor.form("medical_record.sign")
    save.attributes["action"] = save.buttons[0]
    doctor.sends(save, TEXTS)
    assert stage.status("medical_record") == "draft"
    doctor.sends(old_tab, {**TEXTS, "present": "另一份"})
    assert doctor.page.refusal == "E-GEN-05"
    assert stage.one("medical_record", patient=stage.bound("zhang"))["present"] == TEXTS["present"]
    assert doctor.value("present") == "另一份"
    doctor.submits("medical_record.sign")
    assert stage.one("medical_record", patient=stage.bound("zhang"))["present"] == "另一份"


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


def test_no_known_allergy_takes_one_click(at: Seat, stage: Stage) -> None:
    stage.consult("li")
    doctor = at("doc")
    doctor.opens(section(stage, "allergy", "li"))
    doctor.submits("allergy.record", kind="NKA")
    assert stage.one("allergy", patient=stage.bound("li"))["class"] == "NKA"
    assert "无已知过敏" in doctor.page.text


def test_an_incomplete_allergy_keeps_its_text_and_marks_the_fields(at: Seat, stage: Stage) -> None:
    stage.consult("li")
    doctor = at("doc")
    doctor.opens(section(stage, "allergy", "li"))
    doctor.submits("allergy.record", {"reaction": "全身皮疹"})
    assert doctor.page.refusal == "E-GEN-06"
    assert doctor.value("reaction") == "全身皮疹"
    assert "请选择程度" in doctor.page.text
    doctor.submits("allergy.record", {"drug": "M001", "severity": "3"})
    assert stage.one("allergy", patient=stage.bound("li"))["class"] == "PEN"


def test_an_allergy_is_withdrawn_with_a_reason(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    doctor.opens(section(stage, "allergy"))
    doctor.submits("allergy.retract")
    assert doctor.page.refusal == "E-GEN-06"
    doctor.submits("allergy.retract", {"reason": "患者记错"})
    assert stage.one("allergy", patient=stage.bound("zhang"))["status"] == "retracted"


def test_a_diagnosis_is_found_added_and_withdrawn(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    found = doctor.client.get("/clinic/charts/_diagnoses?q=J06").text
    assert 'data-set-code="J06.9"' in found
    doctor.opens(section(stage, "diagnosis"))
    doctor.submits("diagnosis.add", {"text": "感冒", "code": ""})
    assert doctor.page.refusal == "E-GEN-06"
    assert doctor.value("text") == "感冒"
    doctor.submits("diagnosis.add", {"text": "j06.9", "code": ""})
    assert stage.status("diagnosis") == "active"
    doctor.submits("diagnosis.retract", {"reason": "录错"})
    assert stage.status("diagnosis") == "retracted"


def test_a_record_is_saved_signed_amended_and_printed(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    doctor.opens(section(stage, "record"))
    form = doctor.form("medical_record.sign")
    doctor._show(
        doctor.client.post(
            f"{section(stage, 'record')}/save", data=dict(form.filled({"complaint": "咽痛"})), follow_redirects=True
        )
    )
    assert stage.status("medical_record") == "draft"
    assert doctor.value("complaint") == "咽痛"
    doctor.submits("medical_record.sign", {"present": "两天"})
    assert doctor.page.refusal == "E-MR-05"
    assert doctor.value("present") == "两天"
    doctor.submits("medical_record.sign", TEXTS)
    record = stage.one("medical_record", patient=stage.bound("zhang"))
    assert (record["status"], record["version_no"]) == ("signed", 1)
    doctor.opens(f"{section(stage, 'record')}?amend=1")
    doctor.submits("medical_record.amend", {"plan": "复诊", "reason": ""})
    assert doctor.page.refusal == "E-GEN-06"
    assert doctor.value("plan") == "复诊"
    doctor.submits("medical_record.amend", {"reason": "补充", "password": "wrong"})
    assert doctor.page.refusal == "E-GEN-07"
    doctor.submits("medical_record.amend", {"reason": "补充", "password": password("doc")})
    assert stage.one("medical_record", id=record["id"])["version_no"] == 2
    assert "复诊" in doctor.opens(f"/clinic/sheets/records/{record['id']}").text


def test_a_template_fills_only_what_is_empty(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    doctor.opens(section(stage, "record"))
    key = next(value for form in doctor.page.forms if "template" in form.names for value in ["D0101-urti"])
    doctor.opens(f"{section(stage, 'record')}?template={key}")
    assert "咽痛" in doctor.value("complaint")


def test_a_draft_is_voided(at: Seat, stage: Stage) -> None:
    stage.consult()
    stage.does("doc", "medical_record.save", patient="$zhang", complaint="写错了")
    doctor = at("doc")
    doctor.opens(section(stage, "record"))
    doctor.submits("medical_record.void", {"reason": "写错患者"})
    assert stage.status("medical_record") == "voided"


def test_an_allergy_block_is_shown_with_the_safe_way_first(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug": ["M001", "M021"], "days": ["5", "3"]})
    assert (doctor.page.status, doctor.page.refusal) == (409, "E-RX-15")
    first = next(each for each in doctor.page.elements if "data-first" in each.attributes)
    assert "返回修改" in first.text
    assert doctor.page.marked("rule", "E-RX-15")
    assert [value for name, value in doctor.form("prescription.sign").fields if name == "drug"] == ["M001", "M021"]


def test_going_back_from_an_alert_keeps_the_grid_and_is_journaled(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug": "M001", "days": "5"})
    fields = doctor.form("prescription.sign").filled({})
    reply = doctor.client.post(f"/clinic/prescriptions/of/{visit(stage)}/heed", data=_multi(fields))
    assert reply.status_code == 200
    assert 'value="M001"' in reply.text
    assert stage.told()[-1] == ("doc", "alert.heeded")


def test_a_block_is_pushed_through_with_a_reason_and_the_colleague(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug": "M001", "days": "5"})
    doctor.submits("prescription.sign", {"override_reason": "NOALT", "override_text": ""})
    assert doctor.page.refusal == "E-RX-15"
    assert "不同意" in doctor.page.text
    doctor.submits("prescription.sign", {"override_reason": "NOALT", "override_text": "无替代，已备急救"})
    assert stage.status("prescription") == "issued"


def test_an_override_given_at_once_makes_one_signature(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    values = {"drug": "M001", "days": "5", "override_reason": "NOALT", "override_text": "患者要求，症状轻"}
    doctor.submits("prescription.sign", values)
    assert [each.outcome for each in stage.rows() if each.action == "prescription.sign"] == ["ok"]


def test_a_grid_without_a_diagnosis_is_refused_and_kept(at: Seat, stage: Stage) -> None:
    stage.consult()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug": ["M021", "M071"], "days": ["3", "5"], "dose": ["0.4", ""]})
    assert doctor.page.refusal == "E-RX-07"
    fields = doctor.form("prescription.sign").fields
    assert [value for name, value in fields if name == "drug"] == ["M021", "M071"]
    assert [value for name, value in fields if name == "days"] == ["3", "5"]
    assert next(value for name, value in fields if name == "dose") == "0.4"


def test_text_that_is_no_drug_is_refused_and_kept(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug_text": "感冒灵", "drug": ""})
    assert doctor.page.refusal == "E-GEN-06"
    assert doctor.value("drug_text") == "感冒灵"
    assert "请从候选中选择药品" in doctor.page.text


def test_a_long_supply_needs_its_reason(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug": "M021", "days": "10"})
    assert doctor.page.refusal == "E-RX-06"
    doctor.submits("prescription.sign", {"long_supply_reason": "CHRONIC"})
    assert stage.status("prescription") == "issued"


def test_a_rejected_prescription_comes_back_into_the_grid(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    stage.does("pha", "prescription.reject", patient="$zhang", reason="DOSE", note="减量")
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    assert "用法用量不当" in doctor.page.text
    rx = stage.one("prescription", patient=stage.bound("zhang"))["id"]
    doctor.opens(f"{section(stage, 'prescription')}?revise={rx}")
    doctor.submits("prescription.revise", {"days": "2"})
    assert stage.status("prescription") == "issued"


def test_a_prescription_is_cancelled_with_a_reason_and_printed(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    rx = stage.one("prescription", patient=stage.bound("zhang"))
    doctor = at("doc")
    assert rx["rx_no"] in doctor.opens(f"/clinic/sheets/prescriptions/{rx['id']}").text
    doctor.submits("print.document")
    printed = next(each for each in stage.rows() if each.action == "print.document")
    assert printed.data["document"] == f"prescription:{rx['id']}"
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.cancel")
    assert doctor.page.refusal == "E-GEN-06"
    doctor.submits("prescription.cancel", {"reason": "ERR"})
    assert stage.status("prescription") == "cancelled"


def test_a_short_code_drops_down_drugs_with_price_and_stock(at: Seat) -> None:
    doctor = at("doc")
    found = doctor.client.get("/clinic/prescriptions/_drugs?q=amxl").text
    assert 'data-set-drug="M001"' in found
    assert "9.80" in found
    answer = doctor.client.get("/clinic/prescriptions/_quantity?drug=M001&dose=0.5&freq=tid&days=5").get_json()
    assert answer == {"quantity": "2", "amount": "19.60"}
    broken = doctor.client.get("/clinic/prescriptions/_quantity?drug=M001&dose=x").get_json()
    assert broken == {"quantity": "", "amount": ""}


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


def _multi(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


def test_a_controlled_drug_asks_for_the_password_again(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    doctor.submits("prescription.sign", {"drug": "M029", "days": "3"})
    assert doctor.page.refusal == "E-GEN-03"
    assert "专用处方" in doctor.page.text
    doctor.submits("prescription.sign", {"type": "P"})
    assert doctor.page.refusal == "E-GEN-07"
    assert doctor.value("days") == "3"
    doctor.submits("prescription.sign", {"password": password("doc")})
    assert stage.status("prescription") == "issued"


def test_a_prescription_is_extended_by_a_day(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    doctor = at("doc")
    doctor.opens(section(stage, "prescription"))
    assert "有效至 2026-11-22" in doctor.page.text
    doctor.submits("prescription.extend")
    doctor.submits("prescription.extend")
    assert "有效至 2026-11-24" in doctor.page.text
    doctor.submits("prescription.extend")
    assert doctor.page.refusal == "E-GEN-03"


def test_a_drug_of_control_carries_its_mark(at: Seat) -> None:
    assert "精二" in at("doc").client.get("/clinic/prescriptions/_drugs?q=M029").text
