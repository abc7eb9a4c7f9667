"""Review, payment, picking, checking, dispensing through the pages; receipts."""

from __future__ import annotations

from collections.abc import Callable

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


def prescription(stage: Stage) -> str:
    return str(stage.one("prescription", patient=stage.bound("zhang"))["id"])


def test_from_the_signature_to_the_drugs_in_the_hand(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021", "M071")
    rx = prescription(stage)
    pharmacist, cashier, second = at("pha"), at("cas"), at("pha2")

    pharmacist.follows("prescription", rx)
    assert pharmacist.page.marked("strip", stage.bound("zhang"))
    pharmacist.submits("prescription.approve")

    cashier.opens("/cashier/")
    cashier.follows("prescription", rx)
    cashier.submits("prescription.charge", {"channel": "CASH", "tendered": "500"})
    invoice = stage.one("invoice", patient=stage.bound("zhang"))
    assert cashier.page.marked("invoice", invoice["id"])
    assert invoice["total"] == stage.one("prescription", id=rx)["amount"]
    assert invoice["number"] in cashier.opens(f"/cashier/invoices/{invoice['id']}").text

    pharmacist.opens(f"/pharmacy/pick?prescription={rx}")
    pharmacist.submits("prescription.pick")
    second.opens(f"/pharmacy/check?prescription={rx}")
    second.submits("prescription.check")
    second.opens(f"/pharmacy/dispense?prescription={rx}")
    second.submits("prescription.dispense", {"identifiers": ["name", "birth"]})
    assert second.page.refusal is None
    assert stage.status("prescription") == "dispensed"


def test_a_rejection_needs_its_reason_and_keeps_the_note(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    pharmacist = at("pha")
    pharmacist.follows("prescription", prescription(stage))
    pharmacist.submits("prescription.reject", {"note": "剂量偏大"})
    assert pharmacist.page.refusal == "E-GEN-06"
    assert pharmacist.value("note") == "剂量偏大"
    pharmacist.submits("prescription.reject", {"reason": "DOSE"})
    assert stage.status("prescription") == "rejected"


def test_the_batches_that_expire_first_are_ticked_and_another_choice_is_taken(at: Seat, stage: Stage) -> None:
    stage.charge("M021")
    rx = prescription(stage)
    pharmacist = at("pha")
    pharmacist.opens(f"/pharmacy/pick?prescription={rx}")
    offered = [each.data("batch") for each in pharmacist.page.marked("batch")]
    ticked = [value for name, value in pharmacist.form("prescription.pick").fields if name == "batches" and value]
    usable = {each["id"]: each for each in stage.table("stock_batch") if each["status"] in ("available", "near_expiry")}
    assert ticked == [next(each for each in offered if each in usable)]
    later = [each for each in offered if each in usable][-1]
    pharmacist.submits("prescription.pick", {"batches": [str(later)]})
    row = next(each for each in stage.rows() if each.action == "prescription.pick")
    assert row.data["batches"] == [later]


def test_the_picker_may_not_check_and_may_put_back(at: Seat, stage: Stage) -> None:
    stage.pick("M021")
    pharmacist = at("pha")
    pharmacist.opens(f"/pharmacy/check?prescription={prescription(stage)}")
    pharmacist.submits("prescription.check")
    assert (pharmacist.page.status, pharmacist.page.refusal) == (409, "E-RX-12")
    pharmacist.submits("prescription.unpick", {"reason": "患者稍后取药"})
    assert stage.status("prescription") == "charged"


def test_dispensing_with_one_identifier_is_refused_and_the_tick_stays(at: Seat, stage: Stage) -> None:
    stage.check("M021")
    pharmacist = at("pha2")
    pharmacist.opens(f"/pharmacy/dispense?prescription={prescription(stage)}")
    pharmacist.submits("prescription.dispense", {"identifiers": "mrn"})
    assert pharmacist.page.refusal == "E-GEN-06"
    assert ("identifiers", "mrn") in pharmacist.form("prescription.dispense").fields


def test_picking_before_payment_is_refused_with_its_code(at: Seat, stage: Stage) -> None:
    stage.review("M021")
    pharmacist = at("pha")
    fields = {"form_token": pharmacist.value("form_token")}
    reply = pharmacist.client.post(f"/pharmacy/prescriptions/{prescription(stage)}/pick", data=fields)
    assert 'data-refusal="E-RX-01"' in reply.text


def test_charging_before_review_is_refused_and_the_page_says_why(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    cashier = at("cas")
    page = cashier.opens(f"/cashier/?patient={stage.bound('zhang')}")
    assert "尚未审方通过" in page.text
    fields = {"form_token": cashier.value("form_token")}
    reply = cashier.client.post(f"/cashier/prescriptions/{prescription(stage)}/charge", data=fields)
    assert 'data-refusal="E-RX-02"' in reply.text


def test_too_little_cash_is_refused_and_kept(at: Seat, stage: Stage) -> None:
    stage.review("M021")
    cashier = at("cas")
    cashier.opens(f"/cashier/?patient={stage.bound('zhang')}")
    cashier.submits("prescription.charge", {"tendered": "0.01"})
    assert cashier.page.refusal == "E-GEN-06"
    assert cashier.value("tendered") == "0.01"


def test_a_double_press_charges_once(at: Seat, stage: Stage) -> None:
    stage.review("M021")
    cashier = at("cas")
    cashier.opens(f"/cashier/?patient={stage.bound('zhang')}")
    form = cashier.form("prescription.charge")
    first = cashier.sends(form, {"tendered": "500"})
    again = cashier.sends(form, {"tendered": "500"})
    assert (first.refusal, again.refusal) == (None, None)
    assert len([each for each in stage.table("invoice") if each["patient"] == stage.bound("zhang")]) == 1


def test_the_payer_is_found_by_card(at: Seat, stage: Stage) -> None:
    stage.review("M021")
    cashier = at("cas")
    card = stage.one("patient", id=stage.bound("zhang"))["card_no"]
    cashier.opens(f"/cashier/?q={card}")
    cashier.follows("patient", stage.bound("zhang"))
    assert cashier.form("prescription.charge")


def test_the_doctor_may_not_approve(at: Seat, stage: Stage) -> None:
    stage.prescribe("M021")
    doctor = at("doc")
    fields = {"form_token": doctor.value("form_token")}
    reply = doctor.client.post(f"/pharmacy/prescriptions/{prescription(stage)}/approve", data=fields)
    assert 'data-refusal="E-GEN-02"' in reply.text
    assert stage.status("prescription") == "issued"


def test_the_window_shows_a_full_id_number_once_and_only_there(at: Seat, stage: Stage) -> None:
    number = stage.one("patient", id=stage.bound("li"))["id_no"]
    window = at("cas")
    page = window.opens(f"/cashier/?patient={stage.bound('li')}")
    assert number not in page.text
    window.submits("patient.view_id")
    assert number in window.page.text
    assert stage.told()[-1] == ("cas", "patient.view_id")
    assert number not in window.opens(f"/cashier/?patient={stage.bound('li')}").text
