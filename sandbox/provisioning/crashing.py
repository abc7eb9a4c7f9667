"""Named crash points. A test sets the variable, the process dies at that very step, a fresh worker must converge."""

from __future__ import annotations

import os
import signal

VARIABLE = "HIS_SANDBOX_CRASH_AT"
BY_SIGNAL_VARIABLE = "HIS_SANDBOX_CRASH_BY_SIGNAL"

POINTS = (
    "uid taken",
    "intent",
    "container created",
    "id recorded",
    "container started",
    "started",
    "probed",
    "attested",
    "ready",
    "claimed",
    "golden placed",
    "armed",
    "flipped",
    "replacing",
    "seal requested",
    "sealed",
    "archive fetched",
    "file written",
    "row committed",
    "stopped",
    "removed",
    "folders removed",
    "gone",
    "move closed",
)
"""In the order of one launch followed by one reset. A test dies at each of them."""


def crash(point: str) -> None:
    """Die here if a test asked for it: no handler, no finally, no flush, as after a power cut."""
    if os.environ.get(VARIABLE) != point:
        return
    if os.environ.get(BY_SIGNAL_VARIABLE):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)
