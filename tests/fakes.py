"""Stand-ins that are code, not mocks: they pass the same port suites as the real thing."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sandbox.errors import NotFoundError
from tests.builders import NOON


class FrozenClock:
    """A clock that stands until it is moved. Steps of wall time and elapsed time are two things."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def pass_time(self, **span: float) -> datetime:
        """Let time pass on both clocks; return the new wall time."""
        passed = timedelta(**span)
        self._monotonic += passed.total_seconds()
        self._now += passed
        return self._now

    def step(self, **span: float) -> None:
        """Move the wall clock alone, as an administrator or a time server does."""
        self._now += timedelta(**span)


class FastPasswords:
    """Fulfils people.ports.Passwords without taking any time; for tests that are not about hashing."""

    nobody = "fast:"

    def hash(self, password: str) -> str:
        return "fast:" + hashlib.sha256(password.encode()).hexdigest()

    def fits(self, password_hash: str, password: str) -> bool:
        return password_hash == self.hash(password)

    def outdated(self, password_hash: str) -> bool:
        return not password_hash.startswith("fast:")


class MemoryFiles:
    """Fulfils provisioning.ports.Files in memory."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        sha256 = hashlib.sha256(content).hexdigest()
        self._content[sha256] = content
        return sha256

    def holds(self, sha256: str) -> bool:
        return sha256 in self._content

    def get(self, sha256: str) -> bytes:
        try:
            return self._content[sha256]
        except KeyError as absent:
            raise NotFoundError(f"no file {sha256}") from absent
