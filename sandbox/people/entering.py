"""Log-in and change of password: hash outside any transaction, then write inside one.

A hash takes some 20 ms on purpose; inside a transaction fifty people would wait a second for the write lock.
"""

from __future__ import annotations

from datetime import datetime

from sandbox.errors import ForbiddenError
from sandbox.people import operations
from sandbox.people.model import Actor, PersonId
from sandbox.people.operations import Entered, TurnedAway
from sandbox.people.ports import Database, Passwords


def log_in(
    database: Database, passwords: Passwords, *, login: str, password: str, address: str, now: datetime
) -> Entered | TurnedAway:
    """Check name and password and begin a log-in, or record the failure.

    Unknown name, wrong password, disabled and locked cost the same time and look the same.
    """
    with database.reading() as stores:
        person = stores.people.by_login(login)
        credential = stores.people.credential(person.id) if person else None
    stored = credential.password_hash if credential else passwords.nobody
    fits = passwords.fits(stored, password)
    renewed = passwords.hash(password) if fits and credential and passwords.outdated(stored) else None
    with database.transaction() as stores:
        if person is None:
            return operations.turn_away(stores, None, name=login, reason="unknown", address=address, now=now)
        person = stores.people.get(person.id)
        credential = stores.people.credential(person.id)
        locked = credential.locked_until is not None and credential.locked_until > now
        # A password changed while we hashed: what fitted was the old one.
        stale = credential.password_hash != stored
        if locked or person.disabled or stale or not fits:
            reason = "locked" if locked else "disabled" if person.disabled else "password"
            return operations.turn_away(stores, person, name=login, reason=reason, address=address, now=now)
        if renewed:
            stores.people.replace_password(person.id, renewed, must_change=person.must_change_password)
        return operations.enter(stores, person, address=address, now=now)


def change_password(
    database: Database, passwords: Passwords, actor: Actor, *, old: str, new: str, now: datetime
) -> Entered:
    """Replace one's own password. Raises ForbiddenError if the old one is wrong, PasswordWeakError."""
    with database.reading() as stores:
        person = stores.people.get(PersonId(actor.id))
        stored = stores.people.credential(person.id).password_hash
    if not passwords.fits(stored, old):
        raise ForbiddenError("the old password is wrong")
    operations.check_new_password(person, new, fits_old=passwords.fits(stored, new))
    hashed = passwords.hash(new)
    with database.transaction() as stores:
        return operations.change_password(stores, actor, address=actor.address, password_hash=hashed, now=now)
