"""Rows of the gradable tables: ids, inserts, conditional updates, and their canonical form for journal and state."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any

from his.hospital_time import iso_day, iso_time
from sandbox.contract import records

PREFIXES: Mapping[str, str] = {**records.ID_PREFIX, "message": "ms"}
"""Ids are text, given in order of creation: rx7."""


def next_number(connection: sqlite3.Connection, name: str) -> int:
    """Return the next number of a gapless run; a rolled-back transaction gives it back."""
    found = connection.execute(
        'INSERT INTO "sequence" ("name", "last") VALUES (?, 1) '
        'ON CONFLICT ("name") DO UPDATE SET "last" = "last" + 1 RETURNING "last"',
        (name,),
    ).fetchone()
    return int(found["last"])


def next_id(connection: sqlite3.Connection, table: str) -> str:
    """Return the next id of a table."""
    return f"{PREFIXES[table]}{next_number(connection, f'id:{table}')}"


def next_code(connection: sqlite3.Connection, table: str, column: str) -> str:
    """Return the next number people see, such as a record or invoice number; runs have no gaps."""
    prefix, digits = records.NUMBERS[table, column]
    return f"{prefix}{next_number(connection, f'{table}.{column}'):0{digits}d}"


def upcoming_id(connection: sqlite3.Connection, table: str) -> str:
    """Return the id the next record of a table will get, without taking it."""
    found = connection.execute('SELECT "last" FROM "sequence" WHERE "name" = ?', (f"id:{table}",)).fetchone()
    return f"{PREFIXES[table]}{(0 if found is None else found['last']) + 1}"


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, Any], *, now: int, by: str) -> None:
    """Add one row with its book-keeping columns."""
    full = {**values, "created_at": now, "created_by": by, "updated_at": now}
    columns = ", ".join(f'"{name}"' for name in full)
    marks = ", ".join("?" for _ in full)
    connection.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(full.values()))  # noqa: S608


def update(
    connection: sqlite3.Connection, table: str, record: Mapping[str, Any], values: Mapping[str, Any], *, now: int
) -> bool:
    """Change the row only if it is still the version that was read; say whether it was."""
    sets = "".join(f'"{name}" = ?, ' for name in values)
    moved = connection.execute(
        f'UPDATE "{table}" SET {sets}"updated_at" = ?, "version" = "version" + 1 '  # noqa: S608 names of our own
        'WHERE "id" = ? AND "version" = ?',
        (*values.values(), now, record["id"], record["version"]),
    )
    return moved.rowcount == 1


def canonical_value(kind: str, value: Any, anchor: date) -> str | int | bool | None:
    """Return a stored value as journal and hospital state write it."""
    if value is None:
        return None
    if kind == "time":
        return iso_time(anchor, int(value))
    if kind == "day":
        return iso_day(anchor, int(value))
    if kind == "bool":
        return bool(value)
    return int(value) if kind == "int" else str(value)
