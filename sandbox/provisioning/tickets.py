"""The way into an instance: a ticket carries a person from the panel to the gateway, once; a pass lets them stay.

A ticket is 256 random bits of which only the SHA-256 is kept. The pass is signed and bound to instance, person and
log-in; it says nothing about the cell, so a reset changes nothing for whoever is inside.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.audit import operations as audit
from sandbox.audit import ports as audit_ports
from sandbox.errors import TicketError
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import ports
from sandbox.provisioning.model import InstanceId

_SEPARATOR = "."


class Stores(ports.Stores, audit_ports.Stores, Protocol):
    """What issuing and redeeming need inside one transaction."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """Who may be inside which instance since when, by virtue of which log-in (a fingerprint of it)."""

    instance: InstanceId
    person: str
    login: str
    issued_at: int
    """Seconds since 1970, UTC."""


def issue(stores: Stores, actor: Actor, instance: InstanceId, *, ttl_s: int, now: datetime) -> str:
    """Return a new ticket for the actor's own instance, good once within `ttl_s` seconds.

    Raises NotFoundError if there is no such instance, ForbiddenError if it is another person's.
    """
    policy.require(actor, "instance.enter", owner=stores.instances.get(instance).owner)
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(seconds=ttl_s)
    stores.tickets.issue(fingerprint(token), instance=instance, person=actor.id, expires_at=expires)
    return token


def redeem(stores: Stores, token: str, instance: InstanceId, *, address: str, now: datetime, cause: str = "") -> str:
    """Use a ticket up at the door of an instance and return the person's id.

    Raises TicketError if it is unknown, used, expired or for another instance.
    """
    meant, person = stores.tickets.use(fingerprint(token), now=now)
    if meant != instance:
        raise TicketError(f"a ticket for {meant} was shown at {instance}")
    actor = Actor(id=person, roles=frozenset(), address=address, cause=cause)
    audit.record(stores, actor, "instance.enter", instance, at=now)
    return person


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a random secret, in hex: what may be stored of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(key: bytes, entry: Pass) -> str:
    """Return the pass as a cookie value."""
    said = _SEPARATOR.join((entry.instance, entry.person, entry.login, str(entry.issued_at)))
    return f"{said}{_SEPARATOR}{_mac(key, said)}"


def read(key: bytes, value: str, *, now: datetime, lasts_s: int) -> Pass:
    """Return the pass a cookie value stands for. Raises TicketError if it is forged, malformed or too old."""
    said, _, mac = value.rpartition(_SEPARATOR)
    if not hmac.compare_digest(_mac(key, said).encode(), mac.encode()):
        raise TicketError("the pass is not signed by us")
    # Split from both ends: a person's id is the only part that may contain the separator.
    instance, _, rest = said.partition(_SEPARATOR)
    person, login, issued = rest.rsplit(_SEPARATOR, 2)
    entry = Pass(instance=InstanceId(instance), person=person, login=login, issued_at=int(issued))
    if not 0 <= now.timestamp() - entry.issued_at <= lasts_s:
        raise TicketError("the pass is too old")
    return entry


def _mac(key: bytes, said: str) -> str:
    # Bound to its purpose: the same key signs other things too.
    return hmac.new(key, f"instance pass:{said}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
