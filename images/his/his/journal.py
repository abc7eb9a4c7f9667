"""The journal: one row per act, view and refusal, in the change's own transaction, hash-chained and append-only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal, cast

from his.hospital_time import Moment, iso_time
from sandbox.contract import canonical, codec
from sandbox.contract.control import Head
from sandbox.contract.journal import Change, Row, first_prev, row_hash

PAGE_LIMIT = 500
PAGE_BYTES = 4 << 20
"""Of what people wrote. Long notes must not make a page larger than a reply may be: the work could not be archived."""


@dataclass(frozen=True, kw_only=True)
class Binding:
    """What this journal is bound to since the arming."""

    attempt: str
    nonce: str
    anchor: date


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an operation says about one act; the journal adds number, time and hash."""

    actor: str
    action: str
    outcome: Literal["ok", "refused"] = "ok"
    code: str | None = None
    patient: str | None = None
    encounter: str | None = None
    target: str | None = None
    data: Mapping[str, Any]
    changes: Sequence[Change] = ()


def append(connection: sqlite3.Connection, binding: Binding, entry: Entry, moment: Moment) -> Row:
    """Write the next row inside the caller's transaction and return it."""
    last = head(connection)
    row = Row(
        seq=last.seq + 1,
        attempt=binding.attempt,
        actor=entry.actor,
        action=entry.action,
        outcome=entry.outcome,
        code=entry.code,
        patient=entry.patient,
        encounter=entry.encounter,
        target=entry.target,
        data={key: value for key, value in entry.data.items() if value is not None},
        changes=tuple(entry.changes),
        t=moment.t,
        at=iso_time(binding.anchor, moment.seconds),
        wall=datetime.now(UTC).isoformat(timespec="milliseconds"),
        prev=last.hash or first_prev(binding.attempt, binding.nonce),
        hash="",
    )
    row = replace(row, hash=row_hash(row))
    _insert(connection, row)
    return row


def head(connection: sqlite3.Connection) -> Head:
    """Return the end of the chain."""
    last = connection.execute('SELECT "seq", "hash" FROM "journal" ORDER BY "seq" DESC LIMIT 1').fetchone()
    return Head(seq=0, hash="") if last is None else Head(seq=last["seq"], hash=last["hash"])


def rows(connection: sqlite3.Connection, *, after: int = 0, limit: int | None = None) -> tuple[Row, ...]:
    """Return the rows behind number `after`, in order."""
    found = connection.execute(
        'SELECT * FROM "journal" WHERE "seq" > ? ORDER BY "seq" LIMIT ?', (after, -1 if limit is None else limit)
    )
    return tuple(_from_row(each) for each in found)


def page(connection: sqlite3.Connection, *, after: int, limit: int) -> tuple[Row, ...]:
    """Return the next rows, at least one if there are any, and no more than one reply may carry."""
    sized = connection.execute(
        'SELECT "seq", LENGTH(CAST("data" AS BLOB)) + LENGTH(CAST("changes" AS BLOB)) AS "size" '
        'FROM "journal" WHERE "seq" > ? ORDER BY "seq" LIMIT ?',
        (after, min(limit, PAGE_LIMIT)),
    )
    count = size = 0
    for each in sized:
        size += each["size"]
        if count and size > PAGE_BYTES:
            break
        count += 1
    return rows(connection, after=after, limit=count)


def last_t(connection: sqlite3.Connection) -> int:
    """Return the working time of the last row, 0 before the first."""
    found = connection.execute('SELECT "t" FROM "journal" ORDER BY "seq" DESC LIMIT 1').fetchone()
    return 0 if found is None else cast(int, found["t"])


def _insert(connection: sqlite3.Connection, row: Row) -> None:
    value = codec.to_json(row)
    value["data"], value["changes"] = canonical.dumps(value["data"]), canonical.dumps(value["changes"])
    columns = ", ".join(f'"{name}"' for name in value)
    marks = ", ".join(f":{name}" for name in value)
    connection.execute(f'INSERT INTO "journal" ({columns}) VALUES ({marks})', value)  # noqa: S608 names of our own


def _from_row(found: sqlite3.Row) -> Row:
    value = dict(found)
    value["data"], value["changes"] = json.loads(value["data"]), json.loads(value["changes"])
    return codec.from_json(Row, value)
