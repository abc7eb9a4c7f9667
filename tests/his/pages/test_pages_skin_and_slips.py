"""The treatment room's page, the review of controlled drugs, slip and labels, units in English."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]


def row(table: str, alias: str | None = None, **columns: object) -> StartRow:
    return StartRow(table=table, alias=alias, row=columns)


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Zhang has paid for amoxicillin, Li's psychotropic waits for review on the wrong form, Qin's drugs are checked."""
    add = (
        packs.waiting("zhang", status="completed"),
        packs.waiting("li", status="completed"),
        packs.waiting("stranger", status="completed"),
        row("prescription", "rx", patient="$zhang", status="charged"),
        row("rx_item", None, prescription="$rx", drug="M001", quantity=1),
        row("prescription", "sleep", patient="$li", status="issued"),
        row("rx_item", None, prescription="$sleep", drug="M030", quantity=1),
        row("prescription", "bag", patient="$stranger", status="checked"),
        row("rx_item", None, prescription="$bag", drug="M054", quantity=1),
        row("rx_item", None, prescription="$bag", drug="M008", quantity=2),
    )
    with Stage.set_up(golden, add=add) as made:
        yield made


def test_a_nurse_begins_a_test_and_reads_it_with_another(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens("/treatment")
    nurse.follows("prescription", stage.bound("rx"))
    nurse.submits("prescription.skin_test")
    assert nurse.page.refusal == "E-GEN-06"
    nurse.submits("prescription.skin_test", {"solution_no": "PS1"})
    assert "观察中" in nurse.page.text
    nurse.submits("prescription.skin_test", {"second": "colleague"})
    assert nurse.page.refusal == "E-GEN-06"
    nurse.submits("prescription.skin_test", {"result": "NEG"})
    assert nurse.page.refusal == "E-GEN-04"
    nurse.submits("prescription.skin_test", {"result": "NEG", "second": "colleague"})
    assert nurse.page.refusal == "E-GEN-04"
    stage.at(21)
    nurse.submits("prescription.skin_test", {"result": "NEG", "second": "colleague"})
    assert nurse.page.refusal is None
    pharmacist = at("pha")
    page = pharmacist.opens(f"/pharmacy/pick?prescription={stage.bound('rx')}")
    assert "皮试(-)" in page.text
    pharmacist.submits("prescription.pick")
    assert stage.one("prescription", id=stage.bound("rx"))["status"] == "dispensing"


def test_a_missing_test_shows_where_drugs_are_picked(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    assert "皮试未做" in pharmacist.opens(f"/pharmacy/pick?prescription={stage.bound('rx')}").text
    pharmacist.submits("prescription.pick")
    assert pharmacist.page.refusal == "E-RX-14"


@pytest.mark.parametrize("seat", ["doc", "pha", "cas", "reg"])
def test_only_nurses_enter_the_treatment_room(at: Seat, seat: str) -> None:
    assert at(seat).opens("/treatment").refusal == "E-GEN-02"


def test_review_shows_what_a_controlled_drug_breaks(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    page = pharmacist.opens(f"/pharmacy/review?prescription={stage.bound('sleep')}")
    assert page.marked("breach")
    assert "第二类精神药品" in page.text
    pharmacist.submits("prescription.approve")
    assert pharmacist.page.refusal == "E-GEN-03"
    pharmacist.submits("prescription.reject", {"reason": "FORM"})
    assert stage.one("prescription", id=stage.bound("sleep"))["status"] == "rejected"


def test_slip_and_labels_name_person_batch_and_use(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha2")
    pharmacist.opens(f"/pharmacy/dispense?prescription={stage.bound('bag')}")
    page = pharmacist.follows("sheet", stage.bound("bag"))
    assert [each.data("sheet") for each in page.marked("sheet")] == ["slip", "label", "label"]
    reserved = stage.hospital.database.connection().execute(
        'SELECT b."batch_no" FROM "reservation" r JOIN "stock_batch" b ON b."id" = r."batch" '
        'WHERE r."prescription" = ?',
        (stage.bound("bag"),),
    )
    assert all(each["batch_no"] in page.text for each in reserved)
    assert "秦望山" in page.text
    pharmacist.submits("print.document", {"purpose": "patient"})
    row_ = stage.rows()[-1]
    assert row_.data == {"document": f"dispensing:{stage.bound('bag')}", "purpose": "patient"}
    assert row_.patient == stage.bound("stranger")


def test_nothing_is_printed_before_it_is_picked(at: Seat, stage: Stage) -> None:
    assert at("pha").opens(f"/pharmacy/sheets/{stage.bound('rx')}").refusal == "E-GEN-01"
    assert at("cas").opens(f"/pharmacy/sheets/{stage.bound('bag')}").refusal == "E-GEN-02"


def test_units_are_english_on_english_pages(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha2")
    english = next(each for each in pharmacist.page.forms if "language" in (each.action or ""))
    pharmacist.sends(english, {"language": "en"})
    page = pharmacist.opens(f"/pharmacy/sheets/{stage.bound('bag')}")
    assert "2 box" in page.text
    assert "0.25g 6 tab/box" in page.text
    assert "盒" not in page.text
