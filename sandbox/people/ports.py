"""What the people room needs from outside."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

from sandbox.audit import ports as audit
from sandbox.people.model import Credential, Login, Person, PersonId


class Passwords(Protocol):
    """Hashes and checks passwords, a few at a time. Slow on purpose: never call it inside a transaction."""

    @property
    def nobody(self) -> str:
        """A hash that no password fits: unknown names cost as much as known ones."""
        ...

    def hash(self, password: str) -> str: ...

    def fits(self, password_hash: str, password: str) -> bool: ...

    def outdated(self, password_hash: str) -> bool:
        """Say whether the hash was made with other parameters than today's."""
        ...


class PersonStore(Protocol):
    def add(self, person: Person, password_hash: str) -> None:
        """Raises InvalidError if the log-in name is taken."""
        ...

    def get(self, key: PersonId) -> Person:
        """Raises NotFoundError."""
        ...

    def by_login(self, login: str) -> Person | None: ...

    def all(self) -> list[Person]:
        """Return everybody, by log-in name. Robots are nobody."""
        ...

    def robots(self) -> list[Person]:
        """Return the robots, disabled ones included, by log-in name."""
        ...

    def enable(self, key: PersonId) -> None:
        """Let a disabled account in again. Raises LostRaceError if it was not disabled."""
        ...

    def set_language(self, key: PersonId, language: Literal["zh", "en"]) -> None: ...

    def disable(self, key: PersonId) -> bool:
        """False if the account already was disabled."""
        ...

    def credential(self, key: PersonId) -> Credential: ...

    def replace_password(self, key: PersonId, password_hash: str, *, must_change: bool) -> None:
        """Set the new hash; failures and lock are forgotten."""
        ...

    def record_failures(self, key: PersonId, failures: int, *, locked_until: datetime | None) -> None: ...


class LoginStore(Protocol):
    def add(self, login: Login) -> None: ...

    def get(self, token_hash: str) -> Login | None: ...

    def of_person(self, person: PersonId) -> Login | None: ...

    def touch(self, token_hash: str, *, seen_at: datetime) -> None: ...

    def end(self, token_hash: str) -> bool: ...

    def end_of(self, person: PersonId) -> bool:
        """End whatever log-in this person has; False if there was none."""
        ...


class Stores(audit.Stores, Protocol):
    """What the people room's operations need inside one transaction."""

    @property
    def people(self) -> PersonStore: ...
    @property
    def logins(self) -> LoginStore: ...


class Database(Protocol):
    """Opens transactions; for the one deed that must not hold one while it hashes."""

    def transaction(self) -> AbstractContextManager[Stores]: ...

    def reading(self) -> AbstractContextManager[Stores]: ...
