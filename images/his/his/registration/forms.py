"""What the registration desk's forms carry, cleaned, and what is wrong with them field by field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from his.chart import people
from his.registration.operations import DEMOGRAPHICS
from sandbox.contract.identity import check_digit


def demographics(form: Mapping[str, str]) -> dict[str, str]:
    """Return the person's data as typed, without empty fields."""
    return {key: form[key].strip() for key in DEMOGRAPHICS if form.get(key, "").strip()}


def problems(form: Mapping[str, str]) -> dict[str, str]:
    """Return field -> wording key for what the hospital would not accept."""
    found = {key: "patient.must" for key in ("name", "sex", "birth_date") if not form.get(key, "").strip()}
    birth = people.normalised(form.get("birth_date", ""))
    if birth and not _is_date(birth):
        found["birth_date"] = "patient.wrong_date"
    number = people.normalised(form.get("id_no", "")).upper()
    if number and form.get("id_type", "01") in ("", "01") and not _fits(number, birth):
        found["id_no"] = "patient.wrong_id"
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fits(number: str, birth: str) -> bool:
    if len(number) != 18 or not number[:17].isdecimal() or check_digit(number[:17]) != number[17]:
        return False
    return number[6:14] == birth.replace("-", "")
