"""Real cells for tests: the image of this checkout, folders with short names, waiting for a condition."""

from __future__ import annotations

import functools
import secrets
import shutil
import socket
import sqlite3
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sandbox.adapters import imaging, sockets
from sandbox.adapters.control_http import HttpControlChannel
from sandbox.adapters.drivers import profile
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.adapters.drivers.engine import Engine
from sandbox.adapters.drivers.folders import Folders
from sandbox.adapters.drivers.process import ProcessDriver
from sandbox.contract.control import Health
from sandbox.errors import ControlUnreachableError
from sandbox.provisioning.model import CellId, CellSpec, Endpoint
from sandbox.provisioning.ports import Driver

CHECKOUT = Path(__file__).resolve().parents[1]
ENGINE_URL = "unix:///var/run/docker.sock"
T = TypeVar("T")
FIRST_UID = 1_900_000
"""Far from the uids of real cells of any site on this machine."""
READERS_GID = 1_899_999
"""Stands for nginx's group."""

control = HttpControlChannel(monotonic=time.monotonic)


@functools.cache
def image() -> str:
    """Return the image of this checkout; built here only if `make hospital` has not."""
    client = imaging.client(ENGINE_URL)
    try:
        return imaging.build(client, imaging.Recipe(root=CHECKOUT, cache=CHECKOUT / ".state/cache"))
    finally:
        client.close()


@contextmanager
def short_folders() -> Iterator[Folders]:
    """Yield folders for cells below a path short enough for sockets."""
    top = Path(tempfile.mkdtemp(prefix="his-"))
    # Strangers must be stopped by the cells' own folders, not by the test's.
    top.chmod(0o755)
    folders = Folders(run_root=top / "run", data_root=top / "data", readers_gid=READERS_GID)
    try:
        yield folders
    finally:
        for left in top.glob("*/*"):
            folders.remove(CellId(left.name))
        shutil.rmtree(top)


@contextmanager
def process_driver() -> Iterator[ProcessDriver]:
    with short_folders() as folders:
        driver = ProcessDriver(folders=folders, root=CHECKOUT)
        try:
            yield driver
        finally:
            remove_all(driver)


@contextmanager
def docker_driver() -> Iterator[DockerDriver]:
    engine = Engine(ENGINE_URL)
    with short_folders() as folders:
        driver = DockerDriver(site=secrets.token_hex(4), folders=folders, engine=engine)
        try:
            yield driver
        finally:
            remove_all(driver)
            engine.close()


def remove_all(driver: Driver) -> None:
    for seen in driver.observe():
        driver.remove(seen)


def spec(driver: Driver, number: int = 1, *, fence: int = 1) -> CellSpec:
    """Return the spec of a fresh cell, with the image that this driver runs."""
    name = image() if driver.facts().name == "docker" else "process:checkout"
    return CellSpec(cell=spec_id(), uid=FIRST_UID + number, image=name, fence=fence)


def spec_id() -> CellId:
    return CellId(secrets.token_hex(6))


def until(look: Callable[[], T | None], *, what: str, patience_s: float = 20.0) -> T:
    """Return what `look` finds, looking again and again; fail with `what` after a while."""
    end = time.monotonic() + patience_s
    pause = threading.Event()
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        pause.wait(0.01)
    raise AssertionError(f"not within {patience_s} s: {what}")


def answering(driver: Driver, cell: CellId) -> Health:
    """Wait for the cell's control socket and return its health."""

    def ask() -> Health | None:
        try:
            return control.health(driver.endpoint(cell))
        except ControlUnreachableError:
            return None

    return until(ask, what=f"cell {cell} answers")


def running(driver: Driver, cell: CellId) -> bool:
    return any(seen.cell == cell and seen.running for seen in driver.observe())


def serving_pid(at: Endpoint) -> int:
    """Return the pid of whoever listens on the control socket."""
    with sockets.connect(at.control_socket, uid=at.uid, timeout_s=2) as connection:
        said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int(struct.unpack("3i", said)[0])


def golden_file(folder: Path, *words: str) -> Path:
    """Write a small database in WAL mode, as `his seed` leaves it."""
    path = folder / f"golden-{secrets.token_hex(3)}.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE word (word TEXT)")
        db.executemany("INSERT INTO word VALUES (?)", [(word,) for word in words])
    db.close()
    return path


def folders_of(driver: Driver) -> Folders:
    assert isinstance(driver, DockerDriver | ProcessDriver)
    return driver._folders


def made_afresh(driver: Driver) -> Driver:
    """Return a driver that knows nothing but the settings, as after a restart of the worker."""
    if isinstance(driver, DockerDriver):
        return DockerDriver(site=driver._site, folders=driver._folders, engine=driver._engine)
    assert isinstance(driver, ProcessDriver)
    return ProcessDriver(folders=driver._folders, root=driver._root)


def moved(driver: Driver, *, run_root: Path | None = None, root: Path = CHECKOUT) -> Driver:
    """Return the same driver with another run root or another checkout."""
    folders = replace(folders_of(driver), run_root=run_root or folders_of(driver).run_root)
    if isinstance(driver, DockerDriver):
        return DockerDriver(site=driver._site, folders=folders, engine=driver._engine)
    return ProcessDriver(folders=folders, root=root)


@contextmanager
def foreign_container(driver: Driver, spec: CellSpec) -> Iterator[None]:
    """Have a container of the cell's name that was not made by today's profile."""
    assert isinstance(driver, DockerDriver)
    body = driver._creation(spec)
    body["Labels"][profile.SPEC_LABEL] = "0" * 16
    driver._folders.make(spec.cell, spec.uid)
    with driver._engine.call() as client:
        client.create_container_from_config(body, driver._name(spec.cell))
    yield


def make_inside(driver: DockerDriver, spec: CellSpec, script: str | None, changes: dict[str, Any]) -> str:
    """Make a cell's container with other host options, and a script in place of the hospital; return its id."""
    driver._folders.make(spec.cell, spec.uid)
    body = driver._creation(spec)
    body["HostConfig"] |= changes
    if script is not None:
        body |= {"Entrypoint": ["python3", "-c"], "Cmd": [script]}
    with driver._engine.call() as client:
        return str(client.create_container_from_config(body, driver._name(spec.cell))["Id"])


def run_inside(driver: DockerDriver, script: str, changes: dict[str, Any]) -> tuple[int, str]:
    """Run a script in a fresh cell's place to its end; return its status and what it printed."""
    container = make_inside(driver, spec(driver), script, changes)
    with driver._engine.call() as client:
        client.start(container)
        status = int(client.wait(container, timeout=60)["StatusCode"])
        return status, client.logs(container).decode()
