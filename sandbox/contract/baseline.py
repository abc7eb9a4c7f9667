"""A hospital's state in two halves: what every hospital of a dataset begins with, and what has changed since.

A state is seven megabytes, nearly all of it the dataset's. The baseline is kept once per dataset, the changes once per
closed cell: a thousandth of the room, and nothing that anybody waits for when a hospital is sealed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sandbox.contract import CONTRACT_VERSION, canonical, codec
from sandbox.contract.control import HospitalState, StateChanges
from sandbox.contract.state import TABLES

Record = dict[str, Any]

META_KEY = "baseline"
"""Under which a dataset says what its own is called."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The gradable tables of a dataset as they are stored: days and seconds from an anchor that only a cell has."""

    contract: int
    tables: dict[str, tuple[dict[str, Any], ...]]


def read(connection: sqlite3.Connection) -> bytes:
    """Return the baseline of a golden dataset in canonical form, rows by id."""
    tables = {table: _records(connection, table) for table in TABLES}
    return canonical.dumps({"contract": CONTRACT_VERSION, "tables": tables}).encode("utf-8", "surrogatepass")


def name(content: bytes) -> str:
    """Return what a cell calls this baseline: its SHA-256."""
    return hashlib.sha256(content).hexdigest()


def whole(content: bytes, changes: StateChanges) -> HospitalState:
    """Return the state that a baseline and the changes make. Raises ValueError if either is none."""
    stored = codec.from_json(Baseline, json.loads(content))
    anchor = date.fromisoformat(changes.anchor)
    begun = {table: _shown(table, records, anchor) for table, records in stored.tables.items()}
    return HospitalState(contract=changes.contract, anchor=changes.anchor, tables=laid_over(begun, changes.tables))


def laid_over(
    begun: Mapping[str, Sequence[Record]], changed: Mapping[str, Sequence[Record]]
) -> dict[str, tuple[Record, ...]]:
    """Return the tables with the changed records in their places; what nobody touched is shared, not copied.

    Records stand by id, here and in every state. Raises ValueError for a table that the first ones do not have.
    """
    unknown = sorted(changed.keys() - begun.keys())
    if unknown:
        raise ValueError(f"no table {unknown[0]}")
    return {table: _laid_over(records, changed.get(table, ())) for table, records in begun.items()}


def _laid_over(begun: Sequence[Record], changed: Sequence[Record]) -> tuple[Record, ...]:
    if not changed:
        return tuple(begun)
    laid = list(begun)
    for record in changed:
        key = _by_id(record)
        place = bisect_left(laid, key, key=_by_id)
        known = place < len(laid) and _by_id(laid[place]) == key
        laid[place : place + known] = [record]
    return tuple(laid)


def _by_id(record: Record) -> str:
    return str(record["id"])


def _records(connection: sqlite3.Connection, table: str) -> list[Record]:
    names = tuple(TABLES[table])
    columns = ", ".join(f'"{each}"' for each in names)
    cursor = connection.cursor()
    cursor.row_factory = None
    found = cursor.execute(f'SELECT {columns} FROM "{table}" ORDER BY "id"')  # noqa: S608 names of our own
    return [dict(zip(names, row, strict=True)) for row in found]


def _shown(table: str, records: tuple[Record, ...], anchor: date) -> tuple[Record, ...]:
    kinds = TABLES.get(table, {})
    times = [column for column, kind in kinds.items() if kind == "time"]
    days = [column for column, kind in kinds.items() if kind == "day"]
    midnight = datetime.combine(anchor, time())
    for record in records if times or days else ():
        for column in times:
            if record[column] is not None:
                record[column] = (midnight + timedelta(seconds=record[column])).isoformat()
        for column in days:
            if record[column] is not None:
                record[column] = (anchor + timedelta(days=record[column])).isoformat()
    return records
