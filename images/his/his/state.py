"""The hospital's state as grading sees it: the gradable tables in canonical form."""

from __future__ import annotations

import sqlite3
from datetime import date

from his.chart.storing import canonical_value
from sandbox.contract import CONTRACT_VERSION, canonical, codec
from sandbox.contract.control import HospitalState
from sandbox.contract.state import TABLES


def read(connection: sqlite3.Connection, anchor: date) -> HospitalState:
    """Return all gradable tables, rows by id, columns in the order of the contract."""
    tables = {}
    for table, columns in TABLES.items():
        names = ", ".join(f'"{name}"' for name in columns)
        found = connection.execute(f'SELECT {names} FROM "{table}" ORDER BY "id"')  # noqa: S608 names of the contract
        tables[table] = tuple(
            {name: canonical_value(kind, row[name], anchor) for name, kind in columns.items()} for row in found
        )
    return HospitalState(contract=CONTRACT_VERSION, anchor=anchor.isoformat(), tables=tables)


def digest(state: HospitalState) -> str:
    """Return the SHA-256 of the state's canonical JSON."""
    return canonical.digest(codec.to_json(state))
