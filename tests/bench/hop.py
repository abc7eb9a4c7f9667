"""What the way in costs: nginx, which asks the gateway about every request, beside the cell's socket itself."""

from __future__ import annotations

import os
import select
import signal
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.contract import layout
from tests.bench.stage import BenchError, Stage
from tests.bench.table import Bound, Row, milliseconds

PAGE = b"x" * 1024
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n" + PAGE
CONNECTIONS = 10
SECONDS = 6.0
TURNS = 3
RATE, SPARSE_S = 100.0, 4.0
"""Requests a second and for how long where only the way is timed: nobody waits for anybody else."""

Dial = Callable[[], socket.socket]


def hop(stage: Stage, rounds: int = TURNS, seconds: float = SECONDS) -> tuple[Row]:
    """Requests a second over ten connections, and the time that nginx and the ticket check add to a single one."""
    through, sparse, sparse_direct = [], [], []
    rates, direct_rates = [], []
    with stage.serving(1):
        person = stage.visitors(1)[0]
        visit = person.launch()
        if visit.inside is None:
            raise BenchError(visit.failure)
        with stage.services.database.reading() as stores:
            cell = next(one.cell for one in stores.instances.live() if one.id == visit.instance)
        path = stage.services.settings.site.run / str(cell) / layout.HTTP_SOCKET
        port = stage.services.settings.gateway.port
        host = f"{visit.instance}.localhost:{port}"
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies[host].items())
        asking = f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode()
        with _standing_in(path):
            for _ in range(rounds):
                direct = _drive(lambda: _unix(path), asking, connections=CONNECTIONS, seconds=seconds / 2)
                direct_rates.append(len(direct) / (seconds / 2))
                times = _drive(lambda: _inet(port), asking, connections=CONNECTIONS, seconds=seconds)
                rates.append(len(times) / seconds)
                through += times
                sparse += _sparse(lambda: _inet(port), asking)
                sparse_direct += _sparse(lambda: _unix(path), asking)
    added = (statistics.median(sparse) - statistics.median(sparse_direct)) * 1000
    row = Row(
        key="hop",
        title="nginx hop with ticket check, 1 KB page",
        measured=(
            milliseconds(f"through nginx, {CONNECTIONS} connections without a pause", through),
            milliseconds(f"through nginx, {RATE:.0f} requests a second", sparse),
            milliseconds(f"the socket itself, {RATE:.0f} requests a second", sparse_direct),
        ),
        aims=(
            Bound(words="≥ 2,000 requests a second", value=statistics.median(rates), limit=2000, least=True),
            Bound(words="adds ≤ 1 ms (p50)", value=added, limit=1.0),
        ),
        notes=(
            f"the socket itself carries {statistics.median(direct_rates):.0f} requests a second",
            "behind both stands one small server in the place of the hospital, which has half a core",
        ),
    )
    return (row,)


@contextmanager
def _standing_in(path: Path) -> Iterator[None]:
    """Answer at the cell's socket in the hospital's place, as a process of its own."""
    was = path.stat()
    path.unlink()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    os.chown(path, was.st_uid, was.st_gid)
    path.chmod(was.st_mode & 0o777)
    listener.listen(256)
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            _serve(listener)
        finally:
            # Never back into the bench: its own end would take the whole stage away.
            os._exit(1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        listener.close()


def _serve(listener: socket.socket) -> None:
    """Answer every request with the page until killed."""
    listener.setblocking(False)
    poll, open_ones = select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                connection, _ = listener.accept()
                open_ones[connection.fileno()] = connection
                poll.register(connection, select.EPOLLIN)
                continue
            connection = open_ones[number]
            try:
                asked = connection.recv(8192)
                if asked:
                    connection.sendall(REPLY)
            except ConnectionError:
                asked = b""
            # As the hospital does: who asks for HTTP/1.0 gets one answer.
            if not asked or b"HTTP/1.0" in asked:
                poll.unregister(number)
                open_ones.pop(number).close()


def _drive(dial: Dial, asking: bytes, *, connections: int, seconds: float) -> list[float]:
    """Ask over so many connections as fast as answers come; return the seconds of each answer."""
    poll, lines = select.epoll(), {}
    asked: dict[int, float] = {}
    came: dict[int, bytes] = {}

    def ask_anew() -> None:
        line = dial()
        number = line.fileno()
        lines[number], asked[number], came[number] = line, time.perf_counter(), b""
        poll.register(line, select.EPOLLIN)
        line.sendall(asking)

    end, times = time.perf_counter() + seconds, []
    for _ in range(connections):
        ask_anew()
    while (now := time.perf_counter()) < end:
        for number, _ in poll.poll(0.1):
            more = _more(lines[number])
            if not more:
                poll.unregister(number)
                lines.pop(number).close()
                del asked[number]
                ask_anew()
                continue
            came[number] += more
            if _is_whole(came[number]):
                now = time.perf_counter()
                times.append(now - asked[number])
                came[number], asked[number] = b"", now
                lines[number].sendall(asking)
    for line in lines.values():
        line.close()
    poll.close()
    if now - max(asked.values()) > seconds / 2 or not times:
        raise BenchError("no answers")
    return times


def _sparse(dial: Dial, asking: bytes) -> list[float]:
    """Ask now and then over one connection."""
    times = []
    with dial() as line:
        for _ in range(int(RATE * SPARSE_S)):
            begun, came = time.perf_counter(), b""
            line.sendall(asking)
            while not _is_whole(came):
                came += _read(line)
            times.append(time.perf_counter() - begun)
            time.sleep(max(0.0, 1 / RATE - times[-1]))
    return times


def _more(line: socket.socket) -> bytes:
    """Return what came; nothing once the line is closed, as nginx does after the thousandth request."""
    try:
        return line.recv(16384)
    except ConnectionResetError:
        return b""


def _read(line: socket.socket) -> bytes:
    more = line.recv(16384)
    if not more:
        raise BenchError("the connection was closed")
    return more


def _is_whole(came: bytes) -> bool:
    head, found, body = came.partition(b"\r\n\r\n")
    if found and b" 200 " not in head[:16]:
        raise BenchError(f"refused: {head[:200]!r}")
    return len(body) >= len(PAGE)


def _unix(path: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(10)
    line.connect(str(path))
    return line


def _inet(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line
