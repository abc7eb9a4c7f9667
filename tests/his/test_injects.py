"""What the hospital does to the trainee besides talking: it changes and adds records, and time passes."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from his import arming, rules
from his.chart.refusing import Refused
from his.database import MemoryDatabase
from his.hospital_time import Clock
from sandbox.contract.exercise_pack import Inject, Skip, StartRow, StartSet
from tests.his import packs
from tests.his.stage import Stage

OPENED = {"opened": [{"actions": ["chart.open"], "outcome": "ok", "fields": {"patient": {"is": {"name": "zhang"}}}}]}
TIRED = Inject(id="rash", at="1m", add=StartRow(table="allergy", alias=None, row={"patient": "$li", "class": "CEPH"}))
MORNING = Skip(step="s1", to="+1d 08:00", label=packs.make_words("次日早晨"))


def happened(stage: Stage) -> list[tuple[Any, str, str | None]]:
    """Return every inject that came, how, and with which code."""
    return [(each.data["inject"], each.outcome, each.code) for each in stage.rows() if each.action == "inject.fired"]


def on_time(stage: Stage, minutes: float) -> None:
    stage.at(minutes)
    stage.hospital.tick()


def test_an_inject_adds_a_record_as_the_hospitals_own_act(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, injects=(TIRED,)) as stage:
        on_time(stage, 2)
        added = stage.one("allergy", patient=stage.bound("li"))
        assert (added["class"], added["status"]) == ("CEPH", "active")
        row = stage.rows()[-1]
        assert (row.actor, row.action, row.outcome) == ("system", "inject.fired", "ok")
        assert {change.table for change in row.changes} == {"allergy"}


def test_an_inject_changes_a_record(golden: sqlite3.Connection) -> None:
    moved = StartSet(table="registration", where={"id": "$li_ticket"}, to={"queue_no": 99})
    with Stage.set_up(golden, injects=(Inject(id="moved", at="1m", set=moved),)) as stage:
        on_time(stage, 2)
        assert stage.one("registration", id=stage.bound("li_ticket"))["queue_no"] == 99
        assert [(each.column, each.after) for each in stage.rows()[-1].changes] == [("queue_no", 99)]


def test_a_change_that_finds_nothing_leaves_a_refused_row_and_comes_once(golden: sqlite3.Connection) -> None:
    moved = StartSet(table="registration", where={"queue_no": 77}, to={"queue_no": 99})
    with Stage.set_up(golden, injects=(Inject(id="moved", at="1m", set=moved),)) as stage:
        on_time(stage, 2)
        on_time(stage, 3)
        assert happened(stage) == [("moved", "refused", "E-GEN-03")]


def test_a_record_of_somebody_nobody_has_created_leaves_a_refused_row(golden: sqlite3.Connection) -> None:
    row = StartRow(table="allergy", alias=None, row={"patient": "$newcomer", "class": "PEN"})
    with Stage.set_up(golden, injects=(Inject(id="rash", at="1m", add=row),)) as stage:
        before = len(stage.table("allergy"))
        on_time(stage, 2)
        assert happened(stage) == [("rash", "refused", "E-GEN-03")]
        assert len(stage.table("allergy")) == before
        stage.does("doc", "registration.call", patient="$zhang")
        assert stage.rows()[-1].outcome == "ok"


def test_a_jump_moves_hospital_time_and_leaves_working_time(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, injects=(Inject(id="night", at="5m", jump="+1d 07:30"),)) as stage:
        on_time(stage, 5)
        stage.at(6)
        stage.does("doc", "print.document", document="list", purpose="交班")
        row = stage.rows()[-1]
        assert (row.t, row.at) == (360_000, "2026-11-23T07:31:00")


def test_a_jump_fires_all_it_passes_in_order(golden: sqlite3.Connection) -> None:
    injects = (
        packs.say("next-day", at="+1d 09:00"),
        packs.say("evening", at="today 20:00"),
        Inject(id="night", at="5m", jump="+1d 07:30"),
        packs.say("dawn", at="+1d 06:00"),
        Inject(id="on", at="today 22:00", jump="+1d 10:00"),
    )
    with Stage.set_up(golden, injects=injects) as stage:
        on_time(stage, 5)
        assert [name for name, _, _ in happened(stage)] == ["night", "evening", "on", "dawn", "next-day"]
        assert stage.hospital.clock.now().seconds == 34 * 3600


def test_a_jump_lets_what_is_due_happen_before_the_next_act(golden: sqlite3.Connection) -> None:
    unpaid = packs.waiting("stranger", status="unpaid")
    injects = (Inject(id="night", at="5m", jump="+1d 07:30"),)
    with Stage.set_up(golden, add=(unpaid,), injects=injects) as stage:
        on_time(stage, 5)
        assert stage.one("registration", id=stage.bound("stranger_ticket"))["status"] == "expired"


def test_a_jump_to_a_moment_that_has_passed_changes_nothing(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, injects=(Inject(id="back", at="5m", jump="today 08:01"),)) as stage:
        on_time(stage, 6)
        assert happened(stage) == [("back", "ok", None)]
        assert stage.hospital.clock.now().seconds == 8 * 3600 + 360


def test_an_inject_follows_what_another_did(golden: sqlite3.Connection) -> None:
    seen = {"rashed": [{"actions": ["inject.fired"], "outcome": "ok", "fields": {"inject": {"is": "rash"}}}]}
    injects = (TIRED, packs.say("worse", when="rashed"))
    with Stage.set_up(golden, injects=injects, events=seen) as stage:
        on_time(stage, 2)
        assert [name for name, _, _ in happened(stage)] == ["rash", "worse"]


def test_a_step_lets_time_pass_once(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, skips=(MORNING,)) as stage:
        stage.at(10)
        stage.does("doc", "clock.step", skip="s1")
        row = stage.rows()[-1]
        facts = {"skip": "s1", "from": "2026-11-22T08:10:00", "to": "2026-11-23T08:00:00"}
        assert (row.actor, row.action, row.data) == ("doc", "clock.step", facts)
        assert stage.hospital.clock.now().seconds == 32 * 3600
        stage.hospital.tick()
        assert stage.refused("doc", "clock.step", skip="s1") == "E-GEN-03"


def test_a_step_the_exercise_does_not_have_is_refused(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, skips=(MORNING,)) as stage:
        assert stage.refused("doc", "clock.step", skip="s2") == "E-GEN-06"


def test_the_clock_goes_on_from_where_a_jump_led_after_a_restart(golden: sqlite3.Connection) -> None:
    hospital = rules.hospital(MemoryDatabase(golden), Clock())
    arming.arm(hospital, packs.make_arm(pack=packs.make_pack(injects=(Inject(id="on", at="1m", jump="+2d"),))))
    hospital.clock.set_to(120_000)
    hospital.tick()
    again = rules.hospital(hospital.database, Clock())
    arming.resume(again)
    assert again.clock.now().seconds == 48 * 3600
    hospital.database.close()


def test_a_refused_act_takes_its_jump_back(golden: sqlite3.Connection) -> None:
    jump = Inject(id="on", when="opened", jump="+2d")
    with Stage.set_up(golden, injects=(jump,), events=OPENED) as stage:

        def opens_and_fails(act: Any) -> None:
            act.attempt("chart.open", patient=stage.bound("zhang"))
            act.jump_to(999_999)
            raise Refused("E-GEN-01")

        with stage.hospital.looking() as act, pytest.raises(Refused):
            stage.hospital.perform(act.who, opens_and_fails)
        assert stage.hospital.clock.now().seconds == 8 * 3600


def test_start_set_changes_seeded_people_before_rows_are_added(golden: sqlite3.Connection) -> None:
    change = StartSet(table="patient", where={"id": "$zhang"}, to={"phone": "15400000009"})
    with Stage.set_up(golden, set=(change,)) as stage:
        assert stage.one("patient", id=stage.bound("zhang"))["phone"] == "15400000009"
        assert stage.rows()[0].changes == ()


def test_start_set_that_finds_nothing_does_not_arm(golden: sqlite3.Connection) -> None:
    change = StartSet(table="patient", where={"phone": "0"}, to={"phone": "1"})
    hospital = rules.hospital(MemoryDatabase(golden), Clock())
    with pytest.raises(arming.ArmingError, match=r"start\.set finds no patient"):
        arming.arm(hospital, packs.make_arm(pack=packs.make_pack(set=(change,))))
    hospital.database.close()


def test_row_one_names_the_variant_that_was_drawn(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, variant=3) as stage:
        assert stage.rows()[0].data["variant"] == 3
    with Stage.set_up(golden) as stage:
        assert "variant" not in stage.rows()[0].data
