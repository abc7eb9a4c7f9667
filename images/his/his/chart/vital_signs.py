"""Vital signs: measured by nurse or doctor, kept for good, implausible values refused.

What can be measured, its unit, and what is plausible or usual stands in the table `vital_signs`. The usual range is
that of adults; of children nothing is said to be high or low.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from his.chart import dictionary, people, permission, relation
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from sandbox.contract.state import TABLES

HIGH, LOW, USUAL = "high", "low", ""

MEASURED_IN = ("arrived", "triaged", "in_progress", "on_leave")
"""States of a visit in which the patient is there to be measured."""


def table(act: Acting) -> list[Record]:
    """Return what can be measured, in the order in which it is asked for."""
    return act.rows('SELECT * FROM "vital_signs" ORDER BY CAST("rank" AS INTEGER)')


def record(act: Acting, *, encounter: str, **given: Any) -> str:
    """Write one set of vital signs of a visit: codes of `vital_signs` -> numbers as typed; return its id.

    Raises Refused E-GEN-02 or E-PRV-01 for who may not, E-GEN-01 outside the visit, E-GEN-06 for nothing measured, no
    number, a value that cannot be, or a blood pressure of one half.
    """
    visit = act.fetch("encounter", encounter)
    typed = {name: people.normalised(str(value)) for name, value in given.items() if value not in (None, "")}
    data = {"values": ";".join(f"{name}={value}" for name, value in typed.items())}
    act.attempt("vitals.record", patient=visit["patient"], encounter=encounter, data=data)
    permission.require(act, "vitals.record")
    relation.require(act, visit["patient"], visit)
    if visit["status"] not in MEASURED_IN:
        raise Refused("E-GEN-01")
    known = {each["code"]: each for each in table(act)}
    if not typed or set(typed) - set(known):
        raise Refused("E-GEN-06", hint_zh="请至少填写一项体征", hint_en="Enter at least one vital sign")
    for name, value in typed.items():
        _require_plausible(known[name], value)
    _require_whole_pressure(typed)
    values = {name: _stored(known[name], value) for name, value in typed.items()}
    about = {"patient": visit["patient"], "encounter": encounter, "recorded_by": act.who.staff}
    key = act.insert("vitals", {**about, **values, "recorded_at": act.now})
    act.record("vitals.record", patient=visit["patient"], encounter=encounter, target=key, data=data)
    return key


def is_plausible(sign: Record, typed: str) -> bool:
    """Say whether a typed value is a number of the sign's precision within what can be."""
    try:
        value = Decimal(people.normalised(typed))
    except InvalidOperation:
        return False
    if not value.is_finite() or not Decimal(sign["min"]) <= value <= Decimal(sign["max"]):
        return False
    return value == _rounded(sign, value)


def pressure_is_whole(typed: Mapping[str, str]) -> bool:
    """Say whether both halves of a blood pressure are there, the upper above the lower, or neither."""
    upper, lower = typed.get("sbp") or "", typed.get("dbp") or ""
    if not upper and not lower:
        return True
    return bool(upper and lower) and Decimal(upper) > Decimal(lower)


def of_visit(act: Acting, encounter: str) -> list[Record]:
    """Return the sets of a visit, latest first."""
    return act.rows(
        'SELECT v.*, t."name" AS by_name FROM "vitals" v LEFT JOIN "staff" t ON t."id" = v."recorded_by" '
        'WHERE v."encounter" = ? ORDER BY v."recorded_at" DESC, LENGTH(v."id") DESC, v."id" DESC',
        encounter,
    )


def missing_for_triage(act: Acting, encounter: str) -> list[Record]:
    """Return the signs that must be known before a triage level is given and have not been measured in this visit."""
    sets = of_visit(act, encounter)
    return [each for each in table(act) if each["triage"] == "1" and all(one[each["code"]] is None for one in sets)]


def judged(act: Acting, sign: Record, value: object, birth_date: str | None) -> str:
    """Return HIGH, LOW or USUAL for a measured value of an adult."""
    years, _, _ = people.age(act, birth_date)
    if value is None or not sign["low"] or years is None or years <= dictionary.limit(act, "child_max_years"):
        return USUAL
    found = Decimal(str(value))
    if found > Decimal(sign["high"]):
        return HIGH
    return LOW if found < Decimal(sign["low"]) else USUAL


def _require_plausible(sign: Record, typed: str) -> None:
    if not is_plausible(sign, typed):
        least, most = sign["min"], sign["max"]
        raise Refused(
            "E-GEN-06",
            hint_zh=f"{sign['name_zh']}应在{least}～{most}{sign['unit_zh']}之间，小数{sign['decimals']}位以内",
            hint_en=f"{sign['name_en']} lies between {least} and {most} {sign['unit_en']}",
        )


def _require_whole_pressure(typed: Mapping[str, str]) -> None:
    if not pressure_is_whole(typed):
        raise Refused(
            "E-GEN-06",
            hint_zh="血压须同时填写收缩压和舒张压，且收缩压高于舒张压",
            hint_en="Enter both halves of the blood pressure, the systolic above the diastolic",
        )


def _rounded(sign: Record, value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-int(sign["decimals"])))


def _stored(sign: Record, typed: str) -> str | int:
    value = _rounded(sign, Decimal(typed))
    return int(value) if TABLES["vitals"][sign["code"]] == "int" else str(value)


ACTIONS: Mapping[str, Operation] = {"vitals.record": record}
