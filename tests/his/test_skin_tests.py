"""Skin tests between payment and picking: begun, read by two, valid for a time; positive ones become allergies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from tests.his import packs
from tests.his.stage import Stage

DRUG, SISTER, OTHER = "M001", "M002", "M004"
BEGUN = {"patient": "$zhang", "drug": DRUG, "solution_no": "ps2601"}


def read(result: str = "NEG", **more: Any) -> dict[str, Any]:
    return {"patient": "$zhang", "drug": DRUG, "result": result, "second": "colleague", **more}


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    with Stage.set_up(golden, add=(packs.waiting("zhang"), packs.waiting("li"))) as made:
        yield made


def carried_out(stage: Stage, result: str, drug: str) -> None:
    stage.charge(drug)
    stage.does("nur", "prescription.skin_test", **{**BEGUN, "drug": drug})
    stage.at(25)
    stage.does("nur", "prescription.skin_test", **read(result, drug=drug))


def test_a_negative_test_opens_the_way_to_the_shelf(stage: Stage) -> None:
    stage.charge(DRUG)
    assert stage.refused("pha", "prescription.pick", patient="$zhang") == "E-RX-14"
    stage.does("nur", "prescription.skin_test", **BEGUN)
    assert stage.refused("pha", "prescription.pick", patient="$zhang") == "E-RX-14"
    stage.at(21)
    stage.does("nur", "prescription.skin_test", **read())
    row = stage.rows()[-1]
    assert row.data == {
        "drug": DRUG, "solution_no": "PS2601", "result": "NEG", "minutes": 21, "second": "colleague",
    }  # fmt: skip
    stage.does("pha", "prescription.pick", patient="$zhang")
    found = stage.one("skin_test", patient=stage.bound("zhang"))
    assert (found["result"], found["solution_no"]) == ("NEG", "PS2601")
    assert found["second"] not in (None, found["read_by"])


def test_a_positive_test_is_an_allergy_and_closes_it(stage: Stage) -> None:
    carried_out(stage, "POS", DRUG)
    assert stage.refused("pha", "prescription.pick", patient="$zhang") == "E-RX-14"
    entry = stage.one("allergy", patient=stage.bound("zhang"), drug=DRUG)
    assert (entry["class"], entry["source"], entry["status"]) == ("PEN", "SKIN", "active")
    row = stage.rows()[-2]
    assert (row.actor, row.action) == ("system", "allergy.record")
    assert stage.refused("nur", "prescription.skin_test", **BEGUN) == "E-GEN-03"


def test_a_result_is_read_by_two_and_in_time(stage: Stage) -> None:
    stage.charge(DRUG)
    assert stage.refused("nur", "prescription.skin_test", **read()) == "E-GEN-03"
    stage.does("nur", "prescription.skin_test", **BEGUN)
    assert stage.refused("nur", "prescription.skin_test", **read(second=None)) == "E-GEN-04"
    assert stage.refused("nur", "prescription.skin_test", **read(second="nur")) == "E-GEN-04"
    assert stage.refused("nur", "prescription.skin_test", **read("MAYBE")) == "E-GEN-06"
    assert stage.refused("nur", "prescription.skin_test", **read("")) == "E-GEN-06"
    stage.at(10)
    assert stage.refused("nur", "prescription.skin_test", **read()) == "E-GEN-04"
    said = next(each for each in reversed(stage.rows()) if each.action == "colleague.answer")
    assert "20" in str(said.data["comment"])
    assert stage.refused("nur", "prescription.skin_test", **BEGUN) == "E-GEN-03"


def test_what_is_asked_before_a_test(stage: Stage) -> None:
    stage.charge(DRUG, OTHER)
    assert stage.refused("nur", "prescription.skin_test", **{**BEGUN, "solution_no": " "}) == "E-GEN-06"
    for drug in (OTHER, "M999", None):
        assert stage.refused("nur", "prescription.skin_test", **{**BEGUN, "drug": drug}) == "E-GEN-06"
    for seat in ("pha", "doc", "cas", "reg"):
        assert stage.refused(seat, "prescription.skin_test", **BEGUN) == "E-GEN-02"
    stage.does("doc", "allergy.record", patient="$zhang", severity="2", **{"class": "PEN"})
    assert stage.refused("nur", "prescription.skin_test", **BEGUN) == "E-GEN-03"


def test_a_nurse_of_another_department_does_not_test(stage: Stage) -> None:
    stage.charge(DRUG)
    stage.run('UPDATE "encounter" SET "dept" = \'D0102\' WHERE "patient" = ?', stage.bound("zhang"))
    assert stage.refused("nur", "prescription.skin_test", **BEGUN) == "E-PRV-01"


def test_before_payment_and_after_picking_nothing_is_tested(stage: Stage) -> None:
    stage.review(DRUG)
    assert stage.refused("nur", "prescription.skin_test", **BEGUN) == "E-GEN-01"
    stage.does("cas", "prescription.charge", patient="$zhang", channel="WX")
    stage.does("nur", "prescription.skin_test", **BEGUN)
    stage.at(30)
    stage.does("nur", "prescription.skin_test", **read())
    stage.does("pha", "prescription.pick", patient="$zhang")
    assert stage.refused("nur", "prescription.skin_test", **BEGUN) == "E-GEN-01"


def test_a_test_counts_for_its_class_and_not_for_ever(stage: Stage) -> None:
    carried_out(stage, "NEG", SISTER)
    stage.run('UPDATE "skin_test" SET "drug" = ?', DRUG)
    stage.does("pha", "prescription.pick", patient="$zhang")
    stage.does("pha", "prescription.unpick", patient="$zhang", reason="重配")
    stage.run('UPDATE "skin_test" SET "read_at" = "read_at" - ?', 73 * 3600)
    assert stage.refused("pha", "prescription.pick", patient="$zhang") == "E-RX-14"
