"""One datagram from worker to panel: "this hospital has changed hands". May be lost; whoever waits then looks anyway.

Fifty people who wait for a blink must not each ask the database every few milliseconds: they sleep until told.
"""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

_KEY = re.compile(rb"[0-9a-f]{16}")


def announce(path: Path, instance: str) -> None:
    """Tell the panel that this instance has just been flipped; nobody there is fine."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            sender.sendto(instance.encode(), str(path))
        except OSError as unheard:
            log.debug("the panel does not hear of %s: %s", instance, unheard)


class Flips:
    """The panel's end. Before `listen` nothing is ever heard, and every wait takes its whole time."""

    def __init__(self, path: Path, *, waiters: int = 8) -> None:
        self._path = path
        self._seats = threading.BoundedSemaphore(waiters)
        self._lock = threading.Lock()
        self._waiting: dict[str, list[threading.Event]] = {}
        self._socket: socket.socket | None = None

    def listen(self) -> None:
        """Begin to hear, in a thread of its own. The folder is there already, its owner's alone to write in."""
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))
        threading.Thread(target=self._hear, args=(self._socket,), name="flips", daemon=True).start()

    def close(self) -> None:
        """Stop hearing and take the socket's name away."""
        if self._socket is not None:
            # A thread that sits in recv is not woken by close.
            self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._path.unlink(missing_ok=True)

    @contextmanager
    def seat(self) -> Iterator[bool]:
        """Yield whether this request may keep its thread while it waits: some are always left for everybody else."""
        free = self._seats.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._seats.release()

    @contextmanager
    def expecting(self, instance: str) -> Iterator[Callable[[float], bool]]:
        """Yield a wait in seconds; it ends early, with True, once the instance is announced after the block began."""
        told = threading.Event()
        with self._lock:
            self._waiting.setdefault(instance, []).append(told)
        try:
            yield told.wait
        finally:
            with self._lock:
                self._waiting[instance].remove(told)
                if not self._waiting[instance]:
                    del self._waiting[instance]

    def _hear(self, listening: socket.socket) -> None:
        while True:
            try:
                said = listening.recv(64)
            except OSError:
                return
            if not said:
                return
            if _KEY.fullmatch(said):
                self._tell(said.decode())

    def _tell(self, instance: str) -> None:
        with self._lock:
            for told in self._waiting.get(instance, ()):
                told.set()
