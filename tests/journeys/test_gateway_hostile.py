"""A hostile cell or client before the real nginx: swapped sockets, smuggled requests, endless or silent answers."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.contract import layout
from tests.front import Echo, Front, answering
from tests.journeys.by_hand import cookies, request, status
from tests.personas import ALICE, CHARLIE

pytestmark = pytest.mark.nginx


def test_a_swapped_socket_reaches_nobody(house: Front) -> None:
    """T1: the cell puts a link to somebody else's socket where its own should be."""
    assert status(swap(house)) == 502
    assert house.panel.seen == []


def test_without_nosymfollow_the_swapped_socket_would_reach_them(house: Front) -> None:
    """The same attack with the defence off succeeds, or the test above proves nothing."""
    house.folders = replace(house.folders, private_mounts=False)
    assert status(swap(house)) == 200
    assert house.panel.seen != []


def swap(house: Front) -> bytes:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET
    os.symlink(house.site.services.settings.site.panel_socket, path)
    return request(house, instance, cookies(house.enters(ALICE, instance), instance, house).split(";")[0])


@pytest.mark.parametrize("what", ["fifo", "file", "folder"])
def test_other_things_in_the_sockets_place_answer_502(house: Front, what: str) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET
    {"fifo": os.mkfifo, "file": Path.touch, "folder": os.mkdir}[what](path)
    assert house.enters(ALICE, instance).seen().status == 502


def test_absolute_addresses_and_dots_lead_nowhere_else(house: Front) -> None:
    """T9: nothing a client writes becomes an address that nginx connects to."""
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)
        host = f"127.0.0.1:{canary.getsockname()[1]}"
        for path in (f"http://{host}/", f"//{host}/", f"/%2e%2e/{host}", f"/..;/{host}", f"/x?u=http://{host}/"):
            request(house, instance, mine, path=path)
        request(house, instance, mine, f"X-Cell-Socket: {host}", f"X-Accel-Redirect: http://{host}/")
        with pytest.raises(TimeoutError):
            canary.accept()


def smuggling(host: str, cookie: str) -> Iterator[tuple[str, bytes]]:
    """Requests that two readers could cut in different places, each carrying a second one inside."""
    inner = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    head = f"Host: {host}\r\nCookie: {cookie}\r\nOrigin: http://{host}\r\nConnection: close\r\n".encode()
    chunked = b"0\r\n\r\n" + inner
    yield (
        "te-and-cl",
        b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunked,
    )
    yield "two-lengths", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 0\r\nContent-Length: 40\r\n\r\n" + inner
    yield "length-list", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 0, 40\r\n\r\n" + inner
    yield "plus-length", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: +5\r\n\r\n" + inner
    yield "minus-length", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: -5\r\n\r\n" + inner
    yield "hex-length", b"POST / HTTP/1.1\r\n" + head + b"Content-Length: 0x10\r\n\r\n" + inner
    yield (
        "te-space",
        b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n" + chunked,
    )
    yield "te-unknown", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: xchunked\r\n\r\n" + chunked
    yield (
        "te-twice",
        b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n" + chunked,
    )
    yield "te-tab", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding:\tchunked\r\n\r\n" + chunked
    yield "folded", b"GET / HTTP/1.1\r\n" + head + b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n" + chunked
    yield "bad-chunk", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"zz\r\n" + inner
    yield "chunk-sign", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"-1\r\n" + inner
    yield "long-chunk", b"POST / HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + b"fffffffffffffffff\r\n"
    yield "bare-lf", b"GET / HTTP/1.1\n" + head.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n"
    yield "null", b"GET / HTTP/1.1\r\n" + head + b"X-A: a\0b\r\n\r\n"
    yield "two-hosts", b"GET / HTTP/1.1\r\n" + head + b"Host: ffffffffffffffff.localhost\r\n\r\n"
    yield "space-in-name", b"GET / HTTP/1.1\r\n" + head + b"X A: b\r\n\r\n"
    yield "body-on-get", b"GET / HTTP/1.1\r\n" + head + b"Content-Length: 34\r\n\r\n" + inner[:34]
    yield "crlf-in-path", b"GET /a%0d%0aHost:%20x HTTP/1.1\r\n" + head + b"\r\n"
    yield "no-version", b"GET /\r\n\r\n"
    yield "http-2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def test_no_second_request_is_smuggled_in(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    host = f"{instance}.localhost:{house.gateway_port}"
    vectors = list(smuggling(host, mine))
    assert len(vectors) >= 20
    for name, sent in vectors:
        before = len(cell.seen)
        # A vector whose body never ends is left hanging: nginx waits longer than we need to.
        reply = house.raw(sent, patience_s=0.5)
        passed = cell.seen[before:]
        assert len(passed) <= 1, name
        assert all(each[":path"] != "/smuggled" for each in passed), name
        assert all(each["Host"] == host for each in passed), name
        assert status(reply) in (200, 400, 405, 411, 413, 421, 501, 0), name
    assert status(request(house, instance, mine)) == 200, "the cell still answers"


def test_a_second_answer_is_dropped(house: Front) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET

    def twice(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"HTTP/1.0 200 OK\r\n\r\nsecond")

    with answering(twice, path):
        client = house.enters(ALICE, instance)
        assert client.seen().text == "ok"
        assert b"second" not in request(house, instance, cookies(client, instance, house))


def test_headers_and_bodies_have_a_limit(house: Front) -> None:
    cell = Echo()
    instance = house.opens(ALICE, cell)
    mine = cookies(house.enters(ALICE, instance), instance, house)
    before = len(cell.seen)
    huge = request(house, instance, mine, *[f"X-{order}: {'a' * 4000}" for order in range(8)])
    assert status(huge) == 400
    declared = request(
        house, instance, mine, f"Origin: {house.origin(instance)}", "Content-Length: 3000000", method="POST"
    )
    assert status(declared) == 413
    assert len(cell.seen) == before


def test_a_cell_with_endless_headers_gets_502(house: Front) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET

    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.0 200 OK\r\nX-A: ")
        while True:
            connection.sendall(b"a" * 65536)

    with answering(endless, path):
        assert house.enters(ALICE, instance).seen().status == 502


@pytest.mark.slow
def test_a_silent_cell_costs_ten_seconds_and_its_neighbour_nothing(house: Front) -> None:
    silent, neighbour = house.opens(ALICE), house.opens(CHARLIE, Echo())
    path = house.folders.run_folder(house.site.cell_of(silent)) / layout.HTTP_SOCKET
    other = house.enters(CHARLIE, neighbour)

    def wait(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with answering(wait, path):
        assert house.enters(ALICE, silent).seen().status == 504
        assert other.get(house.origin(neighbour)).status == 200


def test_a_person_cannot_hold_all_connections_of_an_instance(house: Front) -> None:
    instance = house.opens(ALICE)
    path = house.folders.run_folder(house.site.cell_of(instance)) / layout.HTTP_SOCKET
    arrived = threading.Semaphore(0)

    def hold(connection: socket.socket) -> None:
        arrived.release()
        while connection.recv(65536):
            pass

    host = f"Host: {instance}.localhost:{house.gateway_port}\r\n"
    entering = f"GET /_enter?ticket={house.site.ticket(ALICE, instance)} HTTP/1.1\r\n{host}Connection: close\r\n\r\n"
    cookie = house.raw(entering.encode()).split(b"Set-Cookie: ")[1].split(b";")[0].decode()
    with answering(hold, path), ExitStack() as held:
        for _ in range(12):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", house.gateway_port)))
            connection.sendall(f"GET / HTTP/1.1\r\n{host}Cookie: {cookie}\r\n\r\n".encode())
        assert all(arrived.acquire(timeout=20) for _ in range(12))
        assert status(request(house, instance, cookie)) == 503
