"""The worker's errands that look after others: rounds of health, figures for the panel, logs that people asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from sandbox.adapters import imaging
from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import integrity
from sandbox.adapters.metrics import Shelf
from sandbox.bootstrap import WorkerServices
from sandbox.config import Settings
from sandbox.health import checkup
from sandbox.health.checkup import ClockWatch, Look, Rounds
from sandbox.health.model import Fact
from sandbox.provisioning.folders import Places
from sandbox.provisioning.kept_logs import LogKeeper
from sandbox.provisioning.leadership import Leadership

MINUTE_S, HOUR_S = 60.0, 3600.0
ENGINE_PATIENCE_S = 5.0


def errands(
    services: WorkerServices, leadership: Leadership[DbStores], places: Places
) -> dict[str, Rounds | Shelf | LogKeeper]:
    """Return name of the thread -> errand."""
    site, clock = services.settings.site, services.clock
    return {
        "rounds": Rounds(begin=leadership.transaction, looks=_looks(services), clock=clock),
        "figures": Shelf(services.figures.registry, site.worker_figures, process="worker", clock=clock.monotonic),
        "logs": LogKeeper(
            begin=leadership.transaction,
            read=services.database.reading,
            driver=services.driver,
            folder=places.cell_logs,
            now=clock.now,
        ),
    }


def _looks(services: WorkerServices) -> tuple[Look, ...]:
    """Return what the worker looks at; the long looks one after the other, a quarter of an hour apart."""
    settings, read = services.settings, services.database.reading
    looks = [
        Look(concern="clock", every_s=MINUTE_S, look=ClockWatch(services.clock).look),
        Look(concern="audit", every_s=HOUR_S / 4, look=partial(checkup.audit_trail, read)),
        Look(concern="archives", every_s=HOUR_S / 4, look=partial(checkup.archives, read, services.files)),
        Look(concern="database", every_s=HOUR_S, look=partial(database, services)),
    ]
    if settings.cell.driver == "docker":
        ask = partial(engine_facts, settings)
        looks.append(Look(concern="engine", every_s=MINUTE_S, look=partial(checkup.engine, ask, services.clock)))
    return tuple(looks)


def engine_facts(settings: Settings) -> Mapping[str, Fact]:
    """Ask the engine what it is. Raises EngineUnavailableError."""
    said = imaging.facts(settings.worker.engine, timeout_s=ENGINE_PATIENCE_S)
    return {
        "version": str(said.get("ServerVersion", ""))[:40],
        "live_restore": bool(said.get("LiveRestoreEnabled")),
        "seccomp": any("seccomp" in each for each in said.get("SecurityOptions") or ()),
        "swap_limit": bool(said.get("SwapLimit")),
    }


def database(services: WorkerServices) -> Mapping[str, Fact]:
    """Have the database check itself, and say how large it is in bytes."""
    with services.database.reading() as stores:
        damage = integrity(stores.connection)
    return {"damage": damage, "bytes": size_of(sa.make_url(services.settings.database.url).database or "")}


def size_of(file: str) -> int:
    """Return the bytes of a database file; 0 if it is not one."""
    return Path(file).stat().st_size if file and Path(file).is_file() else 0
