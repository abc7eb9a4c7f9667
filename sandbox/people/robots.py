"""Accounts for rehearsals: marked by their role, enabled for the time of one, used again by the next."""

from __future__ import annotations

import secrets
from datetime import datetime

from sandbox.audit import operations as audit
from sandbox.people import policy
from sandbox.people.model import Actor, Person, PersonId, Role
from sandbox.people.operations import Draw
from sandbox.people.ports import Stores

MOST = 999


def enlist(
    stores: Stores, actor: Actor, count: int, *, password_hash: str, now: datetime, draw: Draw = secrets.token_hex
) -> list[Person]:
    """Return so many enabled robots with this password, those of earlier rehearsals first, new ones as needed.

    The password lives as long as the rehearsal; nobody is shown it. Raises ValueError for more than MOST.
    """
    policy.require(actor, "rehearsal.run")
    if count > MOST:
        raise ValueError(f"{count} robots are more than {MOST}")
    known = stores.people.robots()[:count]
    for one in known:
        if one.disabled:
            stores.people.enable(one.id)
        stores.people.replace_password(one.id, password_hash, must_change=False)
    fresh = [_robot(number, draw) for number in range(len(known) + 1, count + 1)]
    for one in fresh:
        stores.people.add(one, password_hash)
    audit.record(stores, actor, "robots.enlist", f"{count}", at=now, facts={"count": count, "new": len(fresh)})
    return [stores.people.get(one.id) for one in (*known, *fresh)]


def dismiss(stores: Stores, actor: Actor, *, now: datetime) -> int:
    """Disable every robot and end its log-in; return how many were enabled."""
    policy.require(actor, "rehearsal.run")
    dismissed = [one for one in stores.people.robots() if stores.people.disable(one.id)]
    for one in dismissed:
        stores.logins.end_of(one.id)
    if dismissed:
        audit.record(stores, actor, "robots.dismiss", f"{len(dismissed)}", at=now, facts={"count": len(dismissed)})
    return len(dismissed)


def _robot(number: int, draw: Draw) -> Person:
    return Person(
        id=PersonId(draw(8)),
        login=f"rehearsal-{number:03}",
        name=f"演练机器人 {number:03}",
        department="",
        roles=frozenset({Role.ROBOT}),
        language="zh",
        must_change_password=False,
        disabled=False,
    )
