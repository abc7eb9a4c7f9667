"""The registration desk through its pages: find, create, register, take the fee, check in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]
NEWCOMER = {"name": "周新来", "sex": "1", "birth_date": "2006-11-22", "phone": "15400000099"}


def test_from_search_to_the_queue(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens("/registration/?q=秦望山")
    clerk.follows("patient", stage.bound("stranger"))
    assert clerk.page.marked("strip", stage.bound("stranger"))

    picked = next(each for each in clerk.page.marked("clinic") if each.data("dept") == "D0101")
    clerk.opens(picked.data("href") or "")
    clerk.submits("registration.create")
    ticket = stage.one("registration", patient=stage.bound("stranger"))
    assert (ticket["status"], ticket["doctor"]) == ("unpaid", picked.data("clinic"))

    clerk.submits("registration.pay", {"channel": "CASH", "tendered": "100"})
    assert stage.status("registration", "stranger") == "registered"
    clerk.submits("registration.check_in")
    assert stage.status("registration", "stranger") == "checked_in"

    assert "秦望山" in clerk.opens(f"/registration/registrations/{ticket['id']}/slip").text
    clerk.submits("print.document", {"purpose": "patient"})
    assert stage.told()[-1] == ("reg", "print.document")
    assert clerk.page.marked("print-now")


def test_a_robot_may_fill_the_ticket_without_picking(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens(f"/registration/?patient={stage.bound('stranger')}")
    doctor = stage.one("staff", staff_no="PXDOC")["id"]
    clerk.submits("registration.create", {"dept": "D0101", "doctor": doctor, "half_day": "AM", "insurance_type": "310"})
    assert stage.status("registration", "stranger") == "unpaid"


def test_too_little_money_is_refused_and_stays_in_the_field(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens(f"/registration/?patient={stage.bound('stranger')}")
    doctor = stage.one("staff", staff_no="PXDOC")["id"]
    clerk.submits("registration.create", {"dept": "D0101", "doctor": doctor, "half_day": "AM"})
    clerk.submits("registration.pay", {"channel": "CASH", "tendered": "3"})
    assert (clerk.page.status, clerk.page.refusal) == (409, "E-GEN-06")
    assert clerk.value("tendered") == "3"
    assert stage.status("registration", "stranger") == "unpaid"


def test_hits_and_strip_mask_the_numbers_until_they_are_asked_for(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    key = stage.bound("stranger")
    number = stage.one("patient", id=key)["id_no"]
    clerk.opens(f"/registration/?q=秦望山&patient={key}")
    assert number not in clerk.page.text
    clerk.submits("patient.view_id")
    assert number in clerk.page.text
    assert stage.told()[-2:] == [("reg", "patient.view_id")] or ("reg", "patient.view_id") in stage.told()


def test_a_new_person_is_created_with_what_was_typed(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens("/registration/patients/new?q=周新来")
    assert clerk.value("name") == "周新来"
    clerk.submits("patient_index.create", NEWCOMER)
    assert clerk.page.status == 200
    created = stage.one("patient", name="周新来")
    assert (created["birth_date"], created["pinyin_initials"]) == ("2006-11-22", "zxl")
    assert clerk.page.marked("strip", created["id"])


def test_a_refused_new_person_keeps_every_field_and_marks_the_wrong_ones(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens("/registration/patients/new")
    clerk.submits("patient_index.create", {**NEWCOMER, "birth_date": "22.11.2006", "id_no": "770101200611220017"})
    assert clerk.page.refusal == "E-GEN-06"
    for name, value in {**NEWCOMER, "birth_date": "22.11.2006", "id_no": "770101200611220017"}.items():
        assert dict(clerk.form("patient_index.create").fields)[name] == value
    wrong = {each.attributes.get("name") for each in clerk.page.elements if each.attributes.get("aria-invalid")}
    assert wrong == {"birth_date", "id_no"}


def test_a_likely_duplicate_is_shown_and_needs_a_word(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    known = stage.one("patient", id=stage.bound("stranger"))
    same = {name: str(known[name]) for name in ("name", "sex", "birth_date", "phone")}
    clerk.opens("/registration/patients/new")
    clerk.submits("patient_index.create", same)
    assert clerk.page.refusal == "E-GEN-03"
    assert clerk.page.marked("duplicate", known["id"])
    clerk.submits("patient_index.create", {"confirm": "1"})
    assert len([each for each in stage.table("patient") if each["name"] == known["name"]]) == 2


def test_a_known_number_is_refused_and_the_record_offered(at: Seat, stage: Stage) -> None:
    known = stage.one("patient", id=stage.bound("stranger"))
    clerk = at("reg")
    clerk.opens("/registration/patients/new")
    values = {"name": "秦望", "sex": "1", "birth_date": known["birth_date"], "id_no": known["id_no"]}
    clerk.submits("patient_index.create", values)
    assert clerk.page.refusal == "E-PAT-02"
    clerk.follows("patient", known["id"])
    assert clerk.page.marked("strip", known["id"])


def test_data_are_corrected_and_a_later_form_of_the_same_page_is_refused(at: Seat, stage: Stage) -> None:
    key = stage.bound("stranger")
    clerk = at("reg")
    clerk.opens(f"/registration/patients/{key}/edit")
    stale = clerk.form("patient_index.update")
    clerk.sends(stale, {"phone": "15400000077"})
    assert stage.one("patient", id=key)["phone"] == "15400000077"
    later = Browser(clerk.client.application, stage)
    later.client = clerk.client
    fields = [(name, value) for name, value in stale.fields if name not in ("form_id", "phone")]
    reply = clerk.client.post(stale.action, data=dict([*fields, ("phone", "15400000066")]))
    assert 'data-refusal="E-GEN-05"' in reply.text
    assert 'value="15400000066"' in reply.text


def test_two_records_are_flagged(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    key = stage.bound("stranger")
    known = stage.one("patient", id=key)
    clerk.opens("/registration/patients/new")
    same = {name: str(known[name]) for name in ("name", "sex", "birth_date")}
    clerk.submits("patient_index.create", same)
    clerk.opens(f"/registration/?patient={key}")
    clerk.submits("patient_index.flag_duplicate")
    assert stage.one("patient", id=key)["status"] == "merge_candidate"


def test_a_card_says_what_the_record_says(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens(f"/registration/?patient={stage.bound('stranger')}")
    clerk.submits("scan.card")
    assert clerk.page.marked("card", "fits")
    read = next(each for each in stage.rows() if each.action == "scan.card")
    card = stage.one("patient", id=stage.bound("stranger"))["card_no"]
    assert (read.patient, read.data) == (stage.bound("stranger"), {"value": card, "match": True})


def test_a_card_of_another_insurance_is_offered_and_the_old_one_is_let_pass(at: Seat, stage: Stage) -> None:
    stage.run('UPDATE "patient" SET "card_insurance" = \'390\' WHERE "id" = ?', stage.bound("stranger"))
    clerk = at("reg")
    clerk.opens(f"/registration/?patient={stage.bound('stranger')}")
    doctor = stage.one("staff", staff_no="PXDOC")["id"]
    clerk.submits("scan.card", {"doctor": doctor, "half_day": "AM"})
    assert clerk.page.marked("card", "differs")
    assert dict(clerk.form("registration.create").fields)["insurance_type"] == "390"
    assert dict(clerk.form("registration.create").fields)["doctor"] == doctor
    clerk.submits("registration.create", {"insurance_type": "310"})
    assert stage.one("registration", patient=stage.bound("stranger"))["insurance_type"] == "310"


def test_who_sells_no_visits_reads_no_card(stage: Stage) -> None:
    for seat in ("doc", "nur", "pha", "cas"):
        assert stage.refused(seat, "scan.card", patient="$stranger") == "E-GEN-02"


def test_a_double_press_registers_once(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    clerk.opens(f"/registration/?patient={stage.bound('stranger')}")
    doctor = stage.one("staff", staff_no="PXDOC")["id"]
    form = clerk.form("registration.create")
    values = {"dept": "D0101", "doctor": doctor, "half_day": "AM"}
    clerk.sends(form, values)
    clerk.sends(form, values)
    assert clerk.page.refusal is None
    assert len([each for each in stage.told() if each == ("reg", "registration.create")]) == 1


def test_search_as_you_type_begins_with_two_letters_or_one_character(at: Seat, stage: Stage) -> None:
    clerk = at("reg")
    before = len(stage.rows())
    assert "data-patient" not in clerk.client.get("/registration/_hits?q=q").text
    assert len(stage.rows()) == before
    assert "秦望山" in clerk.client.get("/registration/_hits?q=ＱＷＳ").text
    assert "秦望山" in clerk.client.get("/registration/_hits?q=秦").text


@pytest.mark.parametrize("seat", ["doc", "pha", "cas"])
def test_who_may_not_register_is_refused(at: Seat, stage: Stage, seat: str) -> None:
    browser = at(seat)
    token = browser.value("form_token")
    fields = {"form_token": token, "patient": stage.bound("stranger"), "dept": "D0101", "doctor": "st1"}
    reply = browser.client.post("/registration/registrations", data=fields)
    assert 'data-refusal="E-GEN-02"' in reply.text
    assert stage.rows()[-1].code == "E-GEN-02" or "E-GEN-02" in {each.code for each in stage.rows()}
