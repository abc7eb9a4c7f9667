"""The store's pages: goods in and accepted, the count sheet, the ledger with transfer and reversal, wrong people."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from sandbox.contract.exercise_pack import StartRow
from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]

SHELF = "门诊药房货架9"


def row(alias: str, **columns: object) -> StartRow:
    base = {"drug": "M008", "batch_no": alias.upper(), "expiry": "+300d", "quantity": 20}
    return StartRow(table="stock_batch", alias=alias, row={**base, **columns})


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Two batches on a shelf of their own, one in the store."""
    add = (
        row("one", location=f"{SHELF}-01"),
        row("two", location=f"{SHELF}-02", drug="M010", quantity=7),
        row("rack", place="WH"),
    )
    with Stage.set_up(golden, cast=(), add=add) as made:
        yield made


def last(stage: Stage) -> tuple[str, str, str | None]:
    found = stage.rows()[-1]
    return found.action, found.outcome, found.code


def counted(stage: Stage) -> list[dict[str, object]]:
    return [each for each in stage.table("stock_movement") if each["type"] == "COUNT"]


NOTE = {
    "drug": "M008",
    "drug_text": "阿奇霉素片",
    "batch_no": "AZ77",
    "expiry": "20280131",
    "quantity": "１００",
    "supplier": "模拟省医药公司",
    "delivery_no": "SH-9",
    "cost": "10.80",
}


def test_goods_are_entered_by_one_and_accepted_by_another(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens("/store")
    pharmacist.submits("stock_batch.receive", {**NOTE, "cost": ""})
    assert (pharmacist.page.refusal, pharmacist.value("batch_no")) == ("E-GEN-06", "AZ77")
    pharmacist.submits("stock_batch.receive", {"cost": "10.80"})
    assert pharmacist.page.refusal is None
    seen = {"batch_no": "az77", "expiry": "2028-01-31", "quantity": "100", "licence": ["1"]}
    pharmacist.submits("stock_batch.accept", seen)
    assert (pharmacist.page.refusal, pharmacist.value("expiry")) == ("E-GEN-04", "2028-01-31")
    other = at("pha2")
    other.opens("/store")
    other.follows("batch-no", "AZ77")
    assert "second" not in dict(other.form("stock_batch.accept").fields)
    other.submits("stock_batch.accept", {**seen, "quantity": "99"})
    assert other.page.refusal == "E-GEN-03"
    other.submits("stock_batch.accept", {"quantity": "100", "licence": ["1"]})
    assert stage.one("stock_batch", batch_no="AZ77")["status"] == "available"
    assert last(stage) == ("stock_batch.accept", "ok", None)


def test_the_second_person_may_accept_at_the_same_screen(at: Seat, stage: Stage) -> None:
    at("pha2")
    pharmacist = at("pha")
    pharmacist.opens("/store")
    pharmacist.submits("stock_batch.receive", NOTE)
    seen = {"batch_no": "AZ77", "expiry": "2028-01-31", "quantity": "100", "licence": ["1"]}
    second = str(stage.rows()[0].data["seats"]["pha2"])
    pharmacist.submits("stock_batch.accept", {**seen, "second": second, "second_password": "guess"})
    assert pharmacist.page.refusal == "E-GEN-07"
    password = initial_password(packs.NONCE, "pha2")
    pharmacist.submits("stock_batch.accept", {**seen, "second": second, "second_password": password})
    assert stage.one("stock_batch", batch_no="AZ77")["accepted_by"] == second


def test_goods_go_back_with_a_reason(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens("/store")
    pharmacist.submits("stock_batch.receive", NOTE)
    pharmacist.submits("stock_batch.reject", {"note": "外箱破损"})
    assert (pharmacist.page.refusal, pharmacist.value("note")) == ("E-GEN-06", "外箱破损")
    pharmacist.submits("stock_batch.reject", {"reason": "DAMAGE"})
    assert stage.one("stock_batch", batch_no="AZ77")["status"] == "returned_supplier"
    assert "拒收" in pharmacist.page.text


def test_the_drug_is_found_by_its_short_code(at: Seat) -> None:
    pharmacist = at("pha")
    assert "M008" in pharmacist.opens("/store/_drugs?q=aqms").text
    assert "<table" not in pharmacist.opens("/store/_drugs?q=zzzz").text


def test_a_shelf_is_counted_blind_and_differences_explained(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens("/store/count")
    pharmacist.follows("shelf", SHELF)
    assert last(stage) == ("stock.view", "ok", None)
    assert stage.rows()[-1].data == {"place": "OP"}
    assert "/ 20" not in pharmacist.page.text
    pharmacist.submits("stock_movement.post", {"counted": ["19", "7"], "second": "colleague"})
    assert pharmacist.page.refusal == "E-GEN-06"
    assert "-1 / 20" in pharmacist.page.text
    pharmacist.submits("stock_movement.post", {"reason": ["BREAKAGE", ""], "second": "colleague"})
    assert pharmacist.page.refusal is None
    found = {each["batch"]: (each["quantity"], each["reason"]) for each in counted(stage)}
    assert found == {stage.bound("one"): (-1, "BREAKAGE"), stage.bound("two"): (0, None)}
    assert [each.actor for each in stage.rows() if (each.action, each.outcome) == ("stock_movement.post", "ok")] == [
        "pha",
        "pha",
    ]


def test_lines_left_empty_were_not_counted(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens(f"/store/count?shelf={SHELF}")
    pharmacist.submits("stock_movement.post", {"second": "colleague"})
    assert pharmacist.page.refusal == "E-GEN-06"
    pharmacist.submits("stock_movement.post", {"counted": ["", "7"], "second": "colleague"})
    assert [each["batch"] for each in counted(stage)] == [stage.bound("two")]


def test_packs_that_moved_meanwhile_are_counted_again(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens(f"/store/count?shelf={SHELF}")
    stage.does("pha2", "stock_batch.quarantine", target="$one", reason="RECALL")
    pharmacist.submits("stock_movement.post", {"counted": ["20", "7"], "second": "colleague"})
    assert pharmacist.page.refusal == "E-GEN-05"


def test_the_sheet_on_paper_shows_no_book(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    page = pharmacist.opens(f"/store/count/print?shelf={SHELF}")
    assert "ONE" in page.text
    pharmacist.submits("print.document", {"purpose": "file"})
    assert stage.rows()[-1].data == {"document": f"count_sheet:{SHELF}", "purpose": "file"}


def test_the_ledger_sends_packs_and_undoes_a_count(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens("/store/ledger?q=aqms")
    assert stage.rows()[-1].data == {"drug": "M008"}
    pharmacist.follows("batch-no", "RACK")
    pharmacist.submits("stock_movement.post", {"quantity": "21"})
    assert (pharmacist.page.refusal, pharmacist.value("quantity")) == ("E-STK-03", "21")
    pharmacist.submits("stock_movement.post", {"quantity": "15"})
    assert stage.one("stock_batch", origin=stage.bound("rack"))["quantity"] == 15
    post = {"type": "COUNT", "stock_batch": "$one", "counted": 18, "reason": "LOST", "second": "pha2"}
    stage.does("pha", "stock_movement.post", **post)
    pharmacist.opens(f"/store/ledger?q=aqms&batch={stage.bound('one')}")
    wrong = stage.one("stock_movement", batch=stage.bound("one"))["id"]
    pharmacist.follows("reversible", wrong)
    pharmacist.submits("stock_movement.post", {"reason": "MISCOUNT"})
    assert pharmacist.page.refusal == "E-GEN-04"
    pharmacist.submits("stock_movement.post", {"reason": "MISCOUNT", "second": "colleague"})
    assert stage.one("stock_batch", id=stage.bound("one"))["quantity"] == 20
    assert "已冲销" in pharmacist.page.text


def test_an_unknown_drug_says_so(at: Seat) -> None:
    assert "nonsense" in at("pha").opens("/store/ledger?q=nonsense").text


@pytest.mark.parametrize("seat", ["doc", "nur", "cas", "reg"])
@pytest.mark.parametrize("address", ["/store", "/store/count", "/store/ledger"])
def test_nobody_else_gets_into_the_store(at: Seat, seat: str, address: str) -> None:
    assert at(seat).opens(address).refusal == "E-GEN-02"
