"""The bytes of an archive: a journal as one canonical JSON list, a state as the cell gave it. Pure.

A cell gives what its state differs in from its dataset's baseline; one of contract 3 gave the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sandbox.contract import baseline, canonical, codec, control, journal
from sandbox.contract.journal import Row
from sandbox.errors import ArchiveCorruptError

_UNREADABLE = (ValueError, TypeError, KeyError, OverflowError, RecursionError)
NO_ROWS = control.Head(seq=0, hash="")


def journal_bytes(rows: Sequence[Row]) -> bytes:
    """Return the rows as one canonical JSON list."""
    return canonical.dumps([codec.to_json(row) for row in rows]).encode()


def read_journal(content: bytes) -> tuple[Row, ...]:
    """Return the rows of `journal_bytes`. Raises ArchiveCorruptError."""
    try:
        return tuple(codec.from_json(list[Row], json.loads(content)))
    except (ValueError, TypeError, RecursionError) as wrong:
        raise ArchiveCorruptError(f"journal does not read: {wrong}") from wrong


def read_state(content: bytes, begun: bytes = b"") -> control.HospitalState:
    """Return the hospital's state of an archive; `begun` its baseline if it names one. Raises ArchiveCorruptError."""
    said = _read_state(content)
    if isinstance(said, control.HospitalState):
        return said
    try:
        return baseline.whole(begun, said)
    except _UNREADABLE as wrong:
        raise ArchiveCorruptError(f"state does not fit its baseline: {wrong}") from wrong


def baseline_of(content: bytes) -> str:
    """Return the SHA-256 of the baseline that an archived state needs to be read, '' = none. ArchiveCorruptError."""
    said = _read_state(content)
    return "" if isinstance(said, control.HospitalState) else said.baseline


def _read_state(content: bytes) -> control.HospitalState | control.StateChanges:
    try:
        value = json.loads(content)
        if isinstance(value, dict) and "baseline" in value:
            return codec.from_json(control.StateChanges, value)
        return codec.from_json(control.HospitalState, value)
    except _UNREADABLE as wrong:
        raise ArchiveCorruptError(f"state does not read: {wrong}") from wrong


def chain_fault(rows: Sequence[Row], head: control.Head, *, attempt: str, nonce: str) -> str:
    """Return '' if the rows are one whole chain that ends at this head, else what is wrong with it."""
    broken = journal.broken_at(rows, attempt=attempt, nonce=nonce)
    if broken is not None:
        return broken
    end = control.Head(seq=rows[-1].seq, hash=rows[-1].hash) if rows else NO_ROWS
    return "" if end == head else f"the journal ends at row {end.seq}, not at its sealed head"


def verify_state(content: bytes, digest: str) -> None:
    """Raise ArchiveCorruptError unless this is the state whose digest the cell gave when it was sealed."""
    if hashlib.sha256(content).hexdigest() == digest:
        # Our own cells send it in the form the digest is taken over.
        return
    try:
        found = canonical.digest(json.loads(content))
    except (ValueError, TypeError, RecursionError) as wrong:
        raise ArchiveCorruptError(f"state does not read: {wrong}") from wrong
    if found != digest:
        raise ArchiveCorruptError("the state is not the sealed one")
