"""Day 0 as the dataset leaves it: what waits at each desk can be carried on, by the rules the hospital itself keeps."""

from __future__ import annotations

import pytest

from tests.his.stage import Stage


def first(stage: Stage, status: str) -> str:
    """The first of today's seeded prescriptions in a state."""
    found = [each for each in stage.table("prescription") if each["status"] == status]
    return str(min(found, key=lambda each: (len(each["id"]), each["id"]))["id"])


def test_a_prescription_goes_from_review_to_the_patient(stage: Stage) -> None:
    key = first(stage, "issued")
    stage.does("pha", "prescription.approve", target=key)
    stage.does("cas", "prescription.charge", target=key, channel="WX")
    stage.does("pha", "prescription.pick", target=key)
    stage.does("pha2", "prescription.check", target=key)
    stage.does("pha2", "prescription.dispense", target=key, identifiers=2)
    assert stage.one("prescription", id=key)["status"] == "dispensed"
    assert {each["status"] for each in stage.table("charge_item") if each["prescription"] == key} == {"paid"}


def test_what_was_reviewed_can_be_paid(stage: Stage) -> None:
    key = first(stage, "reviewed")
    invoice = stage.does("cas", "prescription.charge", target=key, channel="WX")
    assert stage.one("invoice", id=invoice)["total"] == stage.one("prescription", id=key)["amount"]


def test_what_lies_picked_is_checked_by_another_and_handed_out_from_its_batch(stage: Stage) -> None:
    key = first(stage, "dispensing")
    ((batch, packs),) = [
        (row["batch"], row["quantity"])
        for row in stage.hospital.database.connection().execute(
            'SELECT "batch", "quantity" FROM "reservation" WHERE "prescription" = ?', (key,)
        )
    ]
    before = stage.one("stock_batch", id=batch)["quantity"]
    stage.does("pha", "prescription.check", target=key)
    stage.does("pha2", "prescription.dispense", target=key, identifiers=2)
    assert stage.one("stock_batch", id=batch)["quantity"] == before - packs


def test_what_was_checked_is_handed_out(stage: Stage) -> None:
    key = first(stage, "checked")
    stage.does("pha", "prescription.dispense", target=key, identifiers=2)
    assert stage.one("prescription", id=key)["status"] == "dispensed"


def test_what_a_patient_brings_back_is_taken_into_its_batch(stage: Stage) -> None:
    key = first(stage, "return_requested")
    item = next(each for each in stage.table("rx_item") if each["prescription"] == key and each["return_qty"])
    left = next(
        each
        for each in stage.table("stock_movement")
        if each["prescription"] == key and -each["quantity"] == item["return_qty"]
    )
    batch = stage.one("stock_batch", id=left["batch"])
    line = {"drug": item["drug"], "batch_no": batch["batch_no"], "quantity": item["return_qty"], "intact": True}
    stage.does("pha", "prescription.accept_return", target=key, lines=[line])
    assert stage.one("stock_batch", id=batch["id"])["quantity"] == batch["quantity"] + item["return_qty"]


@pytest.mark.parametrize("status", ["registered", "checked_in", "called", "missed", "in_consult"])
def test_the_tickets_of_the_morning_were_bought_before_the_trainee_came(stage: Stage, status: str) -> None:
    today = [each for each in stage.table("registration") if each["visit_date"] == "2026-11-22"]
    found = [each for each in today if each["status"] == status]
    assert found
    assert all(each["paid_at"] <= "2026-11-22T08:00:00" for each in found)
