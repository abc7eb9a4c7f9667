"""Drugs that come back: applied for by the doctor, taken by batch and count, or refused; money follows later."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.stage import Stage

DRUG, OTHER, INSULIN = "M008", "M021", "M054"


def row(table: str, alias: str | None = None, **columns: Any) -> StartRow:
    return StartRow(table=table, alias=alias, row=columns)


def dispensed(drug: str, quantity: int, back: int, batch_no: str = "B1") -> tuple[StartRow, ...]:
    """Return start rows: a prescription of one drug whose packs are asked back."""
    return (
        packs.waiting("zhang", status="completed", visit_date="-1d"),
        row("stock_batch", "batch", drug=drug, batch_no=batch_no, expiry="+90d", quantity=20),
        row("prescription", "rx", patient="$zhang", status="return_requested", return_reason="ADR"),
        row("rx_item", "line", prescription="$rx", drug=drug, quantity=quantity, return_qty=back),
        row("stock_movement", None, batch="$batch", type="DISPENSE", quantity=-quantity, prescription="$rx"),
    )


@pytest.fixture
def asked(golden: sqlite3.Connection) -> Iterator[Stage]:
    with Stage.set_up(golden, add=dispensed(DRUG, 3, 2)) as stage:
        yield stage


def pack(batch_no: str = "B1", quantity: object = 2, *, intact: bool = True, drug: str = DRUG) -> dict[str, object]:
    return {"drug": drug, "batch_no": batch_no, "quantity": quantity, "intact": intact}


def test_packs_go_back_into_their_batch(asked: Stage) -> None:
    asked.does("pha", "prescription.accept_return", target="$rx", lines=[pack()])
    assert asked.one("stock_batch", id=asked.bound("batch"))["quantity"] == 22
    line = asked.one("rx_item", id=asked.bound("line"))
    assert (line["quantity"], line["return_qty"], line["returned_qty"]) == (3, 2, 2)
    assert asked.one("prescription", id=asked.bound("rx"))["status"] == "returned"
    gone, back = [each for each in asked.table("stock_movement") if each["prescription"] == asked.bound("rx")]
    assert (back["type"], back["quantity"], back["reversal_of"]) == ("RETURN", 2, gone["id"])
    taken = asked.rows()[-2]
    assert taken.data == {"batches": [asked.bound("batch")], "quantity": 2, "intact": True}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (None, "E-GEN-06"),
        ([pack(quantity="")], "E-GEN-06"),
        ([pack(quantity="两盒")], "E-GEN-06"),
        ([pack(batch_no="B2")], "E-GEN-03"),
        ([pack(quantity=1)], "E-GEN-03"),
        ([pack(quantity=3)], "E-GEN-03"),
        ([pack(quantity=4)], "E-GEN-03"),
        ([pack(drug=OTHER)], "E-GEN-03"),
        ([pack(intact=False)], "E-RX-13"),
    ],
)
def test_batch_and_quantity_must_be_those_dispensed_and_the_pack_sealed(
    asked: Stage, lines: list[dict[str, object]] | None, code: str
) -> None:
    assert asked.refused("pha", "prescription.accept_return", target="$rx", lines=lines) == code


def test_cold_chain_drugs_stay_out(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, add=dispensed(INSULIN, 2, 1)) as stage:
        lines = [pack(quantity=1, drug=INSULIN)]
        assert stage.refused("pha", "prescription.accept_return", target="$rx", lines=lines) == "E-RX-13"
        stage.does("pha", "prescription.refuse_return", target="$rx", reason="COLD", note="储存条件无法保证")
        kept = stage.one("prescription", id=stage.bound("rx"))
        assert (kept["status"], kept["return_reason"]) == ("dispensed", None)
        assert stage.one("rx_item", id=stage.bound("line"))["return_qty"] == 0


def test_refusing_takes_a_coded_reason(asked: Stage) -> None:
    assert asked.refused("pha", "prescription.refuse_return", target="$rx") == "E-GEN-06"
    assert asked.refused("pha", "prescription.refuse_return", target="$rx", reason="WHATEVER") == "E-GEN-06"
    assert asked.refused("doc", "prescription.refuse_return", target="$rx", reason="GROUND") == "E-GEN-02"


def given_out(stage: Stage, *drugs: str) -> None:
    stage.check(*drugs)
    stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)


def test_the_doctor_asks_for_a_part_and_the_rest_stays(stage: Stage) -> None:
    given_out(stage, DRUG, OTHER)
    items = [{"drug": OTHER, "quantity": 1}]
    stage.does("doc", "prescription.return_apply", patient="$zhang", reason="QUAL", items=items)
    assert stage.rows()[-1].data == {"reason": "QUAL", "drugs": [OTHER], "quantity": 1}
    mine = [each for each in stage.table("rx_item") if each["patient"] == stage.bound("zhang")]
    assert {each["drug"]: each["return_qty"] for each in mine} == {DRUG: 0, OTHER: 1}
    batch_no = stage.one("stock_batch", id=batch_of(stage, OTHER))["batch_no"]
    stage.does("pha", "prescription.accept_return", patient="$zhang", lines=[pack(batch_no, 1, drug=OTHER)])
    assert stage.status("prescription") == "returned"


def batch_of(stage: Stage, drug: str) -> str:
    """Return the batch from which the drug was dispensed to Zhang."""
    rx = stage.one("prescription", patient=stage.bound("zhang"))["id"]
    gone = {each["batch"] for each in stage.table("stock_movement") if each["prescription"] == rx}
    return next(each["id"] for each in stage.table("stock_batch") if each["drug"] == drug and each["id"] in gone)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "E-GEN-06"),
        ({"reason": "TASTE"}, "E-GEN-06"),
        ({"reason": "ADR", "items": []}, "E-GEN-06"),
        ({"reason": "ADR", "items": [{"drug": DRUG, "quantity": "0"}]}, "E-GEN-06"),
        ({"reason": "ADR", "items": [{"drug": DRUG, "quantity": 99}]}, "E-GEN-06"),
    ],
)
def test_an_application_needs_a_reason_and_what_was_dispensed(
    stage: Stage, fields: dict[str, object], code: str
) -> None:
    given_out(stage, DRUG)
    assert stage.refused("doc", "prescription.return_apply", patient="$zhang", **fields) == code


def test_nobody_asks_for_insulin_to_be_taken_back(stage: Stage) -> None:
    given_out(stage, INSULIN)
    assert stage.refused("doc", "prescription.return_apply", patient="$zhang", reason="RXERR") == "E-RX-13"


def test_a_doctor_who_is_a_stranger_to_the_patient_does_not_ask(stage: Stage) -> None:
    given_out(stage, DRUG)
    stage.run('UPDATE "encounter" SET "dept" = \'D0102\', "attending" = NULL, "registration" = NULL')
    stage.run('UPDATE "encounter" SET "status" = \'finished\', "finished_at" = 0')
    target = stage.one("prescription", patient=stage.bound("zhang"))["id"]
    assert stage.refused("doc", "prescription.return_apply", target=target, reason="ADR") == "E-PRV-01"
