"""Commands to cells: HTTP and JSON over a pinned socket. Every reply is hostile: capped, timed as a whole, parsed."""

from __future__ import annotations

import http.client
import io
import json
import socket
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from sandbox.adapters import sockets
from sandbox.contract import CONTRACT_HEADER, CONTRACT_VERSION, codec
from sandbox.contract.control import (
    MAX_COMMAND_BYTES,
    MAX_REPLY_BYTES,
    Arm,
    Armed,
    ErrorReply,
    Health,
    HospitalState,
    JournalPage,
    Rest,
    Rested,
    Sealed,
    Stopping,
)
from sandbox.errors import ContractMismatchError, ControlUnreachableError, WrongStateError
from sandbox.provisioning.model import Endpoint

HEALTH_TIMEOUT_S = 1.0
ARM_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 10.0
JOURNAL_ROWS = 500
"""Rows asked for at once: about 1 MiB, far below the cap."""
_WORDS_OF_A_CELL = 200
"""Characters of a cell's own error text that may enter our log."""

Reply = TypeVar("Reply")


class HttpControlChannel:
    """Fulfils provisioning.ports.ControlChannel. `monotonic` counts the seconds of a call."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic

    def health(self, at: Endpoint) -> Health:
        return _parsed(Health, self._call(at, "GET", "/health", timeout_s=HEALTH_TIMEOUT_S))

    def arm(self, at: Endpoint, command: Arm) -> Armed:
        body = json.dumps(codec.to_json(command), ensure_ascii=False).encode()
        if len(body) > MAX_COMMAND_BYTES:
            raise ContractMismatchError(f"the exercise pack makes a command of {len(body)} bytes")
        return _parsed(Armed, self._call(at, "POST", "/arm", body, timeout_s=ARM_TIMEOUT_S, oldest=CONTRACT_VERSION))

    def rest(self, at: Endpoint, *, resting: bool) -> Rested:
        body = json.dumps(codec.to_json(Rest(resting=resting))).encode()
        return _parsed(Rested, self._call(at, "POST", "/rest", body, timeout_s=READ_TIMEOUT_S))

    def seal(self, at: Endpoint) -> Sealed:
        return _parsed(Sealed, self._call(at, "POST", "/seal", timeout_s=READ_TIMEOUT_S))

    def journal(self, at: Endpoint, after: int) -> JournalPage:
        target = f"/journal?after={int(after)}&limit={JOURNAL_ROWS}"
        return _parsed(JournalPage, self._call(at, "GET", target, timeout_s=READ_TIMEOUT_S))

    def state(self, at: Endpoint) -> HospitalState:
        return _parsed(HospitalState, self._call(at, "GET", "/state?whole=1", timeout_s=READ_TIMEOUT_S))

    def state_bytes(self, at: Endpoint) -> bytes:
        return self._call(at, "GET", "/state", timeout_s=READ_TIMEOUT_S)

    def stop(self, at: Endpoint) -> Stopping:
        """Ask the cell to finish its requests and exit."""
        return _parsed(Stopping, self._call(at, "POST", "/stop", timeout_s=HEALTH_TIMEOUT_S))

    def _call(
        self,
        at: Endpoint,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        timeout_s: float,
        oldest: int = CONTRACT_VERSION - 1,
    ) -> bytes:
        """Return the body of a 200. Older cells may still be read and sealed, never armed."""
        deadline = _Deadline(self._monotonic, timeout_s)
        connection = sockets.connect(at.control_socket, uid=at.uid, timeout_s=timeout_s, container=at.container)
        try:
            response = _exchange(connection, deadline, method, _request(method, target, body))
            reply = response.read(MAX_REPLY_BYTES + 1)
        except (OSError, http.client.HTTPException) as broken:
            raise ControlUnreachableError(f"{method} {target}: {broken!r:.200}") from broken
        finally:
            connection.close()
        if len(reply) > MAX_REPLY_BYTES:
            raise ContractMismatchError(f"{method} {target}: reply larger than {MAX_REPLY_BYTES} bytes")
        if response.status >= http.client.INTERNAL_SERVER_ERROR:
            # A full disk, say: its server answers by itself, without our header, and may do better next time.
            raise ControlUnreachableError(f"{method} {target}: {response.status} {reply[:_WORDS_OF_A_CELL]!a}")
        _check_version(response, oldest)
        if response.status != http.client.OK:
            _refused(response.status, reply)
        return reply


class _Deadline:
    """The end of one call. A time-out per read would let a cell trickle a byte at a time for ever."""

    def __init__(self, monotonic: Callable[[], float], timeout_s: float) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + timeout_s

    def left(self) -> float:
        left = self._end - self._monotonic()
        if left <= 0:
            raise TimeoutError("no whole answer in time")
        return left


class _Timed(io.RawIOBase):
    """Reads a socket until the deadline; what http.client takes for the socket itself."""

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.left())
        return self._connection.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, 1 << 16)


def _request(method: str, target: str, body: bytes) -> bytes:
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: cell\r\nConnection: close\r\n{CONTRACT_HEADER}: {CONTRACT_VERSION}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _exchange(connection: socket.socket, deadline: _Deadline, method: str, request: bytes) -> http.client.HTTPResponse:
    connection.settimeout(deadline.left())
    connection.sendall(request)
    response = http.client.HTTPResponse(_Timed(connection, deadline), method=method)  # type: ignore[arg-type]
    response.begin()
    return response


def _check_version(response: http.client.HTTPResponse, oldest: int) -> None:
    said = response.headers.get(CONTRACT_HEADER, "")
    if not said.isascii() or not said.isdigit() or not oldest <= int(said[:9]) <= CONTRACT_VERSION:
        raise ContractMismatchError(f"the cell speaks contract {said[:9]!r}, the platform {CONTRACT_VERSION}")


def _refused(status: int, reply: bytes) -> NoReturn:
    problem = _parsed(ErrorReply, reply).error
    words = f"{status} {problem.code[:40]!a}: {problem.message[:_WORDS_OF_A_CELL]!a}"
    if status == http.client.CONFLICT:
        raise WrongStateError(words)
    raise ContractMismatchError(words)


def _parsed(shape: type[Reply], reply: bytes) -> Reply:
    """Return the reply as a contract type. Raises ContractMismatchError for anything else, however strange."""
    try:
        text = reply.decode("utf-8")
        value = json.loads(text, parse_float=_no_floats, parse_constant=_no_floats)
        if "\\ud" in text.lower():
            # Half a character pair parses, and then no database takes the text.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        return codec.from_json(shape, value)
    except (ValueError, RecursionError) as wrong:
        raise ContractMismatchError(f"{shape.__name__}: {str(wrong)[:_WORDS_OF_A_CELL]!a}") from wrong


def _no_floats(text: str) -> NoReturn:
    raise ValueError(f"{text[:20]} is not an exact number")
