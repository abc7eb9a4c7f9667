"""What the database says of each door, read once for as long as nothing at all has been written.

Nothing is trusted for a time: one committed row anywhere, by any process, and the next request reads anew. A log-out,
a reset or a disabled account counts from the very next request, and a page's many small requests cost one reading.
"""

from __future__ import annotations

import threading

from sandbox.bootstrap import Services
from sandbox.overview import Doorway
from sandbox.provisioning.model import InstanceId

_MOST = 4096
"""Doors kept at once; more are asked for only by somebody who makes up names."""


class Doors:
    """Safe to use from many threads."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._lock = threading.Lock()
        self._version = -1
        self._known: dict[InstanceId, Doorway | None] = {}

    def of(self, instance: InstanceId) -> Doorway | None:
        """Return the doorway of this instance as it is now, or None if there is none. Raises StoreBusyError."""
        # Asked for before the reading: what is written between the two makes the reading old, never new.
        version = self._database.version()
        with self._lock:
            if version != self._version or len(self._known) >= _MOST:
                self._version, self._known = version, {}
            elif instance in self._known:
                return self._known[instance]
        with self._database.reading() as stores:
            found = stores.overview.doorway(instance)
        with self._lock:
            if self._version == version:
                self._known[instance] = found
        return found
