"""Names of codes and amounts in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from his.chart.acting import Acting

_KEYS: Mapping[str, tuple[str, str, str]] = {
    "departments": ("dept_code", "name_zh", "name_en"),
    "registration_levels": ("code", "name_zh", "name_en"),
    "insurance_types": ("code", "name_zh", "name_en"),
    "allergy_classes": ("class_code", "name_zh", "name_en"),
    "drugs": ("drug_code", "generic_zh", "generic_en"),
    "frequencies": ("code", "name_zh", "name_en"),
    "routes": ("code", "name_zh", "name_en"),
    "rooms": ("room", "name_zh", "name_en"),
    "icd10": ("code", "name_zh", "name_en"),
    "lab_panels": ("panel_code", "name_zh", "name_en"),
    "imaging_exams": ("exam_code", "name_zh", "name_en"),
    "specimen_types": ("code", "name_zh", "name_en"),
    "fee_items": ("fee_code", "name_zh", "name_en"),
    "roles": ("role_code", "name_zh", "name_en"),
    "hospital": ("key", "value_zh", "value_en"),
}
"""Reference table -> its key and its two names."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One line of a drop-down."""

    value: str
    label: str


class Glossary:
    """Looks words up once and keeps them: reference tables do not change inside a cell. One per language."""

    def __init__(self, act: Acting, language: str) -> None:
        self._language = language
        self._names: dict[tuple[str, str], str] = {}
        for table, (key, zh, en) in _KEYS.items():
            name = en if language == "en" else zh
            for row in act.rows(f'SELECT "{key}" AS code, "{name}" AS name FROM "{table}"'):  # noqa: S608 names of our own
                self._names[table, row["code"]] = row["name"]
        name = "name_en" if language == "en" else "name_zh"
        self._lists: dict[str, list[Option]] = {}
        for row in act.rows(f'SELECT "list_id", "code", "{name}" AS name FROM "code_lists" ORDER BY "code"'):  # noqa: S608
            self._names[row["list_id"], row["code"]] = row["name"]
            self._lists.setdefault(row["list_id"], []).append(Option(value=row["code"], label=row["name"]))

    def name(self, table: str, code: str | None) -> str:
        """Return the name of a code of a reference table or code list; the code itself if it has none."""
        return "" if code is None else self._names.get((table, code), code)

    def options(self, list_id: str) -> list[Option]:
        """Return a code list for a drop-down."""
        return self._lists[list_id]

    def table(self, table: str) -> list[Option]:
        """Return a reference table for a drop-down."""
        return [Option(value=code, label=name) for (found, code), name in self._names.items() if found == table]

    def pick(self, row: Mapping[str, Any], stem: str = "name") -> str:
        """Return stem_zh or stem_en of a row."""
        return str(row[f"{stem}_{self._language}"] or row[f"{stem}_zh"])


def money(amount: object) -> str:
    """Return an amount with two places."""
    return str(Decimal(str(amount or "0")).quantize(Decimal("0.01"), ROUND_HALF_UP))
