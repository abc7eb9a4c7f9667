"""What the worker tells of itself, and what was asked of the pool: as the stores keep it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts.model import AttemptState
from sandbox.provisioning import queue
from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import Move, Observed
from sandbox.provisioning.queue import Finished
from tests.builders import (
    NOON,
    make_assignment,
    make_attempt,
    make_cell,
    make_instance,
    make_sample,
    make_version,
    make_vitals,
)

Db = Database[DbStores]
MINUTE = timedelta(minutes=1)


def test_vitals_come_back_as_they_went_in_and_the_newest_worker_has_the_word(database: Db) -> None:
    first = make_vitals(fence=2, pressure=Pressure.TIGHT, failing_since=NOON, resting_until=NOON + MINUTE)
    with database.transaction() as stores:
        assert stores.vitals.latest() is None
        assert stores.vitals.put(first)
        assert stores.vitals.latest() == first
        later = replace(first, at=NOON + MINUTE, stalled=None, target=0)
        assert stores.vitals.put(later)
        assert not stores.vitals.put(replace(first, fence=1))
        assert stores.vitals.latest() == later


def test_a_minute_has_one_line_and_a_day_is_kept(database: Db) -> None:
    with database.transaction() as stores:
        for minute in range(5):
            stores.vitals.add_sample(make_sample(minute=NOON + minute * MINUTE, occupied=minute))
        stores.vitals.add_sample(make_sample(minute=NOON + 4 * MINUTE, occupied=44))
        stores.vitals.prune(before=NOON + MINUTE)
        kept = stores.vitals.samples(since=NOON)
    assert [one.occupied for one in kept] == [1, 2, 3, 44]


def test_launches_that_a_lesson_announced_are_not_unforeseen(database: Db) -> None:
    with database.transaction() as stores:
        stores.exercises.add(make_version())
        announced = make_assignment(opens=NOON)
        free = make_assignment(person="bob")
        stores.assignments.add(announced)
        stores.assignments.add(free)
        for number, given in enumerate((announced, free)):
            attempt = make_attempt(assignment=given.id, person=given.person)
            stores.attempts.add(attempt)
            stores.instances.add(
                make_instance(
                    id=attempt.instance,
                    owner=given.person,
                    attempt=attempt.id,
                    exercise_version=attempt.exercise_version,
                    queued_at=NOON + number * MINUTE,
                )
            )
        stores.instances.add(make_instance(owner="carol", queued_at=NOON + 2 * MINUTE))
        old = make_instance(owner="dora", queued_at=NOON - MINUTE)
        stores.instances.add(old)
        for epoch, kind in enumerate(("reset", "nightly")):
            stores.moves.add(
                Move(
                    instance=old.id,
                    epoch=epoch,
                    kind=kind,  # type: ignore[arg-type]
                    actor="dora",
                    created_at=NOON + 3 * MINUTE,
                    closed_at=None,
                )
            )
        assert stores.demand.unforeseen(since=NOON) == [NOON + minutes * MINUTE for minutes in (1, 2, 3)]


def test_what_opens_and_who_has_begun_it(database: Db) -> None:
    with database.transaction() as stores:
        given = [
            make_assignment(person="alice", opens=NOON),
            make_assignment(person="bob", opens=NOON + MINUTE),
            make_assignment(person="carol", opens=NOON + 9 * MINUTE),
            make_assignment(person="dora"),
            make_assignment(person="erik", opens=NOON, withdrawn_at=NOON),
        ]
        for one in given:
            stores.assignments.add(one)
        over = make_attempt(assignment=given[1].id, person="bob", state=AttemptState.ABANDONED, closed_at=NOON)
        stores.attempts.add(over)
        assert stores.demand.opening(NOON, NOON + 5 * MINUTE) == given[:2]
        assert stores.demand.begun(NOON, NOON + 5 * MINUTE) == {"bob"}
        assert stores.demand.begun(NOON + 2 * MINUTE, NOON + 5 * MINUTE) == frozenset()


def test_the_newest_finished_cells_oldest_first(database: Db) -> None:
    with database.transaction() as stores:
        stores.cells.add(make_cell(begun_at=NOON, ready_at=None))
        for number in range(4):
            stores.cells.add(make_cell(begun_at=NOON, ready_at=NOON + number * MINUTE))
        assert stores.demand.finished(newest=2) == [
            Finished(begun=NOON, ready=NOON + minutes * MINUTE) for minutes in (2, 3)
        ]


def test_the_place_in_the_queue_is_the_one_that_the_worker_serves_by(database: Db) -> None:
    drawn = random.Random(7)
    with database.transaction() as stores:
        for number in range(40):
            stores.instances.add(
                make_instance(
                    owner=f"p{number}",
                    queued_at=NOON + drawn.randrange(9) * MINUTE,
                    urgency=drawn.randrange(2),
                    observed=drawn.choice([Observed.QUEUED, Observed.QUEUED, Observed.LAUNCHING]),
                )
            )
        everybody = stores.instances.live()
        order = queue.waiting(everybody)
        assert [stores.demand.ahead(one) for one in order] == [queue.ahead(everybody, one) for one in order]
        assert [stores.demand.ahead(one).total for one in order] == list(range(len(order)))


def test_how_many_are_ready_and_what_expires_next(database: Db) -> None:
    with database.transaction() as stores:
        assert (stores.demand.ready(), stores.demand.next_expiry()) == (0, None)
        stores.cells.add(make_cell())
        stores.instances.add(make_instance(owner="bob", expires_at=NOON))
        waiting = make_instance(observed=Observed.LAUNCHING, expires_at=NOON + MINUTE)
        stores.instances.add(waiting)
        assert stores.demand.ready() == 1
        taken = stores.cells.claim(make_cell().pool_key, instance=waiting.id, epoch=1, now=NOON)
        assert taken is not None
        stores.instances.flip(waiting.id, cell=taken.id, epoch=1, now=NOON)
        assert (stores.demand.ready(), stores.demand.next_expiry()) == (0, NOON + MINUTE)
