"""The cashier's deeds by their names: fees posted and voided, own numbers, shifts, invoices printed again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from sandbox.contract.exercise_pack import FREE_PRACTICE, Seat
from tests.his import packs
from tests.his.stage import Stage


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """The usual hospital with a second cashier."""
    second = Seat(name="cas2", role="CAS", dept="D0902", ward=None, title=packs.make_words("收费员二"))
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, second)) as made:
        yield made


def fee(stage: Stage) -> str:
    """Return a service that is no fee of a visit."""
    with stage.hospital.looking() as act:
        found = act.one(
            'SELECT "fee_code" FROM "fee_items" WHERE "fee_code" NOT IN (SELECT "fee_code" FROM "registration_levels")'
        )
    assert found is not None
    return str(found["fee_code"])


def posted(stage: Stage, quantity: int = 1, seat: str = "cas") -> str:
    return str(stage.does(seat, "charge_item.post", patient="$zhang", item=fee(stage), quantity=quantity))


def number(stage: Stage, invoice: str) -> int:
    return int(stage.one("invoice", id=invoice)["number"][1:])


def test_a_service_is_posted_paid_and_stands_on_its_invoice(stage: Stage) -> None:
    first, second = posted(stage, 2), posted(stage)
    assert [action for _, action in stage.told()][-2:] == ["charge_item.plan", "charge_item.post"]
    price = stage.one("charge_item", id=second)["price"]
    invoice = stage.does("cas", "charge_item.pay", target=first, also=[second], channel="CASH", tendered="1000")
    shown = stage.one("invoice", id=invoice)
    assert shown["total"] == f"{3 * float(price):.2f}"
    assert shown["tendered"] == "1000.00"
    assert {stage.one("charge_item", id=each)["invoice"] for each in (first, second)} == {invoice}
    assert shown["shift"] == stage.only("cashier_shift")["id"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"item": "NONE"}, "E-GEN-06"),
        ({"quantity": "0"}, "E-GEN-06"),
        ({"quantity": "两次"}, "E-GEN-06"),
        ({"quantity": "100"}, "E-GEN-06"),
    ],
)
def test_what_is_posted_must_be_a_service_and_a_number(stage: Stage, fields: dict[str, str], code: str) -> None:
    assert stage.refused("cas", "charge_item.post", patient="$zhang", **{"item": fee(stage), **fields}) == code


def test_a_doctor_posts_nothing_and_drugs_are_posted_by_their_review(stage: Stage) -> None:
    assert stage.refused("doc", "charge_item.post", patient="$zhang", item=fee(stage)) == "E-GEN-02"
    stage.prescribe("M008")
    planned = stage.one("charge_item", patient=stage.bound("zhang"), status="planned")["id"]
    assert stage.refused("cas", "charge_item.post", target=planned) == "E-GEN-03"


def test_one_takes_back_what_one_posted_oneself_for_a_reason_in_the_same_shift(stage: Stage) -> None:
    key = posted(stage)
    assert stage.refused("cas", "charge_item.void", target=key) == "E-GEN-06"
    assert stage.refused("cas2", "charge_item.void", target=key, reason="记错") == "E-GEN-02"
    stage.does("cas", "charge_item.void", target=key, reason="记错")
    assert stage.one("charge_item", id=key)["status"] == "voided"
    old = posted(stage)
    stage.at(1)
    stage.does("cas", "cashier_shift.open")
    assert stage.refused("cas", "charge_item.void", target=old, reason="记错") == "E-GEN-03"


def test_what_is_paid_is_refunded_not_voided_and_prescriptions_are_paid_whole(stage: Stage) -> None:
    key = posted(stage)
    stage.does("cas", "charge_item.pay", target=key, channel="WX")
    assert stage.refused("cas", "charge_item.void", target=key, reason="记错") == "E-CHG-01"
    assert stage.refused("cas", "charge_item.pay", target=key, channel="WX") == "E-GEN-01"
    stage.review("M008")
    drug = stage.one("charge_item", patient=stage.bound("zhang"), status="billable")["id"]
    assert stage.refused("cas", "charge_item.pay", target=drug, channel="WX") == "E-GEN-03"
    assert stage.refused("doc", "charge_item.pay", target=drug, channel="WX") == "E-GEN-02"


def test_each_cashier_numbers_without_gaps_from_a_book_of_his_own(stage: Stage) -> None:
    mine, other = [], []
    for _ in range(3):
        for seat, into in (("cas", mine), ("cas2", other)):
            key = posted(stage, seat=seat)
            stage.refused(seat, "charge_item.pay", target=key, channel="CASH", tendered="0.01")
            into.append(number(stage, stage.does(seat, "charge_item.pay", target=key, channel="WX")))
    assert mine == [mine[0], mine[0] + 1, mine[0] + 2]
    assert other == [other[0], other[0] + 1, other[0] + 2]
    assert abs(mine[0] - other[0]) == 500
    assert (mine[0] % 500, other[0] % 500) == (1, 1)


def test_a_full_book_is_followed_by_a_new_one_behind_all_others(stage: Stage) -> None:
    last = number(stage, stage.does("cas", "charge_item.pay", target=posted(stage), channel="WX"))
    stage.does("cas2", "charge_item.pay", target=posted(stage, seat="cas2"), channel="WX")
    stage.run('UPDATE "invoice_book" SET "next" = "last" + 1 WHERE "first" = ?', last)
    following = number(stage, stage.does("cas", "charge_item.pay", target=posted(stage), channel="WX"))
    assert following == last + 1000


def test_the_first_money_opens_the_shift_and_a_closed_one_takes_none(stage: Stage) -> None:
    stage.charge("M008")
    shift = stage.only("cashier_shift")
    assert (shift["status"], shift["cashier"]) == ("open", stage.rows()[0].data["seats"]["cas"])
    total = stage.one("invoice", shift=shift["id"])["total"]
    stage.does("cas", "cashier_shift.close", counted=total)
    closed = stage.only("cashier_shift")
    assert (closed["status"], closed["total"], closed["cash"], closed["difference"]) == ("closed", total, total, "0.00")
    assert stage.only("shift_total")["channel"] == "CASH"
    assert stage.refused("cas", "charge_item.pay", target=posted(stage), channel="WX") == "E-SHF-01"
    stage.review("M008", name="li")
    assert stage.refused("cas", "prescription.charge", patient="$li", channel="WX") == "E-SHF-01"
    stage.does("cas", "cashier_shift.open")
    stage.does("cas", "prescription.charge", patient="$li", channel="WX")
    assert len(stage.made("cashier_shift")) == 2


def test_the_registration_desk_has_shifts_too(stage: Stage) -> None:
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")
    stage.does("reg", "cashier_shift.open")
    stage.does("reg", "cashier_shift.close", counted="0")
    assert stage.refused("reg", "registration.pay", patient="$stranger", channel="WX") == "E-SHF-01"
    assert stage.refused("doc", "cashier_shift.open") == "E-GEN-02"


def test_one_shift_at_a_time_and_only_ones_own(stage: Stage) -> None:
    assert stage.refused("cas", "cashier_shift.close", counted="0") == "E-GEN-03"
    key = stage.does("cas", "cashier_shift.open")
    assert stage.refused("cas", "cashier_shift.open") == "E-GEN-03"
    assert stage.refused("cas2", "cashier_shift.close", target=key, counted="0") == "E-GEN-02"
    assert stage.refused("fin", "cashier_shift.close", target=key, counted="0") == "E-GEN-02"
    assert stage.refused("cas", "cashier_shift.close", target=key, counted="0", version=9) == "E-GEN-05"
    stage.does("cas", "cashier_shift.close", target=key, counted="0")
    assert stage.refused("cas", "cashier_shift.close", target=key, counted="0") == "E-GEN-01"


@pytest.mark.parametrize("counted", [None, "", "一百", "-5", "1.234", "NaN"])
def test_the_cash_is_counted(stage: Stage, counted: str | None) -> None:
    stage.does("cas", "cashier_shift.open")
    assert stage.refused("cas", "cashier_shift.close", counted=counted) == "E-GEN-06"


def test_a_difference_needs_a_note_and_finances_remark(stage: Stage) -> None:
    stage.charge("M008")
    assert stage.refused("cas", "cashier_shift.close", counted="1.00") == "E-GEN-06"
    key = stage.does("cas", "cashier_shift.close", counted="1.00", note="找零有误")
    assert stage.refused("fin", "cashier_shift.reconcile", target=key) == "E-GEN-06"
    stage.does("fin", "cashier_shift.reconcile", target=key, remark="按短款处理")
    done = stage.only("cashier_shift")
    assert (done["status"], done["remark"], done["note"]) == ("reconciled", "按短款处理", "找零有误")
    assert done["difference"].startswith("-")
    assert stage.refused("fin", "cashier_shift.reopen", target=key, reason="复核") == "E-SHF-02"


def test_finance_opens_a_closed_shift_again_for_a_reason(stage: Stage) -> None:
    stage.charge("M008")
    key = stage.does("cas", "cashier_shift.close", counted="0", note="忘记清点")
    assert stage.refused("cas", "cashier_shift.reopen", target=key, reason="重点") == "E-GEN-02"
    assert stage.refused("fin", "cashier_shift.reopen", target=key) == "E-GEN-06"
    stage.does("fin", "cashier_shift.reopen", target=key, reason="重新清点现金")
    again = stage.only("cashier_shift")
    assert (again["status"], again["counted"], again["note"]) == ("open", None, None)
    total = stage.one("invoice", shift=key)["total"]
    stage.does("cas", "charge_item.pay", target=posted(stage), channel="WX")
    stage.does("cas", "cashier_shift.close", counted=total)
    assert {each["channel"]: each["invoices"] for each in stage.made("shift_total")} == {"CASH": 1, "WX": 1}


def test_no_shift_is_opened_again_beside_another_one(stage: Stage) -> None:
    key = stage.does("cas", "cashier_shift.open")
    stage.does("cas", "cashier_shift.close", counted="0")
    stage.does("cas", "cashier_shift.open")
    assert stage.refused("fin", "cashier_shift.reopen", target=key, reason="重点") == "E-GEN-03"
    assert stage.refused("fin", "cashier_shift.reconcile", target=key, version=9) == "E-GEN-05"


def test_an_invoice_is_printed_again_by_two_people_and_counted(stage: Stage) -> None:
    stage.charge("M008")
    key = stage.one("invoice", patient=stage.bound("zhang"))["id"]
    assert stage.refused("cas", "invoice.reprint", target=key) == "E-GEN-04"
    assert stage.refused("cas", "invoice.reprint", target=key, second="cas") == "E-GEN-04"
    assert stage.refused("cas", "invoice.reprint", target=key, second="pha") == "E-GEN-04"
    assert stage.refused("cas", "invoice.reprint", target=key, second="cas2", identified=False) == "E-GEN-07"
    assert stage.refused("cas", "invoice.reprint", target=key, second="colleague") == "E-GEN-04"
    assert stage.refused("doc", "invoice.reprint", target=key, second="colleague") == "E-GEN-02"
    stage.does("cas", "print.document", document=f"invoice:{key}", patient="$zhang")
    stage.does("cas", "invoice.reprint", target=key, second="colleague")
    stage.does("cas", "invoice.reprint", target=key, second="cas2")
    assert stage.rows()[-1].data == {"second": "cas2", "count": 2}
    assert stage.one("invoice", id=key)["reprints"] == 2
    stage.run('UPDATE "invoice" SET "status" = \'reversed\' WHERE "id" = ?', key)
    assert stage.refused("cas", "invoice.reprint", target=key, second="cas2") == "E-INV-01"
