"""What rows tell of a rush while it lasts, and the way of each launch put together from rows and robots' notes."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox.adapters.db.bundle import DbStores
from sandbox.bootstrap import Services
from sandbox.provisioning.model import Cell, CellId, CellState, Instance
from sandbox.rehearsal import timing
from sandbox.rehearsal.model import Machine, Measured
from sandbox.rehearsal.timing import MICRO, Way
from sandbox.robot.crowd import PageTimes
from sandbox.robot.visitor import Visit

LOOK_EVERY_S = 0.1
"""Often enough to see a cell in each of its states, seldom enough to cost next to nothing."""


@dataclass
class Steps:
    """When each cell entered each state, in seconds since 1970, as far as it was seen there."""

    seen: dict[CellId, dict[CellState, float]] = field(default_factory=dict)

    def note(self, cells: Sequence[Cell]) -> None:
        """Remember where these cells are."""
        for cell in cells:
            self.seen.setdefault(cell.id, {})[cell.state] = cell.since.timestamp()


@contextmanager
def watched(services: Services) -> Iterator[Steps]:
    """Note when cells enter their states while the block runs."""
    over, steps = threading.Event(), Steps()

    def watch() -> None:
        while not over.wait(LOOK_EVERY_S):
            steps.note(present(services))

    thread = threading.Thread(target=watch, name="watcher")
    thread.start()
    try:
        yield steps
    finally:
        over.set()
        thread.join()


def present(services: Services) -> list[Cell]:
    """Return the cells that are not gone."""
    with services.database.reading() as stores:
        return stores.cells.present()


def of_robots(stores: DbStores) -> list[Instance]:
    """Return the robots' hospitals that are not closed."""
    owners = {one.id for one in stores.people.robots()}
    return [one for one in stores.instances.live() if one.owner in owners]


def ways(services: Services, visits: Sequence[Visit], steps: Steps) -> list[Way]:
    """Return the way of each launch that came to its end."""
    with services.database.reading() as stores:
        instances = {str(one.id): one for one in of_robots(stores)}
        cells = {one.id: one for one in stores.cells.present()}
    return [
        _way(visit, one, cells[one.cell], steps.seen.get(one.cell, {}))
        for visit in visits
        if visit.inside is not None and (one := instances.get(visit.instance)) and one.cell in cells
    ]


def _way(visit: Visit, instance: Instance, cell: Cell, seen: dict[CellState, float]) -> Way:
    queued = instance.queued_at.timestamp()
    ready = cell.ready_at.timestamp() if cell.ready_at else queued
    begun = cell.begun_at.timestamp() if cell.begun_at else ready
    # A state it passed between two looks lasted less than that: its time goes to the step before.
    started = seen.get(CellState.STARTED, ready)
    return Way(
        pressed=visit.pressed_at,
        queued=queued,
        begun=begun,
        created=seen.get(CellState.CREATED, begun),
        started=started,
        ready=ready,
        opened=instance.opened_at.timestamp() if instance.opened_at else ready,
        seen=visit.pressed_at + (visit.opened or 0.0),
        inside=visit.pressed_at + (visit.inside or 0.0),
    )


def phase(visits: Sequence[Visit]) -> Measured:
    """Return what these visits make."""
    return timing.measured(
        [visit.inside for visit in visits if visit.inside is not None],
        [visit.failure or "never inside" for visit in visits if visit.inside is None],
    )


def pages(times: PageTimes) -> Measured:
    """Return what people at other pages waited."""
    return timing.measured(times.seconds, times.failures)


def rush_us(visits: Sequence[Visit]) -> int:
    """Return how long it took from the first press until the last was inside."""
    ends = [visit.pressed_at + (visit.inside or 0.0) for visit in visits]
    return round(MICRO * (max(ends) - min(visit.pressed_at for visit in visits)))


def spread_us(visits: Sequence[Visit]) -> int:
    """Return how far the presses lay apart."""
    pressed = [visit.pressed_at for visit in visits]
    return round(MICRO * (max(pressed) - min(pressed)))


def machine(services: Services) -> Machine:
    """Return what this is measured on."""
    return Machine(
        cores=os.cpu_count() or 1,
        memory_kib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024,
        kernel=platform.release(),
        driver=services.settings.cell.driver,
        pool=sum(cell.state is CellState.READY for cell in present(services)),
    )


def worker_pid(services: Services) -> int | None:
    """Return the pid of the worker, which its lease names; None if it is of another machine or none works."""
    with services.database.reading() as stores:
        parts = (stores.lease.holder() or "").split(" ")
    return int(parts[2]) if len(parts) == 4 and parts[0] == os.uname().nodename else None
