"""What came of an instance whose turn has begun: looks at rows, returns the ledger's row as it is to be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sandbox.errors import JournalBrokenError
from sandbox.provisioning.model import Cell, CellState, Desired, Instance, InstanceId, Observed
from sandbox.scheduling.model import Entry, Fate, Reason
from sandbox.scheduling.ports import Stores

_BEING_PUT_AWAY = frozenset({CellState.ARMED, CellState.SEALED, CellState.ARCHIVED})


def settled(
    stores: Stores, entry: Entry, moving: Collection[tuple[InstanceId, int]], *, now: datetime, took_ms: int | None
) -> Entry | None:
    """Return the finished row, or None while it goes on. `moving` are the open moves by instance and epoch."""
    one = stores.instances.get(entry.subject)
    old = stores.cells.get(entry.cell) if entry.cell else None
    fate = _fate(entry, one, old, moving)
    if fate is None:
        return None
    kept = stores.archives.of_cell(old.id) if old is not None else None
    copy, digest = stores.verifications.of(one.id, (entry.epoch or 0) + 1) if fate is Fate.RESET else ("", "")
    return replace(
        entry,
        fate=fate,
        trouble=_trouble(fate, one, old, broken=kept is not None and kept.chain != ""),
        finished_at=now,
        took_ms=took_ms,
        copy_sha256=copy,
        digest=digest,
        archive_sha256=kept.journal_sha256 if kept is not None and kept.chain == "" else "",
    )


def _fate(entry: Entry, one: Instance, old: Cell | None, moving: Collection[tuple[InstanceId, int]]) -> Fate | None:
    if entry.reason is Reason.ASLEEP:
        return None if old is None or old.state in _BEING_PUT_AWAY else _retired(old)
    gone_on = one.epoch > (entry.epoch or 0)
    if one.observed is Observed.FAILED and not gone_on:
        return Fate.FAILED
    if (one.id, entry.epoch) in moving or (old is not None and old.state in _BEING_PUT_AWAY):
        return None
    if old is not None and old.state is CellState.QUARANTINED:
        return Fate.FAILED
    if gone_on:
        return Fate.RESET
    return Fate.CLOSED if one.desired is Desired.CLOSED and one.observed is Observed.CLOSED else None


def _retired(old: Cell) -> Fate:
    return Fate.FAILED if old.state is CellState.QUARANTINED else Fate.RETIRED


def _trouble(fate: Fate, one: Instance, old: Cell | None, *, broken: bool) -> str:
    if fate is Fate.FAILED and old is not None and old.state is CellState.QUARANTINED:
        return old.trouble
    if fate is Fate.FAILED:
        return one.trouble
    return JournalBrokenError.code if broken else ""
