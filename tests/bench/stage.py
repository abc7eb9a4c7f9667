"""The site that is measured: this checkout's demonstration with a pool of its own, and a crowd of people for it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sandbox import config
from sandbox.attempts import operations as attempts
from sandbox.attempts import staying
from sandbox.bootstrap import WorkerServices
from sandbox.demo import draining, serving
from sandbox.demo.preparing import Prepared
from sandbox.demo.processes import Supervisor
from sandbox.people import operations as people
from sandbox.people import robots
from sandbox.people.model import CLI
from sandbox.provisioning.model import CellState, InstanceId, Observed
from sandbox.robot.crowd import Crowd
from sandbox.robot.visitor import Visit, Visitor
from tests.engines import until

SETTLE_S = 2.0


class BenchError(Exception):
    """A row could not be measured; says why."""


@dataclass
class Stage:
    """What rows measure with."""

    prepared: Prepared
    services: WorkerServices
    crowd: list[Visitor] = field(default_factory=list)

    @contextmanager
    def serving(self, pool: int) -> Iterator[None]:
        """Serve the site with so many warm cells, and begin only when they are there; leave nothing behind."""
        supervisor = Supervisor()
        try:
            os.environ.update(_pool(pool))
            serving.serve(supervisor, self.prepared.site, config.load())
            self.until_ready(pool)
            yield
        finally:
            for visitor in self.crowd:
                visitor.hang_up()
            self.crowd.clear()
            supervisor.stop()
            self.sweep()

    def sweep(self) -> None:
        """Take away all hospitals and cells, whoever left them; a worker without a pool makes no new ones."""
        with self.services.database.transaction() as stores:
            robots.dismiss(stores, CLI, now=self.services.clock.now())
        os.environ.update(_pool(0))
        supervisor = Supervisor()
        try:
            worker = supervisor.start("worker", [sys.executable, "-m", "sandbox", "worker"])
            supervisor.wait_for(worker, self.services.settings.site.poke_socket.exists)
            self.close_all()
        finally:
            supervisor.stop()
            draining.drain(self.prepared.services)

    def visitors(self, count: int) -> list[Visitor]:
        """Return so many people who sit before My training, logged in through nginx and panel."""
        password = people.random_password()
        hashed = self.services.passwords.hash(password)
        with self.services.database.transaction() as stores:
            enlisted = robots.enlist(stores, CLI, count, password_hash=hashed, now=self.services.clock.now())
        crowd = Crowd([Visitor(self.prepared.site.panel_origin) for _ in enlisted])
        crowd.arrive([one.login for one in enlisted], password)
        self.crowd += crowd.visitors
        return list(crowd.visitors)

    def until_ready(self, count: int) -> None:
        """Wait for warm cells, and for the machine to be quiet again."""

        def ready() -> bool:
            with self.services.database.reading() as stores:
                return sum(cell.state is CellState.READY for cell in stores.cells.present()) >= count

        until(ready, what=f"{count} ready cells", patience_s=60 + count)
        if count:
            time.sleep(min(SETTLE_S, 0.5 + count / 50))

    def close_all(self) -> None:
        """Close every hospital and wait until nothing of any is left."""
        with self.services.database.transaction() as stores:
            live = stores.instances.live()
            for one in live:
                attempts.close_instance(stores, CLI, one.id, now=self.services.clock.now())
        for visitor in self.crowd:
            visitor.instance = ""
        self.services.poke()
        until(self._all_away, what="the hospitals' end", patience_s=120 + 2 * len(live))

    def put_to_sleep(self, instance: str) -> None:
        """Have a hospital hibernate and wait until it does."""
        key = InstanceId(instance)
        with self.services.database.transaction() as stores:
            staying.hibernate(stores, CLI, key, now=self.services.clock.now())
        self.services.poke()

        def asleep() -> bool:
            with self.services.database.reading() as stores:
                return stores.instances.get(key).observed is Observed.HIBERNATED

        until(asleep, what="asleep", patience_s=60)

    def last_open(self) -> float:
        """Return when the newest hospital opened, in seconds since 1970."""
        with self.services.database.reading() as stores:
            return max(one.opened_at.timestamp() for one in stores.instances.live() if one.opened_at is not None)

    def _all_away(self) -> bool:
        with self.services.database.reading() as stores:
            worn = [cell for cell in stores.cells.present() if cell.instance is not None]
            return not stores.instances.live() and not worn


def _pool(ready: int) -> dict[str, str]:
    """Return the settings of a pool of so many, by day and night, whatever was launched lately."""
    return {
        "HIS_SANDBOX_POOL__READY": str(ready),
        "HIS_SANDBOX_POOL__NIGHT_READY": str(ready),
        "HIS_SANDBOX_POOL__BURST_CELLS": "0",
    }


def inside(visits: Sequence[Visit]) -> list[float]:
    """Return the seconds from press to first page. Raises BenchError naming the first failure."""
    failed = [visit.failure or "never inside" for visit in visits if visit.inside is None]
    if failed:
        raise BenchError(f"{len(failed)} of {len(visits)} failed: {failed[0]}")
    return [visit.inside for visit in visits if visit.inside is not None]
