"""The triage desk through its pages: check in, vital signs, level, call, pass over, queue again, board."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import pytest

from his.app import create_app
from sandbox.contract import machines, refusals
from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage
from tests.his.test_queue_order import emergency, ticket, with_tickets

Seat = Callable[[str], Browser]
SIGNS = {"temp": "38.6", "pulse": "104", "resp": "20", "sbp": "150", "dbp": "88", "spo2": "97"}
CALLED_THRICE = {"calls": ["call1", "call2", "call3"]}
DEEDS = {
    "registration.check_in": "check-in",
    "registration.call": "call",
    "registration.pass": "pass",
    "registration.re_queue": "re-queue",
    "vitals.record": "vitals",
    "encounter.triage": "level",
}
FIELDS = {"registration.call": {"reason": "急"}, "registration.pass": {"calls": "3"}, "vitals.record": SIGNS}


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    """Zhang and Li wait for respiratory medicine, Qin has paid, Zhou has not; Wu waits in the emergency department."""
    tickets: tuple[StartRow, ...] = (
        ticket("zhang", 1),
        ticket("li", 2),
        ticket("stranger", 3, status="registered"),
        ticket("fourth", 4, status="unpaid"),
        emergency("fifth"),
        packs.allergic("zhang", "PEN"),
    )
    with with_tickets(golden, *tickets) as made:
        yield made


def key(stage: Stage, name: str) -> str:
    return stage.bound(f"{name}_ticket")


def status(stage: Stage, name: str) -> str:
    return str(stage.one("registration", id=key(stage, name))["status"])


def posts(browser: Browser, stage: Stage, deed: str, name: str) -> None:
    """Send a form of the triage desk although no page offers it, as somebody of another post could."""
    fields = {"form_token": browser.value("form_token"), **FIELDS.get(deed, {})}
    address = f"/triage/registrations/{key(stage, name)}/{DEEDS[deed]}"
    browser._show(browser.client.post(address, data=fields, follow_redirects=True))


@pytest.mark.parametrize("by", ["card_no", "name", "id_no", "phone", "mrn"])
def test_a_patient_is_found_by_what_he_shows_and_checked_in(at: Seat, stage: Stage, by: str) -> None:
    nurse = at("nur")
    shown = str(stage.one("patient", id=stage.bound("stranger"))[by])
    nurse.opens("/triage/")
    nurse.submits("patient.search", {"q": shown})
    found = [row for row in stage.rows() if row.action == "patient.search"][-1]
    assert (found.outcome, found.data["hits"]) == ("ok", 1)
    assert nurse.page.marked("strip", stage.bound("stranger"))
    nurse.submits("registration.check_in")
    assert status(stage, "stranger") == "checked_in"
    assert stage.status("encounter", "stranger") == "arrived"
    deeds = ("registration.check_in", "encounter.arrive")
    assert [each for each in stage.told() if each[1] in deeds] == [("nur", deeds[0]), ("system", deeds[1])]


def test_a_queue_number_finds_everybody_who_bears_it_in_the_department(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens("/triage/?q=２")
    shown = {each.data("registration") for each in nurse.page.marked("patient")}
    assert key(stage, "li") in shown
    assert key(stage, "zhang") not in shown


def test_who_has_no_visit_today_is_told_so(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    stage.run('UPDATE "registration" SET "visit_date" = -3 WHERE "id" = ?', key(stage, "stranger"))
    assert "今日没有该患者的挂号" in nurse.opens("/triage/?q=秦望山").text


def test_who_has_not_paid_is_not_checked_in(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'fourth')}")
    nurse.submits("registration.check_in")
    assert (nurse.page.status, nurse.page.refusal) == (409, "E-REG-03")
    assert "请先收取挂号费" in nurse.page.text
    last = [row for row in stage.rows() if row.action == "registration.check_in"][-1]
    assert (last.outcome, last.code, last.target) == ("refused", "E-REG-03", key(stage, "fourth"))


def test_a_visit_of_the_afternoon_is_not_checked_in_in_the_morning(at: Seat, stage: Stage) -> None:
    stage.run('UPDATE "registration" SET "half_day" = \'PM\' WHERE "id" = ?', key(stage, "stranger"))
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'stranger')}")
    nurse.submits("registration.check_in")
    assert nurse.page.refusal == "E-GEN-03"


def test_the_list_counts_minutes_in_hospital_time(at: Seat, stage: Stage) -> None:
    stage.at(42)
    page = at("nur").opens("/triage/")
    line = next(each for each in page.marked("patient") if each.data("registration") == key(stage, "zhang"))
    assert ">42</td>" in page.text
    assert line
    assert "最长等候" in page.text


def test_vital_signs_are_kept_judged_and_shown(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    nurse.submits("vitals.record", SIGNS)
    kept = stage.one("vitals", patient=stage.bound("zhang"))
    assert {name: str(kept[name]) for name in SIGNS} == SIGNS
    assert kept["recorded_by"] == stage.one("staff", staff_no="PXNUR")["id"]
    row = next(each for each in stage.rows() if each.action == "vitals.record")
    assert (row.outcome, row.target, row.data["values"].split(";")[0]) == ("ok", kept["id"], "temp=38.6")
    assert "38.6↑" in nurse.page.text
    assert "88</td>" in nurse.page.text
    nurse.submits("vitals.record", {"temp": "37.0"})
    assert len(stage.made("vitals")) == 2, "the earlier set stays"


def test_the_doctor_reads_in_the_chart_what_was_measured(at: Seat, stage: Stage) -> None:
    stage.does("nur", "vitals.record", patient="$zhang", **SIGNS)
    stage.does("doc", "vitals.record", patient="$zhang", pain="5")
    visit = stage.one("registration", id=key(stage, "zhang"))["encounter"]
    overview = at("doc").opens(f"/clinic/charts/{visit}").text
    assert "生命体征" in overview
    assert "疼痛 5↑" in overview


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"temp"}),
        ({"temp": "386"}, {"temp"}),
        ({"temp": "38.65"}, {"temp"}),
        ({"pulse": "fast"}, {"pulse"}),
        ({"pulse": "80.5"}, {"pulse"}),
        ({"spo2": "101"}, {"spo2"}),
        ({"gcs": "2"}, {"gcs"}),
        ({"sbp": "120"}, {"sbp", "dbp"}),
        ({"sbp": "80", "dbp": "120"}, {"sbp", "dbp"}),
    ],
)
def test_what_cannot_be_is_refused_and_marked(at: Seat, stage: Stage, typed: dict[str, str], wrong: set[str]) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    nurse.submits("vitals.record", typed)
    assert nurse.page.refusal == "E-GEN-06"
    assert {each.attributes["name"] for each in nurse.page.elements if each.attributes.get("aria-invalid")} == wrong
    for name, value in typed.items():
        assert dict(nurse.form("vitals.record").fields)[name] == value
    assert stage.made("vitals") == []


def test_full_width_digits_are_taken(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    nurse.submits("vitals.record", {"temp": "３６．５ "})
    assert stage.one("vitals", patient=stage.bound("zhang"))["temp"] == "36.5"


def test_nobody_is_measured_before_he_is_there(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'stranger')}")
    assert nurse.page.form("vitals.record") is None
    posts(nurse, stage, "vitals.record", "stranger")
    assert nurse.page.refusal == "E-GEN-01"


def test_an_emergency_patient_is_measured_and_given_a_level(at: Seat, stage: Stage) -> None:
    nurse = at("nure")
    nurse.opens(f"/triage/?registration={key(stage, 'fifth')}")
    assert "待分诊" in nurse.page.text
    nurse.submits("encounter.triage", {"triage": "2", "complaint": "胸痛1小时"})
    assert nurse.page.refusal == "E-GEN-03", "nothing has been measured"
    assert "请先测量：体温、脉搏" in nurse.page.text
    assert dict(nurse.form("encounter.triage").fields)["complaint"] == "胸痛1小时"
    nurse.submits("vitals.record", SIGNS)
    nurse.submits("encounter.triage", {"triage": "", "complaint": "胸痛1小时"})
    assert nurse.page.refusal == "E-GEN-06", "no level"
    nurse.submits("encounter.triage", {"triage": "2", "complaint": "胸痛1小时"})
    visit = stage.one("encounter", registration=key(stage, "fifth"))
    assert (visit["status"], visit["triage"], visit["chief_complaint"]) == ("triaged", "2", "胸痛1小时")
    row = next(each for each in stage.rows() if each.action == "encounter.triage" and each.outcome == "ok")
    assert (row.target, row.data) == (visit["id"], {"triage": "2"})
    assert nurse.page.form("encounter.triage") is None
    posts(nurse, stage, "encounter.triage", "fifth")
    assert nurse.page.refusal == "E-GEN-01", "once"
    stage.does("doce", "registration.call", patient="$fifth")
    stage.does("doce", "registration.start", patient="$fifth", identifiers=2)
    assert stage.status("encounter", "fifth") == "in_progress"


def test_outpatients_get_no_level(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    assert nurse.page.form("encounter.triage") is None
    posts(nurse, stage, "encounter.triage", "zhang")
    assert nurse.page.refusal == "E-GEN-03"


def test_the_worst_off_are_called_first_in_emergency(golden: sqlite3.Connection) -> None:
    with with_tickets(golden, emergency("zhang"), emergency("li")) as stage:
        nurse = Browser(create_app(stage.hospital), stage).sits_at("nure")
        nurse.opens(f"/triage/?registration={key(stage, 'li')}")
        nurse.submits("vitals.record", SIGNS)
        nurse.submits("encounter.triage", {"triage": "1"})
        nurse.submits("registration.call")
        assert status(stage, "li") == "called"


def test_call_pass_and_queue_again(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    assert "青霉素" in nurse.page.text, "the strip shows the allergy"
    nurse.submits("registration.call", {"room": "R203"})
    called = stage.one("registration", id=key(stage, "zhang"))
    assert (called["status"], called["room"]) == ("called", "R203")
    assert "已叫至" in nurse.page.text
    nurse.submits("registration.pass", {"calls": ["call1", "call2"]})
    assert nurse.page.refusal == "E-GEN-03"
    assert "须呼叫3次未应答" in nurse.page.text
    nurse.submits("registration.pass", CALLED_THRICE)
    assert status(stage, "zhang") == "missed"
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    nurse.submits("registration.re_queue")
    assert status(stage, "zhang") == "checked_in"
    assert nurse.page.text.count("sign-late") == 2, "in the list and on the card"


def test_a_call_out_of_turn_needs_a_reason(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'li')}")
    nurse.submits("registration.call")
    assert nurse.page.refusal == "E-GEN-06"
    first = next(each for each in nurse.page.elements if "data-focus" in each.attributes)
    assert first.attributes["name"] == "reason"
    nurse.submits("registration.call", {"reason": "高龄优先"})
    assert status(stage, "li") == "called"


def test_a_stale_page_is_refused(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    form = nurse.form("registration.call")
    stage.run('UPDATE "registration" SET "version" = "version" + 1 WHERE "id" = ?', key(stage, "zhang"))
    nurse.sends(form)
    assert nurse.page.refusal == "E-GEN-05"


def test_the_board_shows_rooms_and_hides_names(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens(f"/triage/?registration={key(stage, 'zhang')}")
    nurse.submits("registration.call")
    before = len(stage.rows())
    nurse.opens("/triage/board")
    assert [row.data for row in stage.rows()[before:] if row.action == "queue.view"] == [{"desk": "board"}]
    assert "205诊室" in nurse.page.text
    assert "张*涛" in nurse.page.text
    assert "张海涛" not in nurse.page.text
    before = len(stage.rows())
    fresh = nurse.client.get("/triage/_board").text
    assert "张*涛" in fresh
    assert len(stage.rows()) == before, "the board looks again by itself"
    stage.does("nur", "registration.pass", patient="$zhang", calls=3)
    assert "过号请到分诊台" in nurse.opens("/triage/board").text


@pytest.mark.parametrize("deed", sorted(DEEDS))
@pytest.mark.parametrize("seat", ["pha", "cas"])
def test_other_posts_are_refused(at: Seat, stage: Stage, seat: str, deed: str) -> None:
    other = at(seat)
    before = stage.versions()
    posts(other, stage, deed, "fifth" if deed == "encounter.triage" else "zhang")
    assert other.page.refusal == "E-GEN-02"
    last = [row for row in stage.rows() if row.action == deed][-1]
    assert (last.outcome, last.code) == ("refused", "E-GEN-02")
    assert stage.versions() == before


@pytest.mark.parametrize("deed", ["registration.re_queue", "encounter.triage"])
def test_a_doctor_neither_queues_again_nor_triages(at: Seat, stage: Stage, deed: str) -> None:
    doctor = at("doc")
    posts(doctor, stage, deed, "zhang")
    assert doctor.page.refusal == "E-GEN-02"


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("registration.check_in", "E-GEN-02"),
        ("registration.call", "E-GEN-02"),
        ("registration.pass", "E-GEN-02"),
        ("registration.re_queue", "E-GEN-02"),
        ("vitals.record", "E-PRV-01"),
    ],
)
def test_a_nurse_of_another_department_is_refused(at: Seat, stage: Stage, deed: str, code: str) -> None:
    nurse = at("nure")
    posts(nurse, stage, deed, "zhang")
    assert nurse.page.refusal == code


@pytest.mark.parametrize(
    "deed", ["registration.check_in", "registration.call", "registration.pass", "registration.re_queue"]
)
def test_every_wrong_state_is_refused_through_the_page(at: Seat, stage: Stage, deed: str) -> None:
    nurse = at("nur")
    event = deed.split(".")[1]
    states = sorted({each.target for each in machines.TRANSITIONS if each.entity == "registration"})
    tried = 0
    for now in states:
        if machines.find("registration", now, event) is not None:
            continue
        stage.run('UPDATE "registration" SET "status" = ? WHERE "id" = ?', now, key(stage, "zhang"))
        posts(nurse, stage, deed, "zhang")
        assert nurse.page.refusal == refusals.structural("registration", now, event), now
        tried += 1
    assert tried == len(states) - 1
