"""The hash rule of the audit trail, and the check of a whole trail. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sandbox.audit.model import Entry
from sandbox.contract import canonical

GENESIS = "0" * 64
"""What the first entry carries as `prev`."""


def entry_hash(entry: Entry) -> str:
    """Return the hash an entry must carry: SHA-256 over the canonical form of everything but `hash`."""
    return canonical.digest(
        {
            "seq": entry.seq,
            "at": _utc(entry.at),
            "actor": entry.actor,
            "address": entry.address,
            "verb": entry.verb,
            "subject": entry.subject,
            "outcome": entry.outcome,
            "facts": entry.facts,
            "prev": entry.prev,
        }
    )


def broken_at(entries: Iterable[Entry], *, seq: int = 0, prev: str = GENESIS) -> str | None:
    """Return what is wrong with the trail in one English phrase, or None if it holds.

    Goes on after entry `seq` with hash `prev`: an anchor kept elsewhere, or the last page that was checked.
    """
    for entry in entries:
        seq += 1
        if entry.seq != seq:
            return f"entry {seq} is missing"
        if entry.prev != prev:
            return f"entry {seq} does not follow the entry before it"
        if entry_hash(entry) != entry.hash:
            return f"entry {seq} was changed"
        prev = entry.hash
    return None


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
