"""What this site's worker is made of: every part wired, none running yet."""

from __future__ import annotations

import functools
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sandbox import observing
from sandbox.adapters import flips
from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.graders import GradingProcesses
from sandbox.adapters.machine import Host
from sandbox.adapters.pdf import PdfPrinter
from sandbox.adapters.timers import Timers
from sandbox.attempts import starting
from sandbox.attempts.checking import CheckAnswerer
from sandbox.attempts.judging import judge
from sandbox.attempts.packs import AttemptPacks
from sandbox.attempts.printer import Printer
from sandbox.attempts.reconciler import AttemptReconciler
from sandbox.attempts.regrader import Regrader
from sandbox.authoring.errand import Gatekeeper, Prove
from sandbox.bootstrap import WorkerServices
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.errands import Errand, WokenByRows
from sandbox.people.model import PersonId
from sandbox.provisioning import golden, succession
from sandbox.provisioning import ports as provisioning
from sandbox.provisioning.actions import Lane
from sandbox.provisioning.arming import Trainee
from sandbox.provisioning.folders import Places
from sandbox.provisioning.golden import RecordSource
from sandbox.provisioning.lanes import Starts, starts_for
from sandbox.provisioning.leadership import Leadership
from sandbox.provisioning.means import Means
from sandbox.provisioning.model import Cell
from sandbox.provisioning.pruning import Pruner
from sandbox.provisioning.reconciler import Reconciler, Supply
from sandbox.provisioning.watch import Watch
from sandbox.scheduling.foresight import Foresight
from sandbox.scheduling.lifetimes import Lifetimes
from sandbox.scheduling.nightly import Habits, Nightly
from sandbox.scheduling.relief import Relief
from sandbox.supplying import policy

LAUNCHES_AT_ONCE = 4
REMOVALS_AT_ONCE = 2
"""Removals yield to launches: few at once. Source: provisioning.md §2."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a worker is made of."""

    leadership: Leadership[DbStores]
    means: Means
    reconciler: Reconciler
    attempts: AttemptReconciler
    nightly: Nightly
    timers: Timers
    poke_socket: Path
    tick_s: float
    renew_s: float
    attest_s: float
    lanes: dict[Lane, int]
    starts: Starts = field(default_factory=Starts)
    """Sizes of the lane that makes containers."""
    errands: Mapping[str, Errand] = field(default_factory=dict)
    """Name of the thread -> what it does."""


class _KeptPacks:
    """Packs of pinned versions never change: compiled once per process, not at every launch."""

    def __init__(self, services: WorkerServices) -> None:
        self._pack = functools.lru_cache(maxsize=64)(services.packs.pack)

    def pack(self, exercise_version: str, *, variant: int) -> ExercisePack:
        return self._pack(exercise_version, variant=variant)


def assemble(
    services: WorkerServices, *, source: RecordSource, stop: threading.Event, prove: Prove | None = None
) -> Parts:
    """Return the parts of this site's worker."""
    settings, clock, database = services.settings, services.clock, services.database
    zone = ZoneInfo(settings.schedule.timezone)
    leadership = Leadership(database.transaction, clock, owner=succession.owner_name(), ttl_s=settings.worker.lease_s)
    places = Places(run=settings.site.run, state=settings.site.state)

    means = _means(services, leadership, places, zone, stop)
    supply = Supply(
        profile=services.driver.facts().profile,
        target=settings.pool.ready,
        source=source,
        nightly_at_once=settings.schedule.nightly_at_once,
    )
    reconciler = Reconciler(means, supply)
    return Parts(
        leadership=leadership,
        means=means,
        reconciler=reconciler,
        attempts=AttemptReconciler(
            begin=leadership.transaction, reading=database.reading, files=services.files, grade=judge, clock=clock
        ),
        nightly=_nightly(services, leadership, source, places),
        timers=Timers(zone),
        poke_socket=settings.site.poke_socket,
        tick_s=settings.worker.tick_s,
        renew_s=settings.worker.lease_renew_s,
        attest_s=settings.worker.full_observation_s,
        lanes={"people": LAUNCHES_AT_ONCE, "build": settings.worker.parallel_starts, "after": REMOVALS_AT_ONCE},
        starts=Starts(
            normally=settings.worker.parallel_starts,
            in_a_rush=settings.worker.parallel_starts_in_a_rush or starts_for(os.cpu_count() or 1),
            rush_from=settings.worker.rush_from,
        ),
        errands=_answering(services, leadership, prove)
        | _tending(services, means, leadership, reconciler, source)
        | observing.errands(services, leadership, places),
    )


def _tending(
    services: WorkerServices,
    means: Means,
    leadership: Leadership[DbStores],
    reconciler: Reconciler,
    source: RecordSource,
) -> dict[str, Errand]:
    return {
        "pruning": _pruner(services, means, leadership, reconciler, source),
        "foresight": _foresight(services, means, leadership, reconciler),
        "lifetimes": Lifetimes(
            begin=leadership.transaction,
            reading=services.database.reading,
            lifetime=services.settings.lifetime,
            clock=services.clock,
        ),
    }


def _means(
    services: WorkerServices,
    leadership: Leadership[DbStores],
    places: Places,
    zone: ZoneInfo,
    stop: threading.Event,
) -> Means:
    settings, clock, database = services.settings, services.clock, services.database

    def trainee(person: str) -> Trainee:
        with database.reading() as stores:
            known = stores.people.get(PersonId(person))
        return Trainee(name=known.name, language=known.language)

    return Means(
        leadership=leadership,
        read=database.reading,
        version=database.version,
        driver=services.driver,
        control=services.control,
        files=services.files,
        packs=AttemptPacks(database.reading, _KeptPacks(services)),
        trainee=trainee,
        places=places,
        baseline=services.one_shot.baseline,
        clock=clock,
        watch=Watch(clock.monotonic),
        zone=zone,
        uid_base=settings.cell.uid_base,
        opened=open_attempt,
        announce=functools.partial(flips.announce, settings.site.flips_socket),
        pause=stop.wait,
        random_hex=secrets.token_hex,
        meter=services.figures,
    )


def open_attempt(stores: provisioning.Stores, cell: Cell, now: datetime) -> None:
    """Let an attempt begin with its hospital.

    Provisioning knows nothing of attempts; that its transactions reach them all the same is known here alone.
    """
    assert isinstance(stores, DbStores)
    starting.opened(stores, cell, now=now)


def _nightly(
    services: WorkerServices, leadership: Leadership[DbStores], source: RecordSource, places: Places
) -> Nightly:
    schedule, reading = services.settings.schedule, services.database.reading
    habits = Habits(
        zone=ZoneInfo(schedule.timezone),
        default_at=schedule.nightly_at,
        at_once=schedule.nightly_at_once,
        golden_trouble=functools.partial(golden.trouble, reading, source, places.datasets),
    )
    return Nightly(begin=leadership.transaction, reading=reading, clock=services.clock, habits=habits)


def _pruner(
    services: WorkerServices,
    means: Means,
    leadership: Leadership[DbStores],
    reconciler: Reconciler,
    source: RecordSource,
) -> Pruner:
    return Pruner(means, services.storeroom, source, begin=leadership.transaction, perform=reconciler.perform)


def _foresight(
    services: WorkerServices, means: Means, leadership: Leadership[DbStores], reconciler: Reconciler
) -> Foresight:
    return Foresight(
        begin=leadership.transaction,
        reading=services.database.reading,
        host=Host(services.settings.site.state),
        supplied=reconciler,
        trouble=means.watch.supply_trouble,
        fence=lambda: leadership.fence,
        policy=policy(services.settings),
        relief=Relief(
            begin=leadership.transaction,
            reading=services.database.reading,
            idle_s=services.settings.capacity.spare_idle_s,
            patience=timedelta(seconds=services.settings.capacity.forsaken_s),
        ),
        clock=services.clock,
    )


def _answering(services: WorkerServices, leadership: Leadership[DbStores], prove: Prove | None) -> dict[str, Errand]:
    """Return what answers requests that people left: only a row gives it something to do."""
    checks = CheckAnswerer(
        begin=leadership.transaction,
        reading=services.database.reading,
        files=services.files,
        control=services.control,
        endpoint=services.driver.endpoint,
        clock=services.clock,
    )
    second_looks = Regrader(
        begin=leadership.transaction,
        reading=services.database.reading,
        files=services.files,
        grade=judge,
        computing=GradingProcesses(),
        clock=services.clock,
    )
    printer = Printer(
        begin=leadership.transaction,
        reading=services.database.reading,
        files=services.files,
        printing=PdfPrinter(),
        clock=services.clock,
        zone=ZoneInfo(services.settings.schedule.timezone),
        site=services.settings.site.name,
    )
    errands: dict[str, Errand] = {
        "checks": checks,
        "second looks": second_looks,
        "papers": printer,
    }
    if prove is not None:
        errands["gate"] = Gatekeeper(
            begin=leadership.transaction,
            reading=services.database.reading,
            files=services.files,
            prove=prove,
            clock=services.clock,
        )
    return {name: WokenByRows(errand, services.database.version) for name, errand in errands.items()}
