"""What the doctor enters into the chart piece by piece: allergies and diagnoses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, machine, people, permission, relation
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

NO_KNOWN_ALLERGY = "NKA"

_WRITING_LIVES_IN = ("in_progress", "on_leave")


def record_allergy(act: Acting, *, patient: str, **given: Any) -> str:
    """Record an allergy, or by class NKA that none is known; a real one retracts an older NKA."""
    values = {key: given.get(key) or None for key in ("class", "drug", "reaction", "severity", "source")}
    values["source"] = values["source"] or "SELF"
    edge = machine.enter(act, "allergy", "record", patient=patient, data=values)
    _check_allergy(act, values)
    active = people.allergies(act, patient)
    if values["class"] == NO_KNOWN_ALLERGY and active:
        raise Refused("E-GEN-03", hint_zh="已有过敏记录", hint_en="Allergies are on record")
    if any(each["class"] == values["class"] and each["drug"] == values["drug"] for each in active):
        raise Refused("E-GEN-03", hint_zh="该过敏已登记", hint_en="Already recorded")
    full = {**values, "patient": patient, "recorded_by": act.who.staff, "recorded_at": act.now}
    key, cause = machine.create(act, edge, full, data=values)
    for each in active:
        if each["class"] == NO_KNOWN_ALLERGY:
            machine.follow(act, "allergy", "retract", act.fetch("allergy", each["id"]), cause)
    return key


def retract_allergy(act: Acting, *, allergy: str, reason: str = "", version: int | None = None) -> None:
    """Withdraw an entry that was wrong; it stays readable."""
    record = act.fetch("allergy", allergy)
    edge = machine.enter(act, "allergy", "retract", record, version=version, data={"reason": reason or None})
    if not reason:
        raise Refused("E-GEN-06")
    machine.move(act, edge, record, data={"reason": reason})


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


def _check_allergy(act: Acting, values: dict[str, Any]) -> None:
    if values["drug"] is not None:
        classes = str(dictionary.drug(act, values["drug"])["allergy_classes"]).split(";")
        values["class"] = values["class"] or classes[0] or None
    if values["class"] is None and values["drug"] is None:
        raise Refused("E-GEN-06")
    if values["class"] is not None:
        dictionary.require_row(act, "allergy_classes", "class_code", values["class"])
    dictionary.require_code(act, "allergy_source", values["source"])
    if values["class"] != NO_KNOWN_ALLERGY:
        dictionary.require_code(act, "allergy_severity", values["severity"])


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
    "allergy.record": record_allergy,
    "allergy.retract": retract_allergy,
    "diagnosis.add": add_diagnosis,
    "diagnosis.retract": retract_diagnosis,
}
