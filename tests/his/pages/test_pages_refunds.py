"""Giving visits back at the window: money, place and visit, and every way in which the hospital says no."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from his.app import create_app
from sandbox.contract.exercise_pack import FREE_PRACTICE, Seat
from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Sits = Callable[[str], Browser]
TOGETHER = {"reason": "PATIENT", "second": "colleague"}


def sold(stage: Stage, **pay: str) -> str:
    """Sell a visit to the stranger and return its id."""
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", half_day="AM")
    ticket = str(stage.one("registration", patient=stage.bound("stranger"))["id"])
    stage.does("reg", "registration.pay", target=ticket, **{"channel": "WX", **pay})
    return ticket


def ticket_of(stage: Stage, name: str = "zhang") -> str:
    return stage.bound(f"{name}_ticket")


def refunds(clerk: Browser, ticket: str, **fields: str) -> Browser:
    clerk.opens(f"/registration/refunds?registration={ticket}")
    clerk.submits("registration.refund", {**TOGETHER, **fields}, registration=ticket)
    return clerk


@pytest.mark.parametrize("seat", ["reg", "cas"])
def test_a_visit_is_given_back_with_everything_that_hung_on_it(at: Sits, stage: Stage, seat: str) -> None:
    ticket = sold(stage)
    clerk = refunds(at(seat), ticket)
    assert clerk.page.status == 200
    assert clerk.page.marked("red")
    assert stage.one("registration", id=ticket)["status"] == "refunded"
    assert stage.one("encounter", registration=ticket)["status"] == "cancelled"
    assert stage.one("charge_item", registration=ticket)["status"] == "refunded"
    paid, red = (each for each in stage.table("invoice") if each["patient"] == stage.bound("stranger"))
    assert (paid["status"], red["status"], red["reverses"]) == ("reversed", "issued", paid["id"])
    assert (Decimal(red["total"]), red["channel"]) == (-Decimal(paid["total"]), "WX")
    assert red["cashier"] == stage.rows()[0].data["seats"][seat]


def test_the_journal_tells_who_agreed_and_what_followed(at: Sits, stage: Stage) -> None:
    ticket = sold(stage)
    before = len(stage.rows())
    refunds(at("reg"), ticket)
    rows = [each for each in stage.rows()[before:] if each.action not in ("queue.view", "auth.login")]
    deed = next(each for each in rows if each.action == "registration.refund")
    assert deed.data == {"reason": "PATIENT", "second": "colleague", "amount": "20.00", "channel": "WX"}
    assert [each.action for each in rows[:2]] == ["colleague.ask", "colleague.answer"]
    assert {each.action for each in rows if each.data.get("cause") == deed.seq} == {
        "encounter.cancel", "charge_item.apply_refund", "charge_item.approve", "charge_item.refund",
        "invoice.reverse", "invoice.issue",
    }  # fmt: skip


def test_the_place_is_free_again(at: Sits, stage: Stage) -> None:
    stage.run('UPDATE "schedule" SET "quota" = \'3\' WHERE "doctor" = ?', stage.rows()[0].data["seats"]["doc"])
    ticket = sold(stage)
    full = {"patient": "$newcomer", "dept": "D0101", "doctor": "doc", "half_day": "AM"}
    stage.does("reg", "patient_index.create", name="周新来", sex="1", birth_date="2006-11-22", insurance_type="S00")
    assert stage.refused("reg", "registration.create", **full) == "E-REG-05"
    refunds(at("reg"), ticket)
    stage.does("reg", "registration.create", **full)
    assert stage.told()[-1] == ("system", "charge_item.post")


@pytest.mark.parametrize("state", ["registered", "checked_in", "missed"])
def test_until_the_consultation_a_visit_may_be_given_back(at: Sits, stage: Stage, state: str) -> None:
    stage.run('UPDATE "registration" SET "status" = ? WHERE "id" = ?', state, ticket_of(stage))
    refunds(at("reg"), ticket_of(stage))
    assert stage.status("registration") == "refunded"


def test_a_visit_paid_before_the_exercise_began_goes_back_in_cash(at: Sits, stage: Stage) -> None:
    refunds(at("cas"), ticket_of(stage))
    red = stage.one("invoice", patient=stage.bound("zhang"))
    assert (red["channel"], red["total"], red["reverses"]) == ("CASH", "-20.00", None)


def test_a_visit_of_the_dataset_goes_back_the_way_it_was_paid(at: Sits, stage: Stage) -> None:
    waiting = next(each for each in stage.table("registration") if each["status"] == "registered")
    paid = [each for each in stage.table("invoice") if each["issued_at"] == waiting["paid_at"]]
    mine = next(each for each in paid if each["patient"] == waiting["patient"])
    refunds(at("reg"), waiting["id"])
    red = stage.one("invoice", reverses=mine["id"])
    assert (red["channel"], stage.one("invoice", id=mine["id"])["status"]) == (mine["channel"], "reversed")


def level(stage: Stage, code: str) -> None:
    stage.run('UPDATE "registration" SET "level" = ? WHERE "id" = ?', code, ticket_of(stage))


def state(stage: Stage, code: str) -> None:
    stage.run('UPDATE "registration" SET "status" = ? WHERE "id" = ?', code, ticket_of(stage))


REFUSED: tuple[tuple[str, Callable[[Stage, str], None], str, dict[str, Any]], ...] = (
    ("E-REG-01", state, "completed", {}),
    ("E-REG-02", state, "in_consult", {}),
    ("E-GEN-01", state, "called", {}),
    ("E-REG-08", level, "CHF", {}),
    ("E-REG-08", level, "VIP", {}),
    ("E-GEN-04", level, "GEN", {"second": ""}),
    ("E-GEN-06", level, "GEN", {"reason": ""}),
    ("E-GEN-04", level, "GEN", {"reason": "DRUGRET"}),
    ("E-GEN-04", level, "GEN", {"reason": "DUPCHG"}),
    ("E-GEN-05", level, "GEN", {"version": "9"}),
)


@pytest.mark.parametrize(("code", "scene", "given", "fields"), REFUSED)
def test_the_window_says_why_not(
    at: Sits, stage: Stage, code: str, scene: Callable[[Stage, str], None], given: str, fields: dict[str, str]
) -> None:
    scene(stage, given)
    before = stage.versions()
    clerk = refunds(at("reg"), ticket_of(stage), **fields)
    assert (clerk.page.status, clerk.page.refusal) == (409, code)
    last = next(each for each in reversed(stage.rows()) if each.action == "registration.refund")
    assert (last.outcome, last.code) == ("refused", code)
    assert stage.versions() == before


@pytest.mark.parametrize("code", ["unpaid", "refunded", "expired"])
def test_what_was_never_paid_or_is_over_offers_no_form_and_is_refused(at: Sits, stage: Stage, code: str) -> None:
    state(stage, code)
    clerk = at("reg")
    clerk.opens(f"/registration/refunds?registration={ticket_of(stage)}")
    if code != "unpaid":
        assert clerk.page.form("registration.refund") is None
    fields = {**TOGETHER, "form_token": clerk.value("form_token")}
    reply = clerk.client.post(f"/registration/refunds/{ticket_of(stage)}", data=fields)
    assert 'data-refusal="E-GEN-01"' in reply.text


@pytest.mark.parametrize("seat", ["doc", "nur", "pha"])
def test_others_have_no_such_desk(at: Sits, stage: Stage, seat: str) -> None:
    browser = at(seat)
    assert browser.client.get("/registration/refunds").status_code == 409
    fields = {**TOGETHER, "form_token": browser.value("form_token")}
    reply = browser.client.post(f"/registration/refunds/{ticket_of(stage)}", data=fields)
    assert 'data-refusal="E-GEN-02"' in reply.text
    assert stage.rows()[-1].code == "E-GEN-02" or any(each.code == "E-GEN-02" for each in stage.rows())


def test_a_second_clerk_confirms_with_his_own_password(golden: sqlite3.Connection) -> None:
    other = Seat(name="reg2", role="REG", dept="D0903", ward=None, title=packs.make_words("挂号员(复核)"))
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, other)) as stage:
        app = create_app(stage.hospital)
        clerk = Browser(app, stage).sits_at("reg")
        Browser(app, stage).sits_at("reg2")
        second = stage.rows()[0].data["seats"]["reg2"]
        refunds(clerk, ticket_of(stage), second=second, second_password="wrong")
        assert clerk.page.refusal == "E-GEN-07"
        refunds(clerk, ticket_of(stage), second=second, second_password=initial_password(packs.NONCE, "reg2"))
        assert stage.status("registration") == "refunded"
        deed = [each for each in stage.rows() if each.action == "registration.refund"][-1]
        assert deed.data["second"] == "reg2"


def test_the_list_is_found_by_name(at: Sits, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens("/registration/refunds?q=张海涛")
    assert [each.data("registration") for each in clerk.page.marked("registration") if each.tag == "tr"] == [
        ticket_of(stage)
    ]
    assert "没有可退" in clerk.opens("/registration/refunds?q=无此人").text
