"""A cell swaps its socket for something else (threat T1): the worker must never talk to whoever is behind it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.adapters import sockets
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.adapters.sockets import ForeignSocketError
from sandbox.errors import ControlUnreachableError
from sandbox.provisioning.model import CellId, CellSpec, Endpoint
from tests import engines

OTHER_UID = engines.FIRST_UID + 99
RACE_S = 2.0


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Path]:
    """The engine's socket, say: somebody else who would answer."""
    path = tmp_path / "stranger.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1000)
        yield path


def _swap(path: Path, kind: str, stranger: Path) -> None:
    path.unlink()
    match kind:
        case "link":
            path.symlink_to(stranger)
        case "link to nothing":
            path.symlink_to("nowhere")
        case "fifo":
            os.mkfifo(path)
        case "file":
            path.write_text("x")
        case "folder":
            path.mkdir()


def _listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1000)
    return listener


@pytest.mark.parametrize("kind", ["link", "link to nothing", "fifo", "file", "folder"])
def test_what_is_no_socket_is_refused(tmp_path: Path, stranger: Path, kind: str) -> None:
    path = tmp_path / "control.sock"
    path.touch()
    _swap(path, kind, stranger)
    with pytest.raises(ForeignSocketError):
        sockets.connect(path, uid=os.geteuid(), timeout_s=1)


def test_a_linked_folder_is_refused(tmp_path: Path, stranger: Path) -> None:
    (tmp_path / "c").symlink_to(stranger.parent)
    with pytest.raises(ControlUnreachableError):
        sockets.connect(tmp_path / "c" / stranger.name, uid=os.geteuid(), timeout_s=1)


def test_another_owners_socket_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with _listening(path):
        os.chown(path, OTHER_UID, OTHER_UID)
        with pytest.raises(ForeignSocketError, match="belongs to"):
            sockets.connect(path, uid=os.geteuid(), timeout_s=1)


def test_another_listener_behind_the_right_owner_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with _listening(path):
        os.chown(path, OTHER_UID, OTHER_UID)
        with pytest.raises(ForeignSocketError, match="listens"):
            sockets.connect(path, uid=OTHER_UID, timeout_s=1)


def _flipping(folder: Path, own: Path, stranger: Path, stop: threading.Event) -> None:
    """Swap the name between the own socket and a link to the stranger, as fast as can be."""
    name = folder / "control.sock"
    (folder / "link").symlink_to(stranger)
    while not stop.is_set():
        for target in ("link", own.name):
            spare = folder / "spare"
            os.link(folder / target, spare, follow_symlinks=False)
            spare.rename(name)


def _race(tmp_path: Path, stranger: Path, *, pinned: bool) -> int:
    """Return how many of many connects reached the stranger while the name was flipping."""
    folder = tmp_path / "c"
    folder.mkdir()
    own = folder / "own.sock"
    listener = _listening(own)
    os.link(own, folder / "control.sock")
    stop = threading.Event()
    flipper = threading.Thread(target=_flipping, args=(folder, own, stranger, stop))
    flipper.start()
    reached = 0
    # The careless way ends at its first mistake, however long a busy machine takes to make it.
    end = time.monotonic() + (RACE_S if pinned else 30 * RACE_S)
    accepting = threading.Thread(target=_accepting, args=(listener, stop))
    accepting.start()
    while time.monotonic() < end and (pinned or not reached):
        reached += _reaches(folder / "control.sock", stranger, pinned=pinned)
    stop.set()
    listener.shutdown(socket.SHUT_RDWR)
    flipper.join()
    accepting.join()
    listener.close()
    return reached


def _accepting(listener: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            listener.accept()[0].close()
        except OSError:
            return


def _reaches(path: Path, stranger: Path, *, pinned: bool) -> bool:
    try:
        if pinned:
            connection = sockets.connect(path, uid=os.geteuid(), timeout_s=1)
        elif stat.S_ISSOCK(path.lstat().st_mode):
            # The defence of the careless: look, then connect by the same name.
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(path))
        else:
            return False
    except (ControlUnreachableError, OSError):
        return False
    with connection:
        return bool(connection.getpeername() == str(stranger))


def test_a_flip_race_never_reaches_the_stranger(tmp_path: Path, stranger: Path) -> None:
    assert _race(tmp_path, stranger, pinned=True) == 0


def test_looking_before_connecting_does_reach_the_stranger(tmp_path: Path, stranger: Path) -> None:
    """Without the pin the same race is lost, or the test above proves nothing."""
    assert _race(tmp_path, stranger, pinned=False) > 0


@pytest.fixture
def cell() -> Iterator[tuple[DockerDriver, CellSpec]]:
    with engines.docker_driver() as driver:
        spec = engines.spec(driver)
        driver.ensure(spec)
        driver.start(spec.cell)
        engines.answering(driver, spec.cell)
        yield driver, spec


@pytest.mark.docker
@pytest.mark.parametrize("kind", ["link", "link to nothing", "fifo", "file", "folder"])
def test_a_real_cells_swapped_socket_is_refused(cell: tuple[DockerDriver, CellSpec], stranger: Path, kind: str) -> None:
    driver, spec = cell
    at = driver.endpoint(spec.cell)
    _swap(at.control_socket, kind, stranger)
    with pytest.raises(ForeignSocketError):
        engines.control.health(at)


IMPOSTOR = """
import os, socket, sys
path = sys.argv[1]
os.unlink(path)
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(path)
    listener.listen()
    print("listening", flush=True)
    sys.stdin.read()
"""


@pytest.mark.docker
def test_a_listener_of_the_right_uid_outside_the_container_is_refused(cell: tuple[DockerDriver, CellSpec]) -> None:
    """Whoever gets the uid of a cell, the next one above all, is still not this cell."""
    driver, spec = cell
    at = driver.endpoint(spec.cell)
    assert engines.control.health(at).condition == "ready"
    impostor = subprocess.Popen(
        ["/usr/bin/python3", "-c", IMPOSTOR, str(at.control_socket)],
        user=spec.uid,
        group=spec.uid,
        extra_groups=[engines.READERS_GID],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with impostor:
        assert impostor.stdout is not None
        assert impostor.stdout.readline() == b"listening\n"
        with pytest.raises(ForeignSocketError, match="is not of container"):
            engines.control.health(at)
        # The defence off: without the container's name the impostor is believed.
        sockets.connect(at.control_socket, uid=at.uid, timeout_s=1).close()
        impostor.terminate()


@pytest.mark.docker
def test_a_fresh_worker_knows_the_containers_from_its_first_look(cell: tuple[DockerDriver, CellSpec]) -> None:
    driver, spec = cell
    again = engines.made_afresh(driver)
    assert again.endpoint(spec.cell).container == ""
    [seen] = again.observe()
    assert again.endpoint(spec.cell).container == seen.engine_id == driver.endpoint(spec.cell).container
    assert engines.control.health(again.endpoint(spec.cell)).condition == "ready"


@pytest.mark.docker
def test_the_mount_stops_even_a_plain_connect_through_a_link(
    cell: tuple[DockerDriver, CellSpec], stranger: Path
) -> None:
    """nginx follows paths: for it the mount is the defence. On an ordinary folder the same link leads outside."""
    driver, spec = cell
    at = driver.endpoint(spec.cell)
    _swap(at.http_socket, "link", stranger)
    with socket.socket(socket.AF_UNIX) as plain, pytest.raises(OSError, match="Too many levels of symbolic links"):
        plain.connect(str(at.http_socket))
    ordinary = stranger.parent / "http.sock"
    ordinary.symlink_to(stranger)
    with socket.socket(socket.AF_UNIX) as plain:
        plain.connect(str(ordinary))


@pytest.mark.docker
def test_only_the_readers_reach_the_pages_and_nobody_the_control(cell: tuple[DockerDriver, CellSpec]) -> None:
    driver, spec = cell
    at = driver.endpoint(spec.cell)
    readers = engines.READERS_GID
    assert _tries(at, uid=OTHER_UID, gid=OTHER_UID) == ["EACCES", "EACCES"]
    assert _tries(at, uid=OTHER_UID, gid=readers) == ["", "EACCES"]


@pytest.mark.docker
def test_a_stranger_reads_neither_data_nor_engine(cell: tuple[DockerDriver, CellSpec]) -> None:
    driver, spec = cell
    data = engines.folders_of(driver).data_folder(CellId(spec.cell)) / "his.db"
    script = f"open({str(data)!r}, 'rb')"
    assert "PermissionError" in _as(OTHER_UID, OTHER_UID, script)
    engine = "import socket; socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock')"
    assert "PermissionError" in _as(OTHER_UID, OTHER_UID, engine)


def _tries(at: Endpoint, *, uid: int, gid: int) -> list[str]:
    """Return the error, or '', of a plain connect to the pages and to the control socket as somebody else."""
    answers = []
    for path in (at.http_socket, at.control_socket):
        said = _as(uid, gid, f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r})")
        answers.append("EACCES" if "PermissionError" in said else said)
    return answers


def _as(uid: int, gid: int, script: str) -> str:
    """Run a line of Python as somebody else; return what it complained about."""
    python = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
    done = subprocess.run(
        [python, "-c", script], user=uid, group=gid, extra_groups=[], capture_output=True, text=True, check=False
    )
    return done.stderr
