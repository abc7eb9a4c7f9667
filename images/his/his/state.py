"""The hospital's state as grading sees it: the gradable tables in canonical form."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from his.hospital_time import DAY_S
from sandbox.contract import CONTRACT_VERSION, canonical
from sandbox.contract.control import HospitalState
from sandbox.contract.state import TABLES

_SHOWN = {
    "time": "strftime('%Y-%m-%dT%H:%M:%S', :midnight + {0}, 'unixepoch')",
    "day": f"strftime('%Y-%m-%d', :midnight + {{0}} * {DAY_S}, 'unixepoch')",
}
"""SQL, for a dataset has ten thousand rows and every replayed run reads them all."""


def read(connection: sqlite3.Connection, anchor: date) -> HospitalState:
    """Return all gradable tables, rows by id, columns in the order of the contract."""
    tables = {table: tuple(rows(connection, table, anchor)) for table in TABLES}
    return HospitalState(contract=CONTRACT_VERSION, anchor=anchor.isoformat(), tables=tables)


def encoded(state: HospitalState) -> bytes:
    """Return the state's canonical JSON. Its rows are plain already: to copy them first would take a quarter longer."""
    plain = {"contract": state.contract, "anchor": state.anchor, "tables": state.tables}
    return canonical.dumps(plain).encode("utf-8", "surrogatepass")


def rows(
    connection: sqlite3.Connection, table: str, anchor: date, *, ids: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return one gradable table, rows by id; with `ids` only those."""
    columns = TABLES[table]
    midnight = int(datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC).timestamp())
    shown = ", ".join(_SHOWN.get(kind, "{0}").format(f'"{name}"') for name, kind in columns.items())
    cursor = connection.cursor()
    cursor.row_factory = None
    wanted = "" if ids is None else 'WHERE "id" IN (SELECT "value" FROM json_each(:ids))'
    given = {"midnight": midnight, "ids": json.dumps(sorted(ids or ()))}
    found = cursor.execute(f'SELECT {shown} FROM "{table}" {wanted} ORDER BY "id"', given)  # noqa: S608 names of our own
    names = tuple(columns)
    return [dict(zip(names, row, strict=True)) for row in found]
