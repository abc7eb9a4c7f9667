"""The hospital's state as grading sees it: the gradable tables in canonical form."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any

from his.hospital_time import DAY_S
from sandbox.contract import CONTRACT_VERSION, baseline, canonical
from sandbox.contract.control import HospitalState, StateChanges
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


def encoded(connection: sqlite3.Connection, anchor: date) -> bytes:
    """Return the canonical JSON of what `read` returns, written by the database itself.

    A third of the time that reading and encoding take, while somebody in the hospital waits. A test compares the two.
    """
    tables = ",".join(f"{canonical.dumps(table)}:[{_encoded(connection, table, anchor)}]" for table in sorted(TABLES))
    head = f'"anchor":{canonical.dumps(anchor.isoformat())},"contract":{CONTRACT_VERSION}'
    return f'{{{head},"tables":{{{tables}}}}}'.encode("utf-8", "surrogatepass")


def _encoded(connection: sqlite3.Connection, table: str, anchor: date) -> str:
    members = ", ".join(f"'{name}', {shown}" for name, shown in sorted(_columns(table)))
    cursor = connection.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        f'SELECT json_object({members}) FROM "{table}" ORDER BY "id"',  # noqa: S608 names of our own
        {"midnight": _midnight(anchor)},
    )
    return ",".join(row[0] for row in found)


def changes(connection: sqlite3.Connection, anchor: date) -> StateChanges:
    """Return the records that were made or changed since the dataset was seeded, of the tables that have any.

    Every way to write such a record stamps it, and a seeded one bears no stamp.
    """
    (named,) = connection.execute('SELECT "value" FROM "meta" WHERE "key" = ?', (baseline.META_KEY,)).fetchone()
    found = {table: tuple(rows(connection, table, anchor, stamped=True)) for table in TABLES}
    return StateChanges(
        contract=CONTRACT_VERSION,
        anchor=anchor.isoformat(),
        baseline=str(named),
        tables={table: records for table, records in found.items() if records},
    )


def rows(
    connection: sqlite3.Connection,
    table: str,
    anchor: date,
    *,
    ids: Collection[str] | None = None,
    stamped: bool = False,
) -> list[dict[str, Any]]:
    """Return one gradable table, rows by id; with `ids` only those, with `stamped` only what is not as seeded."""
    shown = ", ".join(shown for _, shown in _columns(table))
    cursor = connection.cursor()
    cursor.row_factory = None
    wanted = "" if ids is None else 'WHERE "id" IN (SELECT "value" FROM json_each(:ids))'
    wanted = 'WHERE "updated_at" IS NOT NULL' if stamped else wanted
    given = {"midnight": _midnight(anchor), "ids": json.dumps(sorted(ids or ()))}
    found = cursor.execute(f'SELECT {shown} FROM "{table}" {wanted} ORDER BY "id"', given)  # noqa: S608 names of our own
    names = tuple(TABLES[table])
    return [dict(zip(names, row, strict=True)) for row in found]


def _columns(table: str) -> list[tuple[str, str]]:
    """Return the names of the columns, each with the SQL of how it is shown."""
    return [(name, _SHOWN.get(kind, "{0}").format(f'"{name}"')) for name, kind in TABLES[table].items()]


def _midnight(anchor: date) -> int:
    return int(datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC).timestamp())
