"""Accounts, credentials and log-ins as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import change_one, existing, one, to_row
from sandbox.adapters.db.tables.people import credential, login, person, person_role
from sandbox.errors import InvalidError, NotFoundError
from sandbox.people.model import Credential, Login, Person, PersonId, Role

ROBOTS = sa.select(person_role.c.person).where(person_role.c.role == Role.ROBOT)
"""The accounts made for rehearsals."""
# Made once: every page asks who is there, and making the question takes longer than its answer.
_WITH_ROLES = (
    sa.select(person, person_role.c.role)
    .outerjoin(person_role, person_role.c.person == person.c.id)
    .where(person.c.id == sa.bindparam("key"))
)
_BY_TOKEN = sa.select(login).where(login.c.token_hash == sa.bindparam("token"))


class SqlPersonStore:
    """Fulfils people.ports.PersonStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, newcomer: Person, password_hash: str) -> None:
        row = to_row(newcomer)
        roles: frozenset[Role] = row.pop("roles")
        with breaking("person.login", InvalidError(problems=f"工号 {newcomer.login} 已存在 / already exists")):
            self._db.execute(person.insert().values(row))
        for role in sorted(roles):
            self._db.execute(person_role.insert().values(person=newcomer.id, role=role))
        self._db.execute(credential.insert().values(person=newcomer.id, password_hash=password_hash, failures=0))

    def get(self, key: PersonId) -> Person:
        # One query for every page of everybody: a row for each role, or one without.
        rows = self._db.execute(_WITH_ROLES, {"key": key}).mappings().all()
        if not rows:
            raise NotFoundError(f"no person {key}")
        facts = dict(rows[0])
        del facts["role"]
        return Person(**facts, roles=frozenset(row["role"] for row in rows if row["role"] is not None))

    def by_login(self, name: str) -> Person | None:
        found = self._people(sa.select(person).where(person.c.login == name))
        return found[0] if found else None

    def all(self) -> list[Person]:
        return self._people(sa.select(person).where(person.c.id.not_in(ROBOTS)).order_by(person.c.login))

    def robots(self) -> list[Person]:
        return self._people(sa.select(person).where(person.c.id.in_(ROBOTS)).order_by(person.c.login))

    def enable(self, key: PersonId) -> None:
        disabled = person.update().where(person.c.id == key, person.c.disabled)
        change_one(self._db, disabled.values(disabled=False), f"disabled account {key}")

    def set_language(self, key: PersonId, language: Literal["zh", "en"]) -> None:
        change_one(self._db, person.update().where(person.c.id == key).values(language=language), f"person {key}")

    def disable(self, key: PersonId) -> bool:
        self.get(key)
        disabling = person.update().where(person.c.id == key, sa.not_(person.c.disabled)).values(disabled=True)
        return self._db.execute(disabling).rowcount == 1

    def credential(self, key: PersonId) -> Credential:
        wanted = sa.select(credential).where(credential.c.person == key)
        return existing(self._db, Credential, wanted, f"credential of person {key}")

    def replace_password(self, key: PersonId, password_hash: str, *, must_change: bool) -> None:
        renewed = credential.update().where(credential.c.person == key)
        change_one(
            self._db,
            renewed.values(password_hash=password_hash, failures=0, locked_until=None),
            f"credential of person {key}",
        )
        marked = person.update().where(person.c.id == key).values(must_change_password=must_change)
        change_one(self._db, marked, f"person {key}")

    def record_failures(self, key: PersonId, failures: int, *, locked_until: datetime | None) -> None:
        counted = credential.update().where(credential.c.person == key)
        change_one(
            self._db, counted.values(failures=failures, locked_until=locked_until), f"credential of person {key}"
        )

    def _people(self, wanted: sa.Select[tuple[object, ...]]) -> list[Person]:
        rows = self._db.execute(wanted).mappings().all()
        roles = self._roles([row["id"] for row in rows])
        return [Person(**row, roles=frozenset(roles.get(row["id"], ()))) for row in rows]

    def _roles(self, keys: Iterable[str]) -> dict[str, set[Role]]:
        found: dict[str, set[Role]] = {}
        for row in self._db.execute(sa.select(person_role).where(person_role.c.person.in_(keys))):
            found.setdefault(row.person, set()).add(row.role)
        return found


class SqlLoginStore:
    """Fulfils people.ports.LoginStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Login) -> None:
        self._db.execute(login.insert().values(to_row(new)))

    def get(self, token_hash: str) -> Login | None:
        return one(self._db, Login, _BY_TOKEN, token=token_hash)

    def of_person(self, key: PersonId) -> Login | None:
        return one(self._db, Login, sa.select(login).where(login.c.person == key))

    def touch(self, token_hash: str, *, seen_at: datetime) -> None:
        self._db.execute(login.update().where(login.c.token_hash == token_hash).values(seen_at=seen_at))

    def end(self, token_hash: str) -> bool:
        return self._db.execute(login.delete().where(login.c.token_hash == token_hash)).rowcount == 1

    def end_of(self, key: PersonId) -> bool:
        return self._db.execute(login.delete().where(login.c.person == key)).rowcount == 1
