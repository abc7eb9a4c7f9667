"""The patient index away from the window: nurses create who has no papers, the records desk corrects with another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.his.pages.browser import Browser
from tests.his.stage import Stage

Seat = Callable[[str], Browser]
UNKNOWN = {"name": "无名氏甲", "sex": "1", "birth_date": "1980-01-01"}


def born(stage: Stage, days_ago: int) -> str:
    binding = stage.hospital.arming
    assert binding is not None
    return (binding.binding.anchor - timedelta(days=days_ago)).isoformat()


def names(stage: Stage) -> set[str]:
    return {each["name"] for each in stage.table("patient")}


def test_an_emergency_nurse_creates_and_later_names_an_unknown(at: Seat, stage: Stage) -> None:
    nurse = at("nure")
    nurse.opens("/registration/patients/new")
    nurse.submits("patient_index.create", UNKNOWN)
    made = stage.one("patient", name="无名氏甲")
    assert nurse.page.marked("strip", made["id"])

    nurse.opens(f"/registration/patients/{made['id']}/edit")
    nurse.submits("patient_index.update", {"name": "周有名", "phone": "15400000031"})
    named = stage.one("patient", id=made["id"])
    assert (named["name"], named["pinyin_initials"], named["phone"]) == ("周有名", "zym", "15400000031")


def test_an_unknown_with_an_id_number_goes_to_the_window(at: Seat, stage: Stage) -> None:
    nurse = at("nure")
    nurse.opens("/registration/patients/new")
    nurse.submits("patient_index.create", {**UNKNOWN, "birth_date": "1990-03-07", "id_no": "770101199003071375"})
    assert nurse.page.refusal == "E-GEN-03"
    assert "挂号窗口" in nurse.page.text
    assert "无名氏甲" not in names(stage)


@pytest.mark.parametrize(("days_ago", "code"), [(0, None), (27, None), (28, "E-GEN-03")])
def test_nurses_of_other_departments_create_newborns_only(
    at: Seat, stage: Stage, days_ago: int, code: str | None
) -> None:
    nurse = at("nur")
    nurse.opens("/registration/patients/new")
    nurse.submits("patient_index.create", {"name": "秦望山之子", "sex": "1", "birth_date": born(stage, days_ago)})
    assert nurse.page.refusal == code
    assert ("秦望山之子" in names(stage)) == (code is None)


def test_a_nurse_finds_people_and_corrects_those_of_her_department_only(at: Seat, stage: Stage) -> None:
    nurse = at("nur")
    nurse.opens("/registration/patients?q=秦望山")
    nurse.follows("patient", stage.bound("stranger"))
    stranger = stage.one("patient", id=stage.bound("stranger"))
    page = nurse.opens(f"/registration/patients/{stranger['id']}/edit")
    assert (page.status, page.refusal) == (409, "E-GEN-02")
    assert stranger["phone"] not in page.text
    assert stage.refused("nur", "patient_index.update", target="$stranger", phone="15400000032") == "E-GEN-02"
    assert nurse.opens(f"/registration/patients/{stage.bound('zhang')}/edit").refusal is None


def test_the_records_desk_does_not_correct_alone(at: Seat, stage: Stage) -> None:
    records = at("mrc")
    records.opens(f"/registration/patients?patient={stage.bound('zhang')}")
    records.opens(f"/registration/patients/{stage.bound('zhang')}/edit")
    records.submits("patient_index.update", {"phone": "15400000033"})
    assert records.page.refusal == "E-GEN-04"
    records.submits("patient_index.update", {"phone": "15400000033", "second": "colleague"})
    assert records.page.refusal is None
    asked, answered, done = (
        stage.rows()[-4:-1] if stage.rows()[-1].action != "patient_index.update" else stage.rows()[-3:]
    )
    assert [each.action for each in (asked, answered, done)] == [
        "colleague.ask",
        "colleague.answer",
        "patient_index.update",
    ]
    assert done.data["second"] == "colleague"
    assert stage.one("patient", id=stage.bound("zhang"))["phone"] == "15400000033"


@pytest.mark.parametrize("seat", ["reg", "nur", "mrc"])
def test_the_form_does_not_give_away_the_id_number(at: Seat, stage: Stage, seat: str) -> None:
    before = stage.one("patient", id=stage.bound("zhang"))
    person = at(seat)
    page = person.opens(f"/registration/patients/{before['id']}/edit")
    assert before["id_no"] not in page.text
    assert person.value("id_no") == ""
    fields = {"phone": "15400000034", **({"second": "colleague"} if seat == "mrc" else {})}
    person.submits("patient_index.update", fields)
    after = stage.one("patient", id=before["id"])
    assert (after["id_no"], after["phone"]) == (before["id_no"], "15400000034")


def test_looking_for_people_is_journaled_as_a_search(at: Seat, stage: Stage) -> None:
    nurse = at("nure")
    nurse.opens("/registration/patients/_hits?q=秦望山")
    last = stage.rows()[-1]
    assert (last.actor, last.action, last.data["kind"]) == ("nure", "patient.search", "name")


def test_other_posts_have_no_patient_index(at: Seat, stage: Stage) -> None:
    for seat in ("doc", "pha", "cas", "fin"):
        assert at(seat).opens("/registration/patients").refusal == "E-GEN-02", seat
        assert stage.rows()[-1].data["desk"] == "people"


def test_nobody_is_asked_to_confirm_a_form_that_is_wrong(at: Seat, stage: Stage) -> None:
    records = at("mrc")
    records.opens(f"/registration/patients/{stage.bound('zhang')}/edit")
    records.submits("patient_index.update", {"birth_date": "22.11.2006", "second": "colleague"})
    assert records.page.refusal == "E-GEN-06"
    assert "colleague.ask" not in [each.action for each in stage.rows()]
