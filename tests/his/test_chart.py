"""The record all desks share: people, relations, half-days, money, text that was copied."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

import pytest

from his.chart import billing, half_days, people
from his.chart.refusing import Refused
from sandbox.contract.exercise_pack import Question
from tests.his import packs
from tests.his.stage import Stage


def found(stage: Stage, query: str) -> set[str]:
    return {each["id"] for each in stage.does("reg", "patient.search", query=query)}


def test_people_are_found_by_everything_they_carry(stage: Stage) -> None:
    zhang = stage.one("patient", id=stage.bound("zhang"))
    for query in ("张海涛", " 张 海涛 ", "zht", "ZHT", zhang["id_no"], zhang["phone"], zhang["mrn"], zhang["card_no"]):
        assert zhang["id"] in found(stage, query), query


def test_full_width_digits_and_letters_are_the_same(stage: Stage) -> None:
    zhang = stage.one("patient", id=stage.bound("zhang"))
    wide = "".join(chr(ord(each) + 0xFEE0) for each in zhang["id_no"].lower())
    assert found(stage, wide) == {zhang["id"]}


def test_hits_are_masked(stage: Stage) -> None:
    hit = stage.does("reg", "patient.search", query="张海涛")[0]
    full = stage.one("patient", id=hit["id"])
    assert hit["id_no"] == f"77{'*' * 12}{full['id_no'][-4:]}"
    assert hit["phone"] == f"154****{full['phone'][-4:]}"
    assert stage.does("reg", "patient.view_id", patient="$zhang") == full["id_no"]


def test_merged_people_and_empty_queries_find_nothing(stage: Stage) -> None:
    stage.run('UPDATE "patient" SET "status" = \'merged\' WHERE "id" = ?', stage.bound("zhang"))
    assert stage.bound("zhang") not in found(stage, "张海涛")
    assert found(stage, "　 ") == set()


@pytest.mark.parametrize(
    ("born", "zh"),
    [
        ("2026-11-01", "21天"),
        ("2026-10-20", "1个月"),
        ("2025-12-22", "11个月"),
        ("2020-01-15", "6岁10个月"),
        ("1990-11-23", "35岁"),
        ("1990-11-22", "36岁"),
    ],
)
def test_ages_are_told_as_hospitals_do(stage: Stage, born: str, zh: str) -> None:
    with stage.hospital.looking() as act:
        assert people.age(act, born)[1] == zh
        assert people.age(act, None) == (None, "", "")


def test_a_new_person_gets_numbers_and_initials(stage: Stage) -> None:
    key = stage.does("reg", "patient_index.create", name="周新来", sex="1", birth_date="2006-11-22")
    made = stage.one("patient", id=key)
    assert (made["pinyin_initials"], made["status"]) == ("zxl", "active")
    assert len(made["mrn"]) == 10
    assert made["mrn"] > stage.one("patient", id=stage.bound("stranger"))["mrn"]
    assert stage.does("reg", "patient.search", query="zxl")[0]["id"] == key


def test_a_likely_duplicate_needs_a_yes(stage: Stage) -> None:
    known = stage.one("patient", id=stage.bound("zhang"))
    same = {key: known[key] for key in ("name", "sex", "birth_date", "phone")}
    stage.does("reg", "patient_index.create", confirm=True, **same)
    assert stage.rows()[-1].data == {"name": "张海涛", "duplicate_shown": True}


def test_correcting_a_name_corrects_its_initials(stage: Stage) -> None:
    stage.does("reg", "patient_index.update", patient="$zhang", name="张海波")
    changed = {each.column: (each.before, each.after) for each in stage.rows()[-1].changes}
    assert changed == {"name": ("张海涛", "张海波"), "pinyin_initials": ("zht", "zhb")}


def test_charts_open_for_those_who_treat(stage: Stage) -> None:
    assert stage.does("doc", "chart.open", patient="$zhang")[1] == "own"
    assert stage.does("nur", "chart.open", patient="$zhang")[1] == "department"
    stage.prescribe("M008")
    assert stage.does("pha", "chart.open", patient="$zhang")[1] == "request"
    stage.write_record()
    stage.does("doc", "registration.finish", patient="$zhang")
    assert stage.does("doc", "chart.open", patient="$zhang")[1] == "own"


def test_own_visits_stay_open_for_a_week(stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()
    stage.does("doc", "registration.finish", patient="$zhang")
    stage.at(6 * 24 * 60)
    assert stage.does("doc", "chart.open", patient="$zhang")[1] == "author7d"
    stage.at(8 * 24 * 60)
    assert stage.refused("doc", "chart.open", patient="$zhang") == "E-PRV-01"


def test_a_broken_glass_lets_see_but_not_write(stage: Stage) -> None:
    stage.does("doc", "chart.break_glass", patient="$stranger", reason="EMERG", text="抢救")
    assert stage.does("doc", "chart.open", patient="$stranger")[1] == "break_glass"
    assert stage.refused("doc", "allergy.record", patient="$stranger", **{"class": "NKA"}) == "E-PRV-01"
    assert stage.refused("nur", "chart.open", patient="$stranger") == "E-PRV-01"


def test_nka_gives_way_to_a_real_allergy(stage: Stage) -> None:
    stage.does("doc", "allergy.record", patient="$li", **{"class": "NKA"})
    stage.does("doc", "allergy.record", patient="$li", drug="M001", severity="1", reaction="皮疹")
    mine = [each for each in stage.table("allergy") if each["patient"] == stage.bound("li")]
    assert [(each["class"], each["drug"], each["status"]) for each in mine] == [
        ("NKA", None, "retracted"),
        ("PEN", "M001", "active"),
    ]
    assert stage.rows()[-1].data["cause"] == stage.rows()[-2].seq


def test_a_diagnosis_that_cannot_be_is_shown_and_kept(stage: Stage) -> None:
    stage.consult()
    with stage.hospital.looking() as act:
        women = act.one('SELECT "code" FROM "icd10" WHERE "sex_limit" = \'F\' ORDER BY "code"')
    assert women is not None
    stage.does("doc", "diagnosis.add", patient="$zhang", code=women["code"])
    shown, added = stage.rows()[-2:]
    assert (shown.action, shown.data["level"], added.action) == ("alert.shown", "warn", "diagnosis.add")


def test_half_days_follow_hospital_time(golden: sqlite3.Connection) -> None:
    for clock, half in (("08:00", "AM"), ("12:00", "PM"), ("18:00", "NT")):
        with Stage.set_up(golden, clock=clock) as stage, stage.hospital.looking() as act:
            assert half_days.current(act) == half


def test_copied_text_is_measured(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden) as stage:
        for name in ("zhang", "li"):
            stage.diagnose(name)
            stage.write_record(name)
        first, second = [each for each in stage.rows() if each.action == "medical_record.sign"]
    assert (first.data["similarity"], second.data["similarity"]) == ("0.00", "1.00")


@pytest.mark.parametrize(
    ("text", "foreign"),
    [("患者李秋云来诊", True), ("患者,女,34岁", True), ("患者,男,34岁", False), ("张海涛来诊", False)],
)
def test_another_patients_identity_is_noticed(stage: Stage, text: str, foreign: bool) -> None:
    stage.diagnose()
    stage.write_record(present=text)
    row = next(each for each in stage.rows() if each.action == "medical_record.sign")
    assert row.data["foreign_identity"] is foreign


def test_amended_text_counts_versions(stage: Stage) -> None:
    stage.diagnose()
    stage.write_record()
    stage.does("doc", "medical_record.amend", patient="$zhang", reason="补充", plan="复诊")
    assert stage.one("medical_record", patient=stage.bound("zhang"))["version_no"] == 2
    change = next(each for each in stage.rows()[-1].changes if each.column == "plan")
    assert (change.before, change.after) == ("对症治疗", "复诊")


def test_amounts_are_rounded_half_up_once() -> None:
    assert billing.money(Decimal("0.125")) == "0.13"
    assert billing.money(Decimal("2.005")) == "2.01"


@pytest.mark.parametrize(("tendered", "change"), [("20", "10.50"), ("", "0"), (None, "0"), ("9.5", "0.00")])
def test_change_is_given_for_cash(tendered: str | None, change: str) -> None:
    assert billing.change_for("CASH", Decimal("9.50"), tendered) == Decimal(change)


@pytest.mark.parametrize("tendered", ["9.49", "many", "NaN", "Infinity"])
def test_too_little_or_no_amount_is_refused(tendered: str) -> None:
    with pytest.raises(Refused):
        billing.change_for("CASH", Decimal("9.50"), tendered)


def test_an_unpaid_visit_lapses_after_a_quarter_of_an_hour(stage: Stage) -> None:
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")
    stage.at(14)
    stage.hospital.tick()
    assert stage.status("registration", "stranger") == "unpaid"
    stage.at(15)
    stage.hospital.tick()
    assert stage.status("registration", "stranger") == "expired"
    assert stage.told()[-3:] == [
        ("system", "registration.expire"),
        ("system", "encounter.cancel"),
        ("system", "charge_item.void"),
    ]
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")


def test_a_day_that_is_over_takes_its_visits_along(stage: Stage) -> None:
    stage.review("M008")
    stage.at(24 * 60)
    stage.hospital.tick()
    assert stage.status("registration", "li") == "expired"
    assert stage.status("prescription", "zhang") == "expired"
    assert stage.status("charge_item", "zhang") == "voided"


def test_the_day_of_a_registration_desk(stage: Stage) -> None:
    key = stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")
    invoice = stage.does("cas", "registration.pay", patient="$stranger", channel="CASH", tendered="50")
    stage.does("reg", "registration.check_in", patient="$stranger")
    ticket = stage.one("registration", id=key)
    assert (ticket["queue_no"], ticket["status"], ticket["fee"]) == (3, "checked_in", "20.00")
    assert stage.one("encounter", registration=key)["status"] == "arrived"
    receipt = stage.one("invoice", id=invoice)
    assert (receipt["total"], receipt["channel"], receipt["status"]) == ("20.00", "CASH", "issued")
    assert [action for _, action in stage.told()] == [
        "registration.create",
        "encounter.plan",
        "charge_item.plan",
        "charge_item.post",
        "registration.pay",
        "cashier_shift.open",
        "charge_item.pay",
        "invoice.issue",
        "registration.check_in",
        "encounter.arrive",
    ]


def test_numbers_run_without_gaps(stage: Stage) -> None:
    numbers = []
    for name in ("stranger", "newcomer"):
        if name == "newcomer":
            stage.does(
                "reg", "patient_index.create", name="周新来", sex="1", birth_date="2006-11-22", insurance_type="310"
            )
            stage.refused("cas", "registration.pay", patient="$newcomer", channel="WX")
        stage.does("reg", "registration.create", patient=f"${name}", dept="D0101", doctor="doc")
        stage.refused("cas", "registration.pay", patient=f"${name}", channel="CASH", tendered="1")
        invoice = stage.does("cas", "registration.pay", patient=f"${name}", channel="CASH")
        numbers.append(int(stage.one("invoice", id=invoice)["number"][1:]))
    assert numbers[1] == numbers[0] + 1


def test_messages_are_read_once_and_questions_answered(golden: sqlite3.Connection) -> None:
    asked = Question(check="cause", ask=packs.make_words("?"), type="choices", choices={"a": packs.make_words("a")})
    with Stage.set_up(golden, injects=(packs.say("hello", at="1m"),), questions=(asked,)) as stage:
        stage.at(1)
        stage.hospital.tick()
        with stage.hospital.looking() as act:
            message = act.one('SELECT * FROM "message"')
        assert message is not None
        stage.does("doc", "message.read", message=message["id"])
        stage.does("doc", "answer.give", check="cause", value=["a", "b"])
        assert stage.rows()[-1].data == {"check": "cause", "value": ["a", "b"]}
        assert stage.refused("doc", "answer.give", check="other", value="a") == "E-GEN-06"
        assert stage.refused("doc", "message.read", message="ms99") == "E-GEN-06"
