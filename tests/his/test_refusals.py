"""Every code this slice can answer with, tried at least once; nothing changes and the try stands in the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from tests.his import packs, wrong_turns, wrong_turns_with_drugs
from tests.his.stage import Stage

PENICILLIN = "M001"

CASES: tuple[tuple[str, Callable[[Stage], str]], ...] = (
    ("E-PAT-01", wrong_turns.merged_person),
    ("E-PAT-02", wrong_turns.known_number),
    ("E-GEN-03", wrong_turns.likely_duplicate),
    ("E-GEN-06", wrong_turns.number_of_another_birthday),
    ("E-GEN-06", wrong_turns.no_name),
    ("E-GEN-02", wrong_turns.doctor_creates_patient),
    ("E-GEN-03", wrong_turns.nurse_creates_ordinary_patient),
    ("E-REG-03", wrong_turns.check_in_unpaid),
    ("E-REG-04", wrong_turns.twice_the_same_doctor),
    ("E-REG-05", wrong_turns.quota_full),
    ("E-REG-06", wrong_turns.man_to_gynaecology),
    ("E-REG-06", wrong_turns.adult_to_paediatrics),
    ("E-REG-07", wrong_turns.start_expired),
    ("E-GEN-03", wrong_turns.a_clinic_that_does_not_sit),
    ("E-GEN-03", wrong_turns.check_in_for_the_afternoon),
    ("E-GEN-01", wrong_turns.start_without_calling),
    ("E-GEN-06", wrong_turns.start_with_one_identifier),
    ("E-GEN-06", wrong_turns.call_out_of_turn),
    ("E-GEN-02", wrong_turns.cashier_calls),
    ("E-GEN-02", wrong_turns.call_for_another_department),
    ("E-GEN-05", wrong_turns.stale_version),
    ("E-GEN-03", wrong_turns.undo_after_writing),
    ("E-GEN-06", wrong_turns.undo_without_reason),
    ("E-GEN-03", wrong_turns.finish_without_diagnosis),
    ("E-GEN-03", wrong_turns.finish_unsigned),
    ("E-PRV-01", wrong_turns.chart_of_a_stranger),
    ("E-PRV-01", wrong_turns.section_of_a_stranger),
    ("E-PRV-01", wrong_turns.allergy_of_a_stranger),
    ("E-GEN-02", wrong_turns.cashier_opens_chart),
    ("E-GEN-02", wrong_turns.cashier_breaks_glass),
    ("E-GEN-06", wrong_turns.glass_without_words),
    ("E-GEN-03", wrong_turns.nka_beside_an_allergy),
    ("E-GEN-06", wrong_turns.allergy_without_severity),
    ("E-GEN-03", wrong_turns.allergy_twice),
    ("E-GEN-01", wrong_turns.retract_twice),
    ("E-GEN-03", wrong_turns.diagnosis_twice),
    ("E-GEN-06", wrong_turns.diagnosis_unknown),
    ("E-GEN-03", wrong_turns.diagnosis_before_the_consultation),
    ("E-GEN-01", wrong_turns.diagnosis_retracted_twice),
    ("E-MR-01", wrong_turns.void_signed_record),
    ("E-MR-02", wrong_turns.save_signed_record),
    ("E-MR-03", wrong_turns.amend_archived_record),
    ("E-MR-04", wrong_turns.amend_sealed_record),
    ("E-MR-05", wrong_turns.sign_empty_record),
    ("E-MR-06", wrong_turns.sign_for_another),
    ("E-MR-08", wrong_turns.sign_as_an_intern),
    ("E-RX-07", wrong_turns_with_drugs.prescribe_without_diagnosis),
    ("E-GEN-03", wrong_turns_with_drugs.prescribe_before_the_consultation),
    ("E-GEN-06", wrong_turns_with_drugs.prescribe_nothing),
    ("E-RX-05", wrong_turns_with_drugs.prescribe_six),
    ("E-RX-06", wrong_turns_with_drugs.prescribe_a_fortnight),
    ("E-RX-06", wrong_turns_with_drugs.prescribe_four_days_in_emergency),
    ("E-RX-08", wrong_turns_with_drugs.prescribe_an_overdose),
    ("E-RX-09", wrong_turns_with_drugs.prescribe_the_same_twice),
    ("E-RX-15", wrong_turns_with_drugs.prescribe_the_allergen),
    ("E-GEN-06", wrong_turns_with_drugs.prescribe_a_relative_without_reason),
    ("E-RX-16", wrong_turns_with_drugs.prescribe_the_special),
    ("E-RX-16", wrong_turns_with_drugs.prescribe_a_narcotic_without_the_right),
    ("E-GEN-06", wrong_turns_with_drugs.prescribe_in_words),
    ("E-GEN-02", wrong_turns_with_drugs.doctor_reviews),
    ("E-GEN-06", wrong_turns_with_drugs.reject_without_code),
    ("E-GEN-01", wrong_turns_with_drugs.cancel_after_payment),
    ("E-RX-02", wrong_turns_with_drugs.charge_before_review),
    ("E-RX-10", wrong_turns_with_drugs.charge_expired),
    ("E-GEN-06", wrong_turns_with_drugs.charge_with_too_little_cash),
    ("E-RX-01", wrong_turns_with_drugs.pick_before_payment),
    ("E-RX-14", wrong_turns_with_drugs.pick_without_skin_test),
    ("E-STK-01", wrong_turns_with_drugs.pick_expired),
    ("E-STK-02", wrong_turns_with_drugs.pick_quarantined),
    ("E-STK-03", wrong_turns_with_drugs.pick_more_than_there_is),
    ("E-RX-12", wrong_turns_with_drugs.check_own_picking),
    ("E-GEN-06", wrong_turns_with_drugs.dispense_without_identifiers),
    ("E-RX-11", wrong_turns_with_drugs.dispense_a_batch_locked_meanwhile),
    ("E-GEN-01", wrong_turns_with_drugs.dispense_unchecked),
    ("E-GEN-06", wrong_turns.a_record_of_nobody),
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
