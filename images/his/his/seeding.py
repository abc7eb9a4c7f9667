"""From a dataset's records to the golden file: JSON lines in, one SQLite file out. Runs once per dataset."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from his.chart.dictionary import LIMITS
from his.chart.storing import PREFIXES
from his.database import SCHEMA
from sandbox.contract import CONTRACT_VERSION, baseline, codec
from sandbox.contract.records import GOLDEN_LIMIT_BYTES, NUMBERS, PEOPLE_EXTRA, REFERENCE, RUNNING, DatasetHeader
from sandbox.contract.state import TABLES


class DatasetError(ValueError):
    """The stream of records is no dataset; the message names line and reason."""


def seed(lines: Iterable[bytes], into: Path) -> str:
    """Write the golden file, which must not exist yet, and return the digest of the records.

    Raises DatasetError for a stream that is not a dataset of this contract, or a file above the limit.
    """
    if into.exists() and into.stat().st_size:
        raise DatasetError(f"{into.name} exists already")
    connection = sqlite3.connect(into, isolation_level=None)
    try:
        digest = _fill(connection, lines)
        connection.execute("VACUUM")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    size = into.stat().st_size
    if size > GOLDEN_LIMIT_BYTES:
        raise DatasetError(f"the golden file has {size} bytes, the limit is {GOLDEN_LIMIT_BYTES}")
    return digest


def _fill(connection: sqlite3.Connection, lines: Iterable[bytes]) -> str:
    connection.executescript(SCHEMA.read_text(encoding="utf-8"))
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    sha = hashlib.sha256()
    header: DatasetHeader | None = None
    for number, line in enumerate(lines, start=1):
        sha.update(line.rstrip(b"\n") + b"\n")
        try:
            value = json.loads(line)
            if header is None:
                header = codec.from_json(DatasetHeader, value)
                _require_contract(header)
            else:
                _insert(connection, value)
        except (ValueError, KeyError, TypeError, sqlite3.Error) as broken:
            raise DatasetError(f"line {number}: {broken}") from broken
    if header is None:
        raise DatasetError("the stream is empty")
    _start_sequences(connection)
    _require_limits(connection)
    digest = sha.hexdigest()
    facts = {"dataset_digest": digest, "dataset_name": header.name, "dataset_seed": str(header.seed)}
    for key, fact in {**facts, baseline.META_KEY: baseline.name(baseline.read(connection))}.items():
        connection.execute('INSERT INTO "meta" ("key", "value") VALUES (?, ?)', (key, fact))
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    return digest


def _require_contract(header: DatasetHeader) -> None:
    if header.contract != CONTRACT_VERSION:
        raise DatasetError(f"contract {header.contract}, this image speaks {CONTRACT_VERSION}")


def _insert(connection: sqlite3.Connection, value: Mapping[str, Any]) -> None:
    table, row = value["table"], dict(value["row"])
    if table in TABLES:
        # No "updated_at": a stamp there says that a record is no longer as it was seeded.
        known = {*TABLES[table], *PEOPLE_EXTRA.get(table, {}), "created_at", "created_by"}
        row.setdefault("status", "active") if "status" in TABLES[table] else None
    elif table in REFERENCE:
        known = set(REFERENCE[table])
    elif table in RUNNING:
        known = set(RUNNING[table])
    else:
        raise DatasetError(f"no table {table}")
    unknown = sorted(set(row) - known)
    if unknown:
        raise DatasetError(f"table {table} has no column {', '.join(unknown)}")
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    connection.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(row.values()))  # noqa: S608


def _start_sequences(connection: sqlite3.Connection) -> None:
    """Let ids and numbers go on behind the highest that the dataset holds."""
    runs = {f"id:{table}": (table, "id", prefix) for table, prefix in PREFIXES.items()}
    runs |= {f"{table}.{column}": (table, column, prefix) for (table, column), (prefix, _) in NUMBERS.items()}
    for name, (table, column, prefix) in runs.items():
        found = connection.execute(
            f'SELECT MAX(CAST(SUBSTR("{column}", ?) AS INTEGER)) FROM "{table}" WHERE "{column}" GLOB ?',  # noqa: S608
            (len(prefix) + 1, f"{prefix}[0-9]*"),
        ).fetchone()[0]
        connection.execute('INSERT INTO "sequence" ("name", "last") VALUES (?, ?)', (name, found or 0))


def _require_limits(connection: sqlite3.Connection) -> None:
    known = {key for (key,) in connection.execute('SELECT "key" FROM "limits"')}
    missing = sorted(set(LIMITS) - known)
    if missing:
        raise DatasetError(f"the dataset has no limit {', '.join(missing)}")
