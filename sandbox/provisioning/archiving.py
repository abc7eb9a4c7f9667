"""The bytes of an archive: a journal as one canonical JSON list, a state as the cell gave it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sandbox.contract import canonical, codec, control, journal
from sandbox.contract.journal import Row
from sandbox.errors import ArchiveCorruptError

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


def read_state(content: bytes) -> control.HospitalState:
    """Return the hospital's state of an archive. Raises ArchiveCorruptError."""
    try:
        return codec.from_json(control.HospitalState, json.loads(content))
    except (ValueError, TypeError, RecursionError) as wrong:
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
        # Our own cells send it in the form the digest is taken over. Reading a megabyte as well would hold the
        # interpreter in the middle of a night; whoever grades reads it, and says so if it does not read.
        return
    try:
        found = canonical.digest(json.loads(content))
    except (ValueError, TypeError, RecursionError) as wrong:
        raise ArchiveCorruptError(f"state does not read: {wrong}") from wrong
    if found != digest:
        raise ArchiveCorruptError("the state is not the sealed one")
