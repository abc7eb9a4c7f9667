"""The hospital's dictionaries: which there are, what of them may be changed, by which rule; every change journaled.

A dictionary row has no version: a change names the value it replaces, and hits nothing if that is not there any more.
Codes are never taken away and prices of drugs are finance's, so neither can be changed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from his.chart import dictionary, people, permission
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

Rule = Callable[[Acting, str], bool]

_LONGEST = 120
_CODE = re.compile(r"[A-Z0-9_]{1,12}")


def _is_text(_: Acting, value: str) -> bool:
    return 0 < len(value) <= _LONGEST


def _is_note(_: Acting, value: str) -> bool:
    return len(value) <= _LONGEST


def _is_flag(_: Acting, value: str) -> bool:
    return value in ("0", "1")


def _is_whole(_: Acting, value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 6


def _is_price(_: Acting, value: str) -> bool:
    return re.fullmatch(r"\d{1,6}\.\d{2}", value) is not None


def _is_dose(_: Acting, value: str) -> bool:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0


def _is_dose_or_none(act: Acting, value: str) -> bool:
    return not value or _is_dose(act, value)


def _is_route(act: Acting, value: str) -> bool:
    return act.one('SELECT 1 FROM "routes" WHERE "code" = ?', value) is not None


def _is_frequency(act: Acting, value: str) -> bool:
    return act.one('SELECT 1 FROM "frequencies" WHERE "code" = ?', value) is not None


def _is_class(act: Acting, value: str) -> bool:
    return bool(value) and act.one('SELECT 1 FROM "drugs" WHERE "insurance_class" = ?', value) is not None


RULES: Mapping[str, Rule] = {
    "text": _is_text,
    "note": _is_note,
    "flag": _is_flag,
    "whole": _is_whole,
    "price": _is_price,
    "dose": _is_dose,
    "dose_or_none": _is_dose_or_none,
    "route": _is_route,
    "frequency": _is_frequency,
    "class": _is_class,
}
"""What a column takes, by name."""


@dataclass(frozen=True, kw_only=True)
class Book:
    """A dictionary. `shown` are the columns of its list, `rules` the columns that may be changed, each with its rule of
    RULES."""

    table: str
    key: tuple[str, ...]
    shown: tuple[str, ...]
    rules: Mapping[str, str]
    named: str = "name_zh"
    """Column whose initials the table keeps."""
    grows: bool = False
    """Whether codes may be added."""

    @property
    def has_initials(self) -> bool:
        """Whether the table keeps the pinyin initials of its names."""
        return self.table in ("drugs", "departments")


_NAMES: Mapping[str, str] = {"name_zh": "text", "name_en": "text"}
BOOKS: Mapping[str, Book] = {
    each.table: each
    for each in (
        Book(
            table="drugs",
            key=("drug_code",),
            shown=("generic_zh", "strength", "pack_spec", "max_daily_dose", "insurance_class", "price_cny"),
            rules={
                "generic_zh": "text",
                "generic_en": "text",
                "usual_dose": "dose",
                "max_daily_dose": "dose_or_none",
                "route_code": "route",
                "freq_code": "frequency",
                "skin_test_required": "flag",
                "high_alert": "flag",
                "insurance_class": "class",
                "note_zh": "note",
            },
            named="generic_zh",
        ),
        Book(
            table="fee_items",
            key=("fee_code",),
            shown=("name_zh", "category_zh", "unit_zh", "insurance_class", "price_cny"),
            rules={**_NAMES, "unit_zh": "text", "price_cny": "price", "insurance_class": "class"},
        ),
        Book(
            table="departments",
            key=("dept_code",),
            shown=("name_zh", "name_en", "kind", "setting", "initials"),
            rules=_NAMES,
        ),
        Book(table="code_lists", key=("list_id", "code"), shown=("name_zh", "name_en"), rules=_NAMES, grows=True),
        Book(
            table="limits",
            key=("key",),
            shown=("note_zh", "value", "unit"),
            rules={"value": "whole", "note_zh": "text", "note_en": "text"},
            named="note_zh",
        ),
    )
}
"""All dictionaries, by table."""


def rows(act: Acting, book: Book, *, text: str = "", group: str = "") -> list[Record]:
    """Return the rows of a dictionary whose key, name or initials contain `text`; of one code list with `group`."""
    wanted = f"%{text.strip()}%"
    initials = ' OR LOWER("initials") LIKE ?' if book.has_initials else ""
    order = ", ".join(f'"{name}"' for name in book.key)
    values = [wanted, wanted, *([f"{text.strip().lower()}%"] if initials else ())]
    within = ' AND "list_id" = ?' if group else ""
    return act.rows(
        f'SELECT * FROM "{book.table}" WHERE ("{book.key[-1]}" LIKE ? OR "{book.named}" LIKE ?{initials}){within} '  # noqa: S608
        f"ORDER BY {order}",
        *values,
        *([group] if group else ()),
    )


def find(act: Acting, book: Book, key: str) -> Record:
    """Return one row by its key, parts joined by `/`. Raises Refused E-GEN-06 if there is none."""
    parts = key.split("/")
    where = " AND ".join(f'"{name}" = ?' for name in book.key)
    if len(parts) != len(book.key):
        raise Refused("E-GEN-06")
    found = act.one(f'SELECT * FROM "{book.table}" WHERE {where}', *parts)  # noqa: S608 names of our own
    if found is None:
        raise Refused("E-GEN-06")
    return found


def key_of(book: Book, row: Record) -> str:
    """Return the key of a row, parts joined by `/`."""
    return "/".join(str(row[name]) for name in book.key)


def edit(
    act: Acting, *, table: str = "", key: str = "", values: Mapping[str, str], before: Mapping[str, str] | None = None
) -> list[str]:
    """Change columns of one row and return which; each change is a row of the journal, old value and new.

    `before` is what the form was drawn from. Refused with E-GEN-05 if a value is another one by now, E-GEN-06 for a
    column that may not be changed, a value that breaks its rule, or nothing changed.
    """
    act.attempt("dictionary.edit", data={"table": table, "key": key})
    permission.require(act, "dict.manage")
    book = _book(table)
    row = find(act, book, key)
    given = {column: value.strip() for column, value in values.items()}
    seen = {column: (before or {}).get(column, row[column]) for column in given if column in row}
    changed = [column for column, value in given.items() if value != seen.get(column)]
    if not changed:
        raise Refused("E-GEN-06", hint_zh="没有修改任何内容", hint_en="Nothing was changed")
    for column in changed:
        _require_fit(act, book, key, column, given[column])
        if book.table == "limits" and column == "value" and not _is_whole(act, str(row[column])):
            raise Refused("E-GEN-06", hint_zh="此项不能在此修改", hint_en="This cannot be changed here")
        _replace(act, book, row, column, seen[column], given[column])
    if book.has_initials and book.named in changed:
        _write(act, book, row, {"initials": people.initials(act, given[book.named])})
    return changed


def change(act: Acting, *, table: str = "", key: str = "", column: str = "", after: str = "") -> None:
    """Change one column of one row, as a scripted run says it."""
    edit(act, table=table, key=key, values={column: after})


def add(act: Acting, *, table: str = "", group: str = "", code: str = "", values: Mapping[str, str]) -> str:
    """Add a code to a list and return its key. Refused with E-GEN-03 if it is there, E-GEN-06 if malformed."""
    key, names = f"{group}/{code.strip().upper()}", {name: values.get(name, "").strip() for name in _NAMES}
    act.attempt("dictionary.edit", data={"table": table, "key": key})
    permission.require(act, "dict.manage")
    book = _book(table)
    if not book.grows or not dictionary.codes(act, group):
        raise Refused("E-GEN-06", hint_zh="该字典不能新增", hint_en="Nothing can be added here")
    if not _CODE.fullmatch(code.strip().upper()):
        raise Refused("E-GEN-06", hint_zh="代码须为1至12位大写字母、数字", hint_en="1 to 12 capitals and digits")
    if dictionary.has_code(act, group, code.strip().upper()):
        raise Refused("E-GEN-03", hint_zh="代码已存在", hint_en="The code is there already")
    for name, value in names.items():
        _require_fit(act, book, key, name, value)
    act.connection.execute(
        'INSERT INTO "code_lists" ("list_id", "code", "name_zh", "name_en") VALUES (?, ?, ?, ?)',
        (group, code.strip().upper(), names["name_zh"], names["name_en"]),
    )
    for name, value in names.items():
        _tell(act, table, key, name, None, value)
    return key


def _book(table: str) -> Book:
    found = BOOKS.get(table)
    if found is None:
        raise Refused("E-GEN-06")
    return found


def _require_fit(act: Acting, book: Book, key: str, column: str, value: str) -> None:
    act.attempt("dictionary.edit", data={"table": book.table, "key": key, "column": column, "after": value})
    rule = book.rules.get(column)
    if rule is None:
        raise Refused("E-GEN-06", hint_zh="此项不能在此修改", hint_en="This cannot be changed here")
    if not RULES[rule](act, value):
        raise Refused(
            "E-GEN-06", hint_zh=f"“{value}”不符合该项规则", hint_en=f'"{value}" breaks the rule of this field'
        )


def _replace(act: Acting, book: Book, row: Record, column: str, before: str, after: str) -> None:
    where = " AND ".join(f'"{name}" = ?' for name in book.key)
    hit = act.connection.execute(
        f'UPDATE "{book.table}" SET "{column}" = ? WHERE {where} AND "{column}" = ?',  # noqa: S608 names of our own
        (after, *(row[name] for name in book.key), before),
    )
    if hit.rowcount != 1:
        raise Refused("E-GEN-05")
    _tell(act, book.table, key_of(book, row), column, before, after)


def _write(act: Acting, book: Book, row: Record, values: Mapping[str, str]) -> None:
    where = " AND ".join(f'"{name}" = ?' for name in book.key)
    for column, value in values.items():
        act.connection.execute(
            f'UPDATE "{book.table}" SET "{column}" = ? WHERE {where}',  # noqa: S608 names of our own
            (value, *(row[name] for name in book.key)),
        )


def _tell(act: Acting, table: str, key: str, column: str, before: str | None, after: str) -> None:
    act.record("dictionary.edit", data={"table": table, "key": key, "column": column, "before": before, "after": after})


ACTIONS: Mapping[str, Operation] = {"dictionary.edit": change}
