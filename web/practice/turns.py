"""A few requests of a rush at a time: what fifty launches have the panel do, it does one after the other.

Threads share one interpreter. Let fifty of them run and each other page waits for forty slices of theirs, although the
launches are not a moment sooner done. Here they take turns, and whoever waits for the worker steps aside meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

AT_ONCE = 1
"""Whoever waits for the database gives the interpreter away: to everybody else's page, not to the next launch."""
PATHS = ("/practice/", "/training/launch")
"""Pages that a launch leads through; everybody else's are never held up by them."""
_HELD = "his_sandbox.turn"

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Turns:
    """WSGI middleware: requests below PATHS wait for their turn, in the order in which they came."""

    def __init__(self, app: Wsgi, *, at_once: int = AT_ONCE) -> None:
        self._app = app
        self._free = threading.Semaphore(at_once)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not str(environ.get("PATH_INFO", "")).startswith(PATHS):
            return self._app(environ, start_response)
        environ[_HELD] = self._free
        with self._free:
            return self._app(environ, start_response)


@contextmanager
def aside(environ: Environ) -> Iterator[None]:
    """Let others have this request's turn inside the block, where it only waits. One that has no turn gives none."""
    held: threading.Semaphore | None = environ.get(_HELD)
    if held is None:
        yield
        return
    held.release()
    try:
        yield
    finally:
        held.acquire()
