"""Every code this slice can answer with, tried at least once; nothing changes and the try stands in the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from tests.his import packs
from tests.his.stage import Stage

SAFE, PENICILLIN, CEPHALOSPORIN, SKIN_TESTED = "M008", "M001", "M004", "M001"


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


def prescribe_without_diagnosis(stage: Stage) -> str:
    stage.consult()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE}])


def prescribe_before_the_consultation(stage: Stage) -> str:
    return stage.refused("doc", "prescription.create", patient="$zhang")


def prescribe_nothing(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[])


def prescribe_six(stage: Stage) -> str:
    stage.diagnose()
    six = [{"drug": code} for code in ("M008", "M019", "M021", "M029", "M033", "M061")]
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=six)


def prescribe_a_fortnight(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE, "days": 14}])


def prescribe_four_days_in_emergency(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", type="E", items=[{"drug": SAFE, "days": 4}])


def prescribe_an_overdose(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE, "dose": "40"}])


def prescribe_the_same_twice(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE}, {"drug": SAFE}])


def prescribe_the_allergen(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": PENICILLIN}])


def prescribe_a_relative_without_reason(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": CEPHALOSPORIN}])


def prescribe_the_special(stage: Stage) -> str:
    stage.diagnose()
    stage.run('UPDATE "drugs" SET "antibacterial_level" = \'特殊\' WHERE "drug_code" = ?', SAFE)
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE}])


def prescribe_a_narcotic_without_the_right(stage: Stage) -> str:
    stage.diagnose()
    stage.run('UPDATE "staff" SET "rx_flags" = \'\' WHERE "id" = ?', stage.rows()[0].data["seats"]["doc"])
    stage.run('UPDATE "drugs" SET "control_class" = \'麻醉\' WHERE "drug_code" = ?', SAFE)
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE}])


def prescribe_in_words(stage: Stage) -> str:
    stage.diagnose()
    return stage.refused("doc", "prescription.sign", patient="$zhang", items=[{"drug": SAFE, "dose": "半片"}])


def doctor_reviews(stage: Stage) -> str:
    stage.prescribe(SAFE)
    return stage.refused("doc", "prescription.approve", patient="$zhang")


def reject_without_code(stage: Stage) -> str:
    stage.prescribe(SAFE)
    return stage.refused("pha", "prescription.reject", patient="$zhang", note="不妥")


def cancel_after_payment(stage: Stage) -> str:
    stage.charge(SAFE)
    return stage.refused("doc", "prescription.cancel", patient="$zhang", reason="PAT")


def charge_before_review(stage: Stage) -> str:
    stage.prescribe(SAFE)
    return stage.refused("cas", "prescription.charge", patient="$zhang", channel="CASH")


def charge_expired(stage: Stage) -> str:
    stage.review(SAFE)
    stage.run('UPDATE "prescription" SET "status" = \'expired\' WHERE "patient" = ?', stage.bound("zhang"))
    return stage.refused("cas", "prescription.charge", patient="$zhang", channel="CASH")


def charge_with_too_little_cash(stage: Stage) -> str:
    stage.review(SAFE)
    return stage.refused("cas", "prescription.charge", patient="$zhang", channel="CASH", tendered="0.01")


def pick_before_payment(stage: Stage) -> str:
    stage.review(SAFE)
    return stage.refused("pha", "prescription.pick", patient="$zhang")


def pick_without_skin_test(stage: Stage) -> str:
    stage.charge(SKIN_TESTED, name="li")
    return stage.refused("pha", "prescription.pick", patient="$li")


def a_batch(stage: Stage, **to: object) -> str:
    batch = next(each for each in stage.table("stock_batch") if each["drug"] == SAFE and each["status"] == "available")
    for column, value in to.items():
        stage.run(f'UPDATE "stock_batch" SET "{column}" = ? WHERE "id" = ?', value, batch["id"])
    return str(batch["id"])


def pick_expired(stage: Stage) -> str:
    stage.charge(SAFE)
    batch = a_batch(stage, expiry=-1)
    stage.hospital.tick()
    return stage.refused("pha", "prescription.pick", patient="$zhang", batches=[batch])


def pick_quarantined(stage: Stage) -> str:
    stage.charge(SAFE)
    return stage.refused("pha", "prescription.pick", patient="$zhang", batches=[a_batch(stage, status="quarantined")])


def pick_more_than_there_is(stage: Stage) -> str:
    stage.charge(SAFE)
    stage.run('UPDATE "stock_batch" SET "quantity" = 0 WHERE "drug" = ?', SAFE)
    return stage.refused("pha", "prescription.pick", patient="$zhang")


def check_own_picking(stage: Stage) -> str:
    stage.pick(SAFE)
    return stage.refused("pha", "prescription.check", patient="$zhang")


def dispense_without_identifiers(stage: Stage) -> str:
    stage.check(SAFE)
    return stage.refused("pha2", "prescription.dispense", patient="$zhang")


def dispense_a_batch_locked_meanwhile(stage: Stage) -> str:
    stage.check(SAFE)
    stage.run('UPDATE "stock_batch" SET "status" = \'quarantined\' WHERE "drug" = ?', SAFE)
    return stage.refused("pha2", "prescription.dispense", patient="$zhang", identifiers=2)


def dispense_unchecked(stage: Stage) -> str:
    stage.pick(SAFE)
    return stage.refused("pha2", "prescription.dispense", patient="$zhang", identifiers=2)


def a_record_of_nobody(stage: Stage) -> str:
    return stage.refused("doc", "registration.call", patient="$stranger")


CASES: tuple[tuple[str, Callable[[Stage], str]], ...] = (
    ("E-PAT-01", merged_person),
    ("E-PAT-02", known_number),
    ("E-GEN-03", likely_duplicate),
    ("E-GEN-06", number_of_another_birthday),
    ("E-GEN-06", no_name),
    ("E-GEN-02", doctor_creates_patient),
    ("E-GEN-03", nurse_creates_ordinary_patient),
    ("E-REG-03", check_in_unpaid),
    ("E-REG-04", twice_the_same_doctor),
    ("E-REG-05", quota_full),
    ("E-REG-06", man_to_gynaecology),
    ("E-REG-06", adult_to_paediatrics),
    ("E-REG-07", start_expired),
    ("E-GEN-03", a_clinic_that_does_not_sit),
    ("E-GEN-03", check_in_for_the_afternoon),
    ("E-GEN-01", start_without_calling),
    ("E-GEN-06", start_with_one_identifier),
    ("E-GEN-06", call_out_of_turn),
    ("E-GEN-02", cashier_calls),
    ("E-GEN-02", call_for_another_department),
    ("E-GEN-05", stale_version),
    ("E-GEN-03", undo_after_writing),
    ("E-GEN-06", undo_without_reason),
    ("E-GEN-03", finish_without_diagnosis),
    ("E-GEN-03", finish_unsigned),
    ("E-PRV-01", chart_of_a_stranger),
    ("E-PRV-01", section_of_a_stranger),
    ("E-PRV-01", allergy_of_a_stranger),
    ("E-GEN-02", cashier_opens_chart),
    ("E-GEN-02", cashier_breaks_glass),
    ("E-GEN-06", glass_without_words),
    ("E-GEN-03", nka_beside_an_allergy),
    ("E-GEN-06", allergy_without_severity),
    ("E-GEN-03", allergy_twice),
    ("E-GEN-01", retract_twice),
    ("E-GEN-03", diagnosis_twice),
    ("E-GEN-06", diagnosis_unknown),
    ("E-GEN-03", diagnosis_before_the_consultation),
    ("E-GEN-01", diagnosis_retracted_twice),
    ("E-MR-01", void_signed_record),
    ("E-MR-02", save_signed_record),
    ("E-MR-03", amend_archived_record),
    ("E-MR-04", amend_sealed_record),
    ("E-MR-05", sign_empty_record),
    ("E-MR-06", sign_for_another),
    ("E-MR-08", sign_as_an_intern),
    ("E-RX-07", prescribe_without_diagnosis),
    ("E-GEN-03", prescribe_before_the_consultation),
    ("E-GEN-06", prescribe_nothing),
    ("E-RX-05", prescribe_six),
    ("E-RX-06", prescribe_a_fortnight),
    ("E-RX-06", prescribe_four_days_in_emergency),
    ("E-RX-08", prescribe_an_overdose),
    ("E-RX-09", prescribe_the_same_twice),
    ("E-RX-15", prescribe_the_allergen),
    ("E-GEN-06", prescribe_a_relative_without_reason),
    ("E-RX-16", prescribe_the_special),
    ("E-RX-16", prescribe_a_narcotic_without_the_right),
    ("E-GEN-06", prescribe_in_words),
    ("E-GEN-02", doctor_reviews),
    ("E-GEN-06", reject_without_code),
    ("E-GEN-01", cancel_after_payment),
    ("E-RX-02", charge_before_review),
    ("E-RX-10", charge_expired),
    ("E-GEN-06", charge_with_too_little_cash),
    ("E-RX-01", pick_before_payment),
    ("E-RX-14", pick_without_skin_test),
    ("E-STK-01", pick_expired),
    ("E-STK-02", pick_quarantined),
    ("E-STK-03", pick_more_than_there_is),
    ("E-RX-12", check_own_picking),
    ("E-GEN-06", dispense_without_identifiers),
    ("E-RX-11", dispense_a_batch_locked_meanwhile),
    ("E-GEN-01", dispense_unchecked),
    ("E-GEN-06", a_record_of_nobody),
)


@pytest.mark.parametrize(("code", "scene"), CASES, ids=[scene.__name__ for _, scene in CASES])
def test_the_hospital_refuses(code: str, scene: Callable[[Stage], str], stage: Stage) -> None:
    assert scene(stage) == code


def test_nobody_of_the_same_trade_can_be_the_second_person(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden) as stage:
        stage.diagnose()
        stage.run('UPDATE "staff" SET "role" = \'MRC\' WHERE "role" = \'OPD\' AND "staff_no" NOT LIKE \'PX%\'')
        override = {"reason": "BENEFIT", "text": "必须使用"}
        items = [{"drug": PENICILLIN}]
        code = stage.refused("doc", "prescription.sign", patient="$zhang", items=items, override=override)
    assert code == "E-GEN-04"


def test_a_severe_allergy_is_not_pushed_through(golden: sqlite3.Connection) -> None:
    severe = packs.allergic("zhang", "PEN", severity="3")
    with Stage.set_up(golden, add=(packs.waiting("zhang"), severe)) as stage:
        stage.diagnose()
        override = {"reason": "BENEFIT", "text": "必须使用"}
        items = [{"drug": PENICILLIN}]
        assert stage.refused("doc", "prescription.sign", patient="$zhang", items=items, override=override) == "E-RX-15"
        told = [each.action for each in stage.rows()[-5:]]
    assert told == ["alert.shown", "alert.override", "colleague.ask", "colleague.answer", "prescription.sign"]


def test_a_start_row_may_stand_in_any_state(golden: sqlite3.Connection) -> None:
    with Stage.set_up(golden, add=(packs.waiting("zhang", status="completed"),)) as stage:
        assert stage.refused("doc", "registration.start", patient="$zhang", identifiers=2) == "E-GEN-01"
