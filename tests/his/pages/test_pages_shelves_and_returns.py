"""The pharmacy's other pages: a scanned slip, the chart, returns, the shelves and the second person's password."""

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

DRUG = "M008"


def row(table: str, alias: str | None = None, **columns: object) -> StartRow:
    return StartRow(table=table, alias=alias, row=columns)


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Zhang asks for one of three packs to be taken back, Li has not paid, Qin has got his drugs."""
    add = (
        packs.waiting("zhang", status="completed"),
        packs.waiting("li", status="completed"),
        packs.waiting("stranger", status="completed"),
        row("stock_batch", "batch", drug=DRUG, batch_no="AZ1", expiry="+90d", quantity=20),
        row("stock_batch", "old", drug="M054", batch_no="IN1", expiry="-4d", quantity=3),
        row("stock_batch", "good", drug="M054", batch_no="IN2", expiry="+300d", quantity=9),
        row("prescription", "rx", patient="$zhang", status="return_requested", return_reason="ADR"),
        row("prescription", "unpaid", patient="$li", status="reviewed"),
        row("prescription", "gone", patient="$stranger", status="dispensed"),
        row("rx_item", "line", prescription="$rx", drug=DRUG, quantity=3, return_qty=1),
        row("rx_item", None, prescription="$rx", drug="M021", quantity=1),
        row("rx_item", None, prescription="$unpaid", drug=DRUG, quantity=1),
        row("rx_item", None, prescription="$gone", drug=DRUG, quantity=1),
        row("stock_movement", None, batch="$batch", type="DISPENSE", quantity=-3, prescription="$rx"),
    )
    with Stage.set_up(golden, add=add) as made:
        yield made


def last(stage: Stage) -> tuple[str, str, str | None]:
    found = stage.rows()[-1]
    return found.action, found.outcome, found.code


def test_a_scanned_slip_is_found_at_whatever_step_it_is(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    slip = stage.one("prescription", id=stage.bound("unpaid"))["rx_no"]
    pharmacist.opens(f"/pharmacy/pick?q={slip}")
    assert pharmacist.page.marked("strip", stage.bound("li"))
    pharmacist.submits("prescription.pick")
    assert (pharmacist.page.status, pharmacist.page.refusal) == (409, "E-RX-01")
    assert pharmacist.page.marked("strip", stage.bound("li"))
    for known in ("李秋", "lqy", stage.one("patient", id=stage.bound("li"))["card_no"]):
        pharmacist.opens(f"/pharmacy/check?q={known}")
        assert pharmacist.page.link("prescription", stage.bound("unpaid")), known


def test_what_was_handed_out_is_found_but_not_shown(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    page = pharmacist.opens("/pharmacy/pick?q=秦望山")
    assert page.link("prescription", stage.bound("gone"))
    assert page.marked("strip") == []
    assert page.form("prescription.pick") is None
    pharmacist.follows("chart", stage.bound("stranger"))
    assert pharmacist.page.refusal == "E-PRV-01"
    assert last(stage) == ("chart.open", "refused", "E-PRV-01")


def test_looking_into_the_chart_of_who_is_served_is_journaled(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens("/pharmacy/pick?q=李秋云")
    page = pharmacist.follows("chart", stage.bound("li"))
    assert last(stage) == ("chart.open", "ok", None)
    assert (stage.rows()[-1].patient, stage.rows()[-1].data) == (stage.bound("li"), {"relation": "request"})
    assert stage.one("prescription", id=stage.bound("unpaid"))["rx_no"] in page.text
    assert stage.one("prescription", id=stage.bound("gone"))["rx_no"] not in page.text


def test_packs_are_taken_back_as_they_are_read(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    page = pharmacist.opens(f"/pharmacy/returns?prescription={stage.bound('rx')}")
    assert "AZ1 × 3" in page.text
    pharmacist.submits("prescription.accept_return", {"batch_no": "AZ9", "quantity": "1", "intact": DRUG})
    assert pharmacist.page.refusal == "E-GEN-03"
    assert pharmacist.value("batch_no") == "AZ9"
    assert ("intact", DRUG) in pharmacist.form("prescription.accept_return").fields
    pharmacist.submits("prescription.accept_return", {"batch_no": "az1", "intact": DRUG})
    assert pharmacist.page.refusal is None
    assert stage.one("rx_item", id=stage.bound("line"))["returned_qty"] == 1
    assert stage.one("stock_batch", id=stage.bound("batch"))["quantity"] == 21


def test_a_pack_without_its_seal_is_an_opened_one(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens(f"/pharmacy/returns?prescription={stage.bound('rx')}")
    pharmacist.submits("prescription.accept_return", {"batch_no": "AZ1", "quantity": "1"})
    assert pharmacist.page.refusal == "E-RX-13"
    pharmacist.submits("prescription.refuse_return", {"note": "已拆封"})
    assert (pharmacist.page.refusal, pharmacist.value("note")) == ("E-GEN-06", "已拆封")
    pharmacist.submits("prescription.refuse_return", {"reason": "OPENED"})
    assert stage.one("prescription", id=stage.bound("rx"))["status"] == "dispensed"


def shelf(pharmacist: Browser, stage: Stage, name: str) -> None:
    pharmacist.opens(f"/pharmacy/shelves?batch={stage.bound(name)}&q=M054")


def staff(stage: Stage, seat: str) -> str:
    return str(stage.rows()[0].data["seats"][seat])


def test_the_list_shows_what_needs_care_and_a_drug_shows_all(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    pharmacist.opens("/pharmacy/shelves")
    assert pharmacist.page.link("batch-no", "IN1")
    assert pharmacist.page.link("batch-no", "IN2") is None
    pharmacist.opens("/pharmacy/shelves?q=mdyds")
    assert pharmacist.page.link("batch-no", "IN2")
    assert stage.rows()[-1].data == {"drug": "M054"}
    assert "nonsense" in pharmacist.opens("/pharmacy/shelves?q=nonsense").text


def test_the_second_person_proves_who_he_is(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    shelf(pharmacist, stage, "old")
    fields = {"reason": "EXPIRED", "quantity": "3", "second": staff(stage, "pha2")}
    password = initial_password(packs.NONCE, "pha2")
    pharmacist.submits("stock_batch.scrap", {**fields, "second_password": password})
    # An account nobody has used yet proves nothing.
    assert (pharmacist.page.refusal, pharmacist.value("second_password")) == ("E-GEN-07", "")
    at("pha2")
    pharmacist.submits("stock_batch.scrap", {**fields, "second_password": "guess"})
    assert pharmacist.page.refusal == "E-GEN-07"
    assert pharmacist.value("quantity") == "3"
    pharmacist.submits("stock_batch.scrap", {**fields, "second_password": password})
    assert pharmacist.page.refusal is None
    assert stage.one("stock_batch", id=stage.bound("old"))["status"] == "scrapped"


def test_the_colleague_needs_no_password_and_nobody_is_not_enough(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    shelf(pharmacist, stage, "old")
    pharmacist.submits("stock_batch.scrap", {"reason": "EXPIRED", "quantity": "3"})
    assert pharmacist.page.refusal == "E-GEN-04"
    pharmacist.submits("stock_batch.scrap", {"second": "colleague", "reason": "EXPIRED", "quantity": "3"})
    assert stage.one("stock_batch", id=stage.bound("old"))["status"] == "scrapped"


def test_a_batch_is_locked_and_released(at: Seat, stage: Stage) -> None:
    pharmacist = at("pha")
    shelf(pharmacist, stage, "good")
    pharmacist.submits("stock_batch.quarantine", {"note": "冰箱断电"})
    assert (pharmacist.page.refusal, pharmacist.value("note")) == ("E-GEN-06", "冰箱断电")
    pharmacist.submits("stock_batch.quarantine", {"reason": "COLDCHAIN"})
    assert stage.one("stock_batch", id=stage.bound("good"))["status"] == "quarantined"
    pharmacist.submits("stock_batch.release", {"basis": "温度记录完整", "second": "colleague"})
    assert stage.one("stock_batch", id=stage.bound("good"))["status"] == "available"


def test_a_later_batch_is_marked_for_the_one_who_checks(at: Seat, stage: Stage) -> None:
    stage.does("cas", "prescription.charge", target="$unpaid", channel="WX")
    later = [each["id"] for each in stage.table("stock_batch") if (each["drug"], each["place"]) == (DRUG, "OP")]
    later.remove(stage.bound("batch"))
    usable = [each for each in later if stage.one("stock_batch", id=each)["status"] == "available"]
    stage.does("pha", "prescription.pick", target="$unpaid", batches=usable[-1:])
    second = at("pha2")
    assert "非先效期" in second.opens(f"/pharmacy/check?prescription={stage.bound('unpaid')}").text


def test_the_doctor_asks_for_drugs_to_be_taken_back(at: Seat, stage: Stage) -> None:
    stage.run('UPDATE "encounter" SET "status" = \'in_progress\' WHERE "patient" = ?', stage.bound("stranger"))
    visit = stage.one("prescription", id=stage.bound("gone"))["encounter"]
    doctor = at("doc")
    doctor.opens(f"/clinic/charts/{visit}/prescription")
    doctor.follows("return", stage.bound("gone"))
    doctor.submits("prescription.return_apply", {"quantity": "1"})
    assert (doctor.page.refusal, doctor.value("quantity")) == ("E-GEN-06", "1")
    doctor.submits("prescription.return_apply", {"reason": "ADR", "quantity": "1"})
    assert doctor.page.refusal is None
    assert stage.one("prescription", id=stage.bound("gone"))["status"] == "return_requested"


def test_the_way_to_a_strangers_drugs_is_closed(at: Seat, stage: Stage) -> None:
    stage.run(
        'UPDATE "encounter" SET "dept" = \'D0102\', "registration" = NULL WHERE "patient" = ?', stage.bound("stranger")
    )
    stage.run('UPDATE "encounter" SET "attending" = NULL, "status" = \'finished\'')
    doctor = at("doc")
    doctor.opens(f"/clinic/returns/{stage.bound('gone')}")
    assert doctor.page.refusal == "E-PRV-01"
    assert doctor.page.marked("strip") == []
