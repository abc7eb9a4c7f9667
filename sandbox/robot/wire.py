"""HTTP/1.1 over one kept connection to a port of this machine, as lean as it gets.

For crowds: a hundred of our own clients share two cores with what they measure. The standard library's client takes
several times the processor time per reply (it parses headers as e-mail), a browser of people would run elsewhere.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

TIMEOUT_S = 30.0
_CHUNK = 1 << 16
_HEAD_END = b"\r\n\r\n"


class WireError(Exception):
    """The other end closed the connection or sent what is no reply."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    """Names in lower case; the last of several wins."""
    cookies: tuple[str, ...]
    """The Set-Cookie lines."""
    body: bytes


@dataclass
class Wire:
    """One connection, opened when first needed and again after the other end closed it."""

    port: int
    timeout_s: float = TIMEOUT_S
    _socket: socket.socket | None = None
    _read: bytearray = field(default_factory=bytearray)

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Send one request and return its reply. Raises WireError, OSError."""
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode() + _HEAD_END + body
        used = self._socket is not None
        try:
            return self._once(request)
        except (WireError, ConnectionError):
            # A kept connection ends when the server is tired of it; that says nothing about this request.
            if not used:
                raise
            return self._once(request)

    def close(self) -> None:
        """Hang up; the next question dials again."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None
        self._read.clear()

    def _once(self, request: bytes) -> Reply:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._socket.sendall(request)
            return self._reply()
        except (WireError, OSError):
            self.close()
            raise

    def _reply(self) -> Reply:
        head = self._until(_HEAD_END).decode("latin-1").split("\r\n")
        status = head[0].split(" ", 2)
        if len(status) < 2 or not status[1].isdigit():
            raise WireError(f"no reply: {head[0][:80]!r}")
        headers, cookies = {}, []
        for line in head[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            headers[name] = value
            if name == "set-cookie":
                cookies.append(value)
        body = self._body(int(status[1]), headers)
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(status=int(status[1]), headers=headers, cookies=tuple(cookies), body=body)

    def _body(self, status: int, headers: Mapping[str, str]) -> bytes:
        if status in (204, 304):
            return b""
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._chunks()
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        return self._rest()

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            body += self._exactly(size)
            self._until(b"\r\n")
        self._until(b"\r\n")
        return bytes(body)

    def _until(self, end: bytes) -> bytes:
        while (at := self._read.find(end)) < 0:
            self._more()
        found = bytes(self._read[:at])
        del self._read[: at + len(end)]
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            self._more()
        found = bytes(self._read[:size])
        del self._read[:size]
        return found

    def _rest(self) -> bytes:
        try:
            while True:
                self._more()
        except WireError:
            found = bytes(self._read)
        self.close()
        return found

    def _more(self) -> None:
        assert self._socket is not None
        more = self._socket.recv(_CHUNK)
        if not more:
            raise WireError("the other end closed the connection")
        self._read += more
