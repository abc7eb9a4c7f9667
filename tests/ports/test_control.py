"""What comes back from a cell is hostile: whatever it sends, the worker gets a contract type or one of our errors."""

from __future__ import annotations

import json
import random
import socket
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sandbox.adapters.control_http import HttpControlChannel
from sandbox.contract import CONTRACT_HEADER, CONTRACT_VERSION, codec
from sandbox.contract.control import MAX_REPLY_BYTES, Head, Health
from sandbox.errors import ContractMismatchError, ControlUnreachableError, SandboxError, WrongStateError
from sandbox.provisioning.model import Endpoint
from tests import engines

Answer = Callable[[socket.socket], None]

HEALTH = Health(
    contract=CONTRACT_VERSION,
    condition="armed",
    instance="0123456789abcdef",
    epoch=1,
    hospital_time="2025-03-03T08:00:00",
    working_ms=10,
    idle_ms=5,
    head=Head(seq=1, hash="ab"),
)
GOOD = json.dumps(codec.to_json(HEALTH)).encode()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="his-") as name:
        yield Path(name)


@contextmanager
def cell(folder: Path, answer: Answer) -> Iterator[Endpoint]:
    """Have somebody listen as a cell does, and answer each request as told."""
    path = folder / "control.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        server = threading.Thread(target=_serve, args=(listener, answer))
        server.start()
        try:
            yield Endpoint(http_socket=path, control_socket=path, uid=path.stat().st_uid)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join()
            path.unlink()


def _serve(listener: socket.socket, answer: Answer) -> None:
    with suppress(OSError):
        while True:
            connection, _address = listener.accept()
            with connection, suppress(OSError):
                connection.recv(1 << 16)
                answer(connection)


def reply(body: bytes, *, status: str = "200 OK", version: str = str(CONTRACT_VERSION), more: str = "") -> Answer:
    head = f"HTTP/1.1 {status}\r\n{CONTRACT_HEADER}: {version}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode()
    return lambda connection: connection.sendall(head + body)


def test_a_real_cell_says_how_it_is() -> None:
    with engines.process_driver() as driver:
        spec = engines.spec(driver)
        driver.ensure(spec)
        driver.start(spec.cell)
        health = engines.answering(driver, spec.cell)
    assert health.contract == CONTRACT_VERSION
    assert health.condition == "ready"
    assert health.head == Head(seq=0, hash="")


def test_a_good_reply_becomes_a_value(folder: Path) -> None:
    with cell(folder, reply(GOOD)) as at:
        assert engines.control.health(at) == HEALTH


def test_nobody_there_is_unreachable(folder: Path) -> None:
    at = Endpoint(http_socket=folder / "x", control_socket=folder / "control.sock", uid=0)
    with pytest.raises(ControlUnreachableError):
        engines.control.health(at)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(b"{}", status="409 Conflict"), ContractMismatchError),
        (
            reply(b'{"error":{"code":"already_armed","message":"m"}}', status="409 Conflict"),
            WrongStateError,
        ),
        (
            reply(b'{"error":{"code":"contract_mismatch","message":"m"}}', status="400 Bad Request"),
            ContractMismatchError,
        ),
        (reply(b'{"error":{"code":"x","message":"m"}}', status="500 Oh"), ControlUnreachableError),
        # What a cell's server says by itself when its code fails, for instance on a full disk.
        (reply(b"Internal Server Error", status="500 Internal Server Error", version=""), ControlUnreachableError),
        (reply(GOOD, version="99"), ContractMismatchError),
        (reply(GOOD, version="1 2"), ContractMismatchError),
        (reply(GOOD, version="٣"), ContractMismatchError),
        (reply(GOOD, version=""), ContractMismatchError),
        (reply(b"[" * 100_000), ContractMismatchError),
        (reply(b"\xff\xfe"), ContractMismatchError),
        (reply(GOOD.replace(b"10", b"10.0")), ContractMismatchError),
        (reply(GOOD.replace(b"10", b"NaN")), ContractMismatchError),
        (reply(GOOD.replace(b"10", b"1" * 5000)), ContractMismatchError),
        (reply(GOOD.replace(b'"ab"', b'"\\uD800"')), ContractMismatchError),
        (reply(GOOD.replace(b'"head"', b'"tail"')), ContractMismatchError),
        (reply(GOOD.replace(b'"armed"', b'"asleep"')), ContractMismatchError),
        (reply(b"x" * (MAX_REPLY_BYTES + 1)), ContractMismatchError),
        (lambda connection: connection.sendall(b"nonsense\r\n\r\n"), ControlUnreachableError),
        (lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200), ControlUnreachableError),
        (lambda connection: connection.sendall(b"x" * 200_000), ControlUnreachableError),
        (lambda connection: None, ControlUnreachableError),
    ],
)
def test_a_strange_reply_is_an_error_of_ours(folder: Path, answer: Answer, error: type[SandboxError]) -> None:
    with cell(folder, answer) as at, pytest.raises(error):
        engines.control.health(at)


def test_a_cells_words_are_cut_before_they_reach_the_log(folder: Path) -> None:
    body = json.dumps({"error": {"code": "x\r\n\x1b[0m", "message": "m" * 10_000 + "\n"}}).encode()
    with cell(folder, reply(body, status="409 Conflict")) as at, pytest.raises(WrongStateError) as refused:
        engines.control.seal(at)
    assert len(str(refused.value)) < 300
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_a_cell_that_trickles_is_given_up_in_time(folder: Path, first: bytes) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.sendall(first)
        pause = threading.Event()
        while not pause.wait(0.05):
            connection.sendall(b"a")

    with cell(folder, trickle) as at:
        begun = time.monotonic()
        with pytest.raises(ControlUnreachableError):
            engines.control.health(at)
        assert time.monotonic() - begun < 3


def test_endless_interim_answers_are_given_up_in_time(folder: Path) -> None:
    def interim(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    with cell(folder, interim) as at, pytest.raises(ControlUnreachableError):
        engines.control.health(at)


def test_an_older_cell_may_be_archived_but_not_armed(folder: Path) -> None:
    older = str(CONTRACT_VERSION - 1)
    with cell(folder, reply(GOOD, version=older)) as at:
        assert engines.control.health(at) == HEALTH
        assert engines.control.state_bytes(at) == GOOD


def test_a_thousand_mangled_replies_do_no_harm(folder: Path) -> None:
    """Source: trust.md T43."""
    whole = b"HTTP/1.1 200 OK\r\n" + f"{CONTRACT_HEADER}: {CONTRACT_VERSION}\r\n".encode() + b"\r\n" + GOOD
    dice = random.Random(7)

    def mangled(connection: socket.socket) -> None:
        sent = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            sent[dice.randrange(len(sent))] = dice.randrange(256)
        connection.sendall(sent[: dice.randrange(len(sent))] if dice.random() < 0.3 else sent)

    seen = HttpControlChannel(monotonic=time.monotonic)
    tracemalloc.start()
    with cell(folder, mangled) as at:
        for _ in range(1000):
            with suppress(SandboxError):
                seen.health(at)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20
