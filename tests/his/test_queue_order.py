"""The queue of a clinic: whose turn it is, who comes late, and what time does to registrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from his.chart import queue, waiting
from sandbox.contract.exercise_pack import Seat, StartRow
from tests.his import packs
from tests.his.stage import Stage

NIGHT_DOCTOR = Seat(name="doce", role="OPD", dept="D0601", ward=None, title=packs.make_words("急诊医生"))
NAMES = ("zhang", "li", "stranger", "fourth", "fifth")
OTHERS = tuple(
    packs.CastMember(name=name, columns={"name": said, "sex": "1", "birth_date": "-40y"})
    for name, said in (("fourth", "周四"), ("fifth", "吴五"))
)


def ticket(name: str, number: int, **columns: Any) -> StartRow:
    return packs.waiting(name, queue_no=number, half_day="AM", **columns)


def emergency(name: str, **columns: Any) -> StartRow:
    return packs.waiting(name, dept="D0601", doctor="doce", level="EMG", **columns)


@contextmanager
def with_tickets(golden: sqlite3.Connection, *tickets: StartRow, **pack: Any) -> Iterator[Stage]:
    seats = (*packs.FREE_PRACTICE.seats, NIGHT_DOCTOR)
    given = {"cast": (packs.ZHANG, packs.LI, packs.STRANGER, *OTHERS), "add": tickets, "seats": seats, **pack}
    with Stage.set_up(golden, **given) as stage:
        yield stage


def status(stage: Stage, name: str) -> str:
    return str(stage.one("registration", id=stage.bound(f"{name}_ticket"))["status"])


def order(stage: Stage, dept: str = "D0101") -> list[str]:
    """Return the waiting in order, by the names of the cast."""
    names = {stage.bound(name): name for name in NAMES}
    with stage.hospital.looking() as act:
        return [
            names[each["patient"]] for each in waiting.in_order(queue.today(act, dept=dept)) if each["patient"] in names
        ]


@pytest.fixture
def clinic(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Five tickets of one clinic; numbers 2 to 5 have checked in, number 1 has not."""
    tickets = [ticket(name, place) for place, name in enumerate(NAMES, start=1)]
    tickets[0] = ticket("zhang", 1, status="registered")
    with with_tickets(golden, *tickets) as stage:
        yield stage


def test_numbers_make_the_order_and_a_jump_needs_a_reason(clinic: Stage) -> None:
    assert order(clinic) == ["li", "stranger", "fourth", "fifth"]
    assert clinic.refused("nur", "registration.call", patient="$stranger") == "E-GEN-06"
    clinic.does("nur", "registration.call", patient="$stranger", reason="行动不便")
    assert status(clinic, "stranger") == "called"
    assert clinic.rows()[-1].data == {"reason": "行动不便", "room": "R205"}


def test_who_checks_in_in_time_keeps_his_place(clinic: Stage) -> None:
    clinic.does("nur", "registration.check_in", patient="$zhang")
    assert order(clinic)[0] == "zhang"
    assert clinic.one("registration", id=clinic.bound("zhang_ticket"))["turn"] is None


def test_who_checks_in_after_a_later_number_was_called_waits_behind_three(clinic: Stage) -> None:
    clinic.does("nur", "registration.call", patient="$li")
    clinic.does("nur", "registration.check_in", patient="$zhang")
    assert order(clinic) == ["stranger", "fourth", "fifth", "zhang"]
    late = clinic.one("registration", id=clinic.bound("zhang_ticket"))
    assert (late["turn"], late["checked_in_at"]) == (5, "2026-11-22T08:00:00")


def test_who_was_passed_over_comes_back_behind_others(clinic: Stage) -> None:
    clinic.does("nur", "registration.call", patient="$li")
    clinic.does("nur", "registration.pass", patient="$li", calls=3)
    clinic.at(20)
    clinic.does("nur", "registration.re_queue", patient="$li")
    back = clinic.one("registration", id=clinic.bound("li_ticket"))
    assert (back["status"], back["turn"], back["room"]) == ("checked_in", 5, None)
    assert back["checked_in_at"] == "2026-11-22T08:20:00"
    assert order(clinic) == ["stranger", "fourth", "fifth", "li"]


def test_a_patient_is_called_three_times_before_he_is_passed_over(clinic: Stage) -> None:
    clinic.does("doc", "registration.call", patient="$li")
    assert clinic.refused("doc", "registration.pass", patient="$li", calls=2) == "E-GEN-03"
    clinic.does("doc", "registration.pass", patient="$li", calls=3)
    assert clinic.rows()[-1].data == {"calls": 3}


def test_a_room_of_another_department_is_refused(clinic: Stage) -> None:
    assert clinic.refused("nur", "registration.call", patient="$li", room="R301") == "E-GEN-06"
    clinic.does("nur", "registration.call", patient="$li", room="R202")
    assert clinic.one("registration", id=clinic.bound("li_ticket"))["room"] == "R202"


def test_an_unanswered_call_is_missed_once_the_half_day_is_over(clinic: Stage) -> None:
    clinic.at(3 * 60 + 55)
    clinic.does("doc", "registration.call", patient="$li")
    clinic.at(4 * 60 + 4)
    clinic.hospital.tick()
    assert status(clinic, "li") == "called", "his ten minutes are not over"
    clinic.at(4 * 60 + 5)
    clinic.hospital.tick()
    assert status(clinic, "li") == "missed"
    assert clinic.told()[-1] == ("system", "registration.pass")
    assert clinic.refused("nur", "registration.re_queue", patient="$li") == "E-GEN-03"


def test_a_call_during_the_half_day_is_not_missed_by_itself(clinic: Stage) -> None:
    clinic.does("doc", "registration.call", patient="$li")
    clinic.at(3 * 60 + 59)
    clinic.hospital.tick()
    assert status(clinic, "li") == "called"


def test_the_end_of_the_day_takes_whoever_was_not_seen(clinic: Stage) -> None:
    clinic.does("doc", "registration.call", patient="$li")
    clinic.does("doc", "registration.pass", patient="$li", calls=3)
    clinic.at(15 * 60 + 59)
    clinic.hospital.tick()
    assert [status(clinic, each) for each in ("zhang", "li", "stranger")] == ["registered", "missed", "checked_in"]
    clinic.at(16 * 60)
    clinic.hospital.tick()
    assert {status(clinic, each) for each in NAMES} == {"expired"}
    assert clinic.status("encounter", "fifth") == "cancelled"


def test_an_emergency_visit_outlives_the_day_by_hours(golden: sqlite3.Connection) -> None:
    with with_tickets(golden, emergency("zhang", status="registered"), emergency("li"), clock="22:00") as stage:
        stage.at(3 * 60)
        stage.does("nure", "registration.check_in", patient="$zhang")
        assert order(stage, "D0601") == ["li", "zhang"]
        stage.does("nure", "chart.open", patient="$zhang")
        stage.at(24 * 60)
        stage.hospital.tick()
        assert (status(stage, "zhang"), status(stage, "li")) == ("expired", "expired")
