"""The worker as its own process on real cells: a trainee's day, a worker that dies, a cell that dies."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import bootstrap, installing
from sandbox.attempts import operations as attempts
from sandbox.bootstrap import WorkerServices
from sandbox.config import SETTINGS_FILE_VARIABLE, Cell, Database, Pool, Settings, Site, Worker
from sandbox.contract.control import Health
from sandbox.people.model import CLI, Actor, Person, PersonId, Role
from sandbox.provisioning.model import CellId, CellState, Instance, InstanceId, Observed
from tests import engines

CHECKOUT = engines.CHECKOUT


@dataclass
class Town:
    """A prepared site with real cells."""

    settings: Settings
    services: WorkerServices
    file: Path
    opened: list[InstanceId] = field(default_factory=list)

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker until the block ends; it must leave by itself when asked to."""
        process = self.start()
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0

    def start(self) -> subprocess.Popen[bytes]:
        with (self.settings.site.state / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "sandbox", "worker"],
                cwd=CHECKOUT,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", SETTINGS_FILE_VARIABLE: str(self.file)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def log(self) -> str:
        return (self.settings.site.state / "worker.log").read_text()

    def launch(self) -> InstanceId:
        """Return a new trainee's open hospital."""
        person = PersonId(secrets.token_hex(8))
        now = datetime.now(UTC)
        with self.services.database.transaction() as stores:
            stores.people.add(
                Person(
                    id=person,
                    login=person,
                    name="练习生",
                    department="内科",
                    roles=frozenset({Role.TRAINEE}),
                    language="zh",
                    must_change_password=False,
                    disabled=False,
                ),
                "no password",
            )
            launched = attempts.launch_practice(
                stores, Actor(id=person, roles=frozenset({Role.TRAINEE})), now=now
            ).instance
        self.services.poke()
        self.opened.append(launched)
        engines.until(lambda: self.instance(launched).observed is Observed.OPEN, what="open", patience_s=60)
        return launched

    def reset(self, key: InstanceId) -> None:
        epoch = self.instance(key).epoch
        with self.services.database.transaction() as stores:
            attempts.reset(stores, CLI, key, now=datetime.now(UTC))
        self.services.poke()
        engines.until(lambda: self.instance(key).epoch == epoch + 1, what="reset", patience_s=60)

    def close(self, key: InstanceId) -> None:
        with self.services.database.transaction() as stores:
            attempts.close_instance(stores, CLI, key, now=datetime.now(UTC))
        self.services.poke()

    def instance(self, key: InstanceId) -> Instance:
        with self.services.database.reading() as stores:
            return stores.instances.get(key)

    def cell(self, key: InstanceId) -> CellId:
        cell = self.instance(key).cell
        assert cell is not None
        return cell

    def health(self, cell: CellId) -> Health:
        return engines.answering(self.services.driver, cell)

    def state(self, cell: CellId) -> CellState:
        with self.services.database.reading() as stores:
            return stores.cells.get(cell).state

    def chain(self, cell: CellId) -> str:
        """Return what is wrong with the archived journal; '' = nothing."""
        with self.services.database.reading() as stores:
            archive = stores.archives.of_cell(cell)
        assert archive is not None
        assert archive.rows >= 1
        return archive.chain


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    top = Path(tempfile.mkdtemp(prefix="his-"))
    top.chmod(0o755)
    driver = request.param
    settings = Settings(
        site=Site(id=secrets.token_hex(4), state=top / "state", run=top / "run"),
        database=Database(url=f"sqlite:///{top}/state/db/sandbox.db"),
        cell=Cell(driver=driver, uid_base=engines.FIRST_UID),
        pool=Pool(ready=1),
        worker=Worker(tick_s=0.2),
    )
    file = top / "settings.toml"
    file.write_text(_toml(settings))
    bootstrap.prepare(settings)
    services = bootstrap.worker_services(settings)
    image = engines.image() if driver == "docker" else installing.process_image()
    registered = installing.register_image(services, CLI, image, engine_url=settings.worker.engine)
    installing.build_dataset(services, CLI, services.one_shot, registered, "base")
    try:
        yield Town(settings, services, file)
    finally:
        engines.remove_all(services.driver)
        services.database.close()
        shutil.rmtree(top)


def _toml(settings: Settings) -> str:
    return f"""
[site]
id = "{settings.site.id}"
state = "{settings.site.state}"
run = "{settings.site.run}"
[database]
url = "{settings.database.url}"
[cell]
driver = "{settings.cell.driver}"
uid_base = {settings.cell.uid_base}
[pool]
ready = {settings.pool.ready}
[worker]
tick_s = {settings.worker.tick_s}
"""


def test_a_trainees_day(town: Town) -> None:
    with town.worker():
        key = town.launch()
        first = town.cell(key)
        assert town.health(first).instance == key
        town.reset(key)
        second = town.cell(key)
        assert second != first
        engines.until(lambda: town.state(first) is CellState.GONE, what="the old cell is gone")
        assert town.chain(first) == ""
        town.close(key)
        engines.until(lambda: town.state(second) is CellState.GONE, what="the last cell is gone")
        assert town.chain(second) == ""
        assert town.instance(key).observed is Observed.CLOSED
    assert not {first, second} & {seen.cell for seen in town.services.driver.observe()}


def test_a_killed_worker_is_followed_at_once_and_hospitals_go_on(town: Town) -> None:
    process = town.start()
    key = town.launch()
    cell = town.cell(key)
    pid = engines.serving_pid(town.services.driver.endpoint(cell))
    process.kill()
    process.wait()
    with town.worker():
        again = town.launch()
        assert engines.serving_pid(town.services.driver.endpoint(cell)) == pid
        assert town.cell(key) == cell
        town.close(key)
        town.close(again)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed")


def test_a_second_worker_leaves_with_a_sentence_and_harms_nothing(town: Town) -> None:
    with town.worker():
        key = town.launch()
        second = town.start()
        assert second.wait(30) == 1
        assert "SBX-500" in town.log()
        town.reset(key)
        town.close(key)


def test_a_killed_cell_comes_back_with_every_row(town: Town) -> None:
    with town.worker():
        key = town.launch()
        cell = town.cell(key)
        before = town.health(cell)
        assert before.head.seq >= 1
        os.kill(engines.serving_pid(town.services.driver.endpoint(cell)), signal.SIGKILL)
        engines.until(lambda: not engines.running(town.services.driver, cell), what="it died")
        after = town.health(cell)
        assert (after.instance, after.epoch) == (key, 1)
        assert after.head.seq >= before.head.seq
        assert town.cell(key) == cell
        town.close(key)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed")
        assert town.chain(cell) == ""


def test_leaving_leaves_hospitals_running(town: Town) -> None:
    with town.worker():
        key = town.launch()
    cell = town.cell(key)
    assert town.health(cell).instance == key
    with town.worker():
        town.close(key)
        engines.until(lambda: town.state(cell) is CellState.GONE, what="closed")
