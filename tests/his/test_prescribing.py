"""The doctor's checks and the way of a prescription: alerts, overrides, packs, money, batches."""

from __future__ import annotations

import csv
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from his.clinic import checking
from his.clinic.checking import Line
from tests.his import packs
from tests.his.stage import Stage

REFERENCE = Path(__file__).parents[2] / "fixtures" / "reference"
PENICILLIN, CEPHALOSPORIN, MACROLIDE, PARACETAMOL = "M001", "M004", "M008", "M021"
YES = {"reason": "BENEFIT", "text": "无替代药物,已告知风险"}


def reference(name: str, key: str) -> dict[str, dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return {each[key]: each for each in csv.DictReader(lines)}


DRUGS, FREQUENCIES = reference("drugs", "drug_code"), reference("frequencies", "code")


def signed(stage: Stage, *items: dict[str, object], **fields: object) -> list[str]:
    """Sign and return the actions of the rows it wrote."""
    before = len(stage.rows())
    stage.does("doc", "prescription.sign", patient="$zhang", items=list(items), **fields)
    return [each.action for each in stage.rows()[before:]]


@pytest.mark.parametrize(
    ("drug", "dose", "freq", "days", "packs_needed"),
    [
        ("M001", "0.5", "tid", 3, 1),  # 0.5 g of 0.25 g: 18 of 24
        ("M001", "0.5", "tid", 7, 2),  # 42 of 24
        ("M003", "320", "qd", 1, 4),  # ampoules of 800,000 units
        ("M002", "1", "tid", 7, 2),  # a tablet is the unit itself: 21 of 12
    ],
)
def test_packs_cover_the_days(drug: str, dose: str, freq: str, days: int, packs_needed: int) -> None:
    assert checking.packs(DRUGS[drug], Decimal(dose), FREQUENCIES[freq], days) == packs_needed


@pytest.mark.parametrize("code", sorted(DRUGS))
def test_every_drug_of_the_formulary_can_be_packed_and_is_within_its_own_limit(code: str) -> None:
    drug = DRUGS[code]
    freq = FREQUENCIES[drug["freq_code"]]
    line = Line(drug=drug, dose=Decimal(drug["usual_dose"]), route="PO", freq=freq, days=3, quantity=1)
    assert 1 <= checking.packs(drug, line.dose, freq, 3) <= 100
    if drug["max_daily_dose"]:
        assert line.daily_dose <= Decimal(drug["max_daily_dose"])


def test_single_and_as_needed_doses_take_one() -> None:
    assert checking.packs(DRUGS[PARACETAMOL], Decimal("0.5"), FREQUENCIES["st"], 7) == 1
    assert checking.packs(DRUGS[PARACETAMOL], Decimal("0.5"), FREQUENCIES["prn"], 7) == 1


def test_a_safe_prescription_shows_nothing(stage: Stage) -> None:
    stage.diagnose()
    assert signed(stage, {"drug": MACROLIDE}) == ["prescription.create", "prescription.sign", "charge_item.plan"]
    row = next(each for each in stage.rows() if each.action == "prescription.sign")
    assert row.data == {"classes": ["MACRO"], "drugs": [MACROLIDE], "items": 1, "max_days": 3}
    item = stage.one("rx_item", prescription=row.target)
    assert (item["dose"], item["dose_unit"], item["freq"], item["quantity"], item["status"]) == (
        DRUGS[MACROLIDE]["usual_dose"],
        "g",
        DRUGS[MACROLIDE]["freq_code"],
        item["quantity"],
        "active",
    )
    assert Decimal(item["amount"]) == Decimal(item["price"]) * item["quantity"]


def test_an_allergen_goes_through_with_a_colleagues_word(stage: Stage) -> None:
    stage.diagnose()
    assert signed(stage, {"drug": PENICILLIN}, override=YES) == [
        "prescription.create",
        "alert.shown",
        "alert.override",
        "colleague.ask",
        "colleague.answer",
        "prescription.sign",
        "charge_item.plan",
    ]
    answer = next(each for each in stage.rows() if each.action == "colleague.answer")
    override = next(each for each in stage.rows() if each.action == "alert.override")
    assert (answer.actor, answer.data["verdict"]) == ("system", "agree")
    assert override.data["second"] == answer.data["staff_no"]


def test_a_colleague_wants_a_reason_in_words(stage: Stage) -> None:
    stage.diagnose()
    code = stage.refused(
        "doc", "prescription.sign", patient="$zhang", items=[{"drug": PENICILLIN}], override={"reason": "BENEFIT"}
    )
    assert code == "E-RX-15"
    answer = next(each for each in stage.rows() if each.action == "colleague.answer")
    assert answer.data["verdict"] == "disagree"


def test_an_unknown_reason_is_no_reason(stage: Stage) -> None:
    stage.diagnose()
    fields = {"items": [{"drug": PENICILLIN}], "override": {"reason": "BECAUSE", "text": "x"}}
    assert stage.refused("doc", "prescription.sign", patient="$zhang", **fields) == "E-RX-15"


def test_a_relative_of_the_allergen_needs_a_reason_but_nobody_else(stage: Stage) -> None:
    stage.diagnose()
    assert signed(stage, {"drug": CEPHALOSPORIN}, override={"reason": "TOLERATED"}) == [
        "prescription.create",
        "alert.shown",
        "alert.override",
        "prescription.sign",
        "charge_item.plan",
    ]
    shown = next(each for each in stage.rows() if each.action == "alert.shown")
    assert shown.data == {"rule": "allergy_cross", "level": "warn", "items": [CEPHALOSPORIN]}


def test_an_allergy_to_one_drug_blocks_that_drug(golden: sqlite3.Connection) -> None:
    row = packs.allergic("zhang", "MACRO")
    with Stage.set_up(golden, add=(packs.waiting("zhang"), row)) as stage:
        stage.diagnose()
        assert stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": MACROLIDE}]) == "E-RX-15"
        assert signed(stage, {"drug": PARACETAMOL})[-2:] == ["prescription.sign", "charge_item.plan"]


def test_pairs_are_found_within_and_across_prescriptions(stage: Stage) -> None:
    pair = next(each for each in reference_rows("drug_interactions") if each["his_action"] == "block")
    assert {pair["drug_a"], pair["drug_b"]} <= set(DRUGS)
    stage.run('UPDATE "drugs" SET "antibacterial_level" = \'非抗菌\', "control_class" = \'普通\'')
    stage.diagnose()
    together = [{"drug": pair["drug_a"], "days": 1}, {"drug": pair["drug_b"], "days": 1}]
    fields = {"patient": "$zhang", "items": together}
    assert stage.refused("doc", "prescription.sign", **fields) == "E-RX-09"
    signed(stage, together[0], override=YES)
    assert stage.refused("doc", "prescription.sign", patient="$zhang", items=[together[1]]) == "E-RX-09"


def reference_rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_long_supply_needs_its_reason(stage: Stage) -> None:
    stage.diagnose()
    long = {"drug": PARACETAMOL, "days": 14}
    fields = {"patient": "$zhang", "items": [long]}
    assert stage.refused("doc", "prescription.sign", **fields) == "E-RX-06"
    assert stage.refused("doc", "prescription.sign", **fields, long_supply_reason="HOLIDAY") == "E-GEN-06"
    assert "prescription.sign" in signed(stage, long, long_supply_reason="CHRONIC")
    row = next(each for each in reversed(stage.rows()) if each.action == "prescription.sign")
    assert (row.data["max_days"], row.data["long_supply_reason"]) == (14, "CHRONIC")


def test_a_refused_signature_leaves_one_draft(stage: Stage) -> None:
    stage.diagnose()
    for _ in range(2):
        stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": PENICILLIN}])
    mine = [each for each in stage.table("prescription") if each["patient"] == stage.bound("zhang")]
    assert [each["status"] for each in mine] == ["draft"]
    signed(stage, {"drug": MACROLIDE})
    assert stage.one("prescription", patient=stage.bound("zhang"))["status"] == "issued"


def test_a_revised_prescription_has_new_lines_and_new_charges(stage: Stage) -> None:
    stage.prescribe(MACROLIDE)
    stage.does("pha", "prescription.reject", patient="$zhang", reason="DOSE", note="剂量偏大")
    stage.does("doc", "prescription.revise", patient="$zhang", items=[{"drug": PARACETAMOL}])
    rx = stage.one("prescription", patient=stage.bound("zhang"))
    lines = {each["drug"]: each["status"] for each in stage.table("rx_item") if each["prescription"] == rx["id"]}
    items = {each["item"]: each["status"] for each in stage.table("charge_item") if each["prescription"] == rx["id"]}
    assert lines == {MACROLIDE: "replaced", PARACETAMOL: "active"}
    assert items == {MACROLIDE: "voided", PARACETAMOL: "planned"}
    assert (rx["status"], rx["review_reason"], rx["reviewer"]) == ("issued", None, None)


def test_a_cancelled_prescription_owes_nothing(stage: Stage) -> None:
    stage.review(MACROLIDE)
    stage.does("doc", "prescription.cancel", patient="$zhang", reason="PAT")
    rx = stage.one("prescription", patient=stage.bound("zhang"))
    assert rx["status"] == "cancelled"
    assert stage.one("charge_item", prescription=rx["id"])["status"] == "voided"


def test_an_invoice_is_the_sum_of_its_lines(stage: Stage) -> None:
    stage.review(MACROLIDE, PARACETAMOL)
    invoice = stage.does("cas", "prescription.charge", patient="$zhang", channel="CASH", tendered="100")
    rx = stage.one("prescription", patient=stage.bound("zhang"))
    items = [each for each in stage.table("charge_item") if each["prescription"] == rx["id"]]
    made = stage.one("invoice", id=invoice)
    assert {each["status"] for each in items} == {"paid"}
    assert Decimal(made["total"]) == sum(Decimal(each["amount"]) for each in items) == Decimal(rx["amount"])
    charged = next(each for each in stage.rows() if each.action == "prescription.charge")
    assert charged.data == {"invoice": invoice, "amount": rx["amount"]}


def test_what_expires_first_goes_first(stage: Stage) -> None:
    stage.charge(MACROLIDE)
    stage.does("pha", "prescription.pick", patient="$zhang")
    batches = {each["id"]: each for each in stage.table("stock_batch") if each["drug"] == MACROLIDE}
    usable = [each for each in batches.values() if each["status"] in ("available", "near_expiry") and each["quantity"]]
    first = min(usable, key=lambda each: (each["expiry"], each["id"]))
    assert stage.rows()[-1].data["batches"] == [first["id"]]


def test_a_later_batch_is_let_pass_and_stands_in_the_row(stage: Stage) -> None:
    stage.charge(MACROLIDE)
    usable = [
        each for each in stage.table("stock_batch") if each["drug"] == MACROLIDE and each["status"] == "available"
    ]
    last = max(usable, key=lambda each: each["expiry"])
    stage.does("pha", "prescription.pick", patient="$zhang", batches=[last["id"]])
    assert stage.rows()[-1].data["batches"] == [last["id"]]


def test_what_is_reserved_is_not_free(stage: Stage) -> None:
    batches = [each["id"] for each in stage.table("stock_batch") if each["drug"] == MACROLIDE]
    for each in batches[1:]:
        stage.run('DELETE FROM "stock_batch" WHERE "id" = ?', each)
    stage.run('UPDATE "stock_batch" SET "status" = \'available\', "expiry" = 300 WHERE "id" = ?', batches[0])
    stage.charge(MACROLIDE)
    stage.charge(MACROLIDE, name="li")
    needed = stage.one("rx_item", patient=stage.bound("zhang"), status="active")["quantity"]
    stage.run('UPDATE "stock_batch" SET "quantity" = ? WHERE "drug" = ?', needed, MACROLIDE)
    stage.does("pha", "prescription.pick", patient="$zhang")
    assert stage.refused("pha", "prescription.pick", patient="$li") == "E-STK-03"
    stage.does("pha", "prescription.unpick", patient="$zhang", reason="患者稍后取药")
    stage.does("pha", "prescription.pick", patient="$li")


def test_dispensing_deducts_what_was_picked(stage: Stage) -> None:
    stage.check(MACROLIDE)
    batch = next(each for each in stage.rows() if each.action == "prescription.pick").data["batches"][0]
    before = stage.one("stock_batch", id=batch)["quantity"]
    stage.does("pha2", "prescription.dispense", patient="$zhang", identifiers=2)
    needed = stage.one("rx_item", patient=stage.bound("zhang"))["quantity"]
    assert stage.one("stock_batch", id=batch)["quantity"] == before - needed
    moved = stage.rows()[-1]
    assert (moved.action, moved.target, moved.data["quantity"]) == ("stock_movement.post", batch, -needed)
    assert stage.status("prescription") == "dispensed"


def test_looking_at_stock_is_journaled(stage: Stage) -> None:
    found = stage.does("pha", "stock.view", drug=MACROLIDE)
    assert found == sorted(found, key=lambda each: (each["expiry"], each["id"]))
    assert stage.rows()[-1].data == {"drug": MACROLIDE}
    assert stage.refused("pha", "stock.view", drug="M999") == "E-GEN-06"
