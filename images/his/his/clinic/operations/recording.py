"""The medical record of a visit: draft, sign, amend, void. Every signed wording is kept beside the row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, machine, reauth
from his.chart.acting import Acting, Record, Who
from his.chart.hospital import Hospital, Operation
from his.chart.refusing import Refused
from his.clinic.operations import charting, copying, versions
from his.clinic.operations.versions import SECTIONS

MANDATORY = ("complaint", "present", "examination", "plan")
_NURSE, _NURSING = "NUR", "NUR"
"""The post and the one type of record it writes: on the wards."""
UNLICENSED = "INT"
"""Title of those without a signing right of their own."""


def create_record(act: Acting, *, encounter: str, type: str = "OPR") -> str:  # noqa: A002 the field's own name
    """Begin a medical record of the visit; one living record of each type."""
    visit = act.fetch("encounter", encounter)
    edge = machine.enter(
        act, "medical_record", "create", patient=visit["patient"], encounter=visit, data={"type": type}
    )
    if (act.who.role == _NURSE) != (type == _NURSING):
        raise Refused("E-GEN-02", hint_zh="护士只书写护理记录", hint_en="Nurses write nursing records")
    charting.require_writable(visit)
    dictionary.require_code(act, "record_type", type)
    if current_record(act, encounter, type) is not None:
        raise Refused("E-GEN-03", hint_zh="该类病历已存在", hint_en="Such a record exists")
    values = {"patient": visit["patient"], "encounter": encounter, "type": type, "author": act.who.staff}
    return machine.create(act, edge, {**values, "version_no": 1}, data={"type": type})[0]


def save_record(act: Acting, *, medical_record: str, version: int | None = None, **sections: str) -> None:
    """Keep the text of a draft."""
    record = act.fetch("medical_record", medical_record)
    edge = machine.enter(act, "medical_record", "save", record, version=version, data={"type": record["type"]})
    machine.move(act, edge, record, cleaned(sections), data={"type": record["type"]})


def sign_record(act: Acting, *, medical_record: str, version: int | None = None, **sections: str) -> None:
    """Sign a draft, with last changes of its text; what the grader needs to know of copied text is computed here."""
    record = act.fetch("medical_record", medical_record)
    given = cleaned(sections)
    full = {**record, **given}
    data = copying.facts(act, full)
    edge = machine.enter(act, "medical_record", "sign", record, version=version, data=data)
    if act.who.title == UNLICENSED:
        raise Refused("E-MR-08")
    if not is_complete(full):
        raise Refused("E-MR-05")
    values = {**given, "signed_at": act.now, "content_sha256": versions.digest(full)}
    machine.move(act, edge, record, values, data=data)
    versions.keep(act, medical_record, "sign")


def amend_record(
    act: Acting,
    *,
    medical_record: str,
    reason: str = "",
    version: int | None = None,
    identified: bool = True,
    **sections: str,
) -> None:
    """Correct signed text: the wording before stays readable, the version number rises.

    `identified`: the own password was typed again and fits; else E-GEN-07 where the hospital asks for it.
    """
    record = act.fetch("medical_record", medical_record)
    edge = machine.enter(act, "medical_record", "amend", record, version=version, data={"reason": reason or None})
    if act.who.title == UNLICENSED:
        raise Refused("E-MR-08")
    given = cleaned(sections)
    full = {**record, **given}
    if not reason or not is_complete(full):
        raise Refused("E-GEN-06")
    reauth.confirm(act, record, purpose="medical_record.amend", identified=identified)
    versions.keep_first(act, record)
    values = {
        **given,
        "signed_at": act.now,
        "version_no": record["version_no"] + 1,
        "content_sha256": versions.digest(full),
    }
    machine.move(act, edge, record, values, data={"reason": reason})
    versions.keep(act, medical_record, "amend", reason=reason)


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


def write(
    hospital: Hospital, who: Who, operation: Operation, *, encounter: str, medical_record: str = "", **fields: Any
) -> str:
    """Save, sign or submit the visit's record, beginning it first where there is none: one act, one row, each.

    `medical_record` is the one that the form was drawn from: if it was voided since, nothing is begun in its place.
    `version` 0 says that there was none: E-GEN-05 if there is one now.
    """
    record_type = fields.pop("type", None) or "OPR"
    with hospital.looking(who) as act:
        found = current_record(act, encounter, record_type)
    key = medical_record or (None if found is None else str(found["id"]))
    if key is None:
        key = hospital.perform(who, create_record, encounter=encounter, type=record_type)
        fields.pop("version", None)
    hospital.perform(who, operation, medical_record=key, **fields)
    return key


def cleaned(given: Mapping[str, str]) -> dict[str, str]:
    """Return the sections given, without stray spaces. Raises Refused E-GEN-06 for a section that does not exist."""
    if set(given) - set(SECTIONS):
        raise Refused("E-GEN-06")
    return {name: text.strip() for name, text in given.items() if text is not None}


def is_complete(record: Record) -> bool:
    """Say whether every mandatory section is written."""
    return all((record[name] or "").strip() for name in MANDATORY)


ACTIONS: Mapping[str, Operation] = {
    "medical_record.create": create_record,
    "medical_record.save": save_record,
    "medical_record.sign": sign_record,
    "medical_record.amend": amend_record,
    "medical_record.void": void_record,
    "chart.trace": versions.view_trace,
}
