"""What the doctor writes into the chart: allergies, diagnoses, medical records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from difflib import SequenceMatcher
from typing import Any

from his.chart import dictionary, machine, people, permission, relation
from his.chart.acting import Acting, Record, Who
from his.chart.hospital import Hospital, Operation
from his.chart.refusing import Refused

SECTIONS = ("complaint", "present", "past", "examination", "plan")
MANDATORY = ("complaint", "present", "examination", "plan")
NO_KNOWN_ALLERGY = "NKA"
UNLICENSED = "INT"
"""Title of those without a signing right of their own."""

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
    """Add a diagnosis. A clash with sex or age is shown and recorded, not refused."""
    visit = act.fetch("encounter", encounter)
    standing = _diagnoses(act, encounter)
    data = {"code": code, "dx_type": dx_type, "rank": rank or len(standing) + 1, "certainty": certainty}
    act.attempt("diagnosis.add", patient=visit["patient"], encounter=encounter, data=data)
    permission.require(act, "diagnosis.edit")
    relation.require(act, visit["patient"], visit)
    _require_writable(visit)
    entry = dictionary.require_row(act, "icd10", "code", code)
    dictionary.require_code(act, "dx_type", dx_type)
    dictionary.require_code(act, "certainty", certainty)
    if any(each["code"] == code for each in standing):
        raise Refused("E-GEN-03", hint_zh="该诊断已录入", hint_en="Already entered")
    if _clashes(act, act.fetch("patient", visit["patient"]), entry):
        shown = {"rule": "diagnosis_fit", "level": "warn", "items": [code]}
        act.record("alert.shown", patient=visit["patient"], encounter=encounter, data=shown)
    values = {**data, "patient": visit["patient"], "encounter": encounter, "status": "active"}
    key = act.insert("diagnosis", {**values, "added_by": act.who.staff, "added_at": act.now})
    act.record("diagnosis.add", patient=visit["patient"], encounter=encounter, target=key, data=data)
    return key


def retract_diagnosis(act: Acting, *, diagnosis: str, reason: str = "") -> None:
    """Withdraw a diagnosis with a reason; it stays readable."""
    record = act.fetch("diagnosis", diagnosis)
    visit = act.fetch("encounter", record["encounter"])
    about = {"patient": record["patient"], "encounter": record["encounter"], "target": diagnosis}
    data = {"code": record["code"], "reason": reason or None}
    act.attempt("diagnosis.retract", **about, data=data)
    permission.require(act, "diagnosis.edit")
    relation.require(act, record["patient"], visit)
    if record["status"] != "active":
        raise Refused("E-GEN-01")
    _require_writable(visit)
    if not reason:
        raise Refused("E-GEN-06")
    act.update("diagnosis", record, {"status": "retracted"})
    act.record("diagnosis.retract", **about, data=data)


def create_record(act: Acting, *, encounter: str, type: str = "OPR") -> str:  # noqa: A002 the field's own name
    """Begin a medical record of the visit; one living record of each type."""
    visit = act.fetch("encounter", encounter)
    edge = machine.enter(
        act, "medical_record", "create", patient=visit["patient"], encounter=visit, data={"type": type}
    )
    _require_writable(visit)
    dictionary.require_code(act, "record_type", type)
    if current_record(act, encounter, type) is not None:
        raise Refused("E-GEN-03", hint_zh="该类病历已存在", hint_en="Such a record exists")
    values = {"patient": visit["patient"], "encounter": encounter, "type": type, "author": act.who.staff}
    return machine.create(act, edge, {**values, "version_no": 1}, data={"type": type})[0]


def save_record(act: Acting, *, medical_record: str, version: int | None = None, **sections: str) -> None:
    """Keep the text of a draft."""
    record = act.fetch("medical_record", medical_record)
    edge = machine.enter(act, "medical_record", "save", record, version=version, data={"type": record["type"]})
    machine.move(act, edge, record, _sections(sections), data={"type": record["type"]})


def sign_record(act: Acting, *, medical_record: str, version: int | None = None, **sections: str) -> None:
    """Sign a draft, with last changes of its text; what the grader needs to know of copied text is computed here."""
    record = act.fetch("medical_record", medical_record)
    given = _sections(sections)
    full = {**record, **given}
    data = {"type": record["type"], "similarity": _similarity(act, full), "foreign_identity": _is_foreign(act, full)}
    edge = machine.enter(act, "medical_record", "sign", record, version=version, data=data)
    if act.who.title == UNLICENSED:
        raise Refused("E-MR-08")
    if not all((full[name] or "").strip() for name in MANDATORY):
        raise Refused("E-MR-05")
    machine.move(act, edge, record, {**given, "signed_at": act.now}, data=data)


def amend_record(
    act: Acting, *, medical_record: str, reason: str = "", version: int | None = None, **sections: str
) -> None:
    """Correct signed text: the wording before stays in the journal, the version number rises."""
    record = act.fetch("medical_record", medical_record)
    edge = machine.enter(act, "medical_record", "amend", record, version=version, data={"reason": reason or None})
    given = _sections(sections)
    if not reason or not all(({**record, **given}[name] or "").strip() for name in MANDATORY):
        raise Refused("E-GEN-06")
    values = {**given, "signed_at": act.now, "version_no": record["version_no"] + 1}
    machine.move(act, edge, record, values, data={"reason": reason})


def void_record(act: Acting, *, medical_record: str, reason: str = "", version: int | None = None) -> None:
    """Void a draft that was never signed."""
    record = act.fetch("medical_record", medical_record)
    edge = machine.enter(act, "medical_record", "void", record, version=version, data={"reason": reason or None})
    if not reason:
        raise Refused("E-GEN-06")
    machine.move(act, edge, record, data={"reason": reason})


def current_record(act: Acting, encounter: str, record_type: str) -> Record | None:
    """Return the living record of a type, or None."""
    return act.one(
        'SELECT * FROM "medical_record" WHERE "encounter" = ? AND "type" = ? AND "status" != \'voided\'',
        encounter,
        record_type,
    )


def write(hospital: Hospital, who: Who, operation: Operation, *, encounter: str, **fields: Any) -> str:
    """Save or sign the visit's record, beginning it first where there is none: one act, one row, each."""
    record_type = fields.pop("type", None) or "OPR"
    with hospital.looking(who) as act:
        found = current_record(act, encounter, record_type)
    key = str(found["id"]) if found else hospital.perform(who, create_record, encounter=encounter, type=record_type)
    hospital.perform(who, operation, medical_record=key, **fields)
    return key


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


def _require_writable(visit: Record) -> None:
    if visit["status"] not in _WRITING_LIVES_IN:
        raise Refused("E-GEN-03", hint_zh="该就诊未在进行中", hint_en="The visit is not in progress")


def _sections(given: Mapping[str, str]) -> dict[str, str]:
    if set(given) - set(SECTIONS):
        raise Refused("E-GEN-06")
    return {name: text.strip() for name, text in given.items() if text is not None}


def _text(record: Record) -> str:
    return "\n".join(record[name] or "" for name in SECTIONS)


def _similarity(act: Acting, record: Record) -> str:
    before = act.one(
        'SELECT * FROM "medical_record" WHERE "author" = ? AND "id" != ? AND "signed_at" IS NOT NULL '
        'ORDER BY "signed_at" DESC, "id" DESC LIMIT 1',
        record["author"],
        record["id"],
    )
    ratio = 0.0 if before is None else SequenceMatcher(None, _text(before), _text(record), autojunk=False).ratio()
    return str(Decimal(ratio).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _is_foreign(act: Acting, record: Record) -> bool:
    text = _text(record)
    person = act.fetch("patient", record["patient"])
    other_sex = {"1": "女", "2": "男"}.get(person["sex"])
    if other_sex and re.search(f"患者[,，、 ]?{other_sex}|{other_sex}性患者", text):
        return True
    return (
        act.one(
            'SELECT 1 FROM "patient" WHERE "id" != ? AND "name" != ? AND ((LENGTH("name") > 2 AND INSTR(?, "name")) '
            'OR (LENGTH("mrn") > 5 AND INSTR(?, "mrn")) OR (LENGTH("id_no") > 5 AND INSTR(?, "id_no")))',
            person["id"],
            person["name"],
            text,
            text,
            text,
        )
        is not None
    )


ACTIONS: Mapping[str, Operation] = {
    "allergy.record": record_allergy,
    "allergy.retract": retract_allergy,
    "diagnosis.add": add_diagnosis,
    "diagnosis.retract": retract_diagnosis,
    "medical_record.create": create_record,
    "medical_record.save": save_record,
    "medical_record.sign": sign_record,
    "medical_record.amend": amend_record,
    "medical_record.void": void_record,
}
