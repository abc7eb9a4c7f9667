"""What the doctor's forms carry, cleaned: identifiers, record sections, the lines of the prescription grid."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from his.chart import people
from his.clinic.operations.recording import MANDATORY
from his.clinic.operations.versions import SECTIONS

Form = MultiDict[str, str]

LINE = ("drug", "dose", "route", "freq", "days", "quantity")
"""Columns of the grid, one list each in the form."""


def sections(form: Form) -> dict[str, str]:
    """Return the texts of the record that the form carries."""
    return {name: form[name] for name in SECTIONS if name in form}


def missing_sections(form: Form) -> set[str]:
    """Return the mandatory sections that are empty."""
    return {name for name in MANDATORY if not form.get(name, "").strip()}


def rows(form: Form) -> list[dict[str, str]]:
    """Return the grid's rows as typed, the text of the drug field included; short columns are filled with nothing."""
    columns = {name: form.getlist(name) for name in (*LINE, "drug_text")}
    length = max((len(each) for each in columns.values()), default=0)
    padded = {name: [*values, *[""] * (length - len(values))] for name, values in columns.items()}
    return [{name: padded[name][place].strip() for name in padded} for place in range(length)]


def items(form: Form) -> list[dict[str, str | None]]:
    """Return the lines to sign: rows with a drug, numbers normalised, empty values left to the drug's usual ones.

    A row with text but no chosen drug stays in, so that the hospital refuses it instead of losing it.
    """
    kept = [row for row in rows(form) if row["drug"] or row["drug_text"]]
    return [
        {name: people.normalised(row[name]) or None for name in LINE} | {"drug": row["drug"] or row["drug_text"]}
        for row in kept
    ]


def override(form: Form) -> dict[str, str] | None:
    """Return the reason an alert is pushed through with, if one was chosen."""
    reason = form.get("override_reason", "")
    return {"reason": reason, "text": form.get("override_text", "").strip()} if reason else None


def signing(form: Form, *, identified: bool) -> dict[str, Any]:
    """Return what signing and revising take from the form; `identified`: the password typed again is the own one."""
    return {
        "items": items(form),
        "override": override(form),
        "long_supply_reason": form.get("long_supply_reason") or None,
        "identified": identified,
    }
