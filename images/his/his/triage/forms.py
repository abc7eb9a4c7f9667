"""What the triage desk's forms carry, cleaned, and what is wrong with them field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from his.chart import people, vital_signs
from his.chart.acting import Record


def measured(form: Mapping[str, str], signs: Iterable[Record]) -> dict[str, str]:
    """Return the signs that were typed, without empty fields."""
    typed = {each["code"]: people.normalised(form.get(each["code"], "")) for each in signs}
    return {code: value for code, value in typed.items() if value}


def problems(form: Mapping[str, str], signs: list[Record]) -> set[str]:
    """Return the codes of the signs the hospital would not accept."""
    typed = measured(form, signs)
    found = {
        each["code"]
        for each in signs
        if each["code"] in typed and not vital_signs.is_plausible(each, typed[each["code"]])
    }
    if not typed:
        return {signs[0]["code"]}
    if not found & {"sbp", "dbp"} and not vital_signs.pressure_is_whole(typed):
        found |= {"sbp", "dbp"}
    return found
