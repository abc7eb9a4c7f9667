"""Laboratory and imaging requests through the pages: short codes, safety questions, warnings, paper."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


def section(stage: Stage) -> str:
    visit = stage.one("registration", id=stage.bound("zhang_ticket"))["encounter"]
    return f"/clinic/charts/{visit}/request"


def at_requests(at: Seat, stage: Stage, address: str = "") -> Browser:
    stage.diagnose()
    doctor = at("doc")
    doctor.opens(section(stage) + address)
    return doctor


def test_short_codes_drop_down_panels_and_exams(at: Seat) -> None:
    doctor = at("doc")
    assert 'data-set-panel="P-CBC"' in doctor.client.get("/clinic/requests/_panels?q=xxb").text
    assert 'data-set-exam="I009"' in doctor.client.get("/clinic/requests/_exams?q=I009").text
    assert "120.00" in doctor.client.get("/clinic/requests/_panels?q=CRP").text


def test_a_panel_is_requested_printed_and_cancelled(at: Seat, stage: Stage) -> None:
    doctor = at_requests(at, stage)
    doctor.submits("lab_request.create", {"panel_text": "血常规", "panel": ""})
    assert doctor.page.refusal == "E-GEN-06"
    assert doctor.value("panel_text") == "血常规"
    doctor.submits("lab_request.create", {"panel": "P-CBC", "indication": "发热待查", "stat": "1"})
    made = stage.one("lab_request", patient=stage.bound("zhang"))
    assert (made["indication"], made["stat"]) == ("发热待查", True)
    assert "待缴费" in doctor.page.text
    doctor.follows("slip", made["id"])
    assert "检验申请单" in doctor.page.text
    assert "发热待查" in doctor.page.text
    doctor.submits("print.document", {"purpose": "patient"})
    assert any(
        each.action == "print.document" and each.data["document"] == f"lab_request:{made['id']}"
        for each in stage.rows()
    )
    doctor.opens(section(stage))
    doctor.submits("lab_request.cancel", {"reason": ""})
    assert doctor.page.refusal == "E-GEN-06"
    doctor.submits("lab_request.cancel", {"reason": "PAT"})
    assert stage.one("lab_request", id=made["id"])["status"] == "cancelled"


def test_the_cashier_sees_the_charge_by_name(at: Seat, stage: Stage) -> None:
    at_requests(at, stage).submits("lab_request.create", {"panel": "P-CBC"})
    cashier = at("cas")
    cashier.opens(f"/cashier/?patient={stage.bound('zhang')}")
    assert "血细胞分析(五分类)" in cashier.page.text


def test_an_exam_asks_its_questions_and_marks_what_is_left_open(at: Seat, stage: Stage) -> None:
    doctor = at_requests(at, stage, "?exam=I009")
    names = doctor.form("imaging_request.create").names
    assert {"screen_allergy", "egfr", "metformin"} <= set(names)
    assert "screen_pregnancy" not in names
    doctor.submits("imaging_request.create", {"screen_allergy": "N", "egfr": "90"})
    assert doctor.page.refusal == "E-IMG-02"
    assert "请询问患者后填写" in doctor.page.text
    assert doctor.value("egfr") == "90"
    doctor.submits("imaging_request.create", {"metformin": "N"})
    assert stage.one("imaging_request", patient=stage.bound("zhang"))["egfr"] == "90"


def test_a_side_is_chosen_not_assumed(at: Seat, stage: Stage) -> None:
    doctor = at_requests(at, stage, "?exam=I004")
    doctor.submits("imaging_request.create")
    assert doctor.page.refusal == "E-GEN-06"
    assert "请选择侧别" in doctor.page.text
    doctor.submits("imaging_request.create", {"laterality": "R"})
    assert "右侧" in doctor.page.text


def test_a_warning_is_heeded_or_answered(at: Seat, stage: Stage) -> None:
    doctor = at_requests(at, stage, "?exam=I009")
    doctor.submits("imaging_request.create", {"screen_allergy": "Y", "egfr": "90", "metformin": "N"})
    assert doctor.page.marked("rule", "contrast_allergy")
    fields = doctor.form("imaging_request.create").filled({})
    where = section(stage).replace("/request", "").replace("charts", "requests/of") + "/imaging_request/heed"
    reply = doctor.client.post(where, data={**dict(fields), "alert": "contrast_allergy"})
    assert "已返回修改" in reply.text
    assert stage.rows()[-1].data == {"rule": "contrast_allergy", "items": ["I009"]}
    doctor.submits("imaging_request.create", {"override_reason": "CONSULT", "override_text": "影像科同意，备急救"})
    assert stage.one("imaging_request", patient=stage.bound("zhang"))["screen_allergy"] == "Y"


def test_a_finished_visit_only_shows(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()
    stage.does("doc", "registration.finish", patient="$zhang")
    doctor = at("doc")
    doctor.opens(section(stage))
    assert doctor.page.form("lab_request.create") is None
    assert "就诊未在进行中" in doctor.page.text


def test_paper_of_no_known_kind_is_not_found(at: Seat, stage: Stage) -> None:
    assert at_requests(at, stage).opens("/clinic/sheets/requests/patient/p1").status == 404


def test_a_foreign_request_is_not_put_on_paper(at: Seat, stage: Stage) -> None:
    at_requests(at, stage).submits("lab_request.create", {"panel": "P-CBC"})
    key = stage.one("lab_request", patient=stage.bound("zhang"))["id"]
    stage.run('UPDATE "staff" SET "dept" = \'D0102\' WHERE "id" = ?', stage.rows()[0].data["seats"]["nur"])
    assert at("nur").opens(f"/clinic/sheets/requests/lab_request/{key}").refusal == "E-PRV-01"


def test_a_request_is_paid_at_the_window_and_refunded_by_four_hands(at: Seat, stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "imaging_request.create", patient="$zhang", exam="I001")
    made = stage.one("imaging_request", patient=stage.bound("zhang"))
    cashier, doctor, finance = at("cas"), at("doc"), at("fin")
    cashier.opens("/cashier/")
    cashier.follows("imaging-request", made["id"])
    form = cashier.form("imaging_request.charge")
    doctor.opens("/refunds")
    doctor.posts(form.action, {"channel": "WX"})
    last = stage.rows()[-1]
    assert (last.action, last.outcome, last.code) == ("imaging_request.charge", "refused", "E-GEN-02")
    cashier.submits("imaging_request.charge", {"tendered": "1"})
    assert cashier.page.refusal == "E-GEN-06"
    cashier.submits("imaging_request.charge", {"tendered": "500"})
    assert cashier.page.refusal is None
    assert stage.one("imaging_request", id=made["id"])["status"] == "charged"
    doctor.opens(section(stage))
    assert "已缴费" in doctor.page.text
    item = stage.one("charge_item", imaging_request=made["id"])["id"]
    doctor.opens("/refunds")
    doctor.follows("charge-item", item)
    doctor.submits("charge_item.apply_refund", {"reason": "PATIENT"})
    finance.opens("/refunds")
    finance.follows("charge-item", item)
    finance.submits("charge_item.approve")
    cashier.opens("/refunds")
    cashier.follows("charge-item", item)
    cashier.submits("imaging_request.refund", {"channel": "CASH"})
    assert cashier.page.refusal is None
    assert stage.one("imaging_request", id=made["id"])["status"] == "cancelled"
    doctor.opens(section(stage))
    assert "已取消" in doctor.page.text
