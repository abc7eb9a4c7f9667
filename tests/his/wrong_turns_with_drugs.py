"""Wrong turns with drugs: prescribed, reviewed, paid for, picked, handed out; each returns the code that refuses it."""

from __future__ import annotations

from tests.his.stage import Stage

SAFE, PENICILLIN, CEPHALOSPORIN, SKIN_TESTED = "M008", "M001", "M004", "M001"


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
