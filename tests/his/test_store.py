"""The drug store: goods taken in by one and accepted by another, packs for the pharmacy, counts and their reversal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.contract.exercise_pack import Seat, StartRow, Words
from tests.his import packs
from tests.his.stage import Stage

DRUG, COLD = "M021", "M054"
NOTE = {
    "drug": DRUG,
    "batch_no": "nw2601",
    "expiry": "2028-03-31",
    "quantity": "120",
    "supplier": "模拟省医药公司",
    "delivery_no": "SH-1",
    "cost": "5.05",
}
SEEN = {"batch_no": "NW2601", "expiry": "2028-03-31", "quantity": 120, "licence": True}


def batch(name: str, **more: Any) -> StartRow:
    row = {"drug": DRUG, "batch_no": name.upper(), "expiry": "+300d", "quantity": 50, **more}
    return StartRow(table="stock_batch", alias=name, row=row)


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """A batch on the shelf, one in the store, one expired there; Zhang waits for the doctor."""
    add = (packs.waiting("zhang"), batch("shelf"), batch("rack", place="WH"), batch("stale", place="WH", expiry="-3d"))
    with Stage.set_up(golden, add=add) as made:
        yield made


def received(stage: Stage, seat: str = "pha", **more: Any) -> str:
    return str(stage.does(seat, "stock_batch.receive", **{**NOTE, **more}))


def status(stage: Stage, key: str) -> str:
    return str(stage.one("stock_batch", id=key)["status"])


def moved(stage: Stage, key: str) -> list[tuple[str, int]]:
    return [(each["type"], each["quantity"]) for each in stage.table("stock_movement") if each["batch"] == key]


def test_goods_wait_until_another_person_has_read_the_packs(stage: Stage) -> None:
    key = received(stage)
    found = stage.one("stock_batch", id=key)
    assert (found["status"], found["place"], found["quantity"], found["batch_no"]) == (
        "awaiting_check", "WH", 120, "NW2601",
    )  # fmt: skip
    assert stage.refused("pha", "stock_batch.accept", target=key, **SEEN) == "E-GEN-04"
    stage.does("pha2", "stock_batch.accept", target=key, **SEEN)
    found = stage.one("stock_batch", id=key)
    seats = stage.rows()[0].data["seats"]
    assert (found["status"], found["received_by"], found["accepted_by"]) == ("available", seats["pha"], seats["pha2"])
    assert moved(stage, key) == [("RECEIVE", 120)]


def test_the_colleague_accepts_for_the_one_who_is_alone(stage: Stage) -> None:
    key = received(stage)
    stage.does("pha", "stock_batch.accept", target=key, second="colleague", **SEEN)
    asked = [each.action for each in stage.rows()][-3:]
    assert asked == ["colleague.ask", "colleague.answer", "stock_batch.accept"]
    assert stage.one("stock_batch", id=key)["accepted_by"] not in (None, stage.rows()[0].data["seats"]["pha"])


def test_the_colleague_minds_goods_that_soon_expire(stage: Stage) -> None:
    soon = "2027-01-10"
    key = received(stage, expiry=soon)
    seen = {**SEEN, "expiry": soon}
    assert stage.refused("pha", "stock_batch.accept", target=key, second="colleague", **seen) == "E-GEN-04"
    stage.does("pha2", "stock_batch.accept", target=key, **seen)
    stage.hospital.tick()
    assert status(stage, key) == "near_expiry"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"batch_no": "NW2610"}, "E-GEN-03"),
        ({"expiry": "2028-03-30"}, "E-GEN-03"),
        ({"quantity": 119}, "E-GEN-03"),
        ({"licence": False}, "E-GEN-06"),
        ({"expiry": "soon"}, "E-GEN-06"),
        ({"batch_no": " "}, "E-GEN-06"),
    ],
)
def test_packs_that_are_not_what_was_entered_are_not_accepted(stage: Stage, wrong: dict[str, Any], code: str) -> None:
    key = received(stage)
    assert stage.refused("pha2", "stock_batch.accept", target=key, **{**SEEN, **wrong}) == code


def test_expired_and_unlogged_cold_goods_are_not_accepted(stage: Stage) -> None:
    old = received(stage, expiry="2026-11-01")
    assert stage.refused("pha2", "stock_batch.accept", target=old, **{**SEEN, "expiry": "2026-11-01"}) == "E-GEN-03"
    cold = received(stage, drug=COLD)
    assert stage.refused("pha2", "stock_batch.accept", target=cold, **SEEN) == "E-GEN-06"
    stage.does("pha2", "stock_batch.accept", target=cold, cold_log=True, **SEEN)
    assert stage.one("stock_batch", id=cold)["location"] == "药库冷库"


@pytest.mark.parametrize("missing", ["batch_no", "expiry", "quantity", "supplier", "delivery_no", "cost"])
def test_a_delivery_note_is_entered_whole(stage: Stage, missing: str) -> None:
    assert stage.refused("pha", "stock_batch.receive", **{**NOTE, missing: ""}) == "E-GEN-06"


def test_an_unknown_drug_place_or_price_is_refused(stage: Stage) -> None:
    for wrong in ({"drug": "M999"}, {"drug": None}, {"place": "CAR"}, {"cost": "1.234"}, {"cost": "-1"}, {"cost": "x"}):
        assert stage.refused("pha", "stock_batch.receive", **{**NOTE, **wrong}) == "E-GEN-06"


def test_what_is_rejected_leaves_the_book(stage: Stage) -> None:
    key = received(stage)
    assert stage.refused("pha2", "stock_batch.reject", target=key) == "E-GEN-06"
    stage.does("pha2", "stock_batch.reject", target=key, reason="DAMAGE", note="外箱浸湿")
    found = stage.one("stock_batch", id=key)
    assert (found["status"], found["quantity"]) == ("returned_supplier", 0)
    entered, reversed_ = [each for each in stage.table("stock_movement") if each["batch"] == key]
    assert (reversed_["quantity"], reversed_["reversal_of"]) == (-120, entered["id"])


@pytest.mark.parametrize("seat", ["doc", "nur", "cas", "reg"])
def test_only_pharmacists_handle_stock(stage: Stage, seat: str) -> None:
    key = received(stage)
    assert stage.refused(seat, "stock_batch.receive", **NOTE) == "E-GEN-02"
    assert stage.refused(seat, "stock_batch.accept", target=key, **SEEN) == "E-GEN-02"
    assert stage.refused(seat, "stock_batch.reject", target=key, reason="DAMAGE") == "E-GEN-02"
    for fields in ({"type": "COUNT", "counted": 50, "second": "pha2"}, {"type": "TRANSFER", "quantity": 5}):
        assert stage.refused(seat, "stock_movement.post", stock_batch="$rack", **fields) == "E-GEN-02"


def test_packs_go_to_the_pharmacy_and_wait_there(stage: Stage) -> None:
    key = stage.does("pha", "stock_movement.post", type="TRANSFER", stock_batch="$rack", quantity=20)
    assert stage.one("stock_batch", id=stage.bound("rack"))["quantity"] == 30
    arrived = stage.one("stock_batch", id=key)
    assert (arrived["place"], arrived["status"], arrived["quantity"], arrived["origin"]) == (
        "OP", "awaiting_check", 20, stage.bound("rack"),
    )  # fmt: skip
    posted, received_, entered = stage.rows()[-3:]
    assert (posted.actor, posted.data["quantity"]) == ("pha", -20)
    assert (received_.actor, received_.action, received_.data["cause"]) == ("system", "stock_batch.receive", posted.seq)
    assert (entered.actor, entered.data["quantity"]) == ("system", 20)
    seen = {"batch_no": "RACK", "expiry": arrived["expiry"], "quantity": 20, "licence": True}
    assert stage.refused("pha", "stock_batch.accept", target=key, **seen) == "E-GEN-04"
    stage.does("pha2", "stock_batch.accept", target=key, **seen)
    assert status(stage, key) == "available"


def test_a_transfer_that_is_rejected_goes_back(stage: Stage) -> None:
    key = stage.does("pha", "stock_movement.post", type="TRANSFER", stock_batch="$rack", quantity=20)
    stage.does("pha2", "stock_batch.reject", target=key, reason="COUNT")
    assert stage.one("stock_batch", id=stage.bound("rack"))["quantity"] == 50
    out, back = [each for each in stage.table("stock_movement") if each["batch"] == stage.bound("rack")]
    assert (out["quantity"], back["quantity"], back["reversal_of"]) == (-20, 20, out["id"])


@pytest.mark.parametrize(
    ("where", "quantity", "code"),
    [
        ("$rack", 51, "E-STK-03"),
        ("$rack", 0, "E-GEN-06"),
        ("$rack", "many", "E-GEN-06"),
        ("$shelf", 5, "E-GEN-01"),
        ("$stale", 5, "E-GEN-01"),
    ],
)
def test_what_cannot_be_sent(stage: Stage, where: str, quantity: object, code: str) -> None:
    fields = {"type": "TRANSFER", "stock_batch": where, "quantity": quantity}
    assert stage.refused("pha", "stock_movement.post", **fields) == code


def test_what_lies_in_the_store_is_not_handed_out(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, add=(packs.waiting("zhang"), batch("rack", place="WH"))) as stage:
        stage.run('UPDATE "stock_batch" SET "quantity" = 0 WHERE "drug" = ? AND "place" = \'OP\'', DRUG)
        stage.charge(DRUG)
        assert stage.refused("pha", "prescription.pick", patient="$zhang") == "E-STK-03"


def count(counted: object, **more: Any) -> dict[str, Any]:
    return {"type": "COUNT", "stock_batch": "$shelf", "counted": counted, "second": "pha2", **more}


def test_a_count_that_agrees_leaves_its_trace(stage: Stage) -> None:
    stage.does("pha", "stock_movement.post", **count(50))
    assert moved(stage, stage.bound("shelf")) == [("COUNT", 0)]
    row = stage.rows()[-1]
    assert (row.actor, row.data["counted"], row.data["quantity"], row.data["second"]) == ("pha", 50, 0, "pha2")


def test_a_difference_has_a_reason_and_a_second_person(stage: Stage) -> None:
    assert stage.refused("pha", "stock_movement.post", **count(48, second=None)) == "E-GEN-04"
    assert stage.refused("pha", "stock_movement.post", **count(48, second="pha")) == "E-GEN-04"
    assert stage.refused("pha", "stock_movement.post", **count(48)) == "E-GEN-06"
    assert stage.refused("pha", "stock_movement.post", **count(48, reason="GHOST")) == "E-GEN-06"
    assert stage.refused("pha", "stock_movement.post", **count("")) == "E-GEN-06"
    assert stage.refused("pha", "stock_movement.post", **count(48, reason="LOST", version="ù\t")) == "E-GEN-05"
    stage.does("pha", "stock_movement.post", **count(48, reason="BREAKAGE"))
    assert stage.one("stock_batch", id=stage.bound("shelf"))["quantity"] == 48
    found = stage.one("stock_movement", batch=stage.bound("shelf"))
    assert (found["quantity"], found["reason"], found["second"]) == (
        -2, "BREAKAGE", stage.rows()[0].data["seats"]["pha2"],
    )  # fmt: skip


def test_the_colleague_minds_a_large_gap_without_an_account(stage: Stage) -> None:
    gap = count(30, reason="LOST", second="colleague")
    assert stage.refused("pha", "stock_movement.post", **gap) == "E-GEN-04"
    stage.does("pha", "stock_movement.post", **gap, note="已查监控,报药剂科主任")
    assert stage.one("stock_batch", id=stage.bound("shelf"))["quantity"] == 30


def test_batches_that_are_not_on_a_shelf_are_not_counted(stage: Stage) -> None:
    key = received(stage)
    assert stage.refused("pha", "stock_movement.post", **{**count(120), "stock_batch": key}) == "E-GEN-01"


def test_picked_packs_are_still_there(stage: Stage) -> None:
    stage.run('UPDATE "stock_batch" SET "quantity" = 0 WHERE "drug" = ? AND "id" != ?', DRUG, stage.bound("shelf"))
    stage.pick(DRUG)
    gap = count(0, reason="LOST", note="货架已空")
    assert stage.refused("pha", "stock_movement.post", **gap) == "E-GEN-03"


def test_a_count_is_undone_once_and_both_rows_stay(stage: Stage) -> None:
    stage.does("pha", "stock_movement.post", **count(48, reason="BREAKAGE"))
    wrong = stage.one("stock_movement", batch=stage.bound("shelf"))["id"]
    undo = {"type": "COUNT", "reversal_of": wrong, "reason": "MISCOUNT", "second": "pha2"}
    assert stage.refused("pha", "stock_movement.post", **{**undo, "second": None}) == "E-GEN-04"
    assert stage.refused("pha", "stock_movement.post", **{**undo, "reason": None}) == "E-GEN-06"
    assert stage.refused("doc", "stock_movement.post", **undo) == "E-GEN-02"
    stage.does("pha", "stock_movement.post", **undo)
    assert stage.one("stock_batch", id=stage.bound("shelf"))["quantity"] == 50
    assert moved(stage, stage.bound("shelf")) == [("COUNT", -2), ("COUNT", 2)]
    assert stage.refused("pha", "stock_movement.post", **undo) == "E-GEN-01"
    other = next(each["id"] for each in stage.table("stock_movement") if each["reversal_of"] == wrong)
    assert stage.refused("pha", "stock_movement.post", **{**undo, "reversal_of": other}) == "E-GEN-01"


def test_what_nobody_posts_by_hand_is_refused(stage: Stage) -> None:
    assert stage.refused("pha", "stock_movement.post", type="SCRAP", stock_batch="$shelf", quantity=1) == "E-GEN-06"
    key = received(stage)
    entered = stage.one("stock_movement", batch=key)["id"]
    undo = {"type": "RECEIVE", "reversal_of": entered, "reason": "MISCOUNT", "second": "pha2"}
    assert stage.refused("pha", "stock_movement.post", **undo) == "E-GEN-01"


def test_nobody_is_left_to_be_second(golden: sqlite3.Connection) -> None:
    seats = (Seat(name="pha", role="PHA", dept="D0901", ward=None, title=Words(zh="药师", en="Pharmacist")),)
    with Stage.set_up(golden, seats=seats, cast=(), add=(batch("shelf"),)) as stage:
        stage.run('UPDATE "staff" SET "role" = \'MRC\' WHERE "role" = \'PHA\' AND "staff_no" != \'PXPHA\'')
        assert stage.refused("pha", "stock_movement.post", **count(50, second="colleague")) == "E-GEN-04"
