"""Batches: picked by expiry with a trace, growing old by the clock, locked, released and scrapped by two people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.stage import Stage

DRUG = "M021"
NIGHT = "23:50"


def batch(name: str, expiry: str, quantity: int = 50, **more: Any) -> StartRow:
    row = {"drug": DRUG, "batch_no": name.upper(), "expiry": expiry, "quantity": quantity, **more}
    return StartRow(table="stock_batch", alias=name, row=row)


SHELF = (batch("old", "-10d", 6), batch("near", "+40d"), batch("twin", "+40d"), batch("late", "+200d"))


def shelf_of(golden: sqlite3.Connection, *batches: StartRow, **pack: Any) -> Any:
    return Stage.set_up(golden, add=(packs.waiting("zhang"), packs.waiting("li"), *batches), **pack)


@pytest.fixture
def shelf(golden: sqlite3.Connection) -> Iterator[Stage]:
    with shelf_of(golden, *SHELF) as stage:
        yield stage


def key(stage: Stage, name: str) -> str:
    return stage.bound(name)


def state_of(stage: Stage, name: str) -> str:
    return str(stage.one("stock_batch", id=key(stage, name))["status"])


def picked(stage: Stage) -> dict[str, Any]:
    return dict(next(each for each in reversed(stage.rows()) if each.action == "prescription.pick").data)


def test_what_is_proposed_expires_first_and_says_so(shelf: Stage) -> None:
    shelf.charge(DRUG)
    shelf.does("pha", "prescription.pick", patient="$zhang")
    assert picked(shelf) == {"batches": [key(shelf, "near")], "fefo": True}


def test_a_batch_of_the_same_day_is_as_good(shelf: Stage) -> None:
    shelf.charge(DRUG)
    shelf.does("pha", "prescription.pick", patient="$zhang", batches=["$twin"])
    assert picked(shelf) == {"batches": [key(shelf, "twin")], "fefo": True}


def test_a_later_batch_passes_with_a_trace(shelf: Stage) -> None:
    shelf.charge(DRUG)
    shelf.does("pha", "prescription.pick", patient="$zhang", batches=["$late"])
    assert picked(shelf) == {"batches": [key(shelf, "late")], "fefo": False}


def test_what_the_first_batch_lacks_comes_from_the_next(golden: sqlite3.Connection) -> None:
    with shelf_of(golden, batch("near", "+40d", 1), batch("late", "+60d")) as stage:
        stage.diagnose()
        stage.does("doc", "prescription.sign", patient="$zhang", items=[{"drug": DRUG, "days": 7}])
        needed = stage.one("rx_item", patient=stage.bound("zhang"))["quantity"]
        assert needed > 1
        stage.does("pha", "prescription.approve", patient="$zhang")
        stage.does("cas", "prescription.charge", patient="$zhang", channel="WX")
        stage.does("pha", "prescription.pick", patient="$zhang")
        assert picked(stage) == {"batches": [key(stage, "near"), key(stage, "late")], "fefo": True}
        stage.does("pha2", "prescription.check", patient="$zhang")
        stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
        left = [stage.one("stock_batch", id=key(stage, name))["quantity"] for name in ("near", "late")]
        assert left == [0, 50 - (needed - 1)]


def test_a_locked_batch_does_not_go_out_and_another_one_may(shelf: Stage) -> None:
    shelf.check(DRUG)
    shelf.does("pha", "stock_batch.quarantine", target="$near", reason="RECALL")
    assert shelf.refused("pha2", "prescription.dispense", patient="$zhang", identifiers=2) == "E-RX-11"
    shelf.does("pha2", "prescription.unpick", patient="$zhang", reason="召回")
    assert shelf.refused("pha", "prescription.pick", patient="$zhang", batches=["$near"]) == "E-STK-02"
    shelf.does("pha", "prescription.pick", patient="$zhang")
    assert picked(shelf) == {"batches": [key(shelf, "twin")], "fefo": True}
    shelf.does("pha2", "prescription.check", patient="$zhang")
    shelf.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2, counselled=True)
    row = next(each for each in shelf.rows() if each.action == "prescription.dispense" and each.outcome == "ok")
    assert row.data == {"identifiers": 2, "counselled": True, "batches": [key(shelf, "twin")]}


def test_picking_is_undone_only_with_a_reason(shelf: Stage) -> None:
    shelf.pick(DRUG)
    assert shelf.refused("pha", "prescription.unpick", patient="$zhang") == "E-GEN-06"


def test_batches_grow_old_at_midnight_and_stop_what_is_picked(golden: sqlite3.Connection) -> None:
    with shelf_of(golden, batch("today", "today"), batch("soon", "+181d"), clock=NIGHT) as stage:
        stage.check(DRUG)
        assert (state_of(stage, "today"), state_of(stage, "soon")) == ("near_expiry", "available")
        stage.at(20)
        stage.hospital.tick()
        assert (state_of(stage, "today"), state_of(stage, "soon")) == ("expired", "near_expiry")
        aged = [(each.actor, each.action) for each in stage.rows() if each.target == key(stage, "today")]
        assert aged == [("system", "stock_batch.expire")]
        assert stage.refused("pha2", "prescription.dispense", patient="$zhang", identifiers=2) == "E-RX-11"


def test_nothing_grows_old_on_the_first_day(shelf: Stage) -> None:
    shelf.hospital.tick()
    assert [each.action for each in shelf.rows()] == ["attempt.begin"]


def test_an_expired_batch_is_scrapped_by_two(shelf: Stage) -> None:
    shelf.does("pha", "stock_batch.scrap", target="$old", reason="EXPIRED", quantity=6, second="pha2")
    gone = shelf.one("stock_batch", id=key(shelf, "old"))
    assert (gone["status"], gone["quantity"]) == ("scrapped", 0)
    scrapped, moved = shelf.rows()[-2:]
    assert (scrapped.actor, scrapped.data) == ("pha", {"reason": "EXPIRED", "quantity": 6, "second": "pha2"})
    assert (moved.actor, moved.action, moved.data["type"], moved.data["quantity"]) == (
        "system", "stock_movement.post", "SCRAP", -6,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": "EXPIRED", "quantity": 6}, "E-GEN-04"),
        ({"reason": "EXPIRED", "quantity": 6, "second": "pha"}, "E-GEN-04"),
        ({"reason": "EXPIRED", "quantity": 6, "second": "cas"}, "E-GEN-04"),
        ({"reason": "EXPIRED", "quantity": 6, "second": "pha2", "identified": False}, "E-GEN-07"),
        ({"quantity": 6, "second": "pha2"}, "E-GEN-06"),
        ({"reason": "EXPIRED", "second": "pha2"}, "E-GEN-06"),
        ({"reason": "EXPIRED", "quantity": 5, "second": "pha2"}, "E-GEN-03"),
    ],
)
def test_scrapping_is_refused_alone_uncounted_or_without_its_reason(
    shelf: Stage, more: dict[str, Any], code: str
) -> None:
    assert shelf.refused("pha", "stock_batch.scrap", target="$old", **more) == code


def test_the_colleague_agrees_where_the_facts_are_right(shelf: Stage) -> None:
    shelf.does("pha", "stock_batch.scrap", target="$old", reason="EXPIRED", quantity=6, second="colleague")
    told = [each.action for each in shelf.rows()[-4:]]
    assert told == ["colleague.ask", "colleague.answer", "stock_batch.scrap", "stock_movement.post"]
    assert shelf.rows()[-3].data["verdict"] == "agree"


def test_the_colleague_disagrees_with_a_wrong_reason_and_both_rows_stay(shelf: Stage) -> None:
    shelf.does("pha", "stock_batch.quarantine", target="$late", reason="DAMAGE")
    fields = {"quantity": 50, "reason": "EXPIRED", "second": "colleague"}
    assert shelf.refused("pha", "stock_batch.scrap", target="$late", **fields) == "E-GEN-04"
    assert [each.action for each in shelf.rows()[-3:]] == ["colleague.ask", "colleague.answer", "stock_batch.scrap"]
    assert shelf.rows()[-2].data["verdict"] == "disagree"
    assert state_of(shelf, "late") == "quarantined"


def test_what_is_picked_is_not_scrapped(shelf: Stage) -> None:
    shelf.pick(DRUG)
    shelf.does("pha", "stock_batch.quarantine", target="$near", reason="QUALITY")
    fields = {"quantity": 50, "reason": "QUALITY", "second": "pha2"}
    assert shelf.refused("pha", "stock_batch.scrap", target="$near", **fields) == "E-GEN-03"


def test_a_locked_batch_comes_back_with_a_basis_and_a_second_person(shelf: Stage) -> None:
    assert shelf.refused("pha", "stock_batch.quarantine", target="$near") == "E-GEN-06"
    shelf.does("pha", "stock_batch.quarantine", target="$near", reason="QUALITY", note="瓶盖松")
    assert shelf.refused("pha", "stock_batch.release", target="$near", reason="复检合格") == "E-GEN-04"
    assert shelf.refused("pha", "stock_batch.release", target="$near", second="pha2") == "E-GEN-06"
    shelf.does("pha", "stock_batch.release", target="$near", reason="复检合格", second="colleague")
    shelf.hospital.tick()
    assert state_of(shelf, "near") == "near_expiry"


def test_the_colleague_does_not_release_what_has_expired(golden: sqlite3.Connection) -> None:
    with shelf_of(golden, batch("stale", "-3d", status="quarantined")) as stage:
        fields = {"reason": "复检合格", "second": "colleague"}
        assert stage.refused("pha", "stock_batch.release", target="$stale", **fields) == "E-GEN-04"


def test_the_list_of_care_holds_what_is_old_or_locked_first_expiring_first(shelf: Stage) -> None:
    found = shelf.does("pha", "stock.view")
    assert [each["status"] for each in found if each["drug"] == DRUG] == ["expired", "near_expiry", "near_expiry"]
    assert found == sorted(found, key=lambda each: each["expiry"])
    assert {each["status"] for each in found} == {"expired", "near_expiry", "quarantined"}


def test_stock_is_never_negative(shelf: Stage) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="stock_is_never_negative"):
        shelf.run('UPDATE "stock_batch" SET "quantity" = -1 WHERE "id" = ?', key(shelf, "old"))


def test_movements_say_what_became_of_every_pack(shelf: Stage) -> None:
    before = {each["id"]: each["quantity"] for each in shelf.table("stock_batch")}
    known = {each["id"] for each in shelf.table("stock_movement")}
    shelf.check(DRUG)
    shelf.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
    shelf.does("doc", "prescription.return_apply", patient="$zhang", reason="ADR")
    line = shelf.one("rx_item", patient=shelf.bound("zhang"))
    packs_back = [{"drug": DRUG, "batch_no": "NEAR", "quantity": line["quantity"]}]
    shelf.does("pha", "prescription.accept_return", patient="$zhang", lines=packs_back)
    shelf.does("pha", "stock_batch.scrap", target="$old", reason="EXPIRED", quantity=6, second="pha2")
    moved: dict[str, int] = {}
    for each in shelf.table("stock_movement"):
        if each["id"] not in known:
            moved[each["batch"]] = moved.get(each["batch"], 0) + each["quantity"]
    after = {each["id"]: each["quantity"] for each in shelf.table("stock_batch")}
    assert {key: count for key, count in moved.items() if count} == {
        each: after[each] - before[each] for each in before if after[each] != before[each]
    }
