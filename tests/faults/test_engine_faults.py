"""The engine restarts, dies, hangs, fills up or loses an answer: the cells' work is kept, the worker is told truly."""

from __future__ import annotations

import secrets
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.adapters.drivers.engine import Engine
from sandbox.contract import layout
from sandbox.errors import ControlUnreachableError, DiskFullError, OutcomeUnknownError, TemporaryError
from sandbox.provisioning.model import CellSpec
from tests import engines
from tests.second_engine import SecondEngine, image_on, second_engine

pytestmark = pytest.mark.docker


@contextmanager
def driver_on(url: str, *, timeout_s: float = 10.0) -> Iterator[DockerDriver]:
    engine = Engine(url, timeout_s=timeout_s)
    with engines.short_folders() as folders:
        driver = DockerDriver(site=secrets.token_hex(4), folders=folders, engine=engine)
        try:
            yield driver
        finally:
            engines.remove_all(driver)
            engine.close()


@pytest.fixture(scope="module")
def lasting() -> Iterator[tuple[SecondEngine, str]]:
    """An engine with live-restore, as sites are told to have, and the image on it."""
    with second_engine(live_restore=True) as engine:
        yield engine, image_on(engine)


def _serving(driver: DockerDriver, image: str, folder: Path) -> CellSpec:
    """Have a cell that runs on data with the word 'kept'."""
    spec = CellSpec(cell=engines.spec_id(), uid=engines.FIRST_UID + 7, image=image, fence=1)
    driver.ensure(spec)
    driver.place(spec.cell, engines.golden_file(folder, "kept"))
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    return spec


def _words(driver: DockerDriver, spec: CellSpec) -> list[str]:
    path = engines.folders_of(driver).data_folder(spec.cell) / layout.DATABASE
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [word for (word,) in db.execute("SELECT word FROM word")]
    finally:
        db.close()


class Probing:
    """Asks a cell's health without a pause, and counts."""

    def __init__(self, driver: DockerDriver, spec: CellSpec) -> None:
        self.asked = self.failed = 0
        self._at = driver.endpoint(spec.cell)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._end.wait(0.02):
            self.asked += 1
            try:
                engines.control.health(self._at)
            except ControlUnreachableError:
                self.failed += 1

    def __enter__(self) -> Probing:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._end.set()
        self._thread.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_trainees_do_not_notice_an_engine_that_restarts(
    lasting: tuple[SecondEngine, str], number: signal.Signals, tmp_path: Path
) -> None:
    engine, image = lasting
    with driver_on(engine.url) as driver:
        spec = _serving(driver, image, tmp_path)
        [before] = driver.observe()
        with Probing(driver, spec) as probing:
            engine.stop(number)
            engine.start()
            engines.until(lambda: driver.observe() == [before], what="the cell is seen again")
        assert probing.failed == 0 < probing.asked
        driver.attest(spec.cell)
        assert _words(driver, spec) == ["kept"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_trainees_do_not_notice_a_containerd_that_restarts(
    lasting: tuple[SecondEngine, str], number: signal.Signals, tmp_path: Path
) -> None:
    engine, image = lasting
    with driver_on(engine.url) as driver:
        spec = _serving(driver, image, tmp_path)
        [before] = driver.observe()
        with Probing(driver, spec) as probing:
            engine.replace_containerd(number)
            engines.until(lambda: driver.observe() == [before], what="the cell is seen again")
        assert probing.failed == 0 < probing.asked
        assert _words(driver, spec) == ["kept"]
        # Not only seen: it can be stopped and started again by what took over.
        engines.until(lambda: _restarted(driver, spec), what="stopped and started again", patience_s=60)
        engines.answering(driver, spec.cell)


def _restarted(driver: DockerDriver, spec: CellSpec) -> bool:
    """Say whether the engine is whole again; while it finds its containerd, calls may fail."""
    try:
        driver.stop(spec.cell, 2)
        driver.start(spec.cell)
    except TemporaryError:
        return False
    return engines.running(driver, spec.cell)


def test_a_frozen_engine_is_given_up_while_its_cells_go_on(lasting: tuple[SecondEngine, str], tmp_path: Path) -> None:
    engine, image = lasting
    with driver_on(engine.url, timeout_s=3.0) as driver:
        spec = _serving(driver, image, tmp_path)
        engine.send(signal.SIGSTOP)
        try:
            with pytest.raises(OutcomeUnknownError):
                driver.observe()
            assert engines.control.health(driver.endpoint(spec.cell)).condition == "ready"
        finally:
            engine.send(signal.SIGCONT)
        assert [seen.running for seen in driver.observe()] == [True]


def test_without_live_restore_cells_start_again_on_their_data(tmp_path: Path) -> None:
    with second_engine(live_restore=False) as engine:
        image = image_on(engine)
        with driver_on(engine.url) as driver:
            spec = _serving(driver, image, tmp_path)
            engine.stop()
            engine.start()
            engines.until(lambda: not engines.running(driver, spec.cell), what="the cell's end is seen")
            driver.start(spec.cell)
            engines.answering(driver, spec.cell)
            assert _words(driver, spec) == ["kept"]


def test_a_full_engine_says_so_and_heals(tmp_path: Path) -> None:
    with second_engine(data_size="600m") as engine:
        image = image_on(engine)
        with driver_on(engine.url) as driver:
            spec = CellSpec(cell=engines.spec_id(), uid=engines.FIRST_UID + 7, image=image, fence=1)
            filler = engine.data / "filler"
            _fill(filler)
            with pytest.raises(DiskFullError):
                driver.ensure(spec)
            assert driver.observe() == []
            filler.unlink()
            driver.ensure(spec)
            driver.start(spec.cell)
            engines.answering(driver, spec.cell)


def _fill(path: Path) -> None:
    """Write until there is no space left."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 65536)


@contextmanager
def forgetful(verb: bytes) -> Iterator[str]:
    """Stand between driver and engine, and lose the answer to the first request with this verb."""
    lost = threading.Event()
    with tempfile.TemporaryDirectory(prefix="his-") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = f"{folder}/engine.sock"
        listener.bind(path)
        listener.listen()
        server = threading.Thread(target=_stand_between, args=(listener, verb, lost))
        server.start()
        try:
            yield f"unix://{path}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            server.join()
    assert lost.is_set()


def _stand_between(listener: socket.socket, verb: bytes, lost: threading.Event) -> None:
    threads: list[threading.Thread] = []
    ends: list[socket.socket] = []
    with suppress(OSError):
        while True:
            near, _address = listener.accept()
            far = socket.socket(socket.AF_UNIX)
            far.connect(engines.ENGINE_URL.removeprefix("unix://"))
            ends += [near, far]
            doomed = threading.Event()
            threads += [
                threading.Thread(target=_forward, args=(near, far, verb, doomed, lost)),
                threading.Thread(target=_backward, args=(far, near, doomed, lost)),
            ]
            for thread in threads[-2:]:
                thread.start()
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join()
    for end in ends:
        end.close()


def _forward(
    near: socket.socket, far: socket.socket, verb: bytes, doomed: threading.Event, lost: threading.Event
) -> None:
    with suppress(OSError):
        while part := near.recv(1 << 16):
            if verb in part.split(b"\r\n")[0] and not lost.is_set():
                doomed.set()
            far.sendall(part)


def _backward(far: socket.socket, near: socket.socket, doomed: threading.Event, lost: threading.Event) -> None:
    with suppress(OSError):
        while part := far.recv(1 << 16):
            if doomed.is_set():
                lost.set()
                near.shutdown(socket.SHUT_RDWR)
                return
            near.sendall(part)


def test_a_created_container_whose_answer_was_lost_is_adopted() -> None:
    with forgetful(b"/create") as url, driver_on(url) as driver:
        spec = engines.spec(driver)
        with pytest.raises(OutcomeUnknownError):
            driver.ensure(spec)
        [made] = driver.observe()
        assert driver.ensure(spec) == made
        assert driver.observe() == [made]


def test_a_removal_whose_answer_was_lost_is_finished_by_repeating() -> None:
    with forgetful(b"DELETE") as url, driver_on(url) as driver:
        spec = engines.spec(driver)
        made = driver.ensure(spec)
        with pytest.raises(OutcomeUnknownError):
            driver.remove(made)
        driver.remove(made)
        assert driver.observe() == []
        assert not engines.folders_of(driver).complete(spec.cell)


def test_an_engine_that_answers_is_left_alone() -> None:
    """The set-up script starts nothing when there is an engine."""
    script = engines.CHECKOUT / "images/engine/start.sh"
    socket_path = engines.ENGINE_URL.removeprefix("unix://")
    done = subprocess.run([script, socket_path], capture_output=True, text=True, check=False, timeout=20)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FROM_NOTHING = """
set -e
for folder in /run /var/lib/docker /var/lib/containerd; do mount -t tmpfs none "$folder"; done
echo 99999 > /run/docker.pid
"$1" /run/docker.sock "$2"
"$1" /run/docker.sock "$2"
tr '\\0' ' ' < "/proc/$(pidof dockerd)/cmdline"
"""


def test_an_engine_is_started_where_there_is_none(tmp_path: Path) -> None:
    """In a mount and process namespace of its own, with the pid file that a reboot leaves behind.

    The output is read through a pipe to its end: a daemon that kept it open would hang this test.
    """
    script = engines.CHECKOUT / "images/engine/start.sh"
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    done = subprocess.run(
        [*apart, "bash", "-c", FROM_NOTHING, "-", str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for option in (
        "--live-restore",
        "--bridge none",
        "--iptables=false",
        "--containerd /run/containerd/containerd.sock",
    ):
        assert option in done.stdout
