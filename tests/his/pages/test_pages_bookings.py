"""Appointments through the pages: every way of their machine, and every way in which the hospital says no."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Sits = Callable[[str], Browser]
TODAY, TOMORROW = "2026-11-22", "2026-11-23"
PAGE = "/registration/bookings"
DAY_MINUTES = 24 * 60


def doc(stage: Stage) -> str:
    return str(stage.rows()[0].data["seats"]["doc"])


def clinic(stage: Stage, half: str = "AM") -> str:
    return f"{doc(stage)}:D0101:{half}"


def asked(stage: Stage, name: str = "stranger", *, day: str = TOMORROW, half: str = "AM") -> str:
    """Ask for an appointment with the trainee's doctor and return its id."""
    fields = {"patient": f"${name}", "doctor": "doc", "dept": "D0101", "half_day": half, "visit_date": day}
    stage.does("reg", "appointment.request", **fields)
    return str(newest(stage)["id"])


def booked(stage: Stage, name: str = "stranger", **when: str) -> str:
    key = asked(stage, name, **when)
    stage.does("reg", "appointment.confirm", target=key)
    return key


def newest(stage: Stage) -> dict[str, Any]:
    return max(stage.table("appointment"), key=lambda each: (len(each["id"]), each["id"]))


def state(stage: Stage, key: str) -> str:
    return str(stage.one("appointment", id=key)["status"])


def fill(stage: Stage, places: int) -> None:
    stage.run('UPDATE "schedule" SET "quota" = ? WHERE "doctor" = ?', str(places), doc(stage))


def chosen(browser: Browser, key: str, **query: str) -> Browser:
    rest = "".join(f"&{name}={value}" for name, value in query.items())
    browser.opens(f"{PAGE}?appointment={key}{rest}")
    return browser


def refused(browser: Browser, stage: Stage, deed: str, code: str) -> None:
    assert (browser.page.status, browser.page.refusal) == (409, code)
    last = next(each for each in reversed(stage.rows()) if each.action == deed)
    assert (last.outcome, last.code, last.changes) == ("refused", code, ())


def test_from_the_search_to_a_confirmed_booking(at: Sits, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens(f"{PAGE}?find=秦望山")
    clerk.follows("patient", stage.bound("stranger"))
    clerk.follows("clinic", clinic(stage))
    clerk.submits("appointment.request", {"source": "TEL"})
    wanted = newest(stage)
    assert (wanted["visit_date"], wanted["half_day"], wanted["level"]) == (TOMORROW, "AM", "GEN")
    assert (wanted["source"], wanted["status"]) == ("TEL", "requested")
    clerk.submits("appointment.confirm")
    assert state(stage, wanted["id"]) == "booked"
    assert clerk.page.marked("appointment", wanted["id"])
    row = next(each for each in stage.rows() if each.action == "appointment.request")
    assert row.data == {
        "doctor": doc(stage), "dept": "D0101", "half_day": "AM", "visit_date": TOMORROW, "source": "TEL",
    }  # fmt: skip


def test_a_booking_holds_a_place_of_its_day(at: Sits, stage: Stage) -> None:
    fill(stage, 1)
    booked(stage)
    other = asked(stage, "li")
    clerk = chosen(at("reg"), other)
    clerk.submits("appointment.confirm")
    refused(clerk, stage, "appointment.confirm", "E-APT-03")
    clerk.submits("appointment.waitlist")
    assert state(stage, other) == "waitlisted"
    clerk.submits("appointment.confirm")
    refused(clerk, stage, "appointment.confirm", "E-GEN-03")


def test_who_waits_gets_the_place_that_was_released(at: Sits, stage: Stage) -> None:
    fill(stage, 1)
    first, second = booked(stage), asked(stage, "li")
    stage.does("reg", "appointment.waitlist", target=second)
    clerk = chosen(at("reg"), first)
    clerk.submits("appointment.cancel", {"reason": "PAT"})
    assert state(stage, first) == "cancelled"
    chosen(clerk, second).submits("appointment.confirm")
    assert state(stage, second) == "booked"


def test_while_places_are_left_nobody_is_made_to_wait(at: Sits, stage: Stage) -> None:
    clerk = chosen(at("reg"), asked(stage))
    clerk.submits("appointment.waitlist")
    refused(clerk, stage, "appointment.waitlist", "E-GEN-03")


def test_one_patient_is_not_booked_twice_in_a_half_day(at: Sits, stage: Stage) -> None:
    booked(stage)
    clerk = chosen(at("reg"), asked(stage))
    clerk.submits("appointment.confirm")
    refused(clerk, stage, "appointment.confirm", "E-APT-03")


def test_who_missed_too_often_is_not_confirmed(at: Sits, stage: Stage) -> None:
    missed = [asked(stage, half=half) for half in ("AM", "PM", "NT")]
    for key in missed:
        stage.run('UPDATE "appointment" SET "status" = \'no_show\', "visit_date" = -5 WHERE "id" = ?', key)
    clerk = chosen(at("reg"), asked(stage))
    clerk.submits("appointment.confirm")
    refused(clerk, stage, "appointment.confirm", "E-GEN-03")


@pytest.mark.parametrize("standing", ["requested", "waitlisted", "booked"])
def test_it_is_cancelled_from_every_open_state_for_a_reason(at: Sits, stage: Stage, standing: str) -> None:
    key = asked(stage)
    stage.run('UPDATE "appointment" SET "status" = ? WHERE "id" = ?', standing, key)
    clerk = chosen(at("reg"), key)
    clerk.submits("appointment.cancel", {"reason": ""})
    refused(clerk, stage, "appointment.cancel", "E-GEN-06")
    clerk.submits("appointment.cancel", {"reason": "PAT"})
    assert state(stage, key) == "cancelled"


def test_past_the_limit_a_booking_stands(at: Sits, stage: Stage) -> None:
    early, late = booked(stage, day=TODAY, half="PM"), booked(stage, "li")
    stage.at(3 * 60)
    clerk = chosen(at("reg"), early)
    clerk.submits("appointment.cancel", {"reason": "PAT"})
    refused(clerk, stage, "appointment.cancel", "E-APT-02")
    chosen(clerk, late).submits("appointment.cancel", {"reason": "PAT"})
    assert state(stage, late) == "cancelled"


def test_a_booking_moves_and_its_old_place_is_free(at: Sits, stage: Stage) -> None:
    fill(stage, 1)
    key = booked(stage)
    clerk = chosen(at("reg"), key, day="2026-11-24")
    clerk.submits("appointment.reschedule", {"clinic": clinic(stage, "PM")})
    moved = stage.one("appointment", id=key)
    assert (moved["visit_date"], moved["half_day"], moved["status"]) == ("2026-11-24", "PM", "booked")
    booked(stage, "li")
    clerk = chosen(clerk, key, day=TOMORROW)
    clerk.submits("appointment.reschedule", {"clinic": clinic(stage)})
    refused(clerk, stage, "appointment.reschedule", "E-GEN-03")


def test_a_booking_does_not_move_to_where_it_stands_or_to_nowhere(at: Sits, stage: Stage) -> None:
    clerk = chosen(at("reg"), booked(stage), day=TOMORROW)
    clerk.submits("appointment.reschedule", {"clinic": clinic(stage)})
    refused(clerk, stage, "appointment.reschedule", "E-GEN-06")
    clerk.submits("appointment.reschedule", {"clinic": ""})
    refused(clerk, stage, "appointment.reschedule", "E-GEN-06")


def test_the_ticket_is_taken_on_the_day_and_leads_to_the_fee(at: Sits, stage: Stage) -> None:
    key = booked(stage, day=TODAY, half="PM")
    stage.at(5 * 60)
    clerk = chosen(at("reg"), key)
    boxes = clerk.form("appointment.take_ticket").offers("identifiers")
    clerk.submits("appointment.take_ticket", {"identifiers": boxes[:2], "insurance_type": "390"})
    ticket = stage.one("registration", patient=stage.bound("stranger"))
    kept = stage.one("appointment", id=key)
    assert (kept["status"], kept["registration"]) == ("fulfilled", ticket["id"])
    assert (ticket["status"], ticket["half_day"], ticket["insurance_type"]) == ("unpaid", "PM", "390")
    deed = next(each for each in stage.rows() if each.action == "appointment.take_ticket")
    sold = next(each for each in stage.rows() if each.action == "registration.create")
    assert (sold.actor, sold.data["cause"], deed.data) == ("system", deed.seq, {"identifiers": 2})
    clerk.submits("registration.pay", {"channel": "CASH", "tendered": "50"})
    assert stage.status("registration", "stranger") == "registered"


def test_without_two_identifiers_there_is_no_ticket(at: Sits, stage: Stage) -> None:
    clerk = chosen(at("reg"), booked(stage, day=TODAY, half="PM"))
    boxes = clerk.form("appointment.take_ticket").offers("identifiers")
    clerk.submits("appointment.take_ticket", {"identifiers": boxes[:1]})
    refused(clerk, stage, "appointment.take_ticket", "E-GEN-06")
    assert not [each for each in stage.table("registration") if each["patient"] == stage.bound("stranger")]


def test_on_another_day_there_is_no_ticket(at: Sits, stage: Stage) -> None:
    clerk = chosen(at("reg"), booked(stage))
    clerk.submits("appointment.take_ticket", {"identifiers": ["name", "birth"]})
    refused(clerk, stage, "appointment.take_ticket", "E-GEN-03")


def test_with_a_visit_of_the_same_doctor_there_is_no_second_ticket(at: Sits, stage: Stage) -> None:
    key = booked(stage, day=TODAY, half="PM")
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", half_day="PM")
    clerk = chosen(at("reg"), key)
    clerk.submits("appointment.take_ticket", {"identifiers": ["name", "birth"]})
    refused(clerk, stage, "appointment.take_ticket", "E-REG-04")


def test_a_cancelled_one_gives_no_ticket(at: Sits, stage: Stage) -> None:
    clerk = chosen(at("reg"), booked(stage, day=TODAY, half="PM"))
    form = clerk.form("appointment.take_ticket")
    stage.run('UPDATE "appointment" SET "status" = \'cancelled\'')
    clerk.sends(form, {"identifiers": ["name", "birth"]})
    refused(clerk, stage, "appointment.take_ticket", "E-APT-01")


def test_who_does_not_come_is_a_no_show_once_the_half_day_is_over(stage: Stage) -> None:
    key = booked(stage, day=TODAY, half="PM")
    stage.at(9 * 60)
    stage.hospital.tick()
    assert state(stage, key) == "booked"
    stage.at(10 * 60)
    stage.hospital.tick()
    assert state(stage, key) == "no_show"
    assert stage.told()[-1] == ("system", "appointment.miss")


def test_who_still_waits_when_the_half_day_begins_is_let_go(stage: Stage) -> None:
    fill(stage, 1)
    booked(stage)
    waiting = asked(stage, "li")
    stage.does("reg", "appointment.waitlist", target=waiting)
    stage.at(DAY_MINUTES - 1)
    stage.hospital.tick()
    assert state(stage, waiting) == "waitlisted"
    stage.at(DAY_MINUTES)
    stage.hospital.tick()
    assert state(stage, waiting) == "cancelled"
    fell = [each for each in stage.rows() if each.action == "appointment.cancel"][-1]
    assert (fell.actor, fell.data) == ("system", {"reason": "候补未释放号源"})


WRONG: tuple[tuple[str, dict[str, str]], ...] = (
    ("E-GEN-03", {"visit_date": TODAY}),
    ("E-GEN-03", {"visit_date": "2026-11-21"}),
    ("E-GEN-03", {"visit_date": "2027-01-22"}),
    ("E-GEN-06", {"visit_date": "soon"}),
    ("E-GEN-06", {"half_day": ""}),
    ("E-GEN-06", {"source": "FAX"}),
    ("E-GEN-03", {"dept": "D0102"}),
)


@pytest.mark.parametrize(("code", "fields"), WRONG)
def test_what_cannot_be_asked_for(at: Sits, stage: Stage, code: str, fields: dict[str, str]) -> None:
    clerk = at("reg")
    clerk.opens(f"{PAGE}?patient={stage.bound('stranger')}&day={TOMORROW}&clinic={clinic(stage)}")
    clerk.submits("appointment.request", fields)
    refused(clerk, stage, "appointment.request", code)
    assert stage.made("appointment") == []


def test_sex_and_age_must_fit_the_department_of_a_booking(stage: Stage) -> None:
    women = next(each["id"] for each in stage.table("staff") if (each["dept"], each["title"]) == ("D0301", "RES"))
    about = {"doctor": women, "dept": "D0301", "half_day": "AM", "visit_date": TOMORROW}
    assert stage.refused("reg", "appointment.request", patient="$stranger", **about) == "E-REG-06"


def test_a_merged_record_books_nothing(stage: Stage) -> None:
    key = asked(stage)
    stage.run('UPDATE "patient" SET "status" = \'merged\' WHERE "id" = ?', stage.bound("stranger"))
    about = {"doctor": "doc", "dept": "D0101", "half_day": "PM", "visit_date": TOMORROW}
    assert stage.refused("reg", "appointment.request", patient="$stranger", **about) == "E-PAT-01"
    assert stage.refused("reg", "appointment.confirm", target=key) == "E-PAT-01"


def test_the_doctor_books_and_cancels_for_his_own_department_only(at: Sits, stage: Stage) -> None:
    doctor = at("doc")
    doctor.opens(f"{PAGE}?patient={stage.bound('zhang')}&day={TOMORROW}&clinic={clinic(stage)}")
    doctor.submits("appointment.request")
    key = newest(stage)["id"]
    assert {each.deed for each in doctor.page.forms} & {"appointment.confirm", "appointment.reschedule"} == set()
    doctor.submits("appointment.cancel", {"reason": "CON"})
    assert state(stage, key) == "cancelled"
    other = next(each["id"] for each in stage.table("staff") if (each["dept"], each["role"]) == ("D0102", "OPD"))
    about = {"patient": "$zhang", "doctor": other, "dept": "D0102", "half_day": "PM", "visit_date": TOMORROW}
    assert stage.refused("doc", "appointment.request", **about) == "E-GEN-02"
    stage.does("reg", "appointment.request", **about)
    assert stage.refused("doc", "appointment.cancel", target=newest(stage)["id"], reason="PAT") == "E-GEN-02"
    shown = doctor.opens(f"{PAGE}?show=open").marked("appointment")
    assert newest(stage)["id"] not in {each.data("appointment") for each in shown}


def test_who_may_not_book_is_refused(at: Sits, stage: Stage) -> None:
    key = asked(stage)
    about = {"patient": "$zhang", "doctor": "doc", "dept": "D0101", "half_day": "AM", "visit_date": TOMORROW}
    for seat in ("nur", "pha", "cas"):
        assert stage.refused(seat, "appointment.request", **about) == "E-GEN-02"
        assert stage.refused(seat, "appointment.cancel", target=key, reason="PAT") == "E-GEN-02"
    for deed in ("confirm", "waitlist", "take_ticket"):
        assert stage.refused("doc", f"appointment.{deed}", target=key) == "E-GEN-02"
    assert stage.refused("doc", "appointment.reschedule", target=key, half_day="PM") == "E-GEN-02"
    assert at("nur").client.get(PAGE).status_code == 409


def test_a_stale_page_is_refused(at: Sits, stage: Stage) -> None:
    clerk = chosen(at("reg"), asked(stage))
    clerk.submits("appointment.confirm", {"version": "7"})
    refused(clerk, stage, "appointment.confirm", "E-GEN-05")


def test_an_exercise_lets_patients_ask_from_home(golden: sqlite3.Connection) -> None:
    wish = StartRow(table="appointment", alias="wish", row={"patient": "$stranger", "doctor": "doc"})
    with Stage.set_up(golden, add=(packs.waiting("zhang"), wish)) as stage:
        row = stage.one("appointment", id=stage.bound("wish"))
        assert (row["status"], row["source"], row["visit_date"]) == ("requested", "APP", TOMORROW)
        assert (row["dept"], row["half_day"], row["level"]) == ("D0101", "AM", "GEN")
        stage.does("reg", "appointment.confirm", patient="$stranger")
        assert state(stage, row["id"]) == "booked"


def test_lists_are_kept_apart_and_found_by_initials(at: Sits, stage: Stage) -> None:
    waiting, sure = asked(stage), booked(stage, "li")
    clerk = at("reg")
    shown = {each.data("appointment") for each in clerk.opens(f"{PAGE}?show=open").marked("appointment")}
    assert waiting in shown
    assert sure not in shown
    shown = {each.data("appointment") for each in clerk.opens(f"{PAGE}?show=booked&q=LQY").marked("appointment")}
    assert shown == {sure}
    shown = {each.data("appointment") for each in clerk.opens(f"{PAGE}?show=past").marked("appointment")}
    assert not shown & {waiting, sure}
