"""Allergies 过敏史: recorded by whoever treats the person, withdrawn by doctors."""

from __future__ import annotations

from typing import Any

from his.chart import dictionary, machine, people
from his.chart.acting import Acting
from his.chart.refusing import Refused

NONE_KNOWN = "NKA"
"""The class that says: asked, none known."""


def record(act: Acting, *, patient: str, **given: Any) -> str:
    """Record an allergy, or by class NKA that none is known; a real one retracts an older NKA."""
    values = {key: given.get(key) or None for key in ("class", "drug", "reaction", "severity", "source")}
    values["source"] = values["source"] or "SELF"
    edge = machine.enter(act, "allergy", "record", patient=patient, data=values)
    _check(act, values)
    active = people.allergies(act, patient)
    if values["class"] == NONE_KNOWN and active:
        raise Refused("E-GEN-03", hint_zh="已有过敏记录", hint_en="Allergies are on record")
    if any(each["class"] == values["class"] and each["drug"] == values["drug"] for each in active):
        raise Refused("E-GEN-03", hint_zh="该过敏已登记", hint_en="Already recorded")
    full = {**values, "patient": patient, "recorded_by": act.who.staff, "recorded_at": act.now}
    key, cause = machine.create(act, edge, full, data=values)
    for each in active:
        if each["class"] == NONE_KNOWN:
            machine.follow(act, "allergy", "retract", act.fetch("allergy", each["id"]), cause)
    return key


def retract(act: Acting, *, allergy: str, reason: str = "", version: int | None = None) -> None:
    """Withdraw an entry that was wrong; it stays readable."""
    entry = act.fetch("allergy", allergy)
    edge = machine.enter(act, "allergy", "retract", entry, version=version, data={"reason": reason or None})
    if not reason:
        raise Refused("E-GEN-06")
    machine.move(act, edge, entry, data={"reason": reason})


def _check(act: Acting, values: dict[str, Any]) -> None:
    if values["drug"] is not None:
        classes = str(dictionary.drug(act, values["drug"])["allergy_classes"]).split(";")
        values["class"] = values["class"] or classes[0] or None
    if values["class"] is None and values["drug"] is None:
        raise Refused("E-GEN-06")
    if values["class"] is not None:
        dictionary.require_row(act, "allergy_classes", "class_code", values["class"])
    dictionary.require_code(act, "allergy_source", values["source"])
    if values["class"] != NONE_KNOWN:
        dictionary.require_code(act, "allergy_severity", values["severity"])
