"""A prescription that an exercise brings along in any state is as if people had brought it there."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from his import arming, rules
from his.arming import ArmingError
from his.database import MemoryDatabase
from his.hospital_time import Clock
from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.stage import Stage

LINES = {"M008": 2, "M021": 1}
STATES = (
    "issued", "reviewed", "charged", "dispensing", "checked", "dispensed", "return_requested", "returned", "refunded",
    "rejected", "expired",
)  # fmt: skip


def row(table: str, alias: str | None = None, **columns: Any) -> StartRow:
    return StartRow(table=table, alias=alias, row=columns)


def prescribed(status: str, **columns: Any) -> tuple[StartRow, ...]:
    lines = (row("rx_item", None, prescription="$rx", drug=drug, quantity=count) for drug, count in LINES.items())
    return packs.waiting("zhang"), row("prescription", "rx", patient="$zhang", status=status, **columns), *lines


def of_rx(stage: Stage, table: str) -> list[dict[str, Any]]:
    return [each for each in stage.table(table) if each["prescription"] == stage.bound("rx")]


@pytest.mark.parametrize("status", STATES)
def test_charges_people_reservations_and_movements_go_with_the_state(golden: sqlite3.Connection, status: str) -> None:
    with Stage.set_up(golden, add=prescribed(status)) as stage:
        rx = stage.one("prescription", id=stage.bound("rx"))
        # 2 packs of 12.40 and one of 5.80
        assert rx["amount"] == "30.60"
        wanted = {
            "issued": "planned",
            "reviewed": "billable",
            "rejected": None,
            "expired": None,
            "refunded": "refunded",
        }
        charge = wanted.get(status, "paid")
        assert {each["status"] for each in of_rx(stage, "charge_item")} == ({charge} if charge else set())
        invoices = [each["status"] for each in stage.table("invoice") if each["patient"] == stage.bound("zhang")]
        assert invoices == {"paid": ["issued"], "refunded": ["reversed"]}.get(str(charge), [])
        picked = status in ("dispensing", "checked", "dispensed", "return_requested", "returned")
        checked = picked and status != "dispensing"
        assert (rx["picker"] is not None, rx["checker"] is not None) == (picked, checked)
        assert rx["picker"] != rx["checker"] or not picked
        gone = [-each["quantity"] for each in of_rx(stage, "stock_movement")]
        assert sorted(gone) == ([1, 2] if checked and status != "checked" else [])
        reserved = stage.hospital.database.connection().execute(
            'SELECT SUM("quantity") FROM "reservation" WHERE "prescription" = ?', (rx["id"],)
        )
        assert (reserved.fetchone()[0] or 0) == (3 if status in ("dispensing", "checked") else 0)
        assert [each.action for each in stage.rows()] == ["attempt.begin"]


def test_it_goes_on_from_where_it_stands(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, add=prescribed("reviewed")) as stage:
        stage.does("cas", "prescription.charge", target="$rx", channel="WX")
        stage.does("pha", "prescription.pick", target="$rx")
        stage.does("pha2", "prescription.check", target="$rx")
        stage.does("pha2", "prescription.dispense", target="$rx", identifiers=2)
    with Stage.set_up(golden, add=prescribed("checked")) as stage:
        stage.does("pha", "prescription.dispense", target="$rx", identifiers=2)
        assert stage.one("prescription", id=stage.bound("rx"))["status"] == "dispensed"


def test_what_the_author_wrote_is_left_alone(golden: sqlite3.Connection) -> None:
    own = (
        row("stock_batch", "own", drug="M008", batch_no="OWN1", expiry="+50d", quantity=4),
        row("stock_movement", None, batch="$own", type="DISPENSE", quantity=-2, prescription="$rx"),
        row("charge_item", None, patient="$zhang", prescription="$rx", item="M008", status="refund_requested"),
    )  # fmt: skip
    with Stage.set_up(golden, add=(*prescribed("dispensed", picker="pha", checker="pha2"), *own)) as stage:
        seats = stage.rows()[0].data["seats"]
        rx = stage.one("prescription", id=stage.bound("rx"))
        assert (rx["picker"], rx["checker"]) == (seats["pha"], seats["pha2"])
        moved = of_rx(stage, "stock_movement")
        assert [(each["batch"], each["posted_by"]) for each in moved] == [(stage.bound("own"), seats["pha2"])]
        assert [each["status"] for each in of_rx(stage, "charge_item")] == ["refund_requested"]


def test_batches_are_in_the_state_of_their_date(golden: sqlite3.Connection) -> None:
    made = (
        row("stock_batch", "a", drug="M054", expiry="-1d", quantity=1),
        row("stock_batch", "b", drug="M054", expiry="+180d", quantity=1),
        row("stock_batch", "c", drug="M054", expiry="+181d", quantity=1),
        row("stock_batch", "d", drug="M054", expiry="+400d", quantity=1, status="quarantined"),
    )
    with Stage.set_up(golden, add=made) as stage:
        found = {name: stage.one("stock_batch", id=stage.bound(name)) for name in "abcd"}
    assert [found[name]["status"] for name in "abcd"] == ["expired", "near_expiry", "available", "quarantined"]
    assert {each["location"] for each in found.values()} == {"门诊药房冷藏柜"}
    assert len({each["batch_no"] for each in found.values()}) == 4


@pytest.mark.parametrize(
    "unfit",
    [
        (row("stock_batch", None, drug="M008", expiry="+9d"),),
        (row("prescription", None, patient="$stranger", status="charged"),),
        (packs.waiting("zhang"), row("prescription", None, patient="$zhang", status="charged")),
        (*prescribed("charged"), row("rx_item", None, prescription="$rx", drug="M999", quantity=1)),
        (*prescribed("charged"), row("rx_item", None, prescription="$rx", drug="M008")),
        (*prescribed("checked"), row("rx_item", None, prescription="$rx", drug="M022", quantity=9999)),
        (row("stock_movement", None, type="DISPENSE", quantity=-1),),
    ],
)
def test_what_cannot_be_completed_is_no_start(golden: sqlite3.Connection, unfit: tuple[StartRow, ...]) -> None:
    hospital = rules.hospital(MemoryDatabase(golden), Clock())
    with pytest.raises(ArmingError):
        arming.arm(hospital, packs.make_arm(pack=packs.make_pack(add=unfit)))
    hospital.database.close()
