"""Argon2id, no more hashes at once than there are cores: a class logging in together must not starve the pages."""

from __future__ import annotations

import os
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
"""OWASP's smallest recommended argon2id setting; 18 ms on the machine this was measured on."""


class Argon2Passwords:
    """Fulfils people.ports.Passwords."""

    def __init__(self, *, at_once: int | None = None) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
        self._cores = threading.BoundedSemaphore(at_once or os.cpu_count() or 1)
        self.nobody = self.hash(secrets.token_hex(32))

    def hash(self, password: str) -> str:
        """Return a salted hash of the password, parameters included."""
        with self._cores:
            return self._hasher.hash(password)

    def fits(self, password_hash: str, password: str) -> bool:
        """Say whether the password is the one that was hashed."""
        with self._cores:
            try:
                return self._hasher.verify(password_hash, password)
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, password_hash: str) -> bool:
        """Say whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)
