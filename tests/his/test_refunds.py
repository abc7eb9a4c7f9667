"""The refund chain: applied for, approved by another, paid out by a third; red-letter invoice and a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from sandbox.contract.exercise_pack import FREE_PRACTICE, Seat
from tests.his import packs
from tests.his.stage import Stage
from tests.his.test_returning import dispensed, pack

DRUG, OTHER = "M008", "M021"


def seat(name: str, role: str, dept: str) -> Seat:
    return Seat(name=name, role=role, dept=dept, ward=None, title=packs.make_words(name))


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """The usual hospital with a second cashier and a second doctor elsewhere."""
    more = (seat("cas2", "CAS", "D0902"), seat("doc2", "OPD", "D0201"))
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, *more)) as made:
        yield made


def rx(stage: Stage) -> str:
    return str(stage.one("prescription", patient=stage.bound("zhang"))["id"])


def charge(stage: Stage, drug: str = DRUG, **where: Any) -> str:
    return str(stage.one("charge_item", patient=stage.bound("zhang"), item=drug, **where)["id"])


def take_back(stage: Stage, drug: str, quantity: int) -> None:
    """Let one drug of the dispensed prescription come back as it was given."""
    stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
    items = [{"drug": drug, "quantity": quantity}]
    stage.does("doc", "prescription.return_apply", patient="$zhang", reason="ADR", items=items)
    batches = {each["id"]: each for each in stage.table("stock_batch")}
    gone = [each for each in stage.table("stock_movement") if each["prescription"] == rx(stage)]
    batch = next(batches[each["batch"]] for each in gone if batches[each["batch"]]["drug"] == drug)
    lines = [{"drug": drug, "batch_no": batch["batch_no"], "quantity": quantity, "intact": True}]
    stage.does("pha", "prescription.accept_return", patient="$zhang", lines=lines)


def returned(stage: Stage, quantity: int = 1) -> None:
    stage.check(DRUG, OTHER)
    take_back(stage, DRUG, quantity)


def invoices(stage: Stage) -> list[dict[str, Any]]:
    mine = [each for each in stage.table("invoice") if each["patient"] == stage.bound("zhang")]
    return sorted(mine, key=lambda each: (len(each["id"]), each["id"]))


def test_returned_drugs_are_refunded_with_red_letter_and_the_rest_is_invoiced_anew(stage: Stage) -> None:
    returned(stage)
    item = charge(stage)
    stage.does("pha", "charge_item.apply_refund", target=item, reason="DRUGRET")
    stage.does("fin", "charge_item.approve", target=item)
    red_id = stage.does("cas", "prescription.refund", patient="$zhang")
    original, red, rest = invoices(stage)
    assert red["id"] == red_id
    assert (original["status"], red["status"], rest["status"]) == ("reversed", "issued", "issued")
    assert (red["reverses"], rest["reverses"]) == (original["id"], None)
    assert Decimal(red["total"]) == -Decimal(original["total"])
    line = stage.one("charge_item", id=item)
    back = Decimal(line["price"]) * line["refund_qty"]
    assert Decimal(rest["total"]) == Decimal(original["total"]) - back
    assert {each["channel"] for each in (original, red, rest)} == {"CASH"}
    numbers = [int(each["number"][1:]) for each in (original, red, rest)]
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]
    assert stage.one("prescription", id=rx(stage))["status"] == "refunded"
    assert (line["status"], stage.one("charge_item", id=charge(stage, OTHER))["invoice"]) == ("refunded", rest["id"])
    row = next(each for each in stage.rows() if each.action == "prescription.refund")
    assert row.data == {"amount": f"{back:.2f}", "channel": "CASH", "invoice": red_id}
    follows = [each.action for each in stage.rows() if each.data.get("cause") == row.seq]
    assert follows[:3] == ["charge_item.refund", "invoice.reverse", "invoice.issue"]
    stage.does("cas", "cashier_shift.close", counted=rest["total"])
    assert stage.only("cashier_shift")["difference"] == "0.00"


def test_of_three_packs_one_goes_back_and_two_stay_charged_at_the_frozen_price(
    golden: sqlite3.Connection,
) -> None:
    with Stage.set_up(golden, add=dispensed(DRUG, 3, 1)) as stage:
        stage.does("pha", "prescription.accept_return", target="$rx", lines=[pack(quantity=1)])
        stage.run('UPDATE "drugs" SET "price_cny" = \'999.00\' WHERE "drug_code" = ?', DRUG)
        item = charge(stage)
        stage.does("pha", "charge_item.apply_refund", target=item, reason="DRUGRET")
        stage.does("fin", "charge_item.approve", target=item)
        stage.does("cas", "prescription.refund", target="$rx")
        gone, kept = (stage.one("charge_item", item=DRUG, patient=stage.bound("zhang"), quantity=n) for n in (3, 2))
        assert (gone["status"], gone["refund_qty"], kept["status"]) == ("refunded", 1, "paid")
        assert kept["price"] == gone["price"] != "999.00"
        assert kept["amount"] == f"{2 * Decimal(gone['price']):.2f}"
        assert invoices(stage)[-1]["total"] == kept["amount"]
        assert {each["channel"] for each in invoices(stage)} == {"WX"}


def test_an_unpicked_prescription_is_refunded_whole_on_its_prescribers_application(stage: Stage) -> None:
    stage.charge(DRUG, OTHER)
    item = charge(stage)
    assert stage.refused("cas", "charge_item.apply_refund", target=item, reason="PATIENT") == "E-GEN-03"
    assert stage.refused("doc2", "charge_item.apply_refund", target=item, reason="PATIENT") == "E-GEN-02"
    assert stage.refused("doc", "charge_item.apply_refund", target=item) == "E-GEN-06"
    stage.does("doc", "charge_item.apply_refund", target=item, reason="PATIENT", note="患者放弃")
    assert stage.one("charge_item", id=charge(stage, OTHER))["status"] == "refund_requested"
    stage.does("hod", "charge_item.approve", target=charge(stage, OTHER))
    stage.does("cas", "prescription.refund", patient="$zhang", channel="CASH")
    original, red = invoices(stage)
    assert Decimal(red["total"]) == -Decimal(original["total"])
    assert stage.status("prescription") == "refunded"
    assert stage.refused("cas", "prescription.refund", patient="$zhang") == "E-GEN-01"
    assert stage.refused("cas", "charge_item.refund", target=item) == "E-CHG-03"
    assert stage.refused("pha", "prescription.pick", patient="$zhang") == "E-GEN-01"


@pytest.mark.parametrize(
    ("scene", "code"),
    [("pick", "E-RX-03"), ("check", "E-RX-03"), ("dispense", "E-RX-04"), ("ask_back", "E-RX-04")],
)
def test_money_never_goes_before_the_drugs_are_back(stage: Stage, scene: str, code: str) -> None:
    if scene in ("pick", "check"):
        getattr(stage, scene)(DRUG)
    else:
        stage.check(DRUG)
        stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
        if scene == "ask_back":
            stage.does("doc", "prescription.return_apply", patient="$zhang", reason="ADR")
    assert stage.refused("cas", "prescription.refund", patient="$zhang") == code
    assert stage.refused("doc", "charge_item.apply_refund", target=charge(stage), reason="NOTDONE") == code


def test_each_step_waits_for_the_one_before(stage: Stage) -> None:
    returned(stage)
    item = charge(stage)
    assert stage.refused("cas", "prescription.refund", patient="$zhang") == "E-GEN-03"
    assert stage.refused("fin", "charge_item.approve", target=item) == "E-GEN-01"
    assert stage.refused("pha", "charge_item.apply_refund", target=charge(stage, OTHER), reason="DRUGRET") == "E-GEN-03"
    stage.does("pha", "charge_item.apply_refund", target=item, reason="DRUGRET")
    assert stage.refused("pha", "charge_item.apply_refund", target=item, reason="DRUGRET") == "E-GEN-01"
    assert stage.refused("cas", "prescription.refund", patient="$zhang") == "E-CHG-02"
    assert stage.refused("cas", "charge_item.refund", target=item) == "E-CHG-02"
    assert stage.refused("cas", "charge_item.approve", target=item) == "E-GEN-02"
    assert stage.refused("fin", "charge_item.reject", target=item) == "E-GEN-06"
    stage.does("fin", "charge_item.reject", target=item, reason="未见退药单")
    assert (stage.one("charge_item", id=item)["status"], stage.status("prescription")) == ("paid", "returned")
    stage.does("pha", "charge_item.apply_refund", target=item, reason="DRUGRET")
    stage.does("fin", "charge_item.approve", target=item)
    assert stage.refused("cas", "charge_item.refund", target=item) == "E-GEN-03"
    assert stage.refused("cas", "prescription.refund", patient="$zhang", channel="WX") == "E-GEN-03"
    assert stage.refused("fin", "prescription.refund", patient="$zhang") == "E-GEN-02"
    assert stage.refused("cas", "prescription.refund", patient="$zhang", version=99) == "E-GEN-05"


def test_nobody_takes_two_steps_of_one_refund(stage: Stage) -> None:
    returned(stage)
    item = charge(stage)
    stage.does("cas", "charge_item.apply_refund", target=item, reason="DRUGRET")
    staff = stage.rows()[0].data["seats"]
    stage.run('UPDATE "charge_item" SET "applicant" = ? WHERE "id" = ?', staff["fin"], item)
    assert stage.refused("fin", "charge_item.approve", target=item) == "E-CHG-04"
    stage.run('UPDATE "charge_item" SET "applicant" = ? WHERE "id" = ?', staff["cas"], item)
    stage.does("fin", "charge_item.approve", target=item)
    assert stage.refused("cas", "prescription.refund", patient="$zhang") == "E-GEN-04"
    assert stage.refused("cas", "prescription.refund", patient="$zhang", second="pha") == "E-GEN-04"
    fields = {"second": "cas2", "identified": False}
    assert stage.refused("cas", "prescription.refund", patient="$zhang", **fields) == "E-GEN-07"
    stage.run('UPDATE "charge_item" SET "approver" = ? WHERE "id" = ?', staff["cas2"], item)
    assert stage.refused("cas2", "prescription.refund", patient="$zhang") == "E-GEN-04"
    stage.does("cas", "prescription.refund", patient="$zhang", second="cas2")
    row = next(each for each in stage.rows() if each.action == "prescription.refund" and each.outcome == "ok")
    assert row.data["second"] == "cas2"


def fee(stage: Stage) -> str:
    with stage.hospital.looking() as act:
        found = act.rows(
            'SELECT "fee_code" FROM "fee_items" WHERE "fee_code" NOT IN (SELECT "fee_code" FROM "registration_levels")'
        )
    return str(found[0]["fee_code"])


def test_a_posted_fee_that_was_a_mistake_goes_back_with_a_second_cashier(stage: Stage) -> None:
    item = stage.does("cas", "charge_item.post", patient="$zhang", item=fee(stage))
    kept = stage.does("cas", "charge_item.post", patient="$zhang", item=fee(stage), quantity=2)
    stage.does("cas", "charge_item.pay", target=item, also=[kept], channel="WX")
    stage.does("cas", "charge_item.apply_refund", target=item, reason="DUPCHG")
    assert stage.refused("pha", "charge_item.apply_refund", target=kept, reason="DUPCHG") == "E-GEN-02"
    stage.does("fin", "charge_item.approve", target=item)
    assert stage.refused("cas", "charge_item.refund", target=item) == "E-GEN-04"
    stage.does("cas", "charge_item.refund", target=item, second="colleague")
    original, red, rest = invoices(stage)
    assert rest["total"] == stage.one("charge_item", id=kept)["amount"]
    assert stage.one("charge_item", id=kept)["invoice"] == rest["id"]
    row = next(each for each in stage.rows() if each.action == "charge_item.refund" and each.outcome == "ok")
    assert row.data["second"] == "colleague"
    assert (row.data["quantity"], row.data["channel"], row.data["invoice"]) == (1, "WX", red["id"])
    assert (original["status"], red["reverses"]) == ("reversed", original["id"])


def test_the_fee_of_a_visit_and_a_charge_without_invoice_are_not_refunded_here(stage: Stage) -> None:
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")
    stage.does("cas", "registration.pay", patient="$stranger", channel="WX")
    ticket = stage.one("charge_item", patient=stage.bound("stranger"), status="paid")["id"]
    assert stage.refused("cas", "charge_item.apply_refund", target=ticket, reason="PATIENT") == "E-GEN-03"
    stage.run('UPDATE "charge_item" SET "invoice" = NULL, "registration" = NULL WHERE "id" = ?', ticket)
    assert stage.refused("cas", "charge_item.apply_refund", target=ticket, reason="PATIENT") == "E-GEN-03"


def test_a_closed_shift_pays_nothing_back(stage: Stage) -> None:
    returned(stage)
    stage.does("pha", "charge_item.apply_refund", target=charge(stage), reason="DRUGRET")
    stage.does("fin", "charge_item.approve", target=charge(stage))
    stage.does("cas", "cashier_shift.close", counted=stage.one("invoice", patient=stage.bound("zhang"))["total"])
    assert stage.refused("cas", "prescription.refund", patient="$zhang") == "E-SHF-01"


def test_colleagues_bring_a_refund_on_when_the_trainee_is_the_cashier_alone(stage: Stage) -> None:
    returned(stage)
    item = charge(stage)
    ask = {"target": item, "step": "charge_item.apply_refund"}
    assert stage.refused("cas", "colleague.ask", **ask) == "E-GEN-06"
    assert stage.refused("cas", "colleague.ask", **ask, reason="PATIENT") == "E-GEN-04"
    assert stage.refused("doc", "colleague.ask", **ask, reason="DRUGRET") == "E-GEN-02"
    assert stage.refused("cas", "colleague.ask", target=item, step="charge_item.void") == "E-GEN-06"
    stage.does("cas", "colleague.ask", **ask, reason="DRUGRET")
    stage.does("cas", "colleague.ask", target=item, step="charge_item.approve")
    line = stage.one("charge_item", id=item)
    people = {each["id"]: each["role"] for each in stage.table("staff")}
    assert (people[line["applicant"]], people[line["approver"]]) == ("PHA", "FIN")
    assert not {line["applicant"], line["approver"]} & set(stage.rows()[0].data["seats"].values())
    stage.does("cas", "prescription.refund", patient="$zhang")
    assert stage.status("prescription") == "refunded"


def test_the_prescriber_is_asked_for_what_nobody_has_picked(stage: Stage) -> None:
    stage.charge(DRUG)
    item = charge(stage)
    stage.does("cas", "colleague.ask", target=item, step="charge_item.apply_refund", reason="PATIENT")
    people = {each["id"]: each for each in stage.table("staff")}
    applicant = people[stage.one("charge_item", id=item)["applicant"]]
    assert (applicant["role"], applicant["dept"]) == ("OPD", "D0101")


def test_a_careful_colleague_rejects_what_does_not_fit(stage: Stage) -> None:
    stage.charge(DRUG)
    item = charge(stage)
    stage.does("doc", "charge_item.apply_refund", target=item, reason="DRUGRET")
    assert stage.does("cas", "colleague.ask", target=item, step="charge_item.approve") is False
    assert stage.one("charge_item", id=item)["status"] == "paid"
    row = stage.rows()[-1]
    assert (row.actor, row.action) == ("system", "charge_item.reject")
    assert "原因" in row.data["reason"]


def test_a_posted_fee_is_applied_for_by_the_cashier_herself(stage: Stage) -> None:
    item = stage.does("cas", "charge_item.post", patient="$zhang", item=fee(stage))
    stage.does("cas", "charge_item.pay", target=item, channel="WX")
    ask = {"target": item, "step": "charge_item.apply_refund", "reason": "DUPCHG"}
    assert stage.refused("cas", "colleague.ask", **ask) == "E-GEN-03"
