"""The address that leads a person into the hospital: good once, for a moment; nothing is written before it is used."""

from __future__ import annotations

from sandbox.provisioning import tickets
from sandbox.provisioning.model import Instance
from web.access import actor, now, services


def address(instance: Instance) -> str:
    """Return the hospital's address with a new ticket. Raises ForbiddenError if it is not the person's own."""
    gateway = services().settings.gateway
    ticket = tickets.issue(services().secret, actor(), instance, ttl_s=gateway.ticket_ttl_s, now=now())
    return f"http://{instance.id}.localhost:{gateway.port}/_enter?ticket={ticket}"
