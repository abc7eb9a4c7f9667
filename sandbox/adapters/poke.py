"""One datagram from panel to worker: "look now". It may be lost; then the next tick looks anyway."""

from __future__ import annotations

import logging
import select
import socket
from pathlib import Path
from types import TracebackType

log = logging.getLogger(__name__)


def send(path: Path) -> None:
    """Wake whoever listens at `path`; nobody there, or no room for another poke, is fine."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(b"!", str(path))
        except OSError as unheard:
            log.debug("poke went unheard: %s", unheard)


class Listener:
    """The worker's end. A poke sent while nobody waits is kept and ends the next wait at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        # Whatever the worker's umask: the panel is in the folder's group, and needs to write to be heard.
        path.chmod(0o660)
        self._socket.setblocking(False)

    def wait(self, timeout_s: float) -> bool:
        """Return True when poked, False after `timeout_s`. Pokes that piled up count as one."""
        poked = bool(select.select([self._socket], [], [], timeout_s)[0])
        while select.select([self._socket], [], [], 0)[0]:
            self._socket.recv(64)
        return poked

    def close(self) -> None:
        """Stop listening and take the socket's name away."""
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
