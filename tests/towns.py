"""A prepared site with real cells, its worker a process of its own: for tests that take nothing for granted."""

from __future__ import annotations

import grp
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sandbox import bootstrap, installing
from sandbox.attempts import operations as attempts
from sandbox.attempts import staying
from sandbox.attempts.model import Attempt, AttemptId, Result
from sandbox.bootstrap import WorkerServices
from sandbox.config import SETTINGS_FILE_VARIABLE, Cell, Database, Gateway, Panel, Pool, Settings, Site, Worker
from sandbox.contract.control import Health
from sandbox.exercises import loader, releasing
from sandbox.people.model import CLI, Actor, Person, PersonId, Role
from sandbox.provisioning.model import Cell as CellRow
from sandbox.provisioning.model import CellId, CellState, Instance, InstanceId, Observed
from tests import engines
from tests.builders import ZONE


@dataclass
class Town:
    """A prepared site with real cells."""

    settings: Settings
    services: WorkerServices
    file: Path

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker until the block ends; it must leave by itself when asked to."""
        process = self.start()
        try:
            engines.until(lambda: f" {process.pid} " in self.leader() or process.poll() is not None, what="leading")
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        with (self.settings.site.state / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "sandbox", "worker"],
                cwd=engines.CHECKOUT,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", SETTINGS_FILE_VARIABLE: str(self.file)}
                | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def leader(self) -> str:
        with self.services.database.reading() as stores:
            return stores.lease.holder() or ""

    def log(self) -> str:
        return (self.settings.site.state / "worker.log").read_text()

    def launch(self) -> InstanceId:
        """Return a new trainee's open hospital."""
        launched = self.ask_launch()
        engines.until(lambda: self.instance(launched).observed is Observed.OPEN, what="open", patience_s=60)
        return launched

    def ask_launch(self) -> InstanceId:
        """Want a hospital for a new trainee, as the panel does."""
        actor = self._newcomer()
        with self.services.database.transaction() as stores:
            launched = attempts.launch_practice(stores, actor, now=datetime.now(UTC)).instance
        self.services.poke()
        return launched

    def start_attempt(self, exercise: str) -> AttemptId:
        """Release this exercise, assign it to a new trainee, and have it started."""
        content = (engines.CHECKOUT / "fixtures/exercises" / f"{exercise}.yaml").read_bytes()
        now = datetime.now(UTC)
        version = releasing.described(loader.load(content), now=now)
        actor = self._newcomer()
        with self.services.database.transaction() as stores:
            releasing.release(stores, self.services.files, CLI, version, content, now=now)
            started = attempts.start(stores, actor, exercise_version=version.id, assignment=None, now=now, zone=ZONE)
        self.services.poke()
        assert started.attempt is not None
        return started.attempt

    def submit(self, key: AttemptId) -> None:
        with self.services.database.transaction() as stores:
            owner = Actor(id=stores.attempts.get(key).person, roles=frozenset({Role.TRAINER}))
            attempts.submit(stores, owner, key, now=datetime.now(UTC))
        self.services.poke()

    def attempt(self, key: AttemptId) -> Attempt:
        with self.services.database.reading() as stores:
            return stores.attempts.get(key)

    def results(self, key: AttemptId) -> list[Result]:
        with self.services.database.reading() as stores:
            return stores.results.of(key)

    def _newcomer(self) -> Actor:
        person = PersonId(secrets.token_hex(8))
        roles = frozenset({Role.TRAINEE, Role.TRAINER})
        with self.services.database.transaction() as stores:
            stores.people.add(
                Person(
                    id=person,
                    login=person,
                    name="练习生",
                    department="内科",
                    roles=roles,
                    language="zh",
                    must_change_password=False,
                    disabled=False,
                ),
                "no password",
            )
        return Actor(id=person, roles=roles)

    def reset(self, key: InstanceId) -> None:
        epoch = self.instance(key).epoch
        self.ask_reset(key)
        engines.until(lambda: self.instance(key).epoch == epoch + 1, what="reset", patience_s=60)

    def ask_reset(self, key: InstanceId) -> None:
        with self.services.database.transaction() as stores:
            attempts.reset(stores, CLI, key, now=datetime.now(UTC))
        self.services.poke()

    def close(self, key: InstanceId) -> None:
        with self.services.database.transaction() as stores:
            attempts.close_instance(stores, CLI, key, now=datetime.now(UTC))
        self.services.poke()

    def ask_sleep(self, key: InstanceId) -> None:
        with self.services.database.transaction() as stores:
            staying.hibernate(stores, CLI, key, now=datetime.now(UTC))
        self.services.poke()

    def ask_wake(self, key: InstanceId) -> None:
        with self.services.database.transaction() as stores:
            staying.wake(stores, CLI, key, now=datetime.now(UTC))
        self.services.poke()

    def sleep(self, key: InstanceId) -> None:
        """Put a hospital to sleep and return when its container is stopped."""
        self.ask_sleep(key)
        cell = self.cell(key)
        engines.until(
            lambda: (
                self.instance(key).observed is Observed.HIBERNATED and not engines.running(self.services.driver, cell)
            ),
            what="asleep",
            patience_s=60,
        )

    def instance(self, key: InstanceId) -> Instance:
        with self.services.database.reading() as stores:
            return stores.instances.get(key)

    def present(self) -> list[CellRow]:
        with self.services.database.reading() as stores:
            return stores.cells.present()

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


@contextmanager
def prepared(
    driver: Literal["docker", "process"],
    *,
    lease_s: float = 30.0,
    engine: str = engines.ENGINE_URL,
    image: Callable[[], str] = engines.image,
    volumes: Mapping[str, str] | None = None,
    ports: tuple[int, int] = (8420, 8421),
    readers: str = "root",
) -> Iterator[Town]:
    """Yield a site with image and dataset, and take everything away afterwards.

    `volumes` puts folders of its state on volumes of their own: name -> size, as tmpfs knows it. Who serves it too
    says on which ports (panel, gateway), and which group nginx reaches the cells by.
    """
    top = Path(tempfile.mkdtemp(prefix="his-"))
    top.chmod(0o755)
    settings = Settings(
        site=Site(id=secrets.token_hex(4), state=top / "state", run=top / "run"),
        database=Database(url=f"sqlite:///{top}/state/db/sandbox.db"),
        panel=Panel(port=ports[0]),
        gateway=Gateway(port=ports[1]),
        cell=Cell(driver=driver, uid_base=engines.FIRST_UID, run_group=readers, http_gid=grp.getgrnam(readers).gr_gid),
        pool=Pool(ready=1),
        worker=Worker(tick_s=0.2, lease_s=lease_s, engine=engine),
    )
    with volumes_in(top / "state", volumes or {}), _prepared(top, settings, image) as town:
        yield town
    shutil.rmtree(top)


@contextmanager
def volumes_in(state: Path, sizes: Mapping[str, str]) -> Iterator[None]:
    """Mount small volumes below `state` for as long as the block lasts."""
    for name, size in sizes.items():
        (state / name).mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "his-volume", str(state / name)], check=True)
    try:
        yield
    finally:
        for name in sizes:
            subprocess.run(["umount", "--lazy", str(state / name)], check=True)


@contextmanager
def _prepared(top: Path, settings: Settings, image: Callable[[], str]) -> Iterator[Town]:
    file = top / "settings.toml"
    file.write_text(_toml(settings))
    bootstrap.prepare(settings)
    services = bootstrap.worker_services(settings)
    made = image() if settings.cell.driver == "docker" else installing.process_image()
    registered = installing.register_image(services, CLI, made, engine_url=settings.worker.engine)
    installing.build_dataset(services, CLI, services.one_shot, registered, "base")
    try:
        yield Town(settings, services, file)
    finally:
        engines.remove_all(services.driver)
        services.database.close()


def _toml(settings: Settings) -> str:
    return f"""
[site]
id = "{settings.site.id}"
state = "{settings.site.state}"
run = "{settings.site.run}"
[database]
url = "{settings.database.url}"
[panel]
port = {settings.panel.port}
[gateway]
port = {settings.gateway.port}
[cell]
driver = "{settings.cell.driver}"
uid_base = {settings.cell.uid_base}
run_group = "{settings.cell.run_group}"
http_gid = {settings.cell.http_gid}
[pool]
ready = {settings.pool.ready}
night_ready = {settings.pool.ready}
burst_cells = 0
[worker]
tick_s = {settings.worker.tick_s}
lease_s = {settings.worker.lease_s}
engine = "{settings.worker.engine}"
"""
