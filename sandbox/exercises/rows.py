"""Records that an exercise puts into the hospital or changes there: tables, columns and the names in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sandbox.contract.catalogue import TABLES
from sandbox.exercises import matchers, schema
from sandbox.exercises.names import Scope
from sandbox.exercises.problems import nearest
from sandbox.exercises.shape import Path


def known_table(table: str, scope: Scope, at: Path, *, key: bool = False) -> bool:
    """Check that the catalogue has this table."""
    if table not in TABLES:
        scope.report("EX304.table", at, key=key, t=table, near=nearest(table, TABLES))
    return table in TABLES


def row(table: str, values: Mapping[str, Any], given: Collection[str], scope: Scope, at: Path) -> None:
    """Check a record to be added. `given`: names that have a record by then; a later one has no id yet."""
    _values(table, {column: value for column, value in values.items() if column != "as"}, given, scope, at)


def change(one: schema.Change, given: Collection[str], scope: Scope, at: Path) -> None:
    """Check which records are changed, and to what."""
    if known_table(one.table, scope, (*at, "table")):
        _values(one.table, one.where, given, scope, (*at, "where"))
        _values(one.table, one.to, given, scope, (*at, "to"))


def _values(table: str, values: Mapping[str, Any], given: Collection[str], scope: Scope, at: Path) -> None:
    for column, value in values.items():
        place: Path = (*at, column)
        kind = matchers.column_kind(table, column, scope, place)
        if kind is not None:
            matchers.value(value, kind, scope, place)
        if isinstance(value, str) and value[:1] == "$" and value[1:] in scope.records.keys() - set(given):
            scope.report("EX301", place, n=value[1:], near="")
