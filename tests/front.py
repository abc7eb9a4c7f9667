"""A real nginx before the real gateway, an echoing panel, and cells that do what a test wants. Needs root."""

from __future__ import annotations

import grp
import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from sandbox.adapters import nginx
from sandbox.adapters.drivers.folders import Folders
from sandbox.contract import layout
from sandbox.people.model import Person
from sandbox.provisioning.model import CellId, InstanceId
from sandbox.robot.client import Client
from tests.gateway_site import GatewaySite
from web.gateway import create_gateway

NGINX = "/usr/sbin/nginx"
READERS = "www-data"
CELL_UID = 1_000_007
TIMEOUT_S = 30.0

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Echo:
    """A WSGI application that answers with the headers it saw and remembers every request."""

    seen: list[dict[str, str]] = field(default_factory=list)
    reply_headers: list[tuple[str, str]] = field(default_factory=list)
    html: str = ""
    """What to answer with instead of the request's own headers."""

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        request = {
            name.removeprefix("HTTP_").replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
        }
        request |= {
            ":method": environ["REQUEST_METHOD"],
            ":path": environ["PATH_INFO"],
            ":query": environ["QUERY_STRING"],
            ":body": body.decode("latin-1"),
        }
        self.seen.append(request)
        kind = "text/html; charset=utf-8" if self.html else "application/json"
        start("200 OK", [("Content-Type", kind), *self.reply_headers])
        return [self.html.encode() if self.html else json.dumps(request).encode()]


@dataclass
class Front:
    """Everything between a browser and a cell, and the deeds of the tests."""

    site: GatewaySite
    folders: Folders
    panel: Echo
    stack: ExitStack

    @property
    def gateway_port(self) -> int:
        return self.site.services.settings.gateway.port

    def origin(self, instance: str) -> str:
        """Return the origin of an instance."""
        return f"http://{instance}.localhost:{self.gateway_port}"

    def opens(self, person: Person, app: Wsgi | None = None) -> InstanceId:
        """Open an instance for a logged-in person; its cell serves `app`, if there is one."""
        self.site.logs_in(person)
        instance = self.site.opens(person)
        self.furnish(self.site.cell_of(instance), app)
        return instance

    def furnish(self, cell: CellId, app: Wsgi | None) -> Path:
        """Make the folders of a cell as the driver does and listen there; return the socket's path."""
        self.folders.make(cell, CELL_UID)
        self.stack.callback(self.folders.remove, cell)
        path = self.folders.run_folder(cell) / layout.HTTP_SOCKET
        if app is not None:
            self.stack.enter_context(serving(app, path))
        return path

    def enters(self, person: Person, instance: InstanceId) -> Client:
        """Return a browser that came in with a ticket and stands on the first page."""
        client = Client()
        client.get(f"{self.origin(instance)}/_enter?ticket={self.site.ticket(person, instance)}")
        return client

    def raw(self, sent: bytes, *, port: int | None = None, patience_s: float = TIMEOUT_S) -> bytes:
        """Send bytes as they are and return what comes back until the other end closes or says no more."""
        came = b""
        with socket.create_connection(("127.0.0.1", port or self.gateway_port), timeout=patience_s) as connection:
            connection.sendall(sent)
            with suppress(TimeoutError, ConnectionResetError):
                while more := connection.recv(65536):
                    came += more
        return came


@contextmanager
def serving(app: Wsgi, path: Path) -> Iterator[None]:
    """Serve a WSGI application on a unix socket that nginx's group may reach."""
    sockets: dict[int, Any] = {}
    server = create_server(
        app, map=sockets, unix_socket=str(path), unix_socket_perms="660", threads=4, clear_untrusted_proxy_headers=False
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        # Only the loop's own thread may close what the loop waits for; with nothing left it ends. A loop that was
        # awake anyway has done so before the byte that should wake it is written: its trigger is closed then.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
        thread.join(timeout=TIMEOUT_S)
        server.task_dispatcher.shutdown()


@contextmanager
def answering(reply: Callable[[socket.socket], None], path: Path) -> Iterator[None]:
    """Listen on a unix socket and let `reply` do what it likes with each connection."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o660)
        listener.listen(16)
        thread = threading.Thread(target=_accept_all, args=(listener, reply), daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=TIMEOUT_S)


def _accept_all(listener: socket.socket, reply: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, reply), daemon=True).start()


def _answer(connection: socket.socket, reply: Callable[[socket.socket], None]) -> None:
    with connection:
        try:
            reply(connection)
        except OSError:
            # The other end has had enough: that is what the hostile replies are for.
            return


@contextmanager
def front(site: GatewaySite) -> Iterator[Front]:
    """Start panel, gateway and nginx of a site; stop them, and unmount what cells left."""
    settings = site.services.settings
    readers = grp.getgrnam(READERS).gr_gid
    panel = Echo()
    with ExitStack() as stack:
        for path in (settings.site.panel_socket, settings.site.gateway_socket):
            path.parent.mkdir(parents=True)
            os.chown(path.parent, 0, readers)
            path.parent.chmod(0o2750)
        stack.enter_context(serving(panel, settings.site.panel_socket))
        stack.enter_context(serving(create_gateway(site.services), settings.site.gateway_socket))
        folder = settings.site.nginx_folder
        folder.mkdir()
        (folder / "nginx.conf").write_text(nginx.render(settings), encoding="utf-8")
        stack.enter_context(running_nginx(folder))
        folders = Folders(run_root=settings.site.run, data_root=settings.site.state / "cells", readers_gid=readers)
        yield Front(site=site, folders=folders, panel=panel, stack=stack)


@contextmanager
def running_nginx(folder: Path) -> Iterator[None]:
    """Run nginx as a daemon: its start returns once it listens, so that nobody has to poll."""
    with (folder / "said.txt").open("w") as said:
        # Into a file: a daemon that inherits a pipe keeps its reader waiting for ever.
        started = subprocess.run(
            [NGINX, "-c", str(folder / "nginx.conf")],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            check=False,
        )
    assert started.returncode == 0, (folder / "said.txt").read_text()
    pid = int((folder / "nginx.pid").read_text())
    descriptor = os.pidfd_open(pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGTERM)
        select.select([descriptor], [], [], TIMEOUT_S)
        os.close(descriptor)
