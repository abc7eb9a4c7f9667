"""HTTP over one kept connection, against servers that answer in every lawful way and in some that are not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox.robot.wire import Wire, WireError

SIZED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
TO_THE_END = b"HTTP/1.0 200 OK\r\n\r\nhello"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextmanager
def server(*connections: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Listen; each connection answers its requests with the bytes given, in pieces, then closes. Yield port, heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for replies in connections:
                connection, _ = listener.accept()
                with connection:
                    for reply in replies:
                        heard.append(_request(connection))
                        for at in range(0, len(reply), 7):
                            connection.sendall(reply[at : at + 7])

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(10)


def _request(connection: socket.socket) -> bytes:
    came = b""
    while b"\r\n\r\n" not in came:
        came += connection.recv(4096)
    head, _, body = came.partition(b"\r\n\r\n")
    size = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0)
    while len(body) < size:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


@pytest.mark.parametrize("reply", [SIZED, CHUNKED, TO_THE_END])
def test_a_reply_comes_whole_however_its_length_is_told(reply: bytes) -> None:
    with server([reply]) as (port, _):
        wire = Wire(port)
        found = wire.ask("GET", "/", {"Host": "x"})
        wire.close()
    assert (found.status, found.body) == (200, b"hello")


def test_one_connection_carries_many_questions_and_their_bodies() -> None:
    with server([SIZED, EMPTY, CHUNKED]) as (port, heard):
        wire = Wire(port)
        first = wire.ask("POST", "/a", {"Host": "x"}, b"k=v")
        assert (first.cookies, wire.ask("GET", "/b", {}).status) == (("a=1; Path=/", "b=2"), 204)
        assert wire.ask("POST", "/c", {}).body == b"hello"
        wire.close()
    assert heard[0] == b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nk=v"
    assert heard[1] == b"GET /b HTTP/1.1\r\n\r\n"
    assert heard[2] == b"POST /c HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


def test_a_connection_that_the_server_gave_up_meanwhile_is_dialled_again() -> None:
    with server([SIZED], [SIZED]) as (port, heard):
        wire = Wire(port)
        assert wire.ask("GET", "/1", {}).body == b"hello"
        assert wire.ask("GET", "/2", {}).body == b"hello"
        wire.close()
    assert len(heard) == 2


@pytest.mark.parametrize("reply", [b"HTTP/1.1 200 OK\r\nContent-Le", b"", b"garbage\r\n\r\n"])
def test_what_is_no_reply_is_an_error(reply: bytes) -> None:
    with server([reply]) as (port, _), pytest.raises(WireError):
        Wire(port).ask("GET", "/", {})


def test_nobody_there_is_an_error_of_the_system() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Wire(port).ask("GET", "/", {})
