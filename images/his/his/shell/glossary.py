"""Names of codes and amounts in the language of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from his.chart.acting import Acting, Record

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
    """Looks a table's words up when the first of them is asked for, and keeps them: they do not change inside a cell.

    One per language. A log-in page needs the hospital's name; all drugs and diagnoses would take longer than the page.
    """

    def __init__(self, look: Callable[[], AbstractContextManager[Acting]], language: str) -> None:
        self._look = look
        self._language = language
        self._kept: dict[str, Mapping[str, str]] = {}

    def name(self, table: str, code: str | None) -> str:
        """Return the name of a code of a reference table or code list; the code itself if it has none."""
        return "" if code is None else self._names(table).get(code, code)

    def options(self, list_id: str) -> list[Option]:
        """Return a code list for a drop-down. Raises KeyError if there is none."""
        found = self._names(list_id)
        if not found:
            raise KeyError(list_id)
        return [Option(value=code, label=name) for code, name in found.items()]

    def table(self, table: str) -> list[Option]:
        """Return a reference table for a drop-down."""
        return [Option(value=code, label=name) for code, name in self._names(table).items()]

    def _names(self, table: str) -> Mapping[str, str]:
        kept = self._kept.get(table)
        if kept is None:
            with self._look() as act:
                kept = {row["code"]: row["name"] for row in self._rows(act, table)}
            self._kept[table] = kept
        return kept

    def _rows(self, act: Acting, table: str) -> list[Record]:
        english = self._language == "en"
        if table not in _KEYS:
            name = "name_en" if english else "name_zh"
            sql = f'SELECT "code", "{name}" AS name FROM "code_lists" WHERE "list_id" = ? ORDER BY "code"'  # noqa: S608 names of our own
            return act.rows(sql, table)
        key, zh, en = _KEYS[table]
        return act.rows(f'SELECT "{key}" AS code, "{en if english else zh}" AS name FROM "{table}"')  # noqa: S608

    def pick(self, row: Mapping[str, Any], stem: str = "name") -> str:
        """Return stem_zh or stem_en of a row."""
        return str(row[f"{stem}_{self._language}"] or row[f"{stem}_zh"])


def money(amount: object) -> str:
    """Return an amount with two places."""
    return str(Decimal(str(amount or "0")).quantize(Decimal("0.01"), ROUND_HALF_UP))
