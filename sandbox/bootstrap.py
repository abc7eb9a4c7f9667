"""Settings -> Services. The only module that knows every adapter."""

from __future__ import annotations

import functools
import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from prometheus_client import CollectorRegistry

from sandbox.adapters import examination, logs, poke
from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import DbStores, open_database
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.adapters.flips import Flips
from sandbox.adapters.metrics import Shelf, WorkerFigures
from sandbox.adapters.passwords import Argon2Passwords
from sandbox.clock import Clock, SystemClock
from sandbox.config import Settings
from sandbox.errors import HospitalInvalidError, SettingsInvalidError
from sandbox.exercises.vocabulary import Vocabulary, from_records
from sandbox.health.model import Room
from sandbox.provisioning.ports import ControlChannel, Driver, OneShot

if TYPE_CHECKING:
    from sandbox.exercises.packs import ReleasedPacks
    from sandbox.provisioning.pruning import Storeroom

log = logging.getLogger(__name__)

_SECRET_BYTES = 32
_CHECKOUT = Path(__file__).resolve().parents[1]
_FOLDER_UNFIT = 65
"""How fixtures.naming ends if a site's own hospital cannot be used."""
_ONE_SHOT_UID = 100_000
"""Added to the first uid of the cells: programs of the image that are not cells never share an uid with one."""


@dataclass(frozen=True)
class Services:
    """What every process of ours holds: values, and ports already fulfilled."""

    settings: Settings
    clock: Clock
    database: Database[DbStores]
    files: FileStore
    passwords: Argon2Passwords
    secret: bytes
    """Signs tickets and log-ins."""
    poke: Callable[[], None]
    """Ask the worker to look now. May be lost; costs one tick then."""
    flips: Flips
    """Wakes a request that waits for its hospital; heard by the panel alone."""
    look: Callable[[], Room]
    """What this machine has left."""

    @property
    def zone(self) -> ZoneInfo:
        """The hospital's zone: its calendar decides what a day is."""
        return ZoneInfo(self.settings.schedule.timezone)


@dataclass(frozen=True)
class WorkerServices(Services):
    """What only the worker holds, and whoever builds images and datasets at the command line."""

    driver: Driver
    control: ControlChannel
    one_shot: OneShot
    storeroom: Storeroom
    packs: ReleasedPacks
    figures: WorkerFigures


@functools.cache
def vocabulary(hospital: Path | None = None) -> Vocabulary:
    """Return the codes and seeded people that exercises may name: read once per process, in less than a second.

    `hospital` is the folder of a site's own. Raises HospitalInvalidError naming everything that is wrong with it.
    """
    # In a child: making the people takes 60 MiB of tables that a process would then keep for ever.
    command = [sys.executable, "-m", "fixtures.naming", "base", *([str(hospital.resolve())] if hospital else [])]
    child = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, check=False)
    if child.returncode == _FOLDER_UNFIT:
        problems = json.loads(child.stderr)
        zh, en = ("\n".join(each) for each in zip(*problems, strict=True))
        raise HospitalInvalidError(en, problems_zh=zh, problems_en=en)
    child.check_returncode()
    return from_records((json.loads(line) for line in child.stdout.splitlines()), datasets=("base",))


def start_log(process: str) -> None:
    """Have this process log JSON lines to stderr, or lines for people on a terminal."""
    logs.configure(process)


def leave_figures(registry: CollectorRegistry, file: Path, *, process: str) -> None:
    """Have the figures of a process written every few seconds for as long as it lives, where its folder was made."""
    if not file.parent.is_dir():
        log.warning("no figures of the %s: %s is missing", process, file.parent)
        return
    shelf = Shelf(registry, file, process=process, clock=SystemClock().monotonic)
    threading.Thread(target=shelf.serve, args=(threading.Event(),), name="figures", daemon=True).start()


def prepare(settings: Settings) -> None:
    """Make the site's folders, its secret and the newest schema. Safe to repeat."""
    state = settings.site.state
    for folder in ("db", "files", "datasets", "cells", "logs"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    _make_secret(_secret_file(settings))
    schema.upgrade(settings.database.url)


def connect(settings: Settings, *, clock: Clock | None = None) -> Services:
    """Return the services of a process that touches no engine: panel, gateway, command line.

    Raises SettingsInvalidError if the site is not prepared, or the schema is not the one this code knows.
    """
    schema.check(settings.database.url)
    return Services(
        settings=settings,
        clock=clock or SystemClock(),
        database=open_database(settings.database.url, busy_timeout_s=settings.database.busy_timeout_s),
        files=FileStore(settings.site.state / "files"),
        passwords=Argon2Passwords(),
        secret=_read_secret(_secret_file(settings)),
        poke=partial(poke.send, settings.site.poke_socket),
        flips=Flips(settings.site.flips_socket, waiters=settings.panel.waiters),
        look=partial(examination.look, settings.site.state),
    )


def worker_services(settings: Settings, *, clock: Clock | None = None) -> WorkerServices:
    """Return the services of the worker: those of everybody, and the way to engine and cells."""
    # Here and not above: panel and gateway use this module too, and need neither engine nor YAML.
    from sandbox.adapters.control_http import HttpControlChannel
    from sandbox.adapters.drivers.dockerd import DockerDriver
    from sandbox.adapters.drivers.engine import Engine
    from sandbox.adapters.drivers.folders import Folders
    from sandbox.adapters.drivers.oneshot import DockerProgram, ImageOneShot, ProcessProgram, Program
    from sandbox.adapters.drivers.process import ProcessDriver
    from sandbox.adapters.drivers.storeroom import DockerStoreroom, NoStoreroom
    from sandbox.exercises.packs import ReleasedPacks

    services = connect(settings, clock=clock)
    folders = Folders(
        run_root=settings.site.run, data_root=settings.site.state / "cells", readers_gid=settings.cell.http_gid
    )
    scratch = settings.site.state / "scratch"
    driver: Driver
    program: Program
    storeroom: Storeroom
    figures = WorkerFigures(CollectorRegistry(), services.clock.monotonic)
    if settings.cell.driver == "docker":
        engine = Engine(settings.worker.engine, timeout_s=settings.worker.call_timeout_s, began=figures.engine_call)
        driver = DockerDriver(site=settings.site.id, folders=folders, engine=engine)
        program = DockerProgram(site=settings.site.id, engine=engine, uid=settings.cell.uid_base + _ONE_SHOT_UID)
        storeroom = DockerStoreroom(site=settings.site.id, engine=engine, scratch=scratch)
    else:
        driver = ProcessDriver(folders=folders, root=_CHECKOUT)
        program = ProcessProgram(_CHECKOUT)
        storeroom = NoStoreroom()
    return WorkerServices(
        **vars(services),
        driver=driver,
        control=HttpControlChannel(monotonic=services.clock.monotonic),
        one_shot=ImageOneShot(program=program, scratch=scratch),
        storeroom=storeroom,
        packs=ReleasedPacks(services.database.reading, services.files),
        figures=figures,
    )


def _secret_file(settings: Settings) -> Path:
    return settings.security.secret_file or settings.site.state / "secret"


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    try:
        os.write(descriptor, secrets.token_bytes(_SECRET_BYTES))
        os.fsync(descriptor)
        # A hard link, unlike a rename, never replaces a secret that another process has just made.
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        os.close(descriptor)
        temporary.unlink()


def _read_secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except FileNotFoundError as absent:
        raise SettingsInvalidError(problems=f"{path} is missing; run `his-sandbox db init`") from absent
    if len(secret) != _SECRET_BYTES:
        raise SettingsInvalidError(problems=f"{path} must hold exactly {_SECRET_BYTES} bytes")
    return secret
