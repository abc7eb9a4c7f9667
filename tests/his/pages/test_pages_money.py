"""Money through the pages: fees, receipts, refunds from hand to hand, shifts at the window and at finance's desk."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator

import pytest

from sandbox.contract.exercise_pack import FREE_PRACTICE, Seat, StartRow
from tests.his import packs
from tests.his.pages.browser import Browser, password
from tests.his.stage import Stage

At = Callable[[str], Browser]

DRUG, OTHER = "M008", "M021"


def row(table: str, alias: str | None = None, **columns: object) -> StartRow:
    return StartRow(table=table, alias=alias, row=columns)


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Zhang gave one of three packs back; Li has paid and not fetched; Qin has got his drugs."""
    second = Seat(name="cas2", role="CAS", dept="D0902", ward=None, title=packs.make_words("收费员二"))
    add = (
        packs.waiting("zhang", status="completed"),
        packs.waiting("li", status="completed"),
        packs.waiting("stranger", status="completed"),
        row("prescription", "rx", patient="$zhang", status="returned", return_reason="ADR"),
        row("rx_item", "line", prescription="$rx", drug=DRUG, quantity=3, return_qty=1, returned_qty=1),
        row("rx_item", None, prescription="$rx", drug=OTHER, quantity=1),
        row("prescription", "paid", patient="$li", status="charged", prescriber="doc"),
        row("rx_item", None, prescription="$paid", drug=DRUG, quantity=2),
        row("prescription", "gone", patient="$stranger", status="dispensed"),
        row("rx_item", None, prescription="$gone", drug=DRUG, quantity=1),
    )
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, second), add=add) as made:
        yield made


def item(stage: Stage, name: str, drug: str = DRUG) -> str:
    return str(stage.one("charge_item", prescription=stage.bound(name), item=drug)["id"])


def opens_refund(person: Browser, key: str) -> None:
    person.opens(f"/refunds?item={key}")
    assert person.page.marked("case", key), person.page.text


def test_a_refund_goes_from_the_pharmacist_to_finance_to_the_cashier(at: At, stage: Stage) -> None:
    key = item(stage, "rx")
    pharmacist, finance, cashier = at("pha"), at("fin"), at("cas")
    pharmacist.opens("/refunds")
    pharmacist.follows("charge-item", key)
    pharmacist.submits("charge_item.apply_refund")
    assert pharmacist.page.refusal == "E-GEN-06"
    pharmacist.submits("charge_item.apply_refund", {"reason": "DRUGRET"})
    assert pharmacist.page.form("charge_item.apply_refund") is None

    opens_refund(cashier, key)
    cashier.submits("prescription.refund")
    assert (cashier.page.status, cashier.page.refusal) == (409, "E-CHG-02")

    finance.opens("/refunds")
    finance.follows("charge-item", key)
    finance.submits("charge_item.approve")
    cashier.opens("/refunds")
    cashier.follows("charge-item", key)
    cashier.submits("prescription.refund", {"channel": "CASH"})
    assert cashier.page.refusal == "E-GEN-03"
    cashier.submits("prescription.refund", {"channel": "WX"})
    assert cashier.page.refusal is None
    red = stage.one("invoice", reverses=stage.one("invoice", patient=stage.bound("zhang"), status="reversed")["id"])
    assert cashier.page.marked("invoice", red["id"])
    page = cashier.opens(f"/cashier/invoices/{red['id']}")
    assert page.marked("kind", "red")
    assert red["total"] in page.text
    assert stage.one("prescription", id=stage.bound("rx"))["status"] == "refunded"


def test_a_red_letter_invoice_names_the_other_and_shows_all_its_lines_with_a_minus(at: At, stage: Stage) -> None:
    key = item(stage, "rx")
    stage.does("pha", "charge_item.apply_refund", target=key, reason="DRUGRET")
    stage.does("fin", "charge_item.approve", target=key)
    red = stage.one("invoice", id=stage.does("cas", "prescription.refund", target="$rx"))
    original = stage.one("invoice", id=red["reverses"])
    cashier = at("cas")
    page = cashier.opens(f"/cashier/invoices/{red['id']}")
    assert original["number"] in page.text
    charged = [each for each in stage.table("charge_item") if each["prescription"] == stage.bound("rx")]
    lines = {each["item"]: each["amount"] for each in charged if each["quantity"] in (3, 1)}
    assert set(lines) == {DRUG, OTHER}
    assert all(f"-{amount}" in page.text for amount in lines.values())
    page = cashier.opens(f"/cashier/invoices/{original['id']}")
    assert page.marked("kind", "reversed")
    assert red["number"] in page.text


def test_the_prescriber_applies_for_what_was_not_fetched_and_the_head_decides(at: At, stage: Stage) -> None:
    key = item(stage, "paid")
    doctor, head = at("doc"), at("hod")
    doctor.opens("/refunds")
    doctor.follows("charge-item", key)
    doctor.submits("charge_item.apply_refund", {"reason": "PATIENT", "note": "改去外院"})
    head.opens("/refunds")
    head.follows("charge-item", key)
    head.submits("charge_item.reject", {"reason": ""})
    assert head.page.refusal == "E-GEN-06"
    head.submits("charge_item.reject", {"reason": "请先与患者核实"})
    assert stage.one("charge_item", id=key)["status"] == "paid"
    doctor.opens("/refunds")
    doctor.follows("charge-item", key)
    assert "请先与患者核实" in doctor.page.text
    doctor.submits("charge_item.apply_refund", {"reason": "PATIENT"})
    head.opens("/refunds")
    head.follows("charge-item", key)
    head.submits("charge_item.approve")
    cashier = at("cas")
    opens_refund(cashier, key)
    cashier.submits("prescription.refund")
    assert stage.one("prescription", id=stage.bound("paid"))["status"] == "refunded"


def test_a_trainee_who_is_the_cashier_alone_asks_colleagues(at: At, stage: Stage) -> None:
    key = item(stage, "rx")
    cashier = at("cas")
    cashier.opens("/refunds")
    cashier.follows("charge-item", key)
    cashier.submits("colleague.ask", {"reason": "PATIENT"})
    assert cashier.page.refusal == "E-GEN-04"
    cashier.submits("colleague.ask", {"reason": "DRUGRET"})
    assert cashier.page.marked("stage", "requested")
    cashier.submits("colleague.ask")
    assert cashier.page.marked("stage", "approved")
    cashier.submits("prescription.refund")
    assert cashier.page.refusal is None
    assert stage.one("charge_item", id=key)["status"] == "refunded"


def test_what_the_patient_still_has_is_found_and_not_refunded(at: At, stage: Stage) -> None:
    cashier = at("cas")
    number = stage.one("invoice", patient=stage.bound("stranger"), status="issued")["number"]
    cashier.opens(f"/refunds?q={number}")
    assert cashier.page.marked("stage", "held")
    cashier.submits("prescription.refund")
    assert cashier.page.refusal == "E-RX-04"
    cashier.submits("charge_item.apply_refund", {"reason": "NOTDONE"})
    assert cashier.page.refusal == "E-RX-04"


def test_each_post_sees_its_own_refunds_and_no_others(at: At, stage: Stage) -> None:
    stage.does("pha", "charge_item.apply_refund", target=item(stage, "rx"), reason="DRUGRET")
    seen = {
        seat: {name for name in ("rx", "paid", "gone") if person.page.link("charge-item", item(stage, name))}
        for seat in ("doc", "pha", "fin", "hod", "cas")
        for person in (at(seat),)
        if person.opens("/refunds")
    }
    assert seen == {"doc": {"rx", "paid"}, "pha": {"rx"}, "fin": {"rx"}, "hod": {"rx"}, "cas": {"rx"}}
    assert at("reg").opens("/refunds").refusal == "E-GEN-02"
    pharmacist = at("pha2")
    assert pharmacist.opens(f"/refunds?item={item(stage, 'paid')}").marked("case") == []


def test_the_applicant_pays_out_with_a_second_cashiers_password_only(at: At, stage: Stage) -> None:
    key = item(stage, "rx")
    at("cas2")
    cashier = at("cas")
    opens_refund(cashier, key)
    cashier.submits("charge_item.apply_refund", {"reason": "DRUGRET"})
    stage.does("fin", "charge_item.approve", target=key)
    opens_refund(cashier, key)
    cashier.submits("prescription.refund")
    assert cashier.page.refusal == "E-GEN-04"
    other = str(stage.rows()[0].data["seats"]["cas2"])
    cashier.submits("prescription.refund", {"second": other, "second_password": "falsch"})
    assert cashier.page.refusal == "E-GEN-07"
    cashier.submits("prescription.refund", {"second_password": password("cas2")})
    assert cashier.page.refusal is None


def test_a_fee_is_posted_voided_posted_again_and_paid_by_card(at: At, stage: Stage) -> None:
    cashier = at("cas")
    card = stage.one("patient", id=stage.bound("li"))["card_no"]
    cashier.opens(f"/cashier/?q={card}")
    assert cashier.page.marked("strip", stage.bound("li"))
    cashier.submits("charge_item.post", {"item": ""})
    assert cashier.page.refusal == "E-GEN-06"
    options = cashier.page.text.split('id="item"')[1].split("</select>")[0]
    code = options.split('<option value="')[2].split('"')[0]
    cashier.submits("charge_item.post", {"item": code, "quantity": "２"})
    key = stage.one("charge_item", patient=stage.bound("li"), status="billable")["id"]
    cashier.submits("charge_item.void", {"reason": ""})
    assert cashier.page.refusal == "E-GEN-06"
    cashier.submits("charge_item.void", {"reason": "录错"})
    assert stage.one("charge_item", id=key)["status"] == "voided"
    cashier.submits("charge_item.post", {"item": code, "quantity": "1"})
    cashier.submits("charge_item.pay", {"tendered": "0.01"})
    assert (cashier.page.refusal, cashier.value("tendered")) == ("E-GEN-06", "0.01")
    cashier.submits("charge_item.pay", {"tendered": "500"})
    assert cashier.page.refusal is None
    invoice = stage.one("invoice", patient=stage.bound("li"), channel="CASH")
    assert f"{500 - float(invoice['total']):.2f}" in cashier.page.text


def test_the_cashier_takes_the_fee_of_a_visit(at: At, stage: Stage) -> None:
    born = {"name": "周新来", "sex": "1", "birth_date": "2006-11-22", "insurance_type": "310"}
    stage.does("reg", "patient_index.create", **born)
    ticket = stage.does("reg", "registration.create", patient="$newcomer", dept="D0101", doctor="doc")
    cashier = at("cas")
    cashier.opens("/cashier/")
    cashier.follows("registration", ticket)
    cashier.submits("registration.pay", {"channel": "WX"})
    assert stage.one("registration", id=ticket)["status"] == "registered"


def test_an_invoice_is_printed_once_and_then_again_by_two(at: At, stage: Stage) -> None:
    key = stage.one("invoice", patient=stage.bound("li"), status="issued")["id"]
    cashier = at("cas")
    cashier.opens(f"/cashier/invoices/{key}")
    assert cashier.page.form("invoice.reprint") is None
    cashier.submits("print.document", {"purpose": "patient"})
    assert "data-print-now" in cashier.page.text
    cashier.submits("invoice.reprint")
    assert cashier.page.refusal == "E-GEN-04"
    cashier.submits("invoice.reprint", {"second": "colleague"})
    assert "data-print-now" in cashier.page.text
    assert "第 1 次补打" in cashier.page.text
    stage.run('UPDATE "invoice" SET "status" = \'reversed\' WHERE "id" = ?', key)
    cashier.submits("invoice.reprint", {"second": "colleague"})
    assert cashier.page.refusal == "E-INV-01"


def test_a_shift_is_counted_closed_printed_and_reconciled(at: At, stage: Stage) -> None:
    cashier, finance = at("cas"), at("fin")
    cashier.opens("/shift")
    cashier.submits("cashier_shift.open")
    fee = next(
        each["item"] for each in stage.table("charge_item") if each["prescription"] is None and each["registration"]
    )
    stage.does("cas", "charge_item.post", patient="$li", item=fee, quantity=3)
    stage.does("cas", "charge_item.pay", patient="$li", channel="CASH")
    cashier.opens("/shift")
    cashier.submits("cashier_shift.close")
    assert cashier.page.refusal == "E-GEN-06"
    cashier.submits("cashier_shift.close", {"face-50": "1", "face-1": "2"})
    assert (cashier.page.refusal, cashier.value("face-50")) == ("E-GEN-06", "1")
    cashier.submits("cashier_shift.close", {"note": "多收一笔待查"})
    shift = stage.only("cashier_shift")
    assert (shift["status"], shift["counted"]) == ("closed", "52.00")
    page = cashier.opens(f"/shift/{shift['id']}/sheet")
    assert page.marked("shift", shift["id"])
    assert "52.00" in page.text
    assert at("cas2").opens(f"/shift/{shift['id']}/sheet").refusal == "E-GEN-02"

    finance.opens("/finance?only=closed")
    finance.follows("shift", shift["id"])
    finance.submits("cashier_shift.reconcile")
    assert finance.page.refusal == "E-GEN-06"
    finance.submits("cashier_shift.reopen", {"reason": ""})
    assert finance.page.refusal == "E-GEN-06"
    finance.submits("cashier_shift.reconcile", {"remark": "长款上缴"})
    assert stage.only("cashier_shift")["status"] == "reconciled"
    finance.submits("cashier_shift.reopen", {"reason": "再看"})
    assert finance.page.refusal == "E-SHF-02"


def test_finance_opens_a_shift_again_and_the_cashier_goes_on(at: At, stage: Stage) -> None:
    key = stage.does("cas", "cashier_shift.open")
    stage.does("cas", "cashier_shift.close", counted="0")
    cashier, finance = at("cas"), at("fin")
    cashier.opens(f"/cashier/?patient={stage.bound('li')}")
    options = cashier.page.text.split('id="item"')[1].split("</select>")[0]
    cashier.submits("charge_item.post", {"item": options.split('<option value="')[2].split('"')[0]})
    cashier.submits("charge_item.pay", {"channel": "WX"})
    assert cashier.page.refusal == "E-SHF-01"
    finance.opens(f"/finance?shift={key}")
    finance.submits("cashier_shift.reopen", {"reason": "漏收一笔"})
    cashier.submits("charge_item.pay", {"channel": "WX"})
    assert cashier.page.refusal is None
    assert stage.one("invoice", shift=key)["channel"] == "WX"


@pytest.mark.parametrize(
    ("seat", "address"),
    [("cas", "/finance"), ("fin", "/cashier/"), ("fin", "/shift"), ("reg", "/cashier/"), ("doc", "/shift")],
)
def test_desks_open_to_their_own_posts_only(at: At, seat: str, address: str) -> None:
    assert at(seat).opens(address).refusal == "E-GEN-02"


def test_the_registration_desk_closes_its_own_shift(at: At, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens("/shift")
    clerk.submits("cashier_shift.open")
    clerk.submits("cashier_shift.close", {"counted": "０"})
    assert stage.only("cashier_shift")["status"] == "closed"


def test_the_desks_speak_english(at: At, stage: Stage) -> None:
    stage.does("pha", "charge_item.apply_refund", target=item(stage, "rx"), reason="DRUGRET")
    stage.does("cas", "cashier_shift.open")
    for seat, addresses in {"cas": ("/cashier/", "/refunds", "/shift"), "fin": ("/finance", "/refunds")}.items():
        person = at(seat)
        person.sends(next(form for form in person.page.forms if "language" in form.names), {"language": "en"})
        for address in addresses:
            page = person.opens(address)
            assert page.status == 200
            main = page.text.split("<main")[1].split("</main>")[0]
            assert not re.search("(待|退费|日结|班次)", main), address


def test_what_was_paid_back_has_a_slip_with_the_hands_it_went_through(at: At, stage: Stage) -> None:
    key = item(stage, "rx")
    stage.does("pha", "charge_item.apply_refund", target=key, reason="DRUGRET")
    stage.does("fin", "charge_item.approve", target=key)
    cashier = at("cas")
    opens_refund(cashier, key)
    cashier.submits("prescription.refund")
    red = stage.one("invoice", reverses=stage.one("invoice", patient=stage.bound("zhang"), status="reversed")["id"])
    page = cashier.follows("slip", red["id"])
    assert page.marked("slip", f"refund_slip:{red['id']}")
    charge = stage.one("charge_item", id=key)
    original = stage.one("invoice", id=red["reverses"])
    for told in (red["number"], original["number"], charge["price"], "药品已退回", "申请", "审批"):
        assert told in page.text, told
    names = [stage.one("staff", id=stage.rows()[0].data["seats"][seat])["name"] for seat in ("pha", "fin", "cas")]
    assert all(each in page.text for each in names)
    cashier.submits("print.document", {"purpose": "patient"})
    assert stage.rows()[-1].data["document"] == f"refund_slip:{red['id']}"
    # Found again by the invoice's number, it is printed from there.
    cashier.opens(f"/refunds?item={key}")
    assert cashier.page.marked("slip", red["id"])
    # Paper of a payment that took money is no refund slip; other posts have none.
    assert cashier.opens(f"/refund-slips/{original['id']}").refusal == "E-GEN-06"
    assert at("pha").opens(f"/refund-slips/{red['id']}").refusal == "E-GEN-02"


def test_a_visit_given_back_has_its_slip_at_the_registration_desk(at: At, stage: Stage) -> None:
    stage.run("UPDATE registration SET status = 'registered', paid_at = 28000 WHERE id = ?", stage.bound("li_ticket"))
    clerk = at("reg")
    clerk.opens(f"/registration/refunds?registration={stage.bound('li_ticket')}")
    clerk.submits("registration.refund", {"reason": "PATIENT", "second": "colleague"})
    assert clerk.page.refusal is None
    slip = clerk.page.marked("slip")[0].data("slip")
    page = clerk.opens(f"/refund-slips/{slip}")
    assert stage.one("registration", id=stage.bound("li_ticket"))["fee"] in page.text
    assert "值班同事" in page.text
