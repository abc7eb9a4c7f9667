"""Hashing: only the very same password fits, and never more hashes at once than cores."""

from __future__ import annotations

import threading

import pytest
from argon2 import PasswordHasher

from sandbox.adapters.passwords import Argon2Passwords
from sandbox.people.ports import Passwords
from tests.fakes import FastPasswords


@pytest.fixture(params=["argon2", "fast"])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    return Argon2Passwords() if request.param == "argon2" else FastPasswords()


def test_only_the_same_password_fits(passwords: Passwords) -> None:
    hashed = passwords.hash("Lotus-pond-77")
    assert passwords.fits(hashed, "Lotus-pond-77")
    for other in ("lotus-pond-77", "Lotus-pond-77 ", "", "Lotus-pond-7"):
        assert not passwords.fits(hashed, other)
    assert not passwords.outdated(hashed)


def test_beyond_72_bytes_every_sign_counts(passwords: Passwords) -> None:
    hashed = passwords.hash("莲" * 40 + "a")
    assert passwords.fits(hashed, "莲" * 40 + "a")
    assert not passwords.fits(hashed, "莲" * 40 + "b")


def test_nothing_fits_nobody_and_no_hash_at_all(passwords: Passwords) -> None:
    for stored in (passwords.nobody, "", "not a hash"):
        assert not passwords.fits(stored, "")
        assert not passwords.fits(stored, "Lotus-pond-77")


def test_the_parameters_are_those_of_the_policy_and_others_are_outdated() -> None:
    passwords = Argon2Passwords()
    hashed = passwords.hash("x")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.outdated(hashed.replace("t=2", "t=1"))
    assert passwords.hash("x") != hashed


class CountingHasher:
    """Counts how many are inside at once."""

    def __init__(self) -> None:
        self._real = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
        self._lock = threading.Lock()
        self._inside = 0
        self.most = 0

    def hash(self, password: str) -> str:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        try:
            return self._real.hash(password)
        finally:
            with self._lock:
                self._inside -= 1


def test_hashes_wait_for_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords, counting = Argon2Passwords(at_once=2), CountingHasher()
    monkeypatch.setattr(passwords, "_hasher", counting)
    threads = [threading.Thread(target=passwords.hash, args=("x",)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= counting.most <= 2
