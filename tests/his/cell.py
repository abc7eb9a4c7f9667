"""A cell without a container: its folders, its process, its two sockets."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sandbox.contract import CONTRACT_HEADER, CONTRACT_VERSION, codec, layout
from sandbox.contract.control import Arm
from sandbox.contract.journal import Row

ROOT = Path(__file__).parents[2]
CODE = f"{ROOT}:{ROOT / 'images/his'}"
START_S = 20.0


def code_for_strangers(folder: Path) -> str:
    """Copy what the image holds to where any uid can read it, and return it as a path for Python.

    A checkout in root's home cannot be read by the account that a cell runs as.
    """
    shutil.copytree(ROOT / "images/his/his", folder / "his")
    shutil.copytree(ROOT / "sandbox/contract", folder / "sandbox/contract")
    shutil.copyfile(ROOT / "sandbox/__init__.py", folder / "sandbox/__init__.py")
    for name in ("flask", "werkzeug", "jinja2", "markupsafe", "click", "itsdangerous", "blinker", "waitress"):
        found = importlib.util.find_spec(name)
        assert found is not None
        assert found.origin is not None
        shutil.copytree(Path(found.origin).parent, folder / name)
    return str(folder)


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        try:
            self.sock.connect(str(self._path))
        except OSError:
            self.sock.close()
            raise


class Cell:
    """One cell's folders, and its process while it runs."""

    def __init__(self, folder: Path, command: tuple[str, ...] = (), code: str = CODE) -> None:
        self.run, self.data = folder / "r", folder / "d"
        self._command, self._code = command, code
        self._process: subprocess.Popen[str] | None = None
        for each in (self.run, self.data, self.run / layout.HTTP_FOLDER, self.run / layout.CONTROL_FOLDER):
            each.mkdir(exist_ok=True, parents=True)
        for name in layout.DATABASE_FILES:
            (self.data / name).touch()

    def place(self, golden: Path) -> None:
        """Copy the dataset into the file that is there, as the worker does."""
        shutil.copyfile(golden, self.data / layout.DATABASE)

    def start(self) -> None:
        """Start the process and wait until the control socket answers."""
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": self._code,
            layout.RUN_VARIABLE: str(self.run),
            layout.DATA_VARIABLE: str(self.data),
        }
        # A killed cell leaves its sockets behind; only a new inode shows that the new process listens.
        for name in (layout.HTTP_SOCKET, layout.CONTROL_SOCKET):
            (self.run / name).unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [*(self._command or (sys.executable,)), "-m", "his", "serve"],
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if (self.run / layout.CONTROL_SOCKET).exists() and (self.run / layout.HTTP_SOCKET).exists():
                try:
                    self.ask("GET", "/health")
                except ConnectionRefusedError:
                    continue
                return
            assert self._process.poll() is None, self._process.stdout and self._process.stdout.read()
        raise TimeoutError("the cell did not start")

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()
        self._process = None

    def terminate(self) -> tuple[int, float, str]:
        """Ask the process to end; return exit status, seconds it took, and what it logged."""
        assert self._process is not None
        begun = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        logged, _ = self._process.communicate(timeout=10)
        status, self._process = self._process.returncode, None
        return status, time.monotonic() - begun, logged

    def wait(self) -> int:
        """Wait for the process to end by itself."""
        assert self._process is not None
        self._process.communicate(timeout=10)
        status, self._process = self._process.returncode, None
        return status

    def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None:
            self.kill()

    def ask(self, method: str, path: str, body: object = None, *, contract: str | None = None) -> tuple[int, Any]:
        """Send a control command; return status and decoded reply."""
        sent = None if body is None else json.dumps(body).encode()
        with closing(Connection(self.run / layout.CONTROL_SOCKET)) as connection:
            connection.request(method, path, sent, {CONTRACT_HEADER: contract or str(CONTRACT_VERSION)})
            reply = connection.getresponse()
            assert reply.getheader(CONTRACT_HEADER) == str(CONTRACT_VERSION)
            return reply.status, json.loads(reply.read())

    def arm(self, command: Arm) -> tuple[int, Any]:
        """Send the arm command."""
        return self.ask("POST", "/arm", codec.to_json(command))

    def journal(self) -> tuple[Row, ...]:
        """Return the whole journal."""
        rows: list[Row] = []
        while True:
            _, page = self.ask("GET", f"/journal?after={len(rows)}&limit=50")
            rows += [codec.from_json(Row, each) for each in page["rows"]]
            if len(rows) >= page["head"]["seq"]:
                return tuple(rows)

    def browse(self, method: str, path: str, form: str = "", cookie: str = "") -> http.client.HTTPResponse:
        """Send a trainee's request; the body is read already."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        with closing(Connection(self.run / layout.HTTP_SOCKET)) as connection:
            connection.request(method, path, form or None, headers)
            reply = connection.getresponse()
            reply.text = reply.read().decode()  # type: ignore[attr-defined]
            return reply
