"""The prescription grid through its pages: blocks and alerts, what comes back, what is kept of a refused grid."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.browser import Browser, password
from tests.his.pages.charts import section, visit
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


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
