"""Requests for laboratory and imaging as operations: grounds, side, safety questions, warnings, charge, cancelling."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from his.clinic import screening
from tests.his import packs
from tests.his.stage import Stage

YES = {"reason": "BENEFIT", "text": "已与影像科沟通"}
SAFE_CT = {"screen_allergy": "N", "egfr": "88", "metformin": "N"}


def exam(stage: Stage, code: str, name: str = "zhang", **fields: Any) -> None:
    stage.does("doc", "imaging_request.create", patient=f"${name}", exam=code, **fields)


def refused(stage: Stage, code: str, **fields: Any) -> str:
    return stage.refused("doc", "imaging_request.create", patient="$zhang", exam=code, **fields)


def warned(stage: Stage) -> list[str]:
    return [each.data["rule"] for each in stage.rows() if each.action == "alert.shown"]


def test_a_laboratory_request_brings_its_charge(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC", stat=True, indication="发热待查")
    made = stage.one("lab_request", patient=stage.bound("zhang"))
    assert (made["panel"], made["specimen_type"], made["stat"], made["status"]) == (
        "P-CBC",
        "SB-EDTA",
        True,
        "requested",
    )
    item = stage.one("charge_item", lab_request=made["id"])
    assert (item["item"], item["quantity"], item["price"], item["amount"]) == ("P-CBC", 1, "20.00", "20.00")
    assert item["status"] == "billable"
    assert [each.action for each in stage.rows()][-3:] == ["lab_request.create", "charge_item.plan", "charge_item.post"]
    assert stage.rows()[-3].data == {"panel": "P-CBC", "stat": True}


@pytest.mark.parametrize(
    ("action", "what"), [("lab_request", {"panel": "P-CBC"}), ("imaging_request", {"exam": "I001"})]
)
def test_a_request_needs_a_ground(stage: Stage, action: str, what: dict[str, str]) -> None:
    stage.consult()
    assert stage.refused("doc", f"{action}.create", patient="$zhang", **what) == "E-GEN-03"
    stage.does("doc", f"{action}.create", patient="$zhang", indication="术前检查", **what)


def test_an_unknown_item_is_malformed(stage: Stage) -> None:
    stage.diagnose()
    assert stage.refused("doc", "lab_request.create", patient="$zhang", panel="P-NIX") == "E-GEN-06"
    assert refused(stage, "I999") == "E-GEN-06"


@pytest.mark.parametrize("seat", ["nur", "pha", "reg", "cas"])
def test_only_doctors_request(stage: Stage, seat: str) -> None:
    stage.diagnose()
    assert stage.refused(seat, "lab_request.create", patient="$zhang", panel="P-CBC") == "E-GEN-02"
    assert stage.refused(seat, "imaging_request.create", patient="$zhang", exam="I001") == "E-GEN-02"


def test_a_strangers_blood_is_nobodys(stage: Stage) -> None:
    visit = next(each for each in stage.table("encounter") if each["status"] == "finished" and each["dept"] != "D0101")
    given = {"encounter": visit["id"], "panel": "P-CBC"}
    assert stage.refused("doc", "lab_request.create", patient=visit["patient"], **given) == "E-PRV-01"


def test_a_finished_visit_takes_no_request(stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()
    stage.does("doc", "registration.finish", patient="$zhang")
    assert stage.refused("doc", "lab_request.create", patient="$zhang", panel="P-CBC") == "E-GEN-03"


def test_the_same_again_on_a_day_wants_a_reason(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC")
    assert stage.refused("doc", "lab_request.create", patient="$zhang", panel="P-CBC") == "E-GEN-06"
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC", override=YES)
    assert warned(stage) == ["duplicate_request", "duplicate_request"]
    override = next(each for each in stage.rows() if each.action == "alert.override")
    assert "second" not in override.data


def test_after_cancelling_the_same_is_no_repetition(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC")
    stage.does("doc", "lab_request.cancel", patient="$zhang", reason="ERR")
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC")
    assert warned(stage) == []


def test_a_limb_needs_its_side(stage: Stage) -> None:
    stage.diagnose()
    assert refused(stage, "I004") == "E-GEN-06"
    assert refused(stage, "I004", laterality="N") == "E-GEN-06"
    exam(stage, "I004", laterality="L")
    made = stage.one("imaging_request", patient=stage.bound("zhang"))
    assert (made["laterality"], stage.one("charge_item", imaging_request=made["id"])["amount"]) == ("L", "100.00")
    exam(stage, "I004", laterality="R")
    assert warned(stage) == []


def test_an_exam_without_sides_has_none(stage: Stage) -> None:
    stage.diagnose()
    exam(stage, "I001", laterality="L")
    assert stage.one("imaging_request", patient=stage.bound("zhang"))["laterality"] == "N"


@pytest.mark.parametrize("left_open", sorted(SAFE_CT))
def test_an_open_question_of_contrast_is_refused(stage: Stage, left_open: str) -> None:
    stage.diagnose()
    told = {name: value for name, value in SAFE_CT.items() if name != left_open}
    assert refused(stage, "I009", **told) == "E-IMG-02"
    assert refused(stage, "I009", **told, **{left_open: ""}) == "E-IMG-02"


def test_a_magnet_asks_for_implants(stage: Stage) -> None:
    stage.diagnose()
    assert refused(stage, "I014") == "E-IMG-02"
    assert refused(stage, "I015", screen_allergy="N", egfr="80") == "E-IMG-02"
    exam(stage, "I014", screen_implant="N")


@pytest.mark.parametrize("wrong", [{"screen_allergy": "vielleicht"}, {"egfr": "viel"}, {"egfr": "-1"}, {"egfr": "NaN"}])
def test_an_answer_that_is_none_is_malformed(stage: Stage, wrong: dict[str, str]) -> None:
    stage.diagnose()
    assert refused(stage, "I009", **{**SAFE_CT, **wrong}) == "E-GEN-06"


def test_pregnancy_is_asked_of_women_who_may_be(golden: sqlite3.Connection) -> None:
    young = packs.CastMember(name="zhang", columns={"name": "张海霞", "sex": "2", "birth_date": "-30y"})
    with Stage.set_up(golden, cast=(young, packs.LI, packs.STRANGER, packs.NEWCOMER)) as stage:
        stage.diagnose()
        assert refused(stage, "I001") == "E-IMG-02"
        assert refused(stage, "I001", screen_pregnancy="Y") == "E-GEN-06"
        exam(stage, "I001", screen_pregnancy="Y", override=YES)
        assert warned(stage) == ["pregnancy_exam", "pregnancy_exam"]


def test_beyond_that_age_nobody_asks(stage: Stage) -> None:
    stage.diagnose("li")
    exam(stage, "I001", "li")
    assert stage.one("imaging_request", patient=stage.bound("li"))["screen_pregnancy"] is None


@pytest.mark.parametrize(
    ("code", "told", "rule"),
    [
        ("I009", {"screen_allergy": "Y"}, "contrast_allergy"),
        ("I009", {"egfr": "29"}, "egfr"),
        ("I009", {"metformin": "Y"}, "interaction"),
        ("I014", {"screen_implant": "Y"}, "implant"),
    ],
)
def test_what_the_patient_says_warns(stage: Stage, code: str, told: dict[str, str], rule: str) -> None:
    stage.diagnose()
    given = {**(SAFE_CT if code == "I009" else {}), **told}
    assert refused(stage, code, **given) == "E-GEN-06"
    assert warned(stage) == [rule]
    exam(stage, code, override=YES, **given)
    assert stage.one("imaging_request", patient=stage.bound("zhang"))["status"] == "requested"


def test_an_allergy_in_the_chart_warns_whatever_the_patient_says(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "allergy.record", patient="$zhang", **{"class": "IODINE", "severity": "2"})
    assert refused(stage, "I009", **SAFE_CT) == "E-GEN-06"
    assert warned(stage) == ["contrast_allergy"]


@pytest.mark.parametrize(
    ("entity", "what"), [("lab_request", {"panel": "P-CBC"}), ("imaging_request", {"exam": "I001"})]
)
def test_an_unpaid_request_is_cancelled_with_its_charge(stage: Stage, entity: str, what: dict[str, str]) -> None:
    stage.diagnose()
    stage.does("doc", f"{entity}.create", patient="$zhang", **what)
    key = stage.one(entity, patient=stage.bound("zhang"))["id"]
    assert stage.refused("doc", f"{entity}.cancel", patient="$zhang") == "E-GEN-06"
    assert stage.refused("nur", f"{entity}.cancel", patient="$zhang", reason="PAT") == "E-GEN-02"
    stage.does("doc", f"{entity}.cancel", patient="$zhang", reason="PAT")
    assert stage.one(entity, id=key)["status"] == "cancelled"
    assert stage.one("charge_item", **{entity: key})["status"] == "voided"


def test_a_paid_request_is_not_cancelled(stage: Stage) -> None:
    stage.diagnose()
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC")
    stage.run("UPDATE lab_request SET status = 'charged'")
    assert stage.refused("doc", "lab_request.cancel", patient="$zhang", reason="PAT") == "E-GEN-01"


def test_a_start_with_a_request_is_not_taken_back(stage: Stage) -> None:
    stage.consult()
    stage.does("doc", "lab_request.create", patient="$zhang", panel="P-CBC", indication="体检")
    assert stage.refused("doc", "registration.undo_start", patient="$zhang", reason="点错") == "E-GEN-03"
    stage.does("doc", "lab_request.cancel", patient="$zhang", reason="ERR")
    stage.does("doc", "registration.undo_start", patient="$zhang", reason="点错")
    assert stage.status("registration") == "checked_in"


def test_every_exam_of_contrast_asks_what_its_medium_needs(stage: Stage) -> None:
    with stage.hospital.looking() as act:
        man = act.fetch("patient", stage.bound("zhang"))
        rows = act.rows('SELECT * FROM "imaging_exams" WHERE "contrast" = \'1\'')
        asked = {each["exam_code"]: set(screening.asked(act, each, man)) for each in rows}
    assert all({"screen_allergy", "egfr"} <= each for each in asked.values())
    assert asked["I009"] == {"screen_allergy", "egfr", "metformin"}
    assert asked["I015"] == {"screen_allergy", "egfr", "screen_implant"}


WHOLE = [
    ("lab_request", {"panel": "P-CBC"}, "collected", "E-LAB-06"),
    ("imaging_request", {"exam": "I001"}, "in_exam", "E-IMG-03"),
]
"""A request, what it asks for, a state in which it is being done, and why it is not refunded then."""


def requested(stage: Stage, entity: str, what: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the id of a request of Zhang's and its charge."""
    stage.diagnose()
    stage.does("doc", f"{entity}.create", patient="$zhang", **what)
    key = stage.one(entity, patient=stage.bound("zhang"))["id"]
    return key, stage.one("charge_item", **{entity: key})


@pytest.mark.parametrize(("entity", "what", "_done", "_code"), WHOLE)
def test_the_fee_makes_a_request_ready_to_be_done(
    stage: Stage, entity: str, what: dict[str, str], _done: str, _code: str
) -> None:
    key, item = requested(stage, entity, what)
    assert stage.refused("doc", f"{entity}.charge", target=key) == "E-GEN-02"
    assert stage.refused("cas", f"{entity}.charge", target=key, tendered="1.00") == "E-GEN-06"
    assert stage.refused("cas", "charge_item.pay", target=item["id"], channel="WX") == "E-GEN-03"
    invoice = stage.does("cas", f"{entity}.charge", target=key, tendered="500")
    assert stage.one(entity, id=key)["status"] == "charged"
    paid = stage.one("charge_item", id=item["id"])
    assert (paid["status"], paid["invoice"]) == ("paid", invoice)
    assert stage.one("invoice", id=invoice)["total"] == item["amount"]
    row = next(each for each in stage.rows() if each.action == f"{entity}.charge" and each.outcome == "ok")
    assert (row.actor, row.target, row.data) == ("cas", key, {"invoice": invoice, "amount": item["amount"]})
    followed = [each.action for each in stage.rows() if each.data.get("cause") == row.seq]
    assert followed == ["cashier_shift.open", "charge_item.pay", "invoice.issue"]
    assert stage.refused("cas", f"{entity}.charge", target=key) == "E-GEN-01"
    assert stage.refused("doc", f"{entity}.cancel", target=key, reason="PAT") == "E-GEN-01"


@pytest.mark.parametrize(("entity", "what", "_done", "_code"), WHOLE)
def test_a_request_that_was_not_done_is_refunded_with_its_fee(
    stage: Stage, entity: str, what: dict[str, str], _done: str, _code: str
) -> None:
    key, item = requested(stage, entity, what)
    stage.does("cas", f"{entity}.charge", target=key, channel="WX")
    assert stage.refused("cas", f"{entity}.refund", target=key) == "E-GEN-03"
    assert stage.refused("cas", "charge_item.apply_refund", target=item["id"], reason="PATIENT") == "E-GEN-03"
    stage.does("doc", "charge_item.apply_refund", target=item["id"], reason="PATIENT")
    assert stage.refused("cas", f"{entity}.refund", target=key) == "E-CHG-02"
    stage.does("fin", "charge_item.approve", target=item["id"])
    assert stage.refused("cas", "charge_item.refund", target=item["id"]) == "E-GEN-03"
    assert stage.refused("fin", f"{entity}.refund", target=key) == "E-GEN-02"
    red = stage.does("cas", f"{entity}.refund", target=key, channel="WX")
    assert stage.one(entity, id=key)["status"] == "cancelled"
    assert stage.one("charge_item", id=item["id"])["status"] == "refunded"
    assert stage.one("invoice", id=red)["total"] == f"-{item['amount']}"


@pytest.mark.parametrize(("entity", "what", "done", "code"), WHOLE)
def test_a_request_that_was_done_is_not_refunded(
    stage: Stage, entity: str, what: dict[str, str], done: str, code: str
) -> None:
    key, item = requested(stage, entity, what)
    stage.does("cas", f"{entity}.charge", target=key, channel="WX")
    stage.run(f'UPDATE "{entity}" SET "status" = ? WHERE "id" = ?', done, key)
    assert stage.refused("doc", "charge_item.apply_refund", target=item["id"], reason="PATIENT") == code
    assert stage.refused("cas", f"{entity}.refund", target=key) == code


def test_the_cashier_alone_asks_the_doctor_who_requested(stage: Stage) -> None:
    key, item = requested(stage, "lab_request", {"panel": "P-CBC"})
    stage.does("cas", "lab_request.charge", target=key, channel="WX")
    assert stage.does("cas", "colleague.ask", target=item["id"], step="charge_item.apply_refund", reason="PATIENT")
    assert stage.does("cas", "colleague.ask", target=item["id"], step="charge_item.approve")
    stage.does("cas", "lab_request.refund", target=key)
    assert stage.one("lab_request", id=key)["status"] == "cancelled"
