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
_DATASET = re.compile(r"[0-9a-f]{64}\.db")
_BUILDING = re.compile(r"\.building-[0-9]+-[0-9a-f]{12}")
_ASIDE = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{12}")
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

    def golden(self, sha256: str) -> Path:
        """Return where the golden dataset of this content lies, or will."""
        return self.datasets / f"{sha256}.db"

    @property
    def cell_logs(self) -> Path:
        """Return where the ends of the cells' logs are kept."""
        return self.state / "logs" / "cells"

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
    old = sorted(folder for folder in places.set_aside.iterdir() if may_go(folder.name, now=now))
    for folder in old:
        shutil.rmtree(folder)
    return [folder.name for folder in old]


def may_go(name: str, *, now: datetime) -> bool:
    """Say whether a folder of this name was set aside more than a week ago."""
    return name < f"{now - KEPT:%Y%m%dT%H%M%S}"


def kept_aside(places: Places) -> dict[str, int]:
    """Return the folders that were set aside, with the bytes in them."""
    if not places.set_aside.is_dir():
        return {}
    return {
        folder.name: sum(file.lstat().st_size for file in folder.iterdir())
        for folder in places.set_aside.iterdir()
        if _ASIDE.fullmatch(folder.name)
    }


def discard_aside(places: Places, name: str) -> None:
    """Delete a folder that was set aside; absent is success."""
    if _ASIDE.fullmatch(name) and (places.set_aside / name).is_dir():
        shutil.rmtree(places.set_aside / name)


def with_data(places: Places) -> frozenset[CellId]:
    """Return the cells that have a data folder."""
    return frozenset(_cells_in(places.data))


def with_run(places: Places) -> frozenset[CellId]:
    """Return the cells that have a run folder, mounted or not."""
    return frozenset(_cells_in(places.run))


def datasets(places: Places, *, now: datetime) -> tuple[dict[str, int], dict[str, float]]:
    """Return golden files with their bytes, and those that are being built with their age in seconds."""
    there: dict[str, int] = {}
    building: dict[str, float] = {}
    for file in places.datasets.iterdir() if places.datasets.is_dir() else ():
        if _DATASET.fullmatch(file.name):
            there[file.name] = file.lstat().st_size
        elif _BUILDING.fullmatch(file.name):
            building[file.name] = now.timestamp() - file.lstat().st_mtime
    return there, building


def discard_dataset(places: Places, name: str) -> None:
    """Delete a golden file, or half of one; absent is success."""
    if _DATASET.fullmatch(name) or _BUILDING.fullmatch(name):
        (places.datasets / name).unlink(missing_ok=True)


def _cells_in(folder: Path) -> set[CellId]:
    if not folder.is_dir():
        return set()
    return {CellId(entry.name) for entry in folder.iterdir() if _CELL.fullmatch(entry.name)}
