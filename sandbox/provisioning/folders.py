"""The cells' folders as the worker finds them on disk, and the place for those nobody explains.

What lies inside belongs to a cell and is never opened here: names are compared, folders renamed or removed whole.
"""

from __future__ import annotations

import re
import shutil
import stat
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.contract import layout
from sandbox.provisioning.model import CellId

_CELL = re.compile(r"[0-9a-f]{12}")
KEPT = timedelta(days=7)
"""How long folders without a row are kept for a person. Source: provisioning.md R13."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where an installation keeps cells: run folders on tmpfs, data folders on disk."""

    run: Path
    state: Path

    @property
    def data(self) -> Path:
        return self.state / "cells"

    @property
    def datasets(self) -> Path:
        return self.state / "datasets"

    @property
    def set_aside(self) -> Path:
        return self.state / "set-aside"


def present(places: Places) -> frozenset[CellId]:
    """Return the cells that have any folder here."""
    return frozenset(_cells_in(places.run) | _cells_in(places.data))


def with_database(places: Places) -> frozenset[CellId]:
    """Return the cells whose data folder holds a database that is not empty."""
    return frozenset(cell for cell in _cells_in(places.data) if _holds_data(places.data / cell / layout.DATABASE))


def has_database(places: Places, cell: CellId) -> bool:
    """Say whether this cell's data folder holds a database that is not empty."""
    return _holds_data(places.data / cell / layout.DATABASE)


def _holds_data(database: Path) -> bool:
    try:
        facts = database.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_size > 0


def set_aside(places: Places, cell: CellId, *, now: datetime) -> None:
    """Move the data folder away for a person to look at. Absent is success."""
    places.set_aside.mkdir(mode=0o700, exist_ok=True)
    data = places.data / cell
    if data.exists():
        data.rename(places.set_aside / f"{now:%Y%m%dT%H%M%S}-{cell}")


def discard_old(places: Places, *, now: datetime) -> list[str]:
    """Delete what was set aside more than a week ago; return the names."""
    if not places.set_aside.is_dir():
        return []
    limit = f"{now - KEPT:%Y%m%dT%H%M%S}"
    old = sorted(folder for folder in places.set_aside.iterdir() if folder.name < limit)
    for folder in old:
        shutil.rmtree(folder)
    return [folder.name for folder in old]


def _cells_in(folder: Path) -> set[CellId]:
    if not folder.is_dir():
        return set()
    return {CellId(entry.name) for entry in folder.iterdir() if _CELL.fullmatch(entry.name)}
