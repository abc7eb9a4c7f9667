"""A row of the journal, its hash rule, and the check of a whole chain. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.contract import canonical, codec

SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One column of one row that an action changed. Values in their canonical text form; None = absent.

    A created record has one change per column that holds a value, its `id` first, each with before None.
    """

    table: str
    id: str
    column: str
    before: str | int | bool | None
    after: str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One action, view, refusal or system event. Ordered by seq, never by time."""

    seq: int
    attempt: str
    actor: str
    """A seat's name, 'system', or 'account:<name>' for an account that is nobody's seat."""
    action: str
    outcome: Literal["ok", "refused"]
    code: str | None
    patient: str | None
    encounter: str | None
    target: str | None
    """Id of the record the action is about."""
    data: dict[str, Any]
    """The action's attributes: JSON values without floats. Never a password or a full citizen number."""
    changes: tuple[Change, ...]
    t: int
    """Working time in milliseconds since the start."""
    at: str
    """Hospital time, ISO to the second."""
    wall: str
    """UTC of the machine, for people; never graded."""
    prev: str
    hash: str


def first_prev(attempt: str, nonce: str) -> str:
    """Return what row 1 carries as `prev`: binds the chain to this attempt and this cell."""
    return hashlib.sha256(f"{attempt}\n{nonce}".encode()).hexdigest()


def row_hash(row: Row) -> str:
    """Return the hash a row must carry: SHA-256 over the canonical form of everything but `hash`."""
    value = codec.to_json(row)
    del value["hash"]
    return canonical.digest(value)


def broken_at(rows: Iterable[Row], *, attempt: str, nonce: str) -> str | None:
    """Return what is wrong with the chain in one English phrase, or None if it holds."""
    prev = first_prev(attempt, nonce)
    for seq, row in enumerate(rows, start=1):
        if row.seq != seq:
            return f"row {seq} is missing"
        if row.attempt != attempt:
            return f"row {seq} belongs to attempt {row.attempt}"
        if row.prev != prev:
            return f"row {seq} does not follow the row before it"
        if row_hash(row) != row.hash:
            return f"row {seq} was changed"
        prev = row.hash
    return None
