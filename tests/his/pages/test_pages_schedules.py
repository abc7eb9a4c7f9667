"""Schedules and quotas: who opens and suspends clinics, who lets one more patient come, and what follows."""

from __future__ import annotations

import pytest

from his.app import create_app
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

TODAY, TOMORROW = "2026-11-22", "2026-11-23"
PAGE = "/registration/schedules"


def sits(stage: Stage, seat: str) -> Browser:
    return Browser(create_app(stage.hospital), stage).sits_at(seat)


def doc(stage: Stage) -> str:
    return str(stage.rows()[0].data["seats"]["doc"])


def chosen(stage: Stage, seat: str, *, day: str = TODAY, half: str = "AM", query: str = "") -> Browser:
    browser = sits(stage, seat)
    browser.opens(f"{PAGE}?day={day}&clinic={doc(stage)}:{half}&q={query}")
    return browser


def fill(stage: Stage) -> dict[str, str]:
    """Use up the doctor's morning and return the fields of one more registration."""
    stage.does("hod", "schedule.open", doctor=doc(stage), half_day="AM", quota=2)
    return {"patient": "$stranger", "dept": "D0101", "doctor": "doc", "half_day": "AM"}


def test_the_head_changes_a_quota_and_the_window_sees_it(stage: Stage) -> None:
    head = chosen(stage, "hod", half="PM")
    head.submits("schedule.open", {"quota": "1"}, clinic=f"{doc(stage)}:PM")
    row = stage.one("clinic_day", doctor=doc(stage))
    assert (row["visit_date"], row["half_day"], row["quota"], row["status"]) == (TODAY, "PM", 1, "open")
    assert stage.told()[-2] == ("hod", "schedule.open")
    about = {"dept": "D0101", "doctor": "doc", "half_day": "PM"}
    stage.does("reg", "registration.create", patient="$stranger", **about)
    assert stage.refused("reg", "registration.create", patient="$zhang", **about) == "E-REG-05"


def test_the_head_opens_an_extra_clinic_on_one_day_only(stage: Stage) -> None:
    head = sits(stage, "hod")
    head.opens(f"{PAGE}?day={TOMORROW}")
    other = next(
        each["id"]
        for each in stage.table("staff")
        if (each["dept"], each["role"], each["title"]) == ("D0101", "OPD", "CHP")
    )
    head.sends(
        next(each for each in head.page.forms if "data-new" in each.attributes),
        {"doctor": other, "half_day": "AM", "level": "CHF", "quota": "5"},
    )
    assert head.page.marked("clinic", f"{other}:AM")
    assert not head.opens(f"{PAGE}?day={TODAY}").marked("clinic", f"{other}:AM")


def test_a_suspended_clinic_sells_nothing_and_its_appointments_fall(stage: Stage) -> None:
    booked = {"patient": "$stranger", "doctor": "doc", "dept": "D0101", "visit_date": TOMORROW, "half_day": "AM"}
    stage.does("reg", "appointment.request", **booked)
    stage.does("reg", "appointment.confirm", patient="$stranger")
    head = chosen(stage, "hod", day=TOMORROW)
    head.submits("schedule.suspend", {"reason": "医生外出会诊"})
    assert stage.status("appointment", "stranger") == "cancelled"
    fell = next(each for each in stage.rows() if each.action == "appointment.cancel")
    stopped = next(each for each in stage.rows() if each.action == "schedule.suspend")
    assert (fell.actor, fell.data) == ("system", {"reason": "停诊", "cause": stopped.seq})
    assert stage.refused("reg", "appointment.request", **booked) == "E-GEN-03"
    head.submits("schedule.open", {"quota": "10"}, clinic=f"{doc(stage)}:AM")
    stage.does("reg", "appointment.request", **booked)
    assert stage.status("appointment", "stranger") == "requested"


def test_what_was_sold_for_a_suspended_clinic_goes_back_past_any_limit(stage: Stage) -> None:
    stage.run('UPDATE "registration" SET "level" = \'CHF\' WHERE "id" = ?', stage.bound("zhang_ticket"))
    refund = {"patient": "$zhang", "reason": "NOTDONE", "second": "colleague"}
    assert stage.refused("reg", "registration.refund", **refund) == "E-REG-08"
    chosen(stage, "hod").submits("schedule.suspend", {"reason": "医生突发疾病"})
    assert stage.refused("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc") == "E-GEN-03"
    stage.does("reg", "registration.refund", **refund)
    assert stage.status("registration") == "refunded"


def test_the_doctor_lets_one_more_come_and_the_word_is_used_once(stage: Stage) -> None:
    more = fill(stage)
    assert stage.refused("reg", "registration.create", **more) == "E-REG-05"
    doctor = chosen(stage, "doc", query="秦望山")
    doctor.submits("schedule.add_on", clinic=f"{doc(stage)}:AM")
    word = stage.one("add_on", patient=stage.bound("stranger"))
    assert (word["authorised_by"], word["registration"]) == (doc(stage), None)
    stage.does("reg", "registration.create", **more)
    sold = stage.one("registration", patient=stage.bound("stranger"))
    assert stage.one("add_on", id=word["id"])["registration"] == sold["id"]
    stage.does("reg", "patient_index.create", name="周新来", sex="1", birth_date="2006-11-22", insurance_type="S00")
    assert stage.refused("reg", "registration.create", **{**more, "patient": "$newcomer"}) == "E-REG-05"


def test_a_doctor_of_the_hospital_answers_the_telephone_until_he_has_enough(stage: Stage) -> None:
    other = next(
        each["id"]
        for each in stage.table("staff")
        if (each["dept"], each["role"], each["title"]) == ("D0101", "OPD", "RES")
    )
    stage.does("hod", "schedule.open", doctor=other, half_day="AM", quota=4)
    clerk = sits(stage, "reg")
    for name in ("stranger", "zhang", "li"):
        clerk.opens(f"/registration/?patient={stage.bound(name)}&doctor={other}&of=AM&half=AM")
        clerk.submits("registration.create", {"second": "colleague"})
        assert clerk.page.status == 200
    asked = [each.action for each in stage.rows() if each.action.startswith(("colleague.", "schedule.add_on"))]
    assert asked == ["colleague.ask", "colleague.answer", "schedule.add_on"] * 3
    assert next(each for each in stage.rows() if each.action == "schedule.add_on").actor == "system"
    stage.does("reg", "patient_index.create", name="周新来", sex="1", birth_date="2006-11-22", insurance_type="S00")
    more = {"patient": "$newcomer", "dept": "D0101", "doctor": other, "half_day": "AM", "second": "colleague"}
    assert stage.refused("reg", "registration.create", **more) == "E-REG-05"
    assert [each.action for each in stage.rows()[-3:-1]] == ["colleague.ask", "colleague.answer"]


def test_a_doctor_who_is_a_seat_is_not_played_by_the_hospital(stage: Stage) -> None:
    more = fill(stage)
    clerk = sits(stage, "reg")
    clerk.opens(f"/registration/?patient={stage.bound('stranger')}&doctor={doc(stage)}&of=AM&half=AM")
    clerk.submits("registration.create", {"second": "colleague"})
    assert clerk.page.refusal == "E-REG-05"
    assert "排班号源" in clerk.page.text
    assert more["doctor"] == "doc"


def test_the_head_may_authorise_for_his_doctors(stage: Stage) -> None:
    more = fill(stage)
    chosen(stage, "hod", query="秦望山").submits("schedule.add_on")
    stage.does("reg", "registration.create", **more)
    assert stage.status("registration", "stranger") == "unpaid"


REFUSED = (
    ("hod", "schedule.open", "E-GEN-06", {"quota": "0"}),
    ("hod", "schedule.open", "E-GEN-06", {"quota": "many"}),
    ("hod", "schedule.open", "E-GEN-03", {"quota": "1"}),
    ("hod", "schedule.suspend", "E-GEN-06", {"reason": " "}),
)


@pytest.mark.parametrize(("seat", "deed", "code", "fields"), REFUSED)
def test_the_page_says_why_not(stage: Stage, seat: str, deed: str, code: str, fields: dict[str, str]) -> None:
    browser = chosen(stage, seat)
    browser.submits(deed, fields, clinic=f"{doc(stage)}:AM")
    assert (browser.page.status, browser.page.refusal) == (409, code)
    refused = next(each for each in reversed(stage.rows()) if each.action == deed)
    assert (refused.outcome, refused.code) == ("refused", code)
    assert stage.table("clinic_day") == []


def test_what_is_over_or_of_another_department_is_not_managed(stage: Stage) -> None:
    about = {"doctor": doc(stage), "half_day": "AM"}
    assert stage.refused("hod", "schedule.open", **about, visit_date="2026-11-21", quota=5) == "E-GEN-03"
    assert stage.refused("hod", "schedule.open", **about, visit_date="22.11.2026", quota=5) == "E-GEN-06"
    stranger = next(each["id"] for each in stage.table("staff") if (each["dept"], each["role"]) == ("D0102", "OPD"))
    assert stage.refused("hod", "schedule.open", doctor=stranger, half_day="AM", quota=5) == "E-GEN-02"
    nurse = next(each["id"] for each in stage.table("staff") if (each["dept"], each["role"]) == ("D0101", "NUR"))
    assert stage.refused("hod", "schedule.open", doctor=nurse, half_day="AM", quota=5) == "E-GEN-06"
    stage.does("hod", "schedule.suspend", **about, reason="停电")
    assert stage.refused("hod", "schedule.suspend", **about, reason="停电") == "E-GEN-03"
    assert stage.refused("doc", "schedule.add_on", patient="$stranger", half_day="AM") == "E-GEN-03"


def test_who_may_not_manage_or_authorise_is_refused(stage: Stage) -> None:
    about = {"doctor": doc(stage), "half_day": "AM"}
    for seat in ("reg", "doc", "nur", "cas", "pha"):
        assert stage.refused(seat, "schedule.open", **about, quota=5) == "E-GEN-02"
        assert stage.refused(seat, "schedule.suspend", **about, reason="停电") == "E-GEN-02"
    for seat in ("reg", "nur", "cas"):
        assert stage.refused(seat, "schedule.add_on", **about, patient="$stranger") == "E-GEN-02"
    colleague = next(
        each["id"]
        for each in stage.table("staff")
        if (each["dept"], each["role"]) == ("D0101", "OPD") and each["id"] != doc(stage)
    )
    other = {"doctor": colleague, "half_day": "AM", "patient": "$stranger"}
    assert stage.refused("doc", "schedule.add_on", **other) == "E-GEN-02"
    assert sits(stage, "reg").client.get(PAGE).status_code == 409


def test_a_word_given_twice_or_once_too_often_is_refused(stage: Stage) -> None:
    about = {"half_day": "AM", "doctor": doc(stage)}
    stage.does("doc", "schedule.add_on", patient="$stranger", **about)
    assert stage.refused("doc", "schedule.add_on", patient="$stranger", **about) == "E-GEN-03"
    stage.does("doc", "schedule.add_on", patient="$zhang", **about)
    stage.does("doc", "schedule.add_on", patient="$li", **about)
    other = next(each["id"] for each in stage.table("patient") if each["status"] == "active")
    assert stage.refused("doc", "schedule.add_on", patient=other, **about) == "E-GEN-03"


def test_the_doctor_sees_no_buttons_of_the_head(stage: Stage) -> None:
    doctor = chosen(stage, "doc", query="秦望山")
    deeds = {each.deed for each in doctor.page.forms}
    assert "schedule.add_on" in deeds
    assert not deeds & {"schedule.open", "schedule.suspend"}
