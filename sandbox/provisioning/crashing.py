"""Named crash points: each tells the log that a step is done, and where a test set the variable the process dies there.

So the points that are proven one by one are also those of which a trace is told.
"""

from __future__ import annotations

import logging
import os
import signal

log = logging.getLogger(__name__)

VARIABLE = "HIS_SANDBOX_CRASH_AT"
BY_SIGNAL_VARIABLE = "HIS_SANDBOX_CRASH_BY_SIGNAL"

POINTS = (
    "uid taken",
    "intent",
    "container created",
    "id recorded",
    "container started",
    "started",
    "golden staged",
    "probed",
    "attested",
    "ready",
    "claimed",
    "golden placed",
    "armed",
    "flipped",
    "rest noted",
    "rested",
    "rest fetched",
    "rest written",
    "hibernated",
    "put to sleep",
    "woken",
    "wake started",
    "awake",
    "roused",
    "replacing",
    "seal requested",
    "sealed",
    "archive fetched",
    "file written",
    "row committed",
    "removed",
    "folders removed",
    "gone",
    "move closed",
)
"""Launch, hibernate, wake, reset. A test dies at each of them on every flow that passes it."""
NIGHTLY_POINTS = (
    "night begun",
    "ledger written",
    "copy verified",
    "ledger finished",
    "report logged",
)
"""What a night adds to the way of a reset."""


def crash(point: str) -> None:
    """Say that this step is done; die here if a test asked for it: no handler, no finally, as after a power cut."""
    log.info(point)
    if os.environ.get(VARIABLE) != point:
        return
    if os.environ.get(BY_SIGNAL_VARIABLE):
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(137)
