"""What an exercise brings along: seats, people, start rows, injects; and the clock they all run on."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest

from his import arming, rules
from his.arming import ArmingError
from his.chart.refusing import Refused
from his.database import MemoryDatabase
from his.hospital_time import Clock, iso_day, iso_time, seconds_of
from sandbox.contract.exercise_pack import CastMember, StartRow, StartSet
from sandbox.contract.identity import PREFIX, check_digit
from tests.his import packs
from tests.his.stage import Stage

OPENED = {"opened": [{"actions": ["chart.open"], "outcome": "ok", "fields": {"patient": {"is": {"name": "zhang"}}}}]}


def test_seats_become_staff_with_accounts(stage: Stage) -> None:
    seats = stage.rows()[0].data["seats"]
    doctor = stage.one("staff", id=seats["doc"])
    assert (doctor["role"], doctor["dept"], doctor["title"]) == ("OPD", "D0101", "ATT")
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", half_day="PM")


def test_people_of_the_cast_are_provably_nobody(stage: Stage) -> None:
    zhang = stage.one("patient", id=stage.bound("zhang"))
    assert zhang["id_no"].startswith(PREFIX)
    assert check_digit(zhang["id_no"][:17]) == zhang["id_no"][17]
    assert (zhang["birth_date"], zhang["phone"][:3], zhang["pinyin_initials"]) == ("1992-11-22", "154", "zht")


def test_row_one_says_what_everything_is_bound_to(stage: Stage) -> None:
    first = stage.rows()[0]
    assert (first.action, first.data["anchor"]) == ("attempt.begin", packs.ANCHOR)
    assert first.data["bindings"]["newcomer"] == []
    assert first.data["exercise"] == f"test-pack@1:{'0' * 64}"
    assert len(first.data["dataset"]) == 64
    ticket = stage.one("registration", id=first.data["bindings"]["zhang_ticket"][0])
    assert stage.one("encounter", id=ticket["encounter"])["status"] == "arrived"


def test_an_absent_person_is_bound_when_he_is_created(stage: Stage) -> None:
    person = {"name": "周新来", "sex": "1", "birth_date": "2006-11-22", "insurance_type": "310"}
    made = stage.does("reg", "patient_index.create", **person)
    stage.does("reg", "registration.create", patient="$newcomer", dept="D0101", doctor="doc")
    assert stage.one("registration", patient=made)["status"] == "unpaid"


def test_dates_count_from_the_anchor(golden: sqlite3.Connection) -> None:
    row = {"patient": "$zhang", "dept": "D0101", "doctor": "doc", "status": "completed", "visit_date": "-3d"}
    paid = {**row, "paid_at": "-3d 08:15", "fee": "20.00"}
    start = StartRow(table="registration", alias="old", row=paid)
    with Stage.set_up(golden, add=(start,)) as stage:
        old = stage.one("registration", id=stage.bound("old"))
    assert (old["visit_date"], old["paid_at"]) == ("2026-11-19", "2026-11-19T08:15:00")


def test_start_data_may_change_what_is_there(golden: sqlite3.Connection) -> None:
    change = StartSet(table="patient", where={"id": "$zhang"}, to={"phone": "15400000001"})
    with Stage.set_up(golden, set=(change,)) as stage:
        assert stage.one("patient", id=stage.bound("zhang"))["phone"] == "15400000001"
        assert stage.rows()[0].changes == ()


@pytest.mark.parametrize(
    "unfit",
    [
        {"cast": (CastMember(name="x", label="nobody-of-this-town"),), "add": ()},
        {"add": (packs.allergic("unknown", "PEN"),)},
        {"add": (StartRow(table="allergy", alias=None, row={"patient": "$zhang", "colour": "red"}),)},
        {"add": (packs.waiting("newcomer"),)},
        {"set": (StartSet(table="patient", where={"name": "没有这个人"}, to={"phone": "1"}),)},
    ],
)
def test_a_pack_that_does_not_fit_changes_nothing(golden: sqlite3.Connection, unfit: dict[str, object]) -> None:
    hospital = rules.hospital(MemoryDatabase(golden), Clock())
    with pytest.raises(ArmingError):
        arming.arm(hospital, packs.make_arm(pack=packs.make_pack(**unfit)))
    assert not hospital.is_open
    count = hospital.database.connection().execute("SELECT COUNT(*) FROM journal").fetchone()[0]
    assert (count, arming.resume(hospital)) == (0, None)
    hospital.database.close()


def test_injects_fire_by_time_and_in_file_order(golden: sqlite3.Connection) -> None:
    moments = {"late": "5m", "b": "2m", "a": "2m", "day": "+1d 08:00"}
    injects = tuple(packs.say(name, at=moment) for name, moment in moments.items())
    with Stage.set_up(golden, injects=injects) as stage:
        stage.at(5)
        stage.does("doc", "registration.call", patient="$zhang")
        assert fired(stage) == ["b", "a", "late"]
        assert stage.rows()[-1].action == "registration.call"
        stage.at(24 * 60)
        stage.hospital.tick()
        assert fired(stage) == ["b", "a", "late", "day"]


def fired(stage: Stage) -> list[str]:
    return [each.data["inject"] for each in stage.rows() if each.action == "inject.fired"]


def test_an_inject_follows_the_first_row_of_its_event_once(golden: sqlite3.Connection) -> None:
    injects = (packs.say("now", when="opened"), packs.say("then", when="opened", delay_ms=90_000))
    with Stage.set_up(golden, injects=injects, events=OPENED) as stage:
        stage.does("doc", "chart.open", patient="$li")
        assert fired(stage) == []
        stage.does("doc", "chart.open", patient="$zhang")
        assert [each.action for each in stage.rows()[-2:]] == ["chart.open", "inject.fired"]
        stage.does("doc", "chart.open", patient="$zhang")
        assert fired(stage) == ["now"]
        stage.at(2)
        stage.hospital.tick()
        assert fired(stage) == ["now", "then"]


def test_an_inject_is_spared_when_the_event_has_happened(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, injects=(packs.say("nudge", at="1m", unless="opened"),), events=OPENED) as stage:
        stage.does("doc", "chart.open", patient="$zhang")
        stage.at(2)
        stage.hospital.tick()
        assert fired(stage) == []


def test_a_refused_try_wakes_what_waits_for_it(golden: sqlite3.Connection) -> None:
    tried = {"tried": [{"actions": ["chart.open"], "outcome": "refused", "code": {"is": "E-PRV-01"}, "fields": {}}]}
    with Stage.set_up(golden, injects=(packs.say("well", when="tried"),), events=tried) as stage:
        with pytest.raises(Refused):
            stage.does("doc", "chart.open", patient="$stranger")
        assert [each.action for each in stage.rows()[-2:]] == ["chart.open", "inject.fired"]


class Ticks:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_only_a_person_ends_idleness(golden: sqlite3.Connection) -> None:
    ticks = Ticks()
    hospital = rules.hospital(MemoryDatabase(golden), Clock(ticks))
    ticks.now += 500
    arming.arm(hospital, packs.make_arm(clock="real"))
    ticks.now += 60
    hospital.tick()
    assert hospital.idle_ms() == 60_000
    hospital.note_input()
    ticks.now += 1
    assert hospital.idle_ms() == 1_000
    hospital.database.close()


def test_working_time_runs_slower_for_those_with_extra_time() -> None:
    ticks = Ticks()
    clock = Clock(ticks)
    clock.start(start_s=seconds_of("08:30"), factor=4)
    ticks.now += 60
    assert (clock.now().t, clock.now().seconds) == (15_000, 8 * 3600 + 30 * 60 + 15)


def test_the_clock_goes_on_from_where_it_was_saved() -> None:
    ticks = Ticks()
    clock = Clock(ticks)
    clock.start(start_s=0, t=5_000)
    ticks.now += 1
    assert clock.now().t == 6_000
    clock.stop()
    ticks.now += 1_000
    assert clock.now().t == 6_000


def test_a_test_clock_moves_only_forward_and_a_real_one_not_at_all() -> None:
    clock = Clock(Ticks())
    clock.start(start_s=0, test=True)
    clock.set_to(9_000)
    clock.set_to(3_000)
    assert clock.now().t == 9_000
    clock.start(start_s=0)
    clock.set_to(9_000)
    assert clock.now().t == 0


def test_times_and_days_are_shown_from_the_anchor() -> None:
    anchor = date(2026, 11, 22)
    assert iso_time(anchor, -86_400 + 8 * 3600 + 15 * 60) == "2026-11-21T08:15:00"
    assert iso_day(anchor, 9) == "2026-12-01"
