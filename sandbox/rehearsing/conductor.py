"""Conducts one rehearsal: robots arrive, press together, begin anew and leave; what they and the host saw is kept."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sandbox.adapters.census import Census
from sandbox.attempts import operations as attempts
from sandbox.attempts import staying
from sandbox.bootstrap import Services
from sandbox.people import operations as people
from sandbox.people import robots
from sandbox.people.model import Actor
from sandbox.provisioning.model import Cell, CellState, InstanceId, Observed
from sandbox.rehearsal import operations, timing
from sandbox.rehearsal.model import WHO, Burden, Figures, Machine, Measured, Rehearsal
from sandbox.rehearsing import watching
from sandbox.robot.crowd import Crowd, strolling
from sandbox.robot.visitor import Visit, Visitor

SAMPLE = 10
"""Resets, rests and wakes are measured one after another on so many: a class does not do them at once."""
OTHERS, OTHERS_PAUSE_S = 10, 1.0
"""People at other pages meanwhile, and how often each opens one."""
IDLE_S = 5.0
PAGES = ("/fleet/instances", "/training", "/fleet", "/fleet/nightly")
LEAVING_S, LEAVING_EACH_S, LOOK_S = 60.0, 2.0, 0.2
"""The end is waited for so long, and so much more for each hospital."""
ASLEEP_WITHIN_S, ASLEEP_LOOK_S = 30.0, 0.02

Tell = Callable[[str, int, int], None]
"""Hears of progress: stage, how many are through, of how many."""


def _untold(_stage: str, _done: int, _all: int) -> None:
    """Say nothing."""


@dataclass
class Conductor:
    """One rehearsal of one site. Whatever happens, Ctrl-C included, the robots' hospitals are closed and their accounts
    disabled before it returns."""

    services: Services
    actor: Actor
    seats: int
    tell: Tell = _untold
    sample: int = SAMPLE
    idle_s: float = IDLE_S
    stop: threading.Event = field(default_factory=threading.Event)

    def conduct(self, *, force: bool = False) -> Rehearsal:
        """Rehearse, keep and return what was measured.

        Raises SeatsError if so many do not fit, ClassRunningError unless forced; RobotError, WireError, OSError if the
        robots do not even get to their pages.
        """
        self._require(force=force)
        key, begun = secrets.token_hex(8), self.services.clock.now()
        with self.services.database.transaction() as stores:
            operations.begin(stores, self.actor, key, seats=self.seats, forced=force, now=begun)
        everybody = Crowd([], stop=self.stop)
        try:
            everybody = self._arrived()
            machine, figures = self._measured(everybody)
        finally:
            everybody.hang_up()
            left = self._put_away()
        kept = Rehearsal(
            id=key,
            begun_at=begun,
            seats=self.seats,
            actor=self.actor.id,
            machine=machine,
            figures=replace(figures, left=left),
        )
        with self.services.database.transaction() as stores:
            operations.keep(stores, self.actor, kept, now=self.services.clock.now())
        return kept

    def _require(self, *, force: bool) -> None:
        with self.services.database.reading() as stores:
            if not force:
                operations.require_quiet(stores, self.actor)
            operations.require_room(stores, self.seats)

    def _arrived(self) -> Crowd:
        """Make accounts and log everybody in: those who will launch, then those at other pages."""
        password = people.random_password()
        hashed = self.services.passwords.hash(password)
        # What a killed rehearsal left would count as a launch of this one.
        self._put_away()
        with self.services.database.transaction() as stores:
            enlisted = robots.enlist(
                stores, self.actor, self.seats + OTHERS, password_hash=hashed, now=self.services.clock.now()
            )
        panel = f"http://localhost:{self.services.settings.panel.port}"
        crowd = Crowd([Visitor(panel) for _ in enlisted], stop=self.stop)
        for visitor in crowd.visitors:
            visitor.pause = crowd.pause
        crowd.arrive([one.login for one in enlisted], password, tell=self._telling("arrive", len(enlisted)))
        return crowd

    def _measured(self, everybody: Crowd) -> tuple[Machine, Figures]:
        crowd = Crowd(everybody.visitors[: self.seats], stop=self.stop)
        others = everybody.visitors[self.seats :]
        self.tell("idle", 0, 1)
        with strolling(others, PAGES, pause_s=OTHERS_PAUSE_S) as idle:
            crowd.pause(self.idle_s)
        machine, census = watching.machine(self.services), Census(self.services.settings)
        worker, cells = watching.worker_pid(self.services), watching.present(self.services)
        before = census.processor_us(worker=worker, cells=[one.uid for one in cells])
        with strolling(others, PAGES, pause_s=OTHERS_PAUSE_S) as busy, watching.watched(self.services) as steps:
            visits = crowd.together(Visitor.launch, tell=self._telling("launch", self.seats))
        cells = watching.present(self.services)
        after = census.processor_us(worker=worker, cells=[one.uid for one in cells])
        spent = {who: max(0, after.get(who, 0) - before.get(who, 0)) for who in WHO}
        ways = watching.ways(self.services, visits, steps)
        slow = timing.slowest(ways)
        memory = census.memory_kib(worker=worker, cells=[one.uid for one in cells])
        figures = Figures(
            launch=watching.phase(visits),
            reset=Measured(),
            hibernate=Measured(),
            wake=Measured(),
            pages_idle=watching.pages(idle),
            pages_busy=watching.pages(busy),
            warm=sum(way.warm for way in ways),
            spread_us=watching.spread_us(visits),
            rush_us=watching.rush_us(visits),
            slowest=len(slow),
            parts=timing.parts(slow),
            burdens=tuple(Burden(who=who, cpu_us=spent[who], kib=memory.get(who, 0)) for who in WHO),
            cell_kib=_each_cell(census, cells),
        )
        return machine, self._sampled(crowd, figures)

    def _sampled(self, crowd: Crowd, figures: Figures) -> Figures:
        """Have some of those inside begin anew, sleep and wake, one after the other."""
        chosen = [visitor for visitor in crowd.visitors if visitor.inside][: self.sample]
        return replace(
            figures,
            reset=self._one_by_one("reset", crowd, chosen, Visitor.reset),
            hibernate=self._one_by_one("hibernate", crowd, chosen, self._put_to_sleep),
            wake=self._one_by_one("wake", crowd, chosen, Visitor.wake),
        )

    def _put_to_sleep(self, visitor: Visitor) -> Visit:
        """Have a hospital hibernate, as IT does; return how long until it uses no memory any more."""
        key, pressed, begun = InstanceId(visitor.instance), time.time(), time.perf_counter()
        with self.services.database.transaction() as stores:
            staying.hibernate(stores, self.actor, key, now=self.services.clock.now())
        self.services.poke()
        while time.perf_counter() - begun < ASLEEP_WITHIN_S:
            with self.services.database.reading() as stores:
                if stores.instances.get(key).observed is Observed.HIBERNATED:
                    return Visit(pressed_at=pressed, instance=key, inside=time.perf_counter() - begun)
            self.stop.wait(ASLEEP_LOOK_S)
        return Visit(pressed_at=pressed, instance=key, failure=f"not asleep within {ASLEEP_WITHIN_S:.0f} s")

    def _one_by_one(
        self, stage: str, crowd: Crowd, chosen: Sequence[Visitor], deed: Callable[[Visitor], Visit]
    ) -> Measured:
        visits = []
        for number, visitor in enumerate(chosen, start=1):
            visits.append(deed(visitor))
            crowd.pause(0.0)
            self.tell(stage, number, len(chosen))
        return watching.phase(visits)

    def _put_away(self) -> int:
        """Close every hospital of a robot, wait until nothing is left, disable the robots; return what is left."""
        with self.services.database.transaction() as stores:
            mine = watching.of_robots(stores)
            for one in mine:
                attempts.close_instance(stores, self.actor, one.id, now=self.services.clock.now())
        self.services.poke()
        keys = frozenset(str(one.id) for one in mine)
        end, left = time.monotonic() + LEAVING_S + LEAVING_EACH_S * len(mine), len(mine)
        while left and time.monotonic() < end:
            time.sleep(LOOK_S)
            left = self._left(keys)
            self.tell("leave", len(mine) - min(left, len(mine)), len(mine))
        with self.services.database.transaction() as stores:
            robots.dismiss(stores, self.actor, now=self.services.clock.now())
        return left

    def _left(self, keys: frozenset[str]) -> int:
        with self.services.database.reading() as stores:
            cells = sum(cell.instance in keys for cell in stores.cells.present())
            return max(cells, len(watching.of_robots(stores)))

    def _telling(self, stage: str, total: int) -> Callable[[int], None]:
        return lambda done: self.tell(stage, done, total)


def _each_cell(census: Census, cells: list[Cell]) -> tuple[int, ...]:
    taken = {one.uid: one.engine_id or "" for one in cells if one.state is CellState.ARMED}
    return tuple(sorted(census.cells_kib(taken).values())) if taken else ()
