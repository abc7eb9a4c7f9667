"""Narcotics and psychotropics are passed only on their own form and within the days and doses of the table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.stage import Stage

MORPHINE, TRAMADOL_SR, DIAZEPAM, ORDINARY = "M027", "M026", "M029", "M021"


def stage_with(golden: sqlite3.Connection, drug: str, form: str, days: int, quantity: int) -> Iterator[Stage]:
    add = (
        packs.waiting("zhang", status="completed"),
        StartRow(table="prescription", alias="rx", row={"patient": "$zhang", "status": "issued", "type": form}),
        StartRow(
            table="rx_item", alias=None, row={"prescription": "$rx", "drug": drug, "days": days, "quantity": quantity}
        ),
    )
    with Stage.set_up(golden, add=add) as made:
        yield made


@pytest.mark.parametrize(
    ("drug", "form", "days", "quantity", "passes"),
    [
        (ORDINARY, "W", 7, 3, True),
        (MORPHINE, "N", 1, 1, True),
        (MORPHINE, "W", 1, 1, False),
        (MORPHINE, "N", 2, 1, False),
        (MORPHINE, "N", 1, 2, False),
        (DIAZEPAM, "P", 7, 2, True),
        (DIAZEPAM, "P", 8, 2, False),
        (DIAZEPAM, "N", 3, 1, False),
        (TRAMADOL_SR, "P", 7, 2, True),
    ],
)
def test_review_passes_only_what_the_table_allows(
    golden: sqlite3.Connection, drug: str, form: str, days: int, quantity: int, passes: bool
) -> None:
    for stage in stage_with(golden, drug, form, days, quantity):
        if passes:
            stage.does("pha", "prescription.approve", target="$rx")
            assert stage.one("prescription", id=stage.bound("rx"))["status"] == "reviewed"
        else:
            assert stage.refused("pha", "prescription.approve", target="$rx") == "E-GEN-03"
            stage.does("pha", "prescription.reject", target="$rx", reason="FORM")


def test_narcotic_slow_release_and_other_forms_have_their_own_days(golden: sqlite3.Connection) -> None:
    rules = dict(golden.execute("SELECT control_class || form, max_days FROM control_rules"))
    assert (rules["麻醉injection"], rules["麻醉slow"], rules["麻醉other"], rules["精二other"]) == ("1", "7", "3", "7")
