"""A cell's journal, page by page: capped and timed, for a cell may send anything for ever."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.contract import canonical, codec
from sandbox.contract.control import Head
from sandbox.contract.journal import Row
from sandbox.errors import ArchiveCorruptError, ControlUnreachableError
from sandbox.provisioning.model import Endpoint
from sandbox.provisioning.ports import ControlChannel

MAX_ROWS = 100_000
"""More rows than a person can make in a day: a cell that sends them is lying."""
MAX_JOURNAL_BYTES = 64 << 20
"""More than a cell's data file takes: one taken over must not fill the worker's memory."""


def journal(
    control: ControlChannel, endpoint: Endpoint, head: Head, *, monotonic: Callable[[], float], patience_s: float
) -> list[Row]:
    """Return the rows up to this head, and what came after it in the last page.

    Raises ArchiveCorruptError for more than any journal holds, ControlUnreachableError if the cell trickles.
    """
    rows: list[Row] = []
    size, end = 0, monotonic() + patience_s
    while len(rows) < min(head.seq, MAX_ROWS):
        page = control.journal(endpoint, rows[-1].seq if rows else 0)
        if not page.rows:
            break
        rows.extend(page.rows)
        size += sum(len(canonical.dumps(codec.to_json(row))) for row in page.rows)
        if len(rows) > MAX_ROWS or size > MAX_JOURNAL_BYTES:
            raise ArchiveCorruptError(f"a journal of more than {MAX_ROWS} rows or {MAX_JOURNAL_BYTES} bytes")
        if monotonic() > end:
            raise ControlUnreachableError(f"{len(rows)} of {head.seq} rows in {patience_s:.0f} s")
    return rows
