"""What is archived of a cell: its journal page by page, its state as it stands. Capped and timed, for it may send
anything for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.contract import canonical, codec
from sandbox.contract.control import Head
from sandbox.contract.journal import Row
from sandbox.errors import ArchiveCorruptError, ControlUnreachableError
from sandbox.provisioning import archiving
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import Cell, Endpoint
from sandbox.provisioning.ports import ControlChannel

_SHA256 = re.compile(r"[0-9a-f]{64}")
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


def state(means: Means, cell: Cell, digest: str) -> bytes:
    """Return what is archived of a cell's state, which is that of this digest and can be read again.

    Raises ArchiveCorruptError for another one, and for one told against a baseline that nobody has.
    """
    content = means.control.state_bytes(means.driver.endpoint(cell.id))
    archiving.verify_state(content, digest)
    named = archiving.baseline_of(content)
    if named and not (_SHA256.fullmatch(named) and (means.files.holds(named) or _restored(means, cell) == named)):
        raise ArchiveCorruptError(f"the state is told against baseline {named[:12]!a}, which is not here")
    return content


def _restored(means: Means, cell: Cell) -> str:
    """Keep the baseline of the cell's dataset anew: its file was lost, and without it nothing archived would read."""
    golden = means.places.golden(cell.dataset or "")
    return means.files.put(means.baseline(golden)) if golden.is_file() else ""
