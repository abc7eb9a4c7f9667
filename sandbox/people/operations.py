"""Accounts, passwords, log-ins: every write of the people room."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.audit import operations as audit
from sandbox.errors import InvalidError, NotFoundError, PasswordWeakError
from sandbox.people import password_rules, policy
from sandbox.people.model import Actor, Login, Person, PersonId, Role
from sandbox.people.ports import Stores

Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=10)
"""Source: trust.md T31."""

_TOKEN_BYTES = 32
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


def random_password(draw: Draw = secrets.token_hex) -> str:
    """Return 16 signs that cannot be confused when read aloud, of three classes: about 80 bits."""
    number = int(draw(32), 16)
    signs = []
    for alphabet in (_CAPITALS, _DIGITS, *[_LETTERS + _DIGITS] * 14):
        number, index = divmod(number, len(alphabet))
        signs.append(alphabet[index])
    return "".join(signs)


def token_hash(token: str) -> str:
    """Return what is stored of a log-in token."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_person(
    stores: Stores,
    actor: Actor,
    *,
    login: str,
    name: str,
    department: str,
    roles: Iterable[Role],
    password_hash: str,
    language: Literal["zh", "en"] = "zh",
    must_change_password: bool = True,
    now: datetime,
    draw: Draw = secrets.token_hex,
) -> Person:
    """Add an account. The caller hashed an initial password and shows it once; it is not stored anywhere.

    Raises InvalidError if the log-in name is taken, empty or has blanks, or nobody's role is given.
    """
    policy.require(actor, "people.add")
    if not login or login != "".join(login.split()):
        raise InvalidError(problems="工号不能为空或含空格 / the personnel number is empty or has blanks")
    if not name.strip() or not (held := frozenset(roles)):
        raise InvalidError(problems="姓名和角色必填 / name and role are needed")
    person = Person(
        id=PersonId(draw(8)),
        login=login,
        name=name.strip(),
        department=department,
        roles=held,
        language=language,
        must_change_password=must_change_password,
        disabled=False,
    )
    stores.people.add(person, password_hash)
    facts = {"login": login, "roles": " ".join(sorted(held))}
    audit.record(stores, actor, "people.add", person.id, at=now, facts=facts)
    return person


@dataclass(frozen=True, kw_only=True)
class Entered:
    """Logged in. `token` is for the browser alone; only its hash is kept."""

    token: str
    login: Login
    person: Person


@dataclass(frozen=True, kw_only=True)
class TurnedAway:
    """Not logged in; says no more than that to the person, whatever the reason was."""

    locked_until: datetime | None


def enter(stores: Stores, person: Person, *, address: str, now: datetime, draw: Draw = secrets.token_hex) -> Entered:
    """Begin a log-in for a person whose password was right. Whatever log-in the account had ends."""
    actor = Actor(id=person.id, roles=person.roles, address=address)
    replaced = stores.logins.end_of(person.id)
    stores.people.record_failures(person.id, 0, locked_until=None)
    token = draw(_TOKEN_BYTES)
    login = Login(token_hash=token_hash(token), person=person.id, created_at=now, seen_at=now, csrf=draw(16))
    stores.logins.add(login)
    audit.record(stores, actor, "person.log_in", person.id, at=now, facts={"replaced": replaced})
    return Entered(token=token, login=login, person=person)


def turn_away(
    stores: Stores, person: Person | None, *, name: str, reason: str, address: str, now: datetime
) -> TurnedAway:
    """Record a failed log-in; the fifth in a row locks the account for ten minutes."""
    if person is None:
        nobody = Actor(id="", roles=frozenset(), address=address)
        audit.record(stores, nobody, "person.log_in", name[:40], at=now, outcome="refused", facts={"reason": reason})
        return TurnedAway(locked_until=None)
    actor = Actor(id=person.id, roles=person.roles, address=address)
    locked_until = None
    if reason == "password":
        failures = stores.people.credential(person.id).failures + 1
        locked_until = now + LOCK if failures >= FAILURES_BEFORE_LOCK else None
        # The count begins anew with the lock: after ten minutes there are five more tries, not one.
        stores.people.record_failures(person.id, 0 if locked_until else failures, locked_until=locked_until)
    elif reason == "locked":
        locked_until = stores.people.credential(person.id).locked_until
    audit.record(stores, actor, "person.log_in", person.id, at=now, outcome="refused", facts={"reason": reason})
    return TurnedAway(locked_until=locked_until)


def log_out(stores: Stores, actor: Actor, token: str, *, now: datetime) -> None:
    """End this log-in; a log-in that is over already is fine."""
    if stores.logins.end(token_hash(token)):
        audit.record(stores, actor, "person.log_out", actor.id, at=now)


def check_new_password(person: Person, password: str, *, fits_old: bool) -> None:
    """Raise PasswordWeakError naming every rule the new password breaks."""
    broken = password_rules.broken_rules(password, login=person.login, name=person.name)
    if fits_old:
        broken.append("same")
    if broken:
        words = [password_rules.WORDS[rule] for rule in broken]
        raise PasswordWeakError(
            rules=" ".join(broken), zh=";".join(zh for zh, _ in words), en="; ".join(en for _, en in words)
        )


def change_password(
    stores: Stores,
    actor: Actor,
    *,
    address: str,
    password_hash: str,
    now: datetime,
    draw: Draw = secrets.token_hex,
) -> Entered:
    """Set one's own new password, already checked and hashed. All log-ins end, a new one begins."""
    policy.require(actor, "password.change", owner=actor.id)
    key = PersonId(actor.id)
    stores.people.replace_password(key, password_hash, must_change=False)
    audit.record(stores, actor, "password.change", actor.id, at=now)
    return enter(stores, stores.people.get(key), address=address, now=now, draw=draw)


def reset_password(stores: Stores, actor: Actor, person: PersonId, *, password_hash: str, now: datetime) -> None:
    """Give somebody a new initial password, which must be changed at the next log-in."""
    policy.require(actor, "people.reset_password")
    stores.people.get(person)
    stores.people.replace_password(person, password_hash, must_change=True)
    stores.logins.end_of(person)
    audit.record(stores, actor, "people.reset_password", person, at=now)


def set_language(stores: Stores, actor: Actor, language: Literal["zh", "en"], *, now: datetime) -> None:
    """Remember in which language a person reads."""
    policy.require(actor, "language.set", owner=actor.id)
    stores.people.set_language(PersonId(actor.id), language)
    audit.record(stores, actor, "language.set", actor.id, at=now, facts={"language": language})


def disable(stores: Stores, actor: Actor, person: PersonId, *, now: datetime) -> None:
    """Close an account for good and end its log-in at once; done already is fine."""
    policy.require(actor, "people.disable")
    if stores.people.disable(person):
        stores.logins.end_of(person)
        audit.record(stores, actor, "people.disable", person, at=now)


def live_login(stores: Stores, token: str, *, now: datetime, idle_s: int, absolute_s: int) -> tuple[Login, Person]:
    """Return the log-in of this token and its person. Raises NotFoundError if it is over, or the account is."""
    login = stores.logins.get(token_hash(token))
    if login is None:
        raise NotFoundError("no such log-in")
    person = stores.people.get(login.person)
    idle, age = now - login.seen_at, now - login.created_at
    if person.disabled or idle > timedelta(seconds=idle_s) or age > timedelta(seconds=absolute_s):
        raise NotFoundError("the log-in is over")
    return login, person
