"""What an engine does wrong is told as one of our errors, and told truly: refused, absent, or perhaps done."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.adapters.drivers.engine import Engine, EngineRefusedError
from sandbox.errors import (
    DiskFullError,
    EngineUnavailableError,
    ImageMissingError,
    OutcomeUnknownError,
    PermanentError,
    TemporaryError,
)
from sandbox.provisioning.model import CellId, CellSpec, SeenCell
from tests import engines

Reply = Callable[[socket.socket], None]
TIMEOUT_S = 0.5


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="his-") as name:
        yield Path(name)


def says(status: str, body: object) -> Reply:
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + text)


def hangs(connection: socket.socket) -> None:
    connection.recv(1)


def drops(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def breaks_off(connection: socket.socket) -> None:
    """Die in the middle of an answer."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n[{")
    connection.shutdown(socket.SHUT_RDWR)


def babbles(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[{")


@contextmanager
def engine(folder: Path, reply: Reply, *, api: str = "1.41") -> Iterator[Engine]:
    """Have an engine that knows its version and answers everything else as told."""
    path = folder / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        server = threading.Thread(target=_serve, args=(listener, reply, api))
        server.start()
        made = Engine(f"unix://{path}", timeout_s=TIMEOUT_S)
        try:
            yield made
        finally:
            made.close()
            listener.shutdown(socket.SHUT_RDWR)
            server.join()


def _serve(listener: socket.socket, reply: Reply, api: str) -> None:
    connections = []
    with suppress(OSError):
        while True:
            connection, _address = listener.accept()
            thread = threading.Thread(target=_converse, args=(connection, reply, api))
            thread.start()
            connections.append((connection, thread))
    for connection, thread in connections:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        thread.join()


def _converse(connection: socket.socket, reply: Reply, api: str) -> None:
    with connection, suppress(OSError), connection.makefile("rb") as requests:
        while line := _read(requests):
            if b"/version" in line:
                says("200 OK", {"ApiVersion": api})(connection)
            else:
                reply(connection)


def _read(requests: BinaryIO) -> bytes:
    """Read one request whole, in however many pieces it comes; return its first line, none at the end."""
    line = requests.readline()
    head = http.client.parse_headers(requests) if line else {}
    requests.read(int(head.get("Content-Length", "0")))
    return line


def driver(of: Engine, folder: Path) -> DockerDriver:
    with engines.short_folders() as folders:
        return DockerDriver(site=secrets.token_hex(4), folders=folders, engine=of)


SPEC = CellSpec(cell=CellId("0123456789ab"), uid=engines.FIRST_UID, image="sha256:" + "a" * 64, fence=1)
SEEN = SeenCell(cell=SPEC.cell, engine_id="e" * 64, running=True, spec_label="", folders=True)


def test_no_engine_is_unavailable(folder: Path) -> None:
    gone = Engine(f"unix://{folder}/engine.sock", timeout_s=TIMEOUT_S)
    with pytest.raises(EngineUnavailableError):
        driver(gone, folder).observe()


def test_an_engine_that_went_away_is_unavailable(folder: Path) -> None:
    with engine(folder, says("200 OK", [])) as made:
        cells = driver(made, folder)
        assert cells.observe() == []
        made.close()
    with pytest.raises(EngineUnavailableError):
        cells.observe()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (says("500 Oh", {"message": "write /x: no space left on device"}), DiskFullError),
        (says("500 Oh", {"message": "OCI runtime create failed"}), EngineUnavailableError),
        (says("400 Bad", {"message": "invalid mount"}), EngineRefusedError),
        (hangs, OutcomeUnknownError),
        (drops, OutcomeUnknownError),
        (breaks_off, OutcomeUnknownError),
        (babbles, OutcomeUnknownError),
    ],
)
def test_each_answer_has_its_error(folder: Path, reply: Reply, error: type[Exception]) -> None:
    with engine(folder, reply) as made, pytest.raises(error):
        driver(made, folder).observe()


def test_what_may_have_happened_is_temporary_and_what_cannot_is_not() -> None:
    assert issubclass(OutcomeUnknownError, TemporaryError)
    assert issubclass(EngineRefusedError, PermanentError)


def test_an_old_engine_is_refused(folder: Path) -> None:
    with engine(folder, says("200 OK", []), api="1.40") as made, pytest.raises(EngineRefusedError, match=r"1\.41"):
        driver(made, folder).observe()


def test_a_missing_image_is_named(folder: Path) -> None:
    reply = says("404 Not Found", {"message": f"No such image: {SPEC.image}"})
    with engine(folder, reply) as made, engines.short_folders() as folders:
        cells = DockerDriver(site="cafe0001", folders=folders, engine=made)
        with pytest.raises(ImageMissingError, match="sha256:aaaa"):
            cells.ensure(SPEC)


def test_a_removal_under_way_is_not_taken_for_done(folder: Path) -> None:
    reply = says("409 Conflict", {"message": "removal of container is already in progress"})
    with engine(folder, reply) as made, pytest.raises(OutcomeUnknownError):
        driver(made, folder).remove(SEEN)


def test_a_name_that_is_kept_for_a_container_still_in_the_making_is_asked_for_again(folder: Path) -> None:
    """As an engine answers that was hung when the container was asked for, and goes on."""
    replies = iter(
        (
            says("409 Conflict", {"message": "The container name is already in use"}),
            says("404 Not Found", {"message": "No such container"}),
        )
    )

    def in_turn(connection: socket.socket) -> None:
        next(replies)(connection)

    with engine(folder, in_turn) as made, engines.short_folders() as folders:
        cells = DockerDriver(site="cafe0001", folders=folders, engine=made)
        with pytest.raises(OutcomeUnknownError):
            cells.ensure(SPEC)


def test_each_thread_has_a_client_of_its_own(folder: Path) -> None:
    seen: list[object] = []

    def look() -> None:
        with made.call() as client:
            seen.append(client)

    with engine(folder, says("200 OK", [])) as made:
        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        look()
        look()
    assert len({id(client) for client in seen}) == 4
