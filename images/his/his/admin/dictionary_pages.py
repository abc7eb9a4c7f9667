"""Pages of the dictionaries: one list after the other, one row of it with what may be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, request, url_for
from werkzeug.wrappers import Response

from his.admin import dictionaries
from his.admin.dictionaries import Book
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, sheets
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("admin_dictionaries", __name__, url_prefix="/admin/dictionaries")

PAGE_ROWS = 20
_MEASURES = ("strength", "pack_spec", "pack_unit_zh", "dose_unit")
_ENGLISH = {"generic_zh": "generic_en", "name_zh": "name_en", "note_zh": "note_en"}


@dataclass(frozen=True, kw_only=True)
class EntryRow:
    key: str
    href: str
    cells: Sequence[str]
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One column of the chosen row; `rule` is the wording key of what it takes, '' = it cannot be changed."""

    column: str
    label: str
    value: str
    before: str
    rule: str
    wrong: bool


@dataclass(frozen=True, kw_only=True)
class DictionariesView:
    table: str
    books: Sequence[tuple[str, str]]
    """Table and address of every dictionary."""
    group: str
    groups: Sequence[Option]
    query: str
    columns: Sequence[str]
    rows: Sequence[EntryRow]
    found: int
    earlier: str
    later: str
    chosen: EntryRow | None
    fields: Sequence[FieldView]
    grows: bool
    typed_code: str


@bp.get("", endpoint="dictionaries")
def show_dictionary() -> Response:
    """Show a dictionary and one of its rows."""
    return _draw()


@bp.post("/edit")
def edit() -> Response:
    """Change the row."""
    table, key = request.form.get("table", ""), request.form.get("key", "")
    columns = dictionaries.BOOKS[table].rules if table in dictionaries.BOOKS else ()
    values = {column: request.form[column] for column in columns if column in request.form}
    before = {column: request.form.get(f"before-{column}", "") for column in values}
    return doing.do(
        "dictionary.edit",
        lambda: _renewed(keyboard.perform(dictionaries.edit, table=table, key=key, values=values, before=before)),
        then=lambda _: _address(row=key),
        again=_draw,
    )


@bp.post("/add")
def add() -> Response:
    """Add a code to a list."""
    group, code = request.form.get("group", ""), request.form.get("code", "")
    values = {name: request.form.get(name, "") for name in ("name_zh", "name_en")}
    table = request.form.get("table", "")
    return doing.do(
        "dictionary.edit",
        lambda: _renewed(keyboard.perform(dictionaries.add, table=table, group=group, code=code, values=values)),
        then=lambda key: _address(row=str(key)),
        again=_draw,
    )


def _renewed(result: object) -> object:
    """Forget the names that pages keep: they have changed."""
    current_app.extensions["glossaries"].clear()
    return result


def _draw(refusal: Refused | None = None) -> Response:
    book = dictionaries.BOOKS.get(request.values.get("table", ""), next(iter(dictionaries.BOOKS.values())))
    with keyboard.looking() as act:
        view = _view(act, book, refusal)
    return frames.show(
        Page(
            template="admin/dictionaries.html",
            title="desk.admin",
            tab="dictionaries",
            view=view,
            keys=("F2=save", "F3=find_entry") if view.chosen else ("F3=find_entry",),
            here=_address(row=request.values.get("key") or request.values.get("row", "")) if refusal else "",
            refusal=refusal,
        )
    )


def _view(act: Acting, book: Book, refusal: Refused | None) -> DictionariesView:
    groups = _groups(act) if "list_id" in book.key else []
    group = request.values.get("group", "") or (groups[0].value if groups else "")
    query, page = request.values.get("q", "").strip(), _page()
    rows = dictionaries.rows(act, book, text=query, group=group if groups else "")
    shown = rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    key = request.values.get("key", "") or request.values.get("row", "")
    chosen = next((each for each in rows if dictionaries.key_of(book, each) == key), None)
    return DictionariesView(
        table=book.table,
        books=[(name, url_for(".dictionaries", table=name)) for name in dictionaries.BOOKS],
        group=group,
        groups=groups,
        query=query,
        columns=_columns(book),
        rows=[_row(book, each, key) for each in shown],
        found=len(rows),
        earlier=_address(page=page - 1) if page > 1 else "",
        later=_address(page=page + 1) if page * PAGE_ROWS < len(rows) else "",
        chosen=None if chosen is None else _row(book, chosen, key),
        fields=[] if chosen is None else _fields(book, chosen, refusal),
        grows=book.grows,
        typed_code=request.form.get("code", "") if refusal else "",
    )


def _columns(book: Book) -> list[str]:
    """Return the columns of the list, names in the language of the page."""
    english = keyboard.language() == "en"
    shown = [_ENGLISH.get(column, column) if english else column for column in book.shown]
    return list(dict.fromkeys([book.key[-1], *shown]))


def _row(book: Book, row: Record, key: str) -> EntryRow:
    own = dictionaries.key_of(book, row)
    return EntryRow(
        key=own,
        href=_address(row=own, page=_page()),
        cells=[_said(column, str(row[column])) for column in _columns(book)],
        chosen=own == key,
    )


def _said(column: str, value: str) -> str:
    """Return what a page says for a stored value: in English units and codes by their names."""
    if keyboard.language() == "zh":
        return value
    if column in _MEASURES:
        return sheets.measure(value)
    if column == "insurance_class":
        return sheets.insurance_class(value)
    return keyboard.glossary().name(column, value)


def _fields(book: Book, row: Record, refusal: Refused | None) -> list[FieldView]:
    """Return the columns of the row, those that may be changed first; after a refusal as they were typed."""
    typed: Mapping[str, str] = request.form if refusal is not None else {}
    columns = [*book.rules, *(each for each in row if each not in book.rules and each not in book.key)]
    wrong = "" if refusal is None or refusal.code != "E-GEN-06" else _refused_column(book, typed)
    return [
        FieldView(
            column=column,
            label=f"column.{column}",
            value=typed.get(column, str(row[column]) if column in book.rules else _said(column, str(row[column]))),
            before=str(row[column]),
            rule=f"column.rule.{book.rules[column]}" if column in book.rules else "",
            wrong=column == wrong,
        )
        for column in columns
    ]


def _refused_column(book: Book, typed: Mapping[str, str]) -> str:
    with keyboard.looking() as act:
        return next(
            (
                column
                for column, rule in book.rules.items()
                if column in typed and not dictionaries.RULES[rule](act, typed[column].strip())
            ),
            "",
        )


def _groups(act: Acting) -> list[Option]:
    lists = act.rows('SELECT "list_id", COUNT(*) AS n FROM "code_lists" GROUP BY "list_id" ORDER BY "list_id"')
    return [Option(value=each["list_id"], label=f"{each['list_id']} ({each['n']})") for each in lists]


def _address(*, row: str = "", page: int = 1) -> str:
    given: dict[str, Any] = {name: request.values.get(name) or None for name in ("table", "group", "q")}
    return url_for(".dictionaries", **given, row=row or None, page=page if page > 1 else None)


def _page() -> int:
    given = request.values.get("page", "")
    return int(given) if given.isdecimal() and 0 < len(given) < 5 and int(given) else 1
