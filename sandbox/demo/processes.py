"""The demo's supervisor: starts the four processes of a site, waits until each answers, ends them again.

A real site's service manager does this; the processes are the same.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.config import SETTINGS_FILE_VARIABLE
from sandbox.demo.site import CHECKOUT, SETTINGS, STATE


class ProcessEndedError(Exception):
    """A process of the site ended or never answered; carries the end of its log."""


@dataclass
class Child:
    """One process with its log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def tail(self) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


@dataclass
class Supervisor:
    """Starts children in order and ends them in reverse."""

    children: list[Child] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], *, account: str | None = None) -> Child:
        """Start a child in a process group of its own, logging to state/logs; its streams never hold ours open."""
        log = STATE / "logs" / f"{name}.log"
        # Not for the group to write: a panel that was taken over must not write the worker's log.
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640), "ab") as stream:
            process = subprocess.Popen(
                [*_bound(account), *command],
                cwd=CHECKOUT,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def wait_for(self, child: Child, answers: Callable[[], bool], *, patience_s: float = 20.0) -> None:
        """Return as soon as the child answers. Raises ProcessEndedError if it ends or stays silent."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            if answers():
                return
            if child.process.poll() is not None:
                raise ProcessEndedError(f"{child.name} ended:\n{child.tail()}")
            time.sleep(0.02)
        raise ProcessEndedError(f"{child.name} does not answer after {patience_s:.0f} s:\n{child.tail()}")

    def check(self) -> None:
        """Raise ProcessEndedError if any child has ended."""
        for child in self.children:
            if child.process.poll() is not None:
                raise ProcessEndedError(f"{child.name} ended:\n{child.tail()}")

    def stop(self) -> None:
        """End all children, newest first; those that do not leave within 10 s are killed."""
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        end = time.monotonic() + 10
        for child in reversed(self.children):
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self.children.clear()


def _bound(account: str | None) -> list[str]:
    """Return what a command is run by: it ends with us, however we end, and has its account's rights alone."""
    bound = ["setpriv", "--pdeathsig=TERM"]
    if account is not None:
        bound += [f"--reuid={account}", "--regid=his-data", "--clear-groups"]
    return [*bound, "--"]


def _environment() -> Mapping[str, str]:
    named = ("PATH", "LANG", "LC_ALL", "TZ")
    # A setting given for one run of the demonstration reaches its processes too.
    kept = {name: value for name, value in os.environ.items() if name in named or name.startswith("HIS_SANDBOX_")}
    return {
        **kept,
        SETTINGS_FILE_VARIABLE: str(SETTINGS),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(CHECKOUT),
    }


def gunicorn(name: str, application: str, socket: Path, *, threads: int) -> list[str]:
    """Return the command that serves a WSGI factory on a unix socket: one process, so that limits are right."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        f"--name={name}",
        "--logger-class=sandbox.adapters.gunicorn_logs.Lines",
        "--worker-class=gthread",
        "--workers=1",
        f"--threads={threads}",
        "--no-control-socket",
        "--umask=007",
        f"--bind=unix:{socket}",
        "--keep-alive=30",
        "--graceful-timeout=3",
        application,
    ]
