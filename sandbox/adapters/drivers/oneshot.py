"""The image as a program: reads stdin, writes a file or stdout, ends. For golden datasets and self-tests."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import docker.errors

from sandbox.adapters.drivers import profile
from sandbox.adapters.drivers.engine import Engine
from sandbox.adapters.drivers.process import hospital_environment
from sandbox.contract import baseline, layout
from sandbox.errors import DatasetCorruptError, ImageMissingError, PermanentError

PATIENCE_S = 300.0
WORDS_KEPT = 2000
"""Characters of a failed program's last words that enter our log."""


class OneShotFailedError(PermanentError):
    """The image's program ended with an error; its last words are in the detail."""

    code = "SBX-410"
    zh = "镜像程序 {program} 执行失败。"
    en = "The image's program {program} failed."


class Program(Protocol):
    """Runs one command of the image, the path of its database last, and returns what it printed.

    The database lies in `folder`, which the program may write.
    """

    def run(self, image: str, command: Sequence[str], given: Iterable[bytes], folder: Path) -> bytes: ...

    def discard(self, folder: Path) -> None:
        """Remove what a run that was killed left outside its folder; nothing is success."""
        ...


@dataclass(frozen=True, kw_only=True)
class ImageOneShot:
    """Fulfils provisioning.ports.OneShot with either kind of program."""

    program: Program
    scratch: Path
    """Where each run gets a folder of its own, removed afterwards."""

    def seed(self, image: str, records: Iterable[bytes], into: Path) -> str:
        """Build the dataset beside its final place, then move it there: a half-built one never has its name."""
        lines = (line if line.endswith(b"\n") else line + b"\n" for line in records)
        with self._folder() as folder:
            digest = self.program.run(image, ["seed", "--into"], lines, folder).decode("ascii", "replace").strip()
            descriptor = os.open(folder / layout.DATABASE, os.O_RDONLY | os.O_NOFOLLOW)
            fresh = into.with_name(f"{into.name}.{os.getpid()}")
            try:
                with fresh.open("wb") as target:
                    left = os.fstat(descriptor).st_size
                    while left > 0:
                        left -= os.sendfile(target.fileno(), descriptor, None, left)
                    os.fsync(target.fileno())
                fresh.replace(into)
            finally:
                os.close(descriptor)
                # On a full disk above all, the half of a dataset must not stay.
                fresh.unlink(missing_ok=True)
        return digest

    def baseline(self, golden: Path) -> bytes:
        # Immutable: the file may lie in a read-only folder, where SQLite could not make its -shm.
        try:
            with closing(sqlite3.connect(f"file:{golden}?mode=ro&immutable=1", uri=True)) as connection:
                return baseline.read(connection)
        except sqlite3.Error as broken:
            raise DatasetCorruptError(f"{golden.name}: {broken}") from broken

    def replay(self, image: str, golden: Path, script: bytes) -> bytes:
        with self._folder() as folder:
            shutil.copyfile(golden, folder / layout.DATABASE)
            return self.program.run(image, ["replay", "--golden"], [script], folder)

    def sweep(self) -> None:
        """Remove what runs left whose process was killed: folders that nobody holds any more, and their containers."""
        self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _held(self.scratch, wait=True):
            self._sweep()

    def _sweep(self) -> None:
        for folder in self.scratch.iterdir():
            with suppress(BlockingIOError), _held(folder):
                self.program.discard(folder)
                shutil.rmtree(folder)

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = self.scratch / secrets.token_hex(6)
        with ExitStack() as holding:
            # Between making a folder and holding it nobody else may sweep.
            with _held(self.scratch, wait=True):
                self._sweep()
                folder.mkdir(mode=0o700)
                holding.enter_context(_held(folder))
            try:
                yield folder
            finally:
                shutil.rmtree(folder)


@contextmanager
def _held(folder: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a folder: the kernel lets go of it with the process. Raises BlockingIOError if somebody else has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Say whether a run works in this folder."""
    try:
        with _held(folder):
            return False
    except BlockingIOError:
        return True
    except (FileNotFoundError, NotADirectoryError):
        return False


class ProcessProgram:
    """Runs the hospital of a checkout with this interpreter. Isolates nothing."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def run(self, image: str, command: Sequence[str], given: Iterable[bytes], folder: Path) -> bytes:
        if not (self._root / "images/his/his/__main__.py").is_file():
            raise ImageMissingError(f"no hospital below {self._root}", image=image)
        environment = hospital_environment(self._root)
        done = subprocess.run(
            [sys.executable, "-m", "his", *command, str(folder / layout.DATABASE)],
            input=b"".join(given),
            capture_output=True,
            env=environment,
            timeout=PATIENCE_S,
            check=False,
        )
        if done.returncode != 0:
            raise _failed(command[0], done.returncode, done.stderr)
        return done.stdout

    def discard(self, folder: Path) -> None:
        """A process of ours ends with its stdin; nothing of it is left."""


class DockerProgram:
    """Runs a container of the image under the cells' profile, with a folder instead of sockets."""

    def __init__(self, *, site: str, engine: Engine, uid: int) -> None:
        self._site = site
        self._engine = engine
        self._uid = uid

    def run(self, image: str, command: Sequence[str], given: Iterable[bytes], folder: Path) -> bytes:
        self._hand_over(folder)
        body = profile.one_shot(
            self._site,
            image=image,
            uid=self._uid,
            command=[*command, str(layout.DATA_MOUNT / layout.DATABASE)],
            folder=folder,
        )
        with self._engine.call() as client:
            try:
                container = client.create_container_from_config(body, self._name(folder))["Id"]
            except docker.errors.ImageNotFound as gone:
                raise ImageMissingError(f"image {image} is not on this engine", image=image) from gone
            try:
                attached = client.attach_socket(container, params={"stdin": 1, "stream": 1})
                client.start(container)
                _feed(attached, given)
                status = int(client.wait(container, timeout=PATIENCE_S)["StatusCode"])
                if status != 0:
                    raise _failed(command[0], status, client.logs(container, stdout=False, stderr=True, tail=40))
                printed: bytes = client.logs(container, stdout=True, stderr=False)
            finally:
                client.remove_container(container, v=True, force=True)
        return printed

    def discard(self, folder: Path) -> None:
        with self._engine.call() as client, suppress(docker.errors.NotFound):
            client.remove_container(self._name(folder), v=True, force=True)

    def _name(self, folder: Path) -> str:
        return f"his-oneshot-{self._site}-{folder.name}"

    def _hand_over(self, folder: Path) -> None:
        """Let the container's uid use the folder and what is in it."""
        for path in (*folder.iterdir(), folder):
            os.chown(path, self._uid, self._uid)


def _feed(attached: Any, given: Iterable[bytes]) -> None:
    """Write the program's stdin and close it. One that ended early tells why by its status."""
    connection: socket.socket = attached._sock
    connection.settimeout(PATIENCE_S)
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            for part in given:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
    finally:
        # Two owners of one descriptor: the library hands out the socket of a response that it keeps.
        attached._response.close()
        connection.close()


def _failed(program: str, status: int, words: bytes) -> OneShotFailedError:
    last = words.decode("utf-8", "backslashreplace")[-WORDS_KEPT:]
    return OneShotFailedError(f"his {program} ended with {status}: {last}", program=program)
