"""The way into an instance: a ticket carries a person from the panel to the gateway, once; a pass lets them stay.

Both are signed. A ticket is written down only when it is used, so that a page may bring one along without a write; what
is kept of it is its SHA-256. The pass is bound to instance, person and log-in; it says nothing about the cell, so a
reset changes nothing for whoever is inside.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from sandbox.audit import operations as audit
from sandbox.audit import ports as audit_ports
from sandbox.errors import TicketError
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import ports
from sandbox.provisioning.model import Instance, InstanceId

_SEPARATOR = "."


class Stores(ports.Stores, audit_ports.Stores, Protocol):
    """What redeeming needs inside one transaction."""


@dataclass(frozen=True, kw_only=True)
class Pass:
    """Who may be inside which instance since when, by virtue of which log-in (a fingerprint of it)."""

    instance: InstanceId
    person: str
    login: str
    issued_at: int
    """Seconds since 1970, UTC."""


def issue(key: bytes, actor: Actor, instance: Instance, *, ttl_s: int, now: datetime) -> str:
    """Return a new ticket for the actor's own instance, good once within `ttl_s` seconds.

    Raises ForbiddenError if the instance is another person's.
    """
    policy.require(actor, "instance.enter", owner=instance.owner)
    until = math.ceil(now.timestamp()) + ttl_s
    said = _SEPARATOR.join((instance.id, str(until), secrets.token_urlsafe(16), actor.id))
    sealed = base64.urlsafe_b64encode(said.encode("utf-8", "surrogatepass")).decode()
    return f"{sealed}{_SEPARATOR}{_mac(key, 'ticket', sealed)}"


def redeem(
    stores: Stores, key: bytes, token: str, instance: InstanceId, *, address: str, now: datetime, cause: str = ""
) -> str:
    """Use a ticket up at the door of an instance and return the person's id.

    Raises TicketError if it is forged, used, expired or for another instance.
    """
    sealed, _, mac = token.rpartition(_SEPARATOR)
    if not hmac.compare_digest(_mac(key, "ticket", sealed).encode(), mac.encode("utf-8", "surrogatepass")):
        raise TicketError("the ticket is not signed by us")
    said = base64.urlsafe_b64decode(sealed).decode("utf-8", "surrogatepass")
    meant, until, _nonce, person = said.split(_SEPARATOR, 3)
    expires = datetime.fromtimestamp(int(until), UTC)
    if now >= expires:
        raise TicketError("the ticket is too old")
    if meant != instance:
        raise TicketError(f"a ticket for {meant} was shown at {instance}")
    stores.tickets.use(fingerprint(token), instance=instance, person=person, expires_at=expires, now=now)
    actor = Actor(id=person, roles=frozenset(), address=address, cause=cause)
    audit.record(stores, actor, "instance.enter", instance, at=now)
    return person


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a random secret, in hex: what may be stored of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign(key: bytes, entry: Pass) -> str:
    """Return the pass as a cookie value."""
    said = _SEPARATOR.join((entry.instance, entry.person, entry.login, str(entry.issued_at)))
    return f"{said}{_SEPARATOR}{_mac(key, 'pass', said)}"


def read(key: bytes, value: str, *, now: datetime, lasts_s: int) -> Pass:
    """Return the pass a cookie value stands for. Raises TicketError if it is forged, malformed or too old."""
    said, _, mac = value.rpartition(_SEPARATOR)
    if not hmac.compare_digest(_mac(key, "pass", said).encode(), mac.encode()):
        raise TicketError("the pass is not signed by us")
    # Split from both ends: a person's id is the only part that may contain the separator.
    instance, _, rest = said.partition(_SEPARATOR)
    person, login, issued = rest.rsplit(_SEPARATOR, 2)
    entry = Pass(instance=InstanceId(instance), person=person, login=login, issued_at=int(issued))
    if not 0 <= now.timestamp() - entry.issued_at <= lasts_s:
        raise TicketError("the pass is too old")
    return entry


def _mac(key: bytes, purpose: Literal["ticket", "pass"], said: str) -> str:
    # Bound to its purpose: the same key signs other things too.
    return hmac.new(key, f"instance {purpose}:{said}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
