"""What the doctor enters into the chart piece by piece: diagnoses; allergies are every post's."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import allergies, dictionary, people, permission, relation
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_WRITING_LIVES_IN = ("in_progress", "on_leave")


def add_diagnosis(
    act: Acting,
    *,
    encounter: str,
    code: str,
    dx_type: str = "1",
    certainty: str = "C",
    rank: int | None = None,
) -> str:
    """Add a diagnosis, last unless `rank` says otherwise: rank 1 is the main one, and what stood there moves on.

    A clash with sex or age is shown and recorded, not refused.
    """
    visit = act.fetch("encounter", encounter)
    standing = _diagnoses(act, encounter)
    place = min(rank or len(standing) + 1, len(standing) + 1)
    data = {"code": code, "dx_type": dx_type, "rank": place, "certainty": certainty}
    act.attempt("diagnosis.add", patient=visit["patient"], encounter=encounter, data=data)
    permission.require(act, "diagnosis.edit")
    relation.require(act, visit["patient"], visit)
    require_writable(visit)
    entry = dictionary.require_row(act, "icd10", "code", code)
    dictionary.require_code(act, "dx_type", dx_type)
    dictionary.require_code(act, "certainty", certainty)
    if any(each["code"] == code for each in standing):
        raise Refused("E-GEN-03", hint_zh="该诊断已录入", hint_en="Already entered")
    if _clashes(act, act.fetch("patient", visit["patient"]), entry):
        shown = {"rule": "diagnosis_fit", "level": "warn", "items": [code]}
        act.record("alert.shown", patient=visit["patient"], encounter=encounter, data=shown)
    values = {**data, "patient": visit["patient"], "encounter": encounter, "status": "active"}
    for each in standing:
        if each["rank"] >= place:
            act.update("diagnosis", each, {"rank": each["rank"] + 1})
    key = act.insert("diagnosis", {**values, "added_by": act.who.staff, "added_at": act.now})
    act.record("diagnosis.add", patient=visit["patient"], encounter=encounter, target=key, data=data)
    return key


def retract_diagnosis(act: Acting, *, diagnosis: str, reason: str = "") -> None:
    """Withdraw a diagnosis with a reason; it stays readable, and those behind it move up."""
    record = act.fetch("diagnosis", diagnosis)
    visit = act.fetch("encounter", record["encounter"])
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": diagnosis}
    data = {"code": record["code"], "reason": reason or None}
    act.attempt("diagnosis.retract", **about, data=data)
    permission.require(act, "diagnosis.edit")
    relation.require(act, record["patient"], visit)
    if record["status"] != "active":
        raise Refused("E-GEN-01")
    require_writable(visit)
    if not reason:
        raise Refused("E-GEN-06")
    act.update("diagnosis", record, {"status": "retracted"})
    for each in _diagnoses(act, visit["id"]):
        if each["rank"] > record["rank"]:
            act.update("diagnosis", each, {"rank": each["rank"] - 1})
    act.record("diagnosis.retract", **about, data=data)


def _diagnoses(act: Acting, encounter: str) -> list[Record]:
    return act.rows('SELECT * FROM "diagnosis" WHERE "encounter" = ? AND "status" = \'active\'', encounter)


def _clashes(act: Acting, person: Record, entry: Record) -> bool:
    years, _, _ = people.age(act, person["birth_date"])
    wrong_sex = {"M": "2", "F": "1"}.get(entry["sex_limit"]) == person["sex"]
    return wrong_sex or (years is not None and not int(entry["age_min"]) <= years <= int(entry["age_max"]))


def require_writable(visit: Record) -> None:
    """Raise Refused E-GEN-03 unless the visit is in progress."""
    if visit["status"] not in _WRITING_LIVES_IN:
        raise Refused("E-GEN-03", hint_zh="该就诊未在进行中", hint_en="The visit is not in progress")


ACTIONS: Mapping[str, Operation] = {
    "allergy.record": allergies.record,
    "allergy.retract": allergies.retract,
    "diagnosis.add": add_diagnosis,
    "diagnosis.retract": retract_diagnosis,
}
