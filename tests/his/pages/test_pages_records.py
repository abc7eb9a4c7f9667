"""Two records of one person: flagged at the window, merged, told apart or taken asunder at the records desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from his.app import create_app
from sandbox.contract.exercise_pack import FREE_PRACTICE, CastMember, Seat
from sandbox.contract.seats import initial_password
from tests.his import packs
from tests.his.pages.browser import Browser
from tests.his.stage import Stage

SECOND = Seat(name="mrc2", role="MRC", dept="D0904", ward=None, title=packs.make_words("病案员(复核)"))
TWIN = CastMember(
    name="again", columns={"name": "张海涛", "sex": "1", "birth_date": "-34y", "phone": "15400000088", "id_no": ""}
)
PAGE = "/records/duplicates"
TOGETHER = {"second": "colleague"}


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    cast = (packs.ZHANG, packs.LI, packs.STRANGER, packs.NEWCOMER, TWIN)
    with Stage.set_up(golden, seats=(*FREE_PRACTICE.seats, SECOND), cast=cast) as made:
        made.run('UPDATE "patient" SET "phone" = \'15400000088\' WHERE "id" = ?', made.bound("zhang"))
        yield made


def sits(stage: Stage, seat: str) -> Browser:
    return Browser(create_app(stage.hospital), stage).sits_at(seat)


def flag(stage: Stage, name: str = "again", other: str = "zhang") -> str:
    stage.does("reg", "patient_index.flag_duplicate", target=f"${name}", other=f"${other}")
    return stage.bound(name)


def chosen(stage: Stage, key: str, seat: str = "mrc") -> Browser:
    browser = sits(stage, seat)
    browser.opens(f"{PAGE}?record={key}")
    return browser


def person(stage: Stage, name: str) -> dict[str, Any]:
    return stage.one("patient", id=stage.bound(name))


def refused(browser: Browser, stage: Stage, deed: str, code: str) -> None:
    assert (browser.page.status, browser.page.refusal) == (409, code)
    last = next(each for each in reversed(stage.rows()) if each.action == deed)
    assert (last.outcome, last.code, last.changes) == ("refused", code, ())


def test_a_pair_goes_from_the_window_to_one_record(stage: Stage) -> None:
    clerk = sits(stage, "reg")
    clerk.opens(f"/registration/?patient={stage.bound('again')}")
    clerk.submits("patient_index.flag_duplicate", {"other": stage.bound("zhang")})
    records = sits(stage, "mrc")
    records.follows("patient", stage.bound("again"))
    records.submits("patient_index.merge", TOGETHER)
    assert records.page.status == 200
    gone = person(stage, "again")
    assert (gone["status"], gone["same_as"]) == ("merged", stage.bound("zhang"))
    assert person(stage, "zhang")["status"] == "active"
    deed = next(each for each in stage.rows() if each.action == "patient_index.merge")
    assert deed.data == {"survivor": stage.bound("zhang"), "second": "colleague"}


def test_a_gap_of_the_record_that_stays_is_filled_shown_before_and_taken_back(stage: Stage) -> None:
    key, stays = flag(stage), stage.bound("zhang")
    stage.run("UPDATE patient SET address = NULL, card_no = NULL, card_insurance = NULL WHERE id = ?", stays)
    stage.run("UPDATE patient SET address = '样例县1号', card_no = 'P00000077' WHERE id = ?", key)
    known = person(stage, "zhang")
    records = chosen(stage, key)
    assert {each.data("fills") for each in records.page.marked("fills")} >= {"compare.address", "compare.card_no"}
    records.submits("patient_index.merge", TOGETHER)
    filled = person(stage, "zhang")
    assert (filled["address"], filled["card_no"], filled["phone"]) == ("样例县1号", "P00000077", known["phone"])
    assert filled["id_no"] == known["id_no"], "what is known is not overwritten"
    deed = next(each for each in stage.rows() if each.action == "patient_index.merge")
    assert {"address", "card_no"} <= set(deed.data["filled"].split(","))
    assert {(each.column, each.after) for each in deed.changes if each.id == stays} >= {("address", "样例县1号")}
    # Written since by somebody who asked the patient: that stays.
    stage.run("UPDATE patient SET card_no = 'P00000078' WHERE id = ?", stays)
    records.opens(f"{PAGE}?record={key}")
    assert "撤销时取回" in records.page.text
    records.submits("patient_index.unmerge", {**TOGETHER, "reason": "误合并"})
    back = person(stage, "zhang")
    assert (back["address"], back["card_no"]) == (None, "P00000078")
    assert person(stage, "again")["address"] == "样例县1号"


def test_everything_of_the_record_that_goes_moves_and_comes_back(stage: Stage) -> None:
    key = flag(stage, "zhang", "again")
    tables = ("registration", "encounter", "allergy")
    before = {table: [e["id"] for e in stage.table(table) if e["patient"] == key] for table in tables}
    assert all(before.values())
    records = chosen(stage, key)
    records.submits("patient_index.merge", TOGETHER)
    for table, ids in before.items():
        assert {each["patient"] for each in stage.table(table) if each["id"] in ids} == {stage.bound("again")}
    deed = next(each for each in stage.rows() if each.action == "patient_index.merge")
    assert {(each.table, each.column) for each in deed.changes} >= {(table, "patient") for table in tables}
    stage.does("reg", "registration.create", patient="$again", dept="D0101", doctor="doc", half_day="PM")
    records.opens(f"{PAGE}?record={key}")
    records.submits("patient_index.unmerge", {**TOGETHER, "reason": "误合并"})
    for table, ids in before.items():
        assert [each["id"] for each in stage.table(table) if each["patient"] == key] == ids
    assert (person(stage, "zhang")["status"], person(stage, "zhang")["same_as"]) == ("active", None)
    assert stage.status("registration", "again") == "unpaid"


def test_the_flagged_record_may_be_the_one_that_stays(stage: Stage) -> None:
    key = flag(stage)
    chosen(stage, key).submits("patient_index.merge", {**TOGETHER, "survivor": key})
    assert person(stage, "again")["status"] == "active"
    assert (person(stage, "zhang")["status"], person(stage, "zhang")["same_as"]) == ("merged", key)
    told = [(each.actor, each.action) for each in stage.rows() if each.action.startswith("patient_index.")]
    assert told == [
        ("reg", "patient_index.flag_duplicate"),
        ("mrc", "patient_index.dismiss"),
        ("system", "patient_index.flag_duplicate"),
        ("mrc", "patient_index.merge"),
    ]


def test_what_was_merged_leads_to_the_record_that_stays(stage: Stage) -> None:
    key = flag(stage)
    number = person(stage, "again")["mrn"]
    stage.does("mrc", "patient_index.merge", patient="$again", survivor="$zhang", second="colleague")
    clerk = sits(stage, "reg")
    assert clerk.opens(f"/registration/?q={number}").marked("patient", stage.bound("zhang"))
    clerk.opens(f"/registration/?patient={key}")
    assert clerk.page.marked("strip", stage.bound("zhang"))
    assert clerk.page.marked("led-from", number)
    assert stage.refused("reg", "registration.create", patient="$again", dept="D0101", doctor="doc") == "E-PAT-01"
    assert sits(stage, "cas").opens(f"/cashier/?patient={key}").marked("strip", stage.bound("zhang"))


def test_a_chain_of_merges_leads_to_its_end(stage: Stage) -> None:
    flag(stage)
    stage.does("mrc", "patient_index.merge", patient="$again", second="colleague")
    copy = ("name", "pinyin_initials", "sex", "birth_date", "phone")
    for column in copy:
        stage.run(
            f'UPDATE "patient" SET "{column}" = ? WHERE "id" = ?', person(stage, "zhang")[column], stage.bound("li")
        )
    stage.run('UPDATE "patient" SET "id_no" = NULL WHERE "id" = ?', stage.bound("li"))
    flag(stage, "zhang", "li")
    stage.does("mrc", "patient_index.merge", patient="$zhang", second="colleague")
    hits = stage.does("reg", "patient.search", query=person(stage, "again")["mrn"])
    assert [each["id"] for each in hits] == [stage.bound("li")]
    again = {"reason": "误合并", "second": "colleague"}
    assert stage.refused("mrc", "patient_index.unmerge", patient="$again", **again) == "E-GEN-03"
    stage.does("mrc", "patient_index.unmerge", patient="$zhang", **again)
    stage.does("mrc", "patient_index.unmerge", patient="$again", **again)
    assert {person(stage, name)["status"] for name in ("again", "zhang", "li")} == {"active"}


def test_two_people_are_told_apart_for_a_written_reason(stage: Stage) -> None:
    key = flag(stage, "stranger", "zhang")
    records = chosen(stage, key)
    records.submits("patient_index.dismiss", {"reason": " "})
    refused(records, stage, "patient_index.dismiss", "E-GEN-06")
    records.submits("patient_index.dismiss", {"reason": "出生日期、证件号均不同"})
    assert (person(stage, "stranger")["status"], person(stage, "stranger")["same_as"]) == ("active", None)


def test_a_colleague_does_not_agree_to_merge_two_people(stage: Stage) -> None:
    records = chosen(stage, flag(stage, "stranger", "zhang"))
    records.submits("patient_index.merge", TOGETHER)
    refused(records, stage, "patient_index.merge", "E-GEN-04")
    assert [each.action for each in stage.rows()[-5:] if each.action.startswith("colleague")] == [
        "colleague.ask", "colleague.answer",
    ]  # fmt: skip
    assert person(stage, "stranger")["status"] == "merge_candidate"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("E-GEN-04", {"second": ""}),
        ("E-GEN-06", {**TOGETHER, "survivor": "p1"}),
        ("E-GEN-05", {**TOGETHER, "version": "99"}),
    ],
)
def test_the_page_says_why_it_does_not_merge(stage: Stage, code: str, fields: dict[str, str]) -> None:
    records = chosen(stage, flag(stage))
    records.submits("patient_index.merge", fields)
    refused(records, stage, "patient_index.merge", code)


def test_a_second_clerk_confirms_with_his_own_password(stage: Stage) -> None:
    key = flag(stage)
    sits(stage, "mrc2")
    second = stage.rows()[0].data["seats"]["mrc2"]
    records = chosen(stage, key)
    records.submits("patient_index.merge", {"second": second, "second_password": "wrong"})
    refused(records, stage, "patient_index.merge", "E-GEN-07")
    proof = initial_password(packs.NONCE, "mrc2")
    records.submits("patient_index.merge", {"second": second, "second_password": proof})
    assert person(stage, "again")["status"] == "merged"


def test_an_undone_merge_needs_two_people_and_a_reason(stage: Stage) -> None:
    key = flag(stage)
    stage.does("mrc", "patient_index.merge", patient="$again", second="colleague")
    records = chosen(stage, key)
    records.submits("patient_index.unmerge", {"reason": "误合并", "second": ""})
    refused(records, stage, "patient_index.unmerge", "E-GEN-04")
    records.submits("patient_index.unmerge", {"reason": "", **TOGETHER})
    refused(records, stage, "patient_index.unmerge", "E-GEN-06")


def test_who_is_not_of_the_records_desk_is_refused(stage: Stage) -> None:
    flag(stage)
    for seat in ("reg", "doc", "nur", "pha", "cas"):
        assert stage.refused(seat, "patient_index.merge", patient="$again", second="colleague") == "E-GEN-02"
        assert stage.refused(seat, "patient_index.dismiss", patient="$again", reason="不同") == "E-GEN-02"
        assert stage.refused(seat, "patient_index.unmerge", patient="$again", reason="误") == "E-GEN-02"
    assert sits(stage, "reg").client.get(PAGE).status_code == 409
    assert stage.refused("mrc", "patient_index.flag_duplicate", target="$li", other="$zhang") == "E-GEN-02"


def test_the_records_desk_corrects_data_with_a_second_person_only(stage: Stage) -> None:
    about = {"target": "$zhang", "phone": "15400000077"}
    assert stage.refused("mrc", "patient_index.update", **about) == "E-GEN-04"
    stage.does("mrc", "patient_index.update", **about, second="colleague")
    assert person(stage, "zhang")["phone"] == "15400000077"


def test_full_numbers_are_two_acts_of_their_own(stage: Stage) -> None:
    key = flag(stage, "zhang", "stranger")
    records = chosen(stage, key)
    numbers = [str(person(stage, name)["id_no"]) for name in ("zhang", "stranger")]
    assert not any(each in records.page.text for each in numbers)
    records.submits("patient.view_id")
    assert all(each in records.page.text for each in numbers)
    seen = [each.target for each in stage.rows() if each.action == "patient.view_id"]
    assert seen == [stage.bound("zhang"), stage.bound("stranger")]


def test_the_planted_merged_record_leads_to_its_original(stage: Stage) -> None:
    planted = next(each for each in stage.table("patient") if each["status"] == "merged")
    hits = stage.does("reg", "patient.search", query=planted["card_no"])
    assert [each["id"] for each in hits] == [planted["same_as"]]
