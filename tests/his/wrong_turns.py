"""Wrong turns at the desks before the pharmacy: each tries one thing and returns the code it is refused with."""

from __future__ import annotations

from tests.his.stage import Stage


def quota_full(stage: Stage) -> str:
    stage.run('UPDATE "schedule" SET "quota" = \'0\'')
    return stage.refused("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")


def man_to_gynaecology(stage: Stage) -> str:
    stage.run('UPDATE "schedule" SET "dept" = \'D0301\' WHERE "doctor" = ?', stage.rows()[0].data["seats"]["doc"])
    return stage.refused("reg", "registration.create", patient="$stranger", dept="D0301", doctor="doc")


def adult_to_paediatrics(stage: Stage) -> str:
    stage.run('UPDATE "schedule" SET "dept" = \'D0401\' WHERE "doctor" = ?', stage.rows()[0].data["seats"]["doc"])
    return stage.refused("reg", "registration.create", patient="$li", dept="D0401", doctor="doc")


def twice_the_same_doctor(stage: Stage) -> str:
    return stage.refused("reg", "registration.create", patient="$zhang", dept="D0101", doctor="doc")


def a_clinic_that_does_not_sit(stage: Stage) -> str:
    return stage.refused("reg", "registration.create", patient="$stranger", dept="D0102", doctor="doc")


def merged_person(stage: Stage) -> str:
    stage.run('UPDATE "patient" SET "status" = \'merged\' WHERE "id" = ?', stage.bound("stranger"))
    return stage.refused("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")


def known_number(stage: Stage) -> str:
    number = stage.one("patient", id=stage.bound("zhang"))["id_no"]
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    return stage.refused("reg", "patient_index.create", name="张海涛", sex="1", birth_date=born, id_no=number)


def likely_duplicate(stage: Stage) -> str:
    known = stage.one("patient", id=stage.bound("zhang"))
    same = {key: known[key] for key in ("name", "sex", "birth_date", "phone")}
    return stage.refused("reg", "patient_index.create", **same)


def number_of_another_birthday(stage: Stage) -> str:
    return stage.refused(
        "reg", "patient_index.create", name="周新来", sex="1", birth_date="1990-03-08", id_no="770101199003071375"
    )


def no_name(stage: Stage) -> str:
    return stage.refused("reg", "patient_index.create", name="  ", sex="1", birth_date="1990-03-07")


def doctor_creates_patient(stage: Stage) -> str:
    return stage.refused("doc", "patient_index.create", name="周新来", sex="1", birth_date="1990-03-07")


def nurse_creates_ordinary_patient(stage: Stage) -> str:
    return stage.refused(
        "nur", "patient_index.create", name="周新来", sex="1", birth_date="1990-03-07", id_no="770101199003071375"
    )


def check_in_unpaid(stage: Stage) -> str:
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc")
    return stage.refused("reg", "registration.check_in", patient="$stranger")


def check_in_for_the_afternoon(stage: Stage) -> str:
    stage.does("reg", "registration.create", patient="$stranger", dept="D0101", doctor="doc", half_day="PM")
    stage.does("reg", "registration.pay", patient="$stranger", channel="WX")
    return stage.refused("reg", "registration.check_in", patient="$stranger")


def start_expired(stage: Stage) -> str:
    stage.run('UPDATE "registration" SET "status" = \'expired\' WHERE "patient" = ?', stage.bound("zhang"))
    return stage.refused("doc", "registration.start", patient="$zhang", identifiers=2)


def start_without_calling(stage: Stage) -> str:
    return stage.refused("doc", "registration.start", patient="$zhang", identifiers=2)


def start_with_one_identifier(stage: Stage) -> str:
    stage.does("doc", "registration.call", patient="$zhang")
    return stage.refused("doc", "registration.start", patient="$zhang", identifiers=1)


def call_out_of_turn(stage: Stage) -> str:
    return stage.refused("doc", "registration.call", patient="$li")


def cashier_calls(stage: Stage) -> str:
    return stage.refused("cas", "registration.call", patient="$zhang")


def call_for_another_department(stage: Stage) -> str:
    stage.run(
        'UPDATE "registration" SET "dept" = \'D0102\', "doctor" = \'s1\' WHERE "patient" = ?', stage.bound("zhang")
    )
    return stage.refused("doc", "registration.call", patient="$zhang")


def stale_version(stage: Stage) -> str:
    return stage.refused("doc", "registration.call", patient="$zhang", version=99)


def undo_after_writing(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "registration.undo_start", patient="$zhang", reason="误开")


def undo_without_reason(stage: Stage) -> str:
    stage.consult()
    return stage.refused("doc", "registration.undo_start", patient="$zhang")


def finish_without_diagnosis(stage: Stage) -> str:
    stage.consult()
    stage.write_record()
    return stage.refused("doc", "registration.finish", patient="$zhang")


def finish_unsigned(stage: Stage) -> str:
    stage.diagnose()
    stage.does("doc", "medical_record.save", patient="$zhang", complaint="咳嗽")
    return stage.refused("doc", "registration.finish", patient="$zhang")


def chart_of_a_stranger(stage: Stage) -> str:
    return stage.refused("doc", "chart.open", patient="$stranger")


def section_of_a_stranger(stage: Stage) -> str:
    return stage.refused("doc", "chart.section", patient="$stranger", section="allergies")


def allergy_of_a_stranger(stage: Stage) -> str:
    return stage.refused("doc", "allergy.record", patient="$stranger", **{"class": "PEN", "severity": "1"})


def cashier_opens_chart(stage: Stage) -> str:
    return stage.refused("cas", "chart.open", patient="$zhang")


def cashier_breaks_glass(stage: Stage) -> str:
    return stage.refused("cas", "chart.break_glass", patient="$stranger", reason="OTHER", text="想看")


def glass_without_words(stage: Stage) -> str:
    return stage.refused("doc", "chart.break_glass", patient="$stranger", reason="OTHER")


def nka_beside_an_allergy(stage: Stage) -> str:
    return stage.refused("doc", "allergy.record", patient="$zhang", **{"class": "NKA"})


def allergy_without_severity(stage: Stage) -> str:
    return stage.refused("doc", "allergy.record", patient="$zhang", **{"class": "CEPH"})


def allergy_twice(stage: Stage) -> str:
    return stage.refused("doc", "allergy.record", patient="$zhang", **{"class": "PEN", "severity": "1"})


def retract_twice(stage: Stage) -> str:
    stage.does("doc", "allergy.retract", patient="$zhang", reason="误录")
    return stage.refused("doc", "allergy.retract", patient="$zhang", reason="误录")


def diagnosis_twice(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "diagnosis.add", patient="$zhang", code="J06.9")


def diagnosis_unknown(stage: Stage) -> str:
    stage.consult()
    return stage.refused("doc", "diagnosis.add", patient="$zhang", code="Z99.9")


def diagnosis_before_the_consultation(stage: Stage) -> str:
    return stage.refused("doc", "diagnosis.add", patient="$zhang", code="J06.9")


def diagnosis_retracted_twice(stage: Stage) -> str:
    stage.diagnose()
    stage.does("doc", "diagnosis.retract", patient="$zhang", reason="误录")
    return stage.refused("doc", "diagnosis.retract", patient="$zhang", reason="误录")


def void_signed_record(stage: Stage) -> str:
    stage.diagnose()
    stage.write_record()
    return stage.refused("doc", "medical_record.void", patient="$zhang", reason="误")


def save_signed_record(stage: Stage) -> str:
    stage.diagnose()
    stage.write_record()
    return stage.refused("doc", "medical_record.save", patient="$zhang", complaint="改")


def amend_archived_record(stage: Stage) -> str:
    stage.diagnose()
    stage.write_record()
    stage.run('UPDATE "medical_record" SET "status" = \'archived\' WHERE "patient" = ?', stage.bound("zhang"))
    return stage.refused("doc", "medical_record.amend", patient="$zhang", reason="补充", plan="改")


def amend_sealed_record(stage: Stage) -> str:
    stage.diagnose()
    stage.write_record()
    stage.run('UPDATE "medical_record" SET "status" = \'sealed\' WHERE "patient" = ?', stage.bound("zhang"))
    return stage.refused("doc", "medical_record.amend", patient="$zhang", reason="补充", plan="改")


def sign_empty_record(stage: Stage) -> str:
    stage.consult()
    return stage.refused("doc", "medical_record.sign", patient="$zhang", complaint="咳嗽")


def sign_for_another(stage: Stage) -> str:
    stage.consult()
    stage.does("doc", "medical_record.create", patient="$zhang")
    stage.run('UPDATE "medical_record" SET "author" = \'s1\' WHERE "patient" = ?', stage.bound("zhang"))
    return stage.refused("doc", "medical_record.sign", patient="$zhang", complaint="咳嗽")


def sign_as_an_intern(stage: Stage) -> str:
    stage.consult()
    stage.run('UPDATE "staff" SET "title" = \'INT\' WHERE "id" = ?', stage.rows()[0].data["seats"]["doc"])
    return stage.refused("doc", "medical_record.sign", patient="$zhang", complaint="咳嗽")


def a_record_of_nobody(stage: Stage) -> str:
    return stage.refused("doc", "registration.call", patient="$stranger")
