"""What a doctor enters into the chart through its pages: allergies, diagnoses, the record."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.browser import Browser, password
from tests.his.pages.charts import TEXTS, section
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


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
