"""Prices of drugs: who issues a notice, when it takes effect, what it leaves alone, and what the shelves say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.his.stage import Stage

DRUG = "M008"
NOTICE = {"drug": DRUG, "notice": "TJ-1", "reason": "SUPPLY", "second": "colleague", "note": "供货价通知"}


def price(stage: Stage) -> str:
    with stage.hospital.looking() as act:
        found = act.one('SELECT "price_cny" FROM "drugs" WHERE "drug_code" = ?', DRUG)
    assert found is not None
    return str(found["price_cny"])


def dearer(stage: Stage, by: str = "1.00") -> str:
    return f"{Decimal(price(stage)) + Decimal(by):.2f}"


def bill(stage: Stage) -> dict[str, object]:
    return next(each for each in reversed(stage.table("charge_item")) if each["item"] == DRUG)


@pytest.fixture
def reviewed(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Zhang's prescription is reviewed and not paid."""
    with Stage.set_up(golden) as stage:
        stage.review(DRUG)
        yield stage


def test_an_open_prescription_takes_the_new_price_and_is_paid_by_it(reviewed: Stage) -> None:
    old, new = price(reviewed), dearer(reviewed)
    key = reviewed.does("fin", "stock.price_change", new=new, **NOTICE)
    assert price(reviewed) == new
    packs = bill(reviewed)["quantity"]
    line = next(each for each in reviewed.table("rx_item") if each["patient"] == reviewed.bound("zhang"))
    assert (line["price"], bill(reviewed)["price"]) == (new, new)
    assert bill(reviewed)["amount"] == f"{Decimal(new) * packs:.2f}"  # type: ignore[operator]
    reviewed.does("cas", "prescription.charge", patient="$zhang", channel="WX")
    assert bill(reviewed)["status"] == "paid"
    record = reviewed.one("price_change", id=key)
    assert (record["old_price"], record["new_price"], record["status"]) == (old, new, "in_force")


def test_what_is_charged_keeps_its_price_and_is_refunded_by_it(stage: Stage) -> None:
    stage.charge(DRUG)
    before = bill(stage)
    stage.does("fin", "stock.price_change", new=dearer(stage), **NOTICE)
    assert bill(stage) == before
    stage.does("doc", "charge_item.apply_refund", target=before["id"], reason="PATIENT")
    stage.does("fin", "charge_item.approve", target=before["id"])
    red = stage.one("invoice", id=stage.does("cas", "prescription.refund", patient="$zhang"))
    assert red["total"] == f"-{before['amount']}"


def test_a_notice_waits_for_its_moment(reviewed: Stage) -> None:
    old, new = price(reviewed), dearer(reviewed)
    key = reviewed.does("fin", "stock.price_change", new=new, effective_at="2026-11-22 09:00", **NOTICE)
    issued = reviewed.rows()[-1]
    assert (issued.actor, issued.target, issued.data["effective_at"]) == ("fin", key, "2026-11-22T09:00:00")
    reviewed.at(59)
    reviewed.hospital.tick()
    assert (price(reviewed), bill(reviewed)["price"]) == (old, old)
    reviewed.at(60)
    reviewed.hospital.tick()
    assert (price(reviewed), bill(reviewed)["price"]) == (new, new)
    effect = next(each for each in reviewed.rows() if each.action == "stock.price_change" and each.actor == "system")
    assert (effect.data["cause"], effect.data["old"], effect.data["new"]) == (issued.seq, old, new)
    count = len(reviewed.rows())
    reviewed.hospital.tick()
    assert len(reviewed.rows()) == count


def test_the_shelves_are_revalued_and_no_pack_moves(stage: Stage) -> None:
    held = {each["id"]: each["quantity"] for each in stage.table("stock_batch") if each["drug"] == DRUG}
    stage.does("fin", "stock.price_change", new=dearer(stage, "0.50"), **NOTICE)
    moved = [each for each in stage.table("stock_movement") if each["type"] == "REPRICE"]
    assert {each["batch"] for each in moved} == {key for key, packs in held.items() if packs}
    for each in moved:
        assert (each["quantity"], each["posted_by"]) == (0, stage.rows()[0].data["seats"]["fin"])
        assert each["note"].endswith(f" {Decimal('0.5') * held[each['batch']]:+.2f}")
    assert held == {each["id"]: each["quantity"] for each in stage.table("stock_batch") if each["drug"] == DRUG}
    rows = [each for each in stage.rows() if each.action == "stock_movement.post"]
    assert {each.actor for each in rows} == {"system"}


@pytest.mark.parametrize("seat", ["pha", "cas", "hod", "doc", "ita"])
def test_nobody_but_finance_changes_a_price(stage: Stage, seat: str) -> None:
    assert stage.refused(seat, "stock.price_change", new="9.00", **NOTICE) == "E-GEN-02"


def test_a_notice_needs_a_second_person_and_everything_on_it(stage: Stage) -> None:
    def code(**other: object) -> str:
        return stage.refused("fin", "stock.price_change", **{**NOTICE, "new": dearer(stage), **other})

    assert code(second=None) == "E-GEN-04"
    assert code(second="fin") == "E-GEN-04"
    for name, value in {"new": "", "notice": " ", "reason": None, "drug": "M999", "effective_at": "soon"}.items():
        assert code(**{name: value}) == "E-GEN-06", name
    assert code(new="-1") == "E-GEN-06"
    assert code(new="1.005") == "E-GEN-06"
    assert code(new=price(stage)) == "E-GEN-03"
    assert code(effective_at="2026-11-21") == "E-GEN-03"
    # A colleague minds a large step that nobody has written about.
    assert code(new="9999.00", note="") == "E-GEN-04"
    stage.does("fin", "stock.price_change", **{**NOTICE, "new": dearer(stage), "effective_at": "2026-11-23"})
    assert code(effective_at="2026-11-24") == "E-GEN-03"
