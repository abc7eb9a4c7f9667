"""Who may prescribe what, on which form and for how long; doses of children; supplies of earlier visits; validity."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from tests.his import packs
from tests.his.stage import Stage

NARCOTIC, PSYCHOTROPIC, RESTRICTED, SPECIAL, INSULIN = "M027", "M029", "M005", "M015", "M054"
YES = {"reason": "BENEFIT", "text": "已评估,风险可控"}


def sign(stage: Stage, *items: dict[str, Any], form: str = "W", **given: Any) -> None:
    stage.does("doc", "prescription.sign", patient="$zhang", type=form, items=list(items), **given)


def refused(stage: Stage, *items: dict[str, Any], form: str = "W", **given: Any) -> str:
    return stage.refused("doc", "prescription.sign", patient="$zhang", type=form, items=list(items), **given)


def shown(stage: Stage) -> list[tuple[str, str]]:
    return [(each.data["rule"], each.data["level"]) for each in stage.rows() if each.action == "alert.shown"]


def test_a_junior_prescribes_nothing_alone(stage: Stage) -> None:
    stage.diagnose()
    stage.rank("INT")
    assert refused(stage, {"drug": "M021"}) == "E-RX-16"


@pytest.mark.parametrize(("drug", "title", "code"), [(RESTRICTED, "RES", "E-RX-16"), (SPECIAL, "ATT", "E-RX-16")])
def test_levels_of_antibacterials_go_by_title(stage: Stage, drug: str, title: str, code: str) -> None:
    stage.diagnose("li")
    stage.rank(title)
    given = {"patient": "$li", "items": [{"drug": drug}]}
    assert stage.refused("doc", "prescription.sign", **given) == code
    stage.rank("CHP")
    stage.does("doc", "prescription.sign", **given)


def test_a_psychotropic_stands_on_its_own_form_and_asks_for_the_password(stage: Stage) -> None:
    stage.diagnose()
    assert refused(stage, {"drug": PSYCHOTROPIC}) == "E-GEN-03"
    assert refused(stage, {"drug": PSYCHOTROPIC}, {"drug": "M021"}, form="P") == "E-GEN-03"
    assert refused(stage, {"drug": PSYCHOTROPIC}, identified=False, form="P") == "E-GEN-07"
    sign(stage, {"drug": PSYCHOTROPIC}, form="P")
    rows = [each for each in stage.rows() if each.action in ("auth.reauth", "prescription.sign") and not each.code]
    assert [each.action for each in rows] == ["auth.reauth", "prescription.sign"]
    assert rows[0].data == {"purpose": "prescription.controlled"}


def test_an_ordinary_drug_does_not_stand_on_a_special_form(stage: Stage) -> None:
    stage.diagnose()
    assert refused(stage, {"drug": "M021"}, form="N") == "E-GEN-03"


def test_an_injected_narcotic_is_one_dose(stage: Stage) -> None:
    stage.diagnose()
    long = {"long_supply_reason": "SPECIAL"}
    assert refused(stage, {"drug": NARCOTIC, "freq": "qd", "days": 3}, form="N", **long) == "E-RX-06"
    assert refused(stage, {"drug": NARCOTIC, "quantity": 2}, form="N", **long) == "E-RX-06"
    sign(stage, {"drug": NARCOTIC, "days": 1}, form="N")


@pytest.mark.parametrize(("name", "days"), [("吗啡片", 3), ("吗啡缓释片", 7)])
def test_other_narcotics_have_days_of_their_own(stage: Stage, name: str, days: int) -> None:
    stage.diagnose()
    stage.run('UPDATE "drugs" SET "form_zh" = \'片剂\', "generic_zh" = ? WHERE "drug_code" = ?', name, NARCOTIC)
    item = {"drug": NARCOTIC, "freq": "bid"}
    assert refused(stage, {**item, "days": days + 1}, form="N", long_supply_reason="SPECIAL") == "E-RX-06"
    sign(stage, {**item, "days": days}, form="N")


def test_a_single_dose_above_the_days_limit_is_blocked(stage: Stage) -> None:
    stage.diagnose()
    assert refused(stage, {"drug": "M021", "dose": "4", "freq": "qw", "days": 7}) == "E-RX-08"
    assert shown(stage) == [("E-RX-08", "block")]


def test_a_dose_far_above_the_usual_is_warned_of_where_there_is_no_limit(stage: Stage) -> None:
    stage.diagnose()
    assert refused(stage, {"drug": INSULIN, "dose": "40"}) == "E-GEN-06"
    assert shown(stage) == [("unusual_dose", "warn")]
    sign(stage, {"drug": INSULIN, "dose": "36"})


def test_a_childs_dose_goes_by_weight(golden: sqlite3.Connection) -> None:
    child = packs.CastMember(name="zhang", columns={"name": "张小涛", "sex": "1", "birth_date": "-6y"})
    with Stage.set_up(golden, cast=(child, packs.LI, packs.STRANGER, packs.NEWCOMER)) as stage:
        stage.diagnose()
        # 2 g for 60 kg; six years are 20 kg.
        assert refused(stage, {"drug": "M021", "dose": "0.25", "freq": "qid"}) == "E-GEN-06"
        assert shown(stage) == [("child_dose", "warn")]
        stage.run(
            "INSERT INTO vitals (id, patient, weight, recorded_at) VALUES ('scales', ?, '31', 0)", stage.bound("zhang")
        )
        sign(stage, {"drug": "M021", "dose": "0.25", "freq": "qid"})


def test_what_an_earlier_visit_still_supplies_is_warned_of(stage: Stage) -> None:
    stage.prescribe("M021")
    stage.run(
        "UPDATE prescription SET encounter = 'elsewhere', status = 'dispensed' WHERE signed_at > 0 AND patient = ?",
        stage.bound("zhang"),
    )
    assert refused(stage, {"drug": "M021"}) == "E-GEN-06"
    assert shown(stage) == [("duplicate_supply", "warn")]
    sign(stage, {"drug": "M021"}, override=YES)


def test_what_is_used_up_warns_of_nothing(stage: Stage) -> None:
    stage.prescribe("M021")
    stage.run(
        "UPDATE prescription SET encounter = 'elsewhere', status = 'dispensed', signed_at = -864000 WHERE patient = ?",
        stage.bound("zhang"),
    )
    sign(stage, {"drug": "M021"})
    assert shown(stage) == []


def test_a_prescription_is_valid_on_its_day_and_extended_to_the_third(stage: Stage) -> None:
    stage.prescribe("M021")
    record = stage.one("prescription", patient=stage.bound("zhang"))
    assert record["valid_until"] == packs.ANCHOR
    stage.does("doc", "prescription.extend", patient="$zhang")
    stage.does("doc", "prescription.extend", patient="$zhang")
    assert stage.one("prescription", id=record["id"])["valid_until"] == "2026-11-24"
    assert stage.refused("doc", "prescription.extend", patient="$zhang") == "E-GEN-03"
    assert stage.refused("doc", "prescription.extend", patient="$zhang", days=0) == "E-GEN-06"
    assert stage.refused("nur", "prescription.extend", patient="$zhang") == "E-GEN-02"
    stage.at(3 * 24 * 60 - 8 * 60 - 1)
    stage.hospital.tick()
    assert stage.status("prescription") == "issued"
    stage.at(3 * 24 * 60 - 8 * 60 + 1)
    stage.hospital.tick()
    assert stage.status("prescription") == "expired"
    assert stage.refused("doc", "prescription.extend", patient="$zhang") in ("E-GEN-01", "E-PRV-01")
