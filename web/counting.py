"""When each instance was last used: kept in memory, written together every few seconds.

One durable write per request would halve what the gateway carries. What is lost with the process is a few seconds of
the idle clock, nothing else.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from sandbox.errors import TemporaryError
from sandbox.provisioning.model import InstanceId

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=3)

Write = Callable[[dict[InstanceId, datetime]], None]


class Tally:
    """The last request of each instance since the last writing. Safe to use from many threads."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._seen: dict[InstanceId, datetime] = {}
        self._due: datetime | None = None

    def note(self, instance: InstanceId, *, now: datetime) -> None:
        """Remember a request; the first one after each interval writes down all that were seen."""
        with self._lock:
            self._seen[instance] = now
            if self._due is None:
                self._due = now + EVERY
            if now < self._due:
                return
            self._due = now + EVERY
            seen, self._seen = self._seen, {}
        self._put(seen)

    def flush(self) -> None:
        """Write down what is not yet written."""
        with self._lock:
            seen, self._seen = self._seen, {}
        self._put(seen)

    def _put(self, seen: dict[InstanceId, datetime]) -> None:
        try:
            if seen:
                self._write(seen)
        except TemporaryError as busy:
            log.warning("request times of %d instances are written later: %s", len(seen), busy)
            with self._lock:
                self._seen = {**seen, **self._seen}
