"""The worker's look at timetable and machine: what it asks of the pool and writes down. Real rows, a made host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.errors import LeaseLostError
from sandbox.provisioning.capacity import MIB, Capacity, Load, Machine, Pressure, Rules
from sandbox.provisioning.model import Cell, CellState, Desired, Observed
from sandbox.scheduling.forecast import Night
from sandbox.scheduling.foresight import EVERY_S, Foresight, Policy, room
from sandbox.scheduling.relief import Relief
from sandbox.scheduling.vitals import Vitals
from tests.builders import make_assignment, make_attempt, make_cell, make_version
from tests.clocks import SteppedClock
from tests.provisioning_site import Site

GIB = 1 << 30
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""
ROOMY = Machine(memory_total=8 * GIB, memory_available=6 * GIB, swap_used=0, disk_free=80 * GIB, stalled=0.0)


@dataclass
class MadeHost:
    """Fulfils scheduling.ports.Host: every cell takes its part of what is available."""

    running: Callable[[], int]
    machine: Machine = ROOMY
    each: int = 26 * MIB
    asked: list[str] = field(default_factory=list)

    def look(self) -> Machine:
        return replace(self.machine, memory_available=self.machine.memory_available - self.each * self.running())

    def memory_of(self, cells: Sequence[Cell]) -> Mapping[str, int]:
        self.asked += [cell.id for cell in cells]
        return {cell.id: self.each for cell in cells}


@dataclass
class Post:
    """A site with foresight."""

    site: Site
    host: MadeHost
    foresight: Foresight

    def look(self, *, after_s: float = EVERY_S) -> Vitals:
        """Let time pass and look again; return what was written."""
        self.site.steps.advance(after_s)
        self.site.leadership.renew()
        self.foresight.tick()
        return self.written()

    def written(self) -> Vitals:
        with self.site.database.reading() as stores:
            vitals = stores.vitals.latest()
        assert vitals is not None
        return vitals

    def rounds(self, count: int) -> Vitals:
        """Go round as the worker does, looking each time."""
        for _ in range(count):
            self.site.round()
            self.look()
        return self.written()

    def class_of(self, people: int, *, opens: datetime) -> list[str]:
        """Enter a class; return the ids of its assignments."""
        given = [make_assignment(person=f"p{number}", opens=opens) for number in range(people)]
        with self.site.database.transaction() as stores:
            for one in given:
                stores.assignments.add(one)
        return [one.id for one in given]


POLICY = Policy(
    ready=2,
    night=Night(begins=time(22), ends=time(6), ready=0),
    burst_cells=5,
    rules=Rules(reserve=GIB, most=600, cell_limit=128 * MIB, strict=False),
    zone=ZoneInfo("Asia/Shanghai"),
)


def post_at(root: Path, empty_database: Path, *, policy: Policy = POLICY, start: datetime = NINE) -> Post:
    (root / "state" / "db").mkdir(parents=True)
    shutil.copyfile(empty_database, root / "state" / "db" / "sandbox.db")
    site = Site(root, clock=SteppedClock(start), target=policy.ready).open()
    host = MadeHost(running=lambda: len(site.present()))
    foresight = Foresight(
        begin=site.leadership.transaction,
        reading=site.database.reading,
        host=host,
        supplied=site.reconciler,
        trouble=site.means.watch.supply_trouble,
        fence=lambda: site.leadership.fence,
        policy=policy,
        relief=Relief(
            begin=site.leadership.transaction,
            reading=site.database.reading,
            idle_s=600,
            patience=timedelta(seconds=120),
        ),
        clock=site.clock,
    )
    return Post(site, host, foresight)


@pytest.fixture
def bare(tmp_path: Path, empty_database: Path) -> Iterator[Post]:
    """A post that keeps no cell ready."""
    made = post_at(tmp_path, empty_database, policy=replace(POLICY, ready=0))
    yield made
    made.site.database.close()


@pytest.fixture
def post(tmp_path: Path, empty_database: Path) -> Iterator[Post]:
    made = post_at(tmp_path, empty_database)
    yield made
    made.site.database.close()


def ready(post: Post) -> int:
    return sum(cell.state is CellState.READY for cell in post.site.present())


def test_the_pool_fills_before_a_class_and_shrinks_after_it(post: Post) -> None:
    post.class_of(12, opens=NINE + timedelta(minutes=10))
    assert post.rounds(6).target == 2
    post.site.steps.advance(9 * 60)
    seen = post.rounds(30)
    assert (seen.base, seen.lessons, seen.target) == (2, 12, 14)
    assert ready(post) == 14
    post.site.steps.advance(30 * 60)
    assert post.rounds(20).target == 2
    assert ready(post) == 2


def test_who_has_begun_needs_no_cell_any_more(post: Post) -> None:
    given = post.class_of(3, opens=NINE)
    with post.site.database.transaction() as stores:
        stores.exercises.add(make_version())
        stores.attempts.add(make_attempt(assignment=given[0], person="p0"))
    assert post.look().lessons == 2


def test_a_burst_is_remembered_and_forgotten(post: Post) -> None:
    for number in range(4):
        post.site.launch(f"p{number}")
    assert post.look().recent == 4
    assert post.look(after_s=15 * 60).recent == 2
    assert post.look(after_s=15 * 60).recent == 0


def test_at_night_the_pool_is_empty_and_people_are_served_all_the_same(tmp_path: Path, empty_database: Path) -> None:
    post = post_at(tmp_path, empty_database, start=NINE + timedelta(hours=18))
    assert post.rounds(3).target == 0
    key = post.site.launch()
    post.rounds(6)
    assert post.site.instance(key).cell is not None
    post.site.database.close()


def test_a_site_without_ready_cells_keeps_none_after_a_burst(bare: Post) -> None:
    for number in range(4):
        bare.site.launch(f"p{number}")
    assert bare.look().target == 0


def test_the_target_stops_at_what_the_machine_holds(post: Post) -> None:
    post.class_of(40, opens=NINE)
    post.host.machine = replace(ROOMY, memory_available=GIB + 10 * 28 * MIB + MIB)
    seen = post.look()
    assert (seen.demand.asked, seen.capacity.seats, seen.capacity.short) == (42, 10, "memory")
    # The last seat is for a launch.
    assert seen.target == 9
    assert post.rounds(12).capacity.seats >= 10
    assert ready(post) == post.written().target < 42


def test_while_memory_is_tight_nothing_is_refilled(post: Post) -> None:
    post.rounds(6)
    assert ready(post) == 2
    post.class_of(9, opens=NINE)
    post.host.machine = replace(ROOMY, memory_available=GIB - 1)
    seen = post.rounds(4)
    assert (seen.pressure, seen.target) == (Pressure.TIGHT, 2)
    assert ready(post) == 2


def test_while_memory_is_short_ready_cells_go(post: Post) -> None:
    post.rounds(6)
    post.host.machine = replace(ROOMY, memory_available=GIB // 4)
    seen = post.rounds(4)
    assert (seen.pressure, seen.target) == (Pressure.SHORT, 0)
    assert ready(post) == 0


def test_memory_is_measured_in_turns(post: Post) -> None:
    seen = post.rounds(8)
    assert seen.measured == 2
    assert seen.cell_bytes == 26 * MIB
    assert set(post.host.asked) == {cell.id for cell in post.site.present()}


def test_why_refills_fail_since_when_and_when_they_are_tried_again(post: Post) -> None:
    for _ in range(4):
        post.site.means.watch.supply_failed("SBX-303")
        post.site.steps.advance(1.0)
    seen = post.look(after_s=EVERY_S)
    assert (seen.trouble, seen.failures) == ("SBX-303", 4)
    assert seen.failing_since == post.site.clock.now() - timedelta(seconds=4 + EVERY_S)
    assert seen.resting_until is None
    for _ in range(4):
        post.site.means.watch.supply_failed("SBX-303")
    seen = post.look()
    assert seen.resting_until is not None
    assert seen.resting_until > post.site.clock.now()
    post.site.means.watch.supply_works()
    seen = post.look()
    assert (seen.trouble, seen.failures, seen.failing_since, seen.resting_until) == ("", 0, None, None)


def test_it_looks_every_few_seconds_however_often_it_is_asked(post: Post) -> None:
    first = post.look()
    post.site.steps.advance(EVERY_S / 3)
    post.foresight.tick()
    assert post.written() == first


def test_minutes_are_kept_for_a_day(post: Post) -> None:
    for _ in range(30):
        post.look(after_s=3600)
    with post.site.database.reading() as stores:
        kept = stores.vitals.samples(since=NINE)
    assert 24 <= len(kept) <= 26
    assert {one.memory_total for one in kept} == {ROOMY.memory_total}


def test_a_worker_that_lost_its_lease_tells_nothing(post: Post) -> None:
    post.look()
    before = post.written()
    post.site.leadership.release()
    with post.site.database.transaction() as stores:
        stores.lease.take("worker-2", now=post.site.clock.now(), ttl_s=30)
    post.site.steps.advance(EVERY_S)
    with pytest.raises(LeaseLostError):
        post.foresight.tick()
    assert post.written() == before


def test_without_a_seat_the_hospital_idle_longest_sleeps_and_the_next_launch_opens(bare: Post) -> None:
    first = bare.site.launch("first")
    bare.rounds(6)
    bare.site.steps.advance(700)
    second = bare.site.launch("second")
    bare.rounds(6)
    # As much as the two of them need, and nothing for a third.
    bare.host.machine = replace(ROOMY, memory_available=GIB + 2 * 28 * MIB)
    bare.rounds(4)
    third = bare.site.launch("third")
    bare.rounds(15)
    assert bare.site.instance(first).observed is Observed.HIBERNATED
    assert bare.site.instance(second).observed is Observed.OPEN
    assert bare.site.instance(third).observed is Observed.OPEN
    bare.site.check_invariants()


def test_without_a_seat_and_nobody_idle_a_launch_waits(bare: Post) -> None:
    first = bare.site.launch("first")
    bare.rounds(6)
    bare.host.machine = replace(ROOMY, memory_available=GIB + 28 * MIB)
    bare.rounds(4)
    second = bare.site.launch("second")
    bare.rounds(10)
    assert bare.site.instance(first).observed is Observed.OPEN
    assert bare.site.instance(second).observed is Observed.QUEUED
    bare.host.machine = ROOMY
    bare.rounds(10)
    assert bare.site.instance(second).observed is Observed.OPEN


def test_a_launch_whose_page_is_gone_leaves_the_queue_and_one_that_is_looked_at_stays(post: Post) -> None:
    post.host.machine = replace(ROOMY, memory_available=GIB)
    post.look()
    forsaken, watched = post.site.launch("gone"), post.site.launch("here")
    for _ in range(5):
        post.look(after_s=30)
        post.site.round()
        with post.site.database.transaction() as stores:
            stores.instances.touch({watched: post.site.clock.now()})
    assert post.site.instance(forsaken).desired is Desired.CLOSED
    assert post.site.instance(watched).desired is Desired.OPEN


def test_ready_cells_do_not_come_and_go_with_memory_that_breathes(post: Post) -> None:
    post.class_of(40, opens=NINE)
    post.host.machine = replace(ROOMY, memory_available=GIB + 10 * 28 * MIB)
    post.rounds(12)
    there = {cell.id for cell in post.site.present()}
    assert len(there) > 4
    free = post.host.machine.memory_available
    for breath in (0, -1, 0, -2, -1, 0):
        least = max(GIB + 26 * MIB * len(there), free + breath * 13 * MIB)
        post.host.machine = replace(ROOMY, memory_available=least)
        post.rounds(2)
    assert {cell.id for cell in post.site.present()} == there


@pytest.mark.parametrize(
    ("pressed", "waking", "expected"),
    [
        (Pressure.CALM, 0, 4),
        (Pressure.CALM, 1, 3),
        (Pressure.TIGHT, 0, 4),
        (Pressure.TIGHT, 1, 3),
        (Pressure.TIGHT, 9, 0),
        (Pressure.SHORT, 1, 0),
    ],
)
def test_who_wakes_gets_the_seat_of_a_ready_cell(pressed: Pressure, waking: int, expected: int) -> None:
    held = Capacity(memory=10, disk=600, site=600)
    cells = [make_cell(state=CellState.READY, instance=None, epoch=None) for _ in range(4)]
    load = Load(running=10, cell_bytes=26 * MIB)
    assert room(held, cells, load, pressed, waking=waking) == expected
