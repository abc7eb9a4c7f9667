"""HTTP written by hand: requests as a browser would never send them."""

from __future__ import annotations

from sandbox.provisioning.model import InstanceId
from sandbox.robot.client import Client
from tests.front import Front


def status(reply: bytes) -> int:
    """0 for a reply without a head: none at all, or one in the manner of HTTP 0.9."""
    return int(reply.split(b" ", 2)[1]) if reply.startswith(b"HTTP/") else 0


def request(
    house: Front,
    instance: InstanceId,
    cookie: str,
    *lines: str,
    method: str = "GET",
    path: str = "/",
    body: bytes = b"",
) -> bytes:
    head = [f"{method} {path} HTTP/1.1", f"Host: {instance}.localhost:{house.gateway_port}", "Connection: close"]
    if cookie:
        head.append(f"Cookie: {cookie}")
    return house.raw("\r\n".join([*head, *lines, "", ""]).encode() + body)


def cookies(client: Client, instance: InstanceId, house: Front) -> str:
    jar = client.cookies[f"{instance}.localhost:{house.gateway_port}"]
    return "; ".join(f"{name}={value}" for name, value in jar.items())
