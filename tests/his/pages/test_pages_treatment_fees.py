"""Treatment fees: what a nurse did in a visit is posted by her, paid at the window, taken back before that."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]
FEE, WARD_BED = "F017", "F008"


def visit_of(stage: Stage, name: str = "li") -> str:
    return str(stage.one("registration", id=stage.bound(f"{name}_ticket"))["encounter"])


def test_what_a_nurse_posts_is_paid_at_the_window(at: Seat, stage: Stage) -> None:
    nurse, visit = at("nur"), visit_of(stage)
    nurse.opens("/treatment/fees")
    nurse.follows("encounter", visit)
    nurse.submits("charge_item.post", {"item": FEE, "quantity": "2"})
    charge = stage.only("charge_item")
    assert (charge["encounter"], charge["patient"], charge["status"]) == (visit, stage.bound("li"), "billable")
    posted = next(each for each in stage.rows() if each.action == "charge_item.post")
    assert (posted.actor, posted.encounter, posted.patient) == ("nur", visit, stage.bound("li"))
    assert nurse.page.marked("charge-item", charge["id"])

    window = at("cas")
    window.opens(f"/cashier/?patient={stage.bound('li')}")
    window.submits("charge_item.pay", {"channel": "CASH", "tendered": "500"})
    assert stage.one("charge_item", id=charge["id"])["status"] == "paid"
    assert "已缴费" in nurse.opens(f"/treatment/fees?encounter={visit}").text


def test_a_posting_is_taken_back_for_a_reason_by_who_posted_it(at: Seat, stage: Stage) -> None:
    nurse, visit = at("nur"), visit_of(stage)
    nurse.opens(f"/treatment/fees?encounter={visit}")
    nurse.submits("charge_item.post", {"item": FEE, "quantity": "1"})
    nurse.submits("charge_item.void")
    assert nurse.page.refusal == "E-GEN-06"
    nurse.submits("charge_item.void", {"reason": "录错患者"})
    assert stage.only("charge_item")["status"] == "voided"


@pytest.mark.parametrize("fields", [{"item": "", "quantity": "1"}, {"item": FEE, "quantity": "0"}, {"item": "F999"}])
def test_no_service_and_no_quantity_are_refused(at: Seat, stage: Stage, fields: dict[str, str]) -> None:
    nurse = at("nur")
    nurse.opens(f"/treatment/fees?encounter={visit_of(stage)}")
    nurse.submits("charge_item.post", fields)
    assert nurse.page.refusal == "E-GEN-06"
    assert stage.made("charge_item") == []


def test_a_nurse_posts_for_nobody_elses_patients(stage: Stage) -> None:
    assert stage.refused("nure", "charge_item.post", encounter=visit_of(stage), item=FEE) == "E-GEN-02"
    assert stage.refused("nur", "charge_item.post", patient="$li", item=FEE) == "E-GEN-02"


def test_who_has_not_come_is_not_listed(at: Seat, stage: Stage) -> None:
    stage.run('UPDATE "registration" SET "status" = \'registered\' WHERE "id" = ?', stage.bound("li_ticket"))
    assert not at("nur").opens("/treatment/fees").marked("encounter", visit_of(stage))


def test_the_treatment_room_posts_treatments_only(at: Seat, stage: Stage) -> None:
    offered = {
        each.attributes["value"]
        for each in at("nur").opens(f"/treatment/fees?encounter={visit_of(stage)}").elements
        if each.tag == "option"
    }
    assert FEE in offered
    assert WARD_BED not in offered
    assert stage.refused("nur", "charge_item.post", encounter=visit_of(stage), item=WARD_BED) == "E-GEN-03"
