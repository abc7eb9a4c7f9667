"""Countersigning and wordings as operations: who may, what a colleague answers, what is kept."""

from __future__ import annotations

import sqlite3

from his.clinic.operations import versions
from sandbox.contract.exercise_pack import FREE_PRACTICE
from tests.his.stage import Stage

TEXTS = {"complaint": "咳嗽3天", "present": "咳嗽、咽痛3天", "examination": "咽部充血", "plan": "对症治疗"}
WITHOUT_HEAD = tuple(each for each in FREE_PRACTICE.seats if each.role != "HOD")


def submit(stage: Stage, **sections: str) -> None:
    stage.consult()
    stage.rank("INT")
    stage.does("doc", "medical_record.submit", patient="$zhang", **{**TEXTS, **sections})


def answers(stage: Stage) -> list[tuple[str, str]]:
    return [(each.actor, each.data["verdict"]) for each in stage.rows() if each.action == "colleague.answer"]


def test_where_no_player_is_head_a_colleague_countersigns(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, seats=WITHOUT_HEAD) as stage:
        submit(stage)
        assert [each.action for each in stage.rows()][-2:] == ["medical_record.submit", "colleague.ask"]
        stage.at(1)
        stage.hospital.tick()
        assert stage.status("medical_record") == "pending_countersign"
        stage.at(3)
        stage.hospital.tick()
        record = stage.one("medical_record", patient=stage.bound("zhang"))
        head = stage.one("staff", id=record["countersigner"])
        assert (record["status"], head["role"], head["dept"]) == ("signed", "HOD", "D0101")
        assert answers(stage) == [("system", "agree")]
        assert record["content_sha256"] == versions.digest(record)


def test_a_colleague_sends_back_what_is_not_filled_in(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, seats=WITHOUT_HEAD) as stage:
        submit(stage, examination="T __℃")
        stage.at(3)
        stage.hospital.tick()
        assert stage.status("medical_record") == "draft"
        back = stage.rows()[-1]
        assert (back.actor, back.action, back.data["reason"]) == ("system", "medical_record.return", "模板未填写完整")


def test_a_colleague_sends_back_another_persons_identity(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, seats=WITHOUT_HEAD) as stage:
        submit(stage, present="患者秦望山，咳嗽3天")
        stage.at(3)
        stage.hospital.tick()
        assert answers(stage) == [("system", "disagree")]


def test_where_a_player_is_head_nobody_answers_for_him(stage: Stage) -> None:
    submit(stage)
    stage.at(60)
    stage.hospital.tick()
    assert (stage.status("medical_record"), answers(stage)) == ("pending_countersign", [])


def test_who_signs_himself_has_nothing_to_submit(stage: Stage) -> None:
    stage.consult()
    stage.does("doc", "medical_record.save", patient="$zhang", **TEXTS)
    key = stage.one("medical_record", patient=stage.bound("zhang"))["id"]
    assert stage.refused("doc", "medical_record.submit", target=key) == "E-GEN-02"
    assert stage.refused("hod", "medical_record.submit", target=key) == "E-GEN-02"
    assert stage.refused("hod", "medical_record.sign", target=key) == "E-MR-06"


def test_an_unfinished_record_is_not_submitted(stage: Stage) -> None:
    stage.consult()
    stage.rank("INT")
    stage.does("doc", "medical_record.save", patient="$zhang", complaint="咳")
    key = stage.one("medical_record", patient=stage.bound("zhang"))["id"]
    assert stage.refused("doc", "medical_record.submit", target=key) == "E-GEN-06"


def test_nobody_countersigns_what_he_wrote(stage: Stage) -> None:
    submit(stage)
    record = stage.one("medical_record", patient=stage.bound("zhang"))["id"]
    stage.run('UPDATE "medical_record" SET "author" = ? WHERE "id" = ?', stage.rows()[0].data["seats"]["hod"], record)
    assert stage.refused("hod", "medical_record.countersign", target=record) == "E-GEN-04"


def test_another_departments_head_has_no_relation(stage: Stage) -> None:
    submit(stage)
    stage.run('UPDATE "staff" SET "dept" = \'D0102\' WHERE "id" = ?', stage.rows()[0].data["seats"]["hod"])
    record = stage.one("medical_record", patient=stage.bound("zhang"))["id"]
    assert stage.refused("hod", "medical_record.countersign", target=record) == "E-PRV-01"


def test_a_record_waits_for_the_head_beyond_the_day_of_the_visit(stage: Stage) -> None:
    submit(stage)
    stage.run('UPDATE "encounter" SET "status" = \'finished\' WHERE "patient" = ?', stage.bound("zhang"))
    stage.run('UPDATE "registration" SET "visit_date" = -3 WHERE "patient" = ?', stage.bound("zhang"))
    stage.does("hod", "medical_record.countersign", patient="$zhang")
    assert stage.status("medical_record") == "signed"


def test_a_junior_does_not_amend_what_was_countersigned(stage: Stage) -> None:
    submit(stage)
    stage.does("hod", "medical_record.countersign", patient="$zhang")
    assert stage.refused("doc", "medical_record.amend", patient="$zhang", reason="改", plan="改") == "E-MR-08"


def test_every_wording_is_kept_with_its_digest(stage: Stage) -> None:
    submit(stage)
    stage.does("hod", "medical_record.return", patient="$zhang", reason="补充")
    stage.does("doc", "medical_record.submit", patient="$zhang", plan="对症治疗，随诊")
    stage.does("hod", "medical_record.countersign", patient="$zhang", plan="对症治疗，3天复诊")
    stage.does("hod", "medical_record.amend", patient="$zhang", reason="更正", plan="对症治疗，5天复诊")
    kept = stage.does("doc", "chart.trace", patient="$zhang")
    assert [(each["place"], each["event"], each["plan"]) for each in kept] == [
        (1, "submit", "对症治疗"),
        (2, "return", "对症治疗"),
        (3, "submit", "对症治疗，随诊"),
        (4, "countersign", "对症治疗，3天复诊"),
        (5, "amend", "对症治疗，5天复诊"),
    ]
    record = stage.one("medical_record", patient=stage.bound("zhang"))
    assert kept[-1]["content_sha256"] == record["content_sha256"] == versions.digest(record)
    assert (record["version_no"], kept[-1]["reason"]) == (2, "更正")


def test_the_wording_of_a_record_from_before_is_kept_when_it_is_amended(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden) as stage:
        stage.consult()
        stage.write_record()
        stage.run('DELETE FROM "record_version"')
        assert [each["event"] for each in stage.does("doc", "chart.trace", patient="$zhang")] == ["sign"]
        stage.does("doc", "medical_record.amend", patient="$zhang", reason="补充", plan="复诊")
        kept = stage.does("doc", "chart.trace", patient="$zhang")
        assert [(each["event"], each["plan"]) for each in kept] == [("sign", "对症治疗"), ("amend", "复诊")]


def test_finishing_waits_for_the_countersignature(stage: Stage) -> None:
    stage.diagnose()
    stage.rank("INT")
    stage.does("doc", "medical_record.submit", patient="$zhang", **TEXTS)
    assert stage.refused("doc", "registration.finish", patient="$zhang") == "E-GEN-03"
    stage.does("hod", "medical_record.countersign", patient="$zhang")
    stage.does("doc", "registration.finish", patient="$zhang")
    assert stage.status("registration") == "completed"


def test_a_digest_outlives_the_merge_of_two_records_of_one_person(stage: Stage) -> None:
    stage.consult()
    stage.write_record()
    record = stage.one("medical_record", patient=stage.bound("zhang"))
    assert versions.digest({**record, "patient": stage.bound("li")}) == record["content_sha256"]
    assert versions.digest({**record, "plan": "输液"}) != record["content_sha256"]
