"""The end of each cell's log: kept when the cell goes, fetched when somebody asks. Hostile: capped, escaped."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sandbox.errors import DiskFullError, LeaseLostError, SandboxError, TemporaryError
from sandbox.escaping import escaped
from sandbox.provisioning.leadership import Begin
from sandbox.provisioning.model import CellId
from sandbox.provisioning.ports import Driver

log = logging.getLogger(__name__)

TAIL_BYTES = 64 << 10
LINE_CHARACTERS = 2048
KEPT = timedelta(days=30)
TOO_OLD = timedelta(minutes=10)
"""A wish that nobody could grant for so long is answered with what kept it."""


def file_of(folder: Path, cell: CellId) -> Path:
    """Return where the end of a cell's log is kept."""
    return folder / f"{cell}.log"


def keep(driver: Driver, folder: Path, cell: CellId) -> None:
    """Fetch the end of a cell's log and keep it, whole or not at all. An absent container keeps what there is.

    Raises EngineUnavailableError, OutcomeUnknownError, DiskFullError.
    """
    tail = driver.log_tail(cell, TAIL_BYTES)
    if not tail:
        return
    lines = tail[-TAIL_BYTES:].decode("utf-8", errors="replace").split("\n")
    # The first line of a cut is half a line.
    whole = lines[1:] if len(tail) >= TAIL_BYTES and len(lines) > 1 else lines
    text = "\n".join(escaped(line[:LINE_CHARACTERS]) for line in whole)
    try:
        _write(file_of(folder, cell), text[-TAIL_BYTES:])
    except OSError as failed:
        if failed.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(f"the log of cell {cell} cannot be kept: {failed}") from failed
        raise


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(mode=0o2750, parents=True, exist_ok=True)
    fresh = file.parent / f".{file.stem}.{os.getpid()}"
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o640)
    fresh.replace(file)


def discard_old(folder: Path, *, now: datetime) -> int:
    """Delete what was kept for a month; return how many."""
    if not folder.is_dir():
        return 0
    limit = (now - KEPT).timestamp()
    old = [file for file in folder.iterdir() if file.stat().st_mtime < limit]
    for file in old:
        file.unlink()
    return len(old)


class LogKeeper:
    """An errand of the worker: grants people's wishes to read a log, and clears away what is old."""

    def __init__(self, *, begin: Begin, read: Begin, driver: Driver, folder: Path, now: Callable[[], datetime]) -> None:
        self._begin = begin
        self._read = read
        self._driver = driver
        self._folder = folder
        self._now = now
        self._cleared: datetime | None = None

    def tick(self) -> int:
        """Grant one wish; return how many were. Raises LeaseLostError, TemporaryError."""
        now = self._now()
        if self._cleared is None or now - self._cleared > timedelta(hours=1):
            self._cleared = now
            discard_old(self._folder, now=now)
        with self._read() as stores:
            waiting = stores.log_wishes.waiting()
        if not waiting:
            return 0
        wish = waiting[0]
        trouble = self._grant(wish.cell, patient=now - wish.wished_at < TOO_OLD)
        with self._begin() as stores:
            stores.log_wishes.answer(wish.cell, trouble=trouble, at=self._now())
        return 1

    def _grant(self, cell: CellId, *, patient: bool) -> str:
        try:
            keep(self._driver, self._folder, cell)
        except LeaseLostError:
            raise
        except TemporaryError as silence:
            if patient:
                raise
            return silence.code
        except SandboxError as wrong:
            log.warning("the log of cell %s cannot be fetched: %s", cell, wrong, extra={"code": wrong.code})
            return wrong.code
        return ""
