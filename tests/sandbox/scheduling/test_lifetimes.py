"""The clock puts unused hospitals to sleep and ends stays: never an exam, never while an enforced limit runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts.model import Attempt, AttemptState
from sandbox.config import Lifetime
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import Desired, Instance, Observed
from sandbox.scheduling.lifetimes import Lifetimes, sleeps_at, verdict
from tests.builders import NOON, make_attempt, make_cell, make_instance
from tests.fakes import FrozenClock

KEPT = Lifetime()
HALF_AN_HOUR = NOON + timedelta(minutes=30)


def in_use(**said: Any) -> Instance:
    facts = {"observed": Observed.OPEN, "opened_at": NOON, "epoch": 1, "cell": "c" * 12}
    return make_instance(**(facts | {"expires_at": NOON + timedelta(hours=12)} | said))


def trying(mode: Mode, **said: Any) -> Attempt:
    return make_attempt(**({"mode": mode, "state": AttemptState.OPEN, "opened_at": NOON} | said))


@pytest.mark.parametrize(
    ("attempt", "sleeps"),
    [
        (None, True),
        (trying(Mode.PRACTICE), True),
        (trying(Mode.CLASS, untimed=True), True),
        (trying(Mode.CLASS), False),
        (trying(Mode.EXAM), False),
        (trying(Mode.EXAM, untimed=True), False),
        (trying(Mode.PRACTICE, state=AttemptState.REQUESTED), False),
    ],
)
def test_what_sleeps_after_half_an_hour(attempt: Attempt | None, sleeps: bool) -> None:
    one = in_use()
    assert verdict(one, attempt, KEPT, now=HALF_AN_HOUR - timedelta(seconds=1)) == "keep"
    assert verdict(one, attempt, KEPT, now=HALF_AN_HOUR) == ("hibernate" if sleeps else "keep")


def test_a_request_puts_it_off() -> None:
    one = in_use(last_request_at=NOON + timedelta(minutes=29))
    assert sleeps_at(one, None, KEPT) == NOON + timedelta(minutes=59)


@pytest.mark.parametrize("observed", [Observed.QUEUED, Observed.REPLACING, Observed.HIBERNATED, Observed.WAKING])
def test_only_what_is_open_goes_to_sleep(observed: Observed) -> None:
    assert verdict(in_use(observed=observed), None, KEPT, now=NOON + timedelta(hours=2)) == "keep"


def test_a_stay_ends_even_asleep_but_not_in_an_exam() -> None:
    later = NOON + timedelta(hours=12)
    asleep = in_use(observed=Observed.HIBERNATED, desired=Desired.HIBERNATED)
    assert verdict(asleep, None, KEPT, now=later) == "expire"
    assert verdict(in_use(), trying(Mode.CLASS), KEPT, now=later) == "expire"
    assert verdict(in_use(), trying(Mode.EXAM), KEPT, now=later) == "keep"
    assert verdict(in_use(desired=Desired.CLOSED), None, KEPT, now=later) == "keep"
    assert verdict(in_use(expires_at=None, last_request_at=later), None, KEPT, now=later) == "keep"


def test_the_errand_does_what_is_due_and_no_more(database: Database[DbStores]) -> None:
    clock = FrozenClock()
    cells = [make_cell(), make_cell()]
    idle, used = (in_use(owner=who, cell=cell.id) for who, cell in zip(("alice", "bob"), cells, strict=True))
    with database.transaction() as stores:
        for one in (idle, used):
            stores.instances.add(one)
    errand = Lifetimes(begin=database.transaction, reading=database.reading, lifetime=KEPT, clock=clock)
    assert errand.tick() == 0
    clock.pass_time(minutes=30)
    with database.transaction() as stores:
        stores.instances.touch({used.id: clock.now()})
    assert (errand.tick(), errand.tick()) == (1, 0)
    with database.reading() as stores:
        wanted = {one.owner: one.desired for one in stores.instances.live()}
    assert wanted == {"alice": Desired.HIBERNATED, "bob": Desired.OPEN}
    clock.pass_time(hours=12)
    assert errand.tick() == 2
    with database.reading() as stores:
        assert {one.desired for one in stores.instances.live()} == {Desired.CLOSED}


def test_whom_the_clock_leaves_alone_costs_no_question(database: Database[DbStores]) -> None:
    clock = FrozenClock()
    with database.transaction() as stores:
        for number in range(5):
            stores.instances.add(in_use(owner=f"p{number}", cell=make_cell().id))
    asked: list[str] = []

    @contextmanager
    def listening() -> Iterator[DbStores]:
        with database.reading() as stores:
            hear = sa.event.listens_for(stores.connection, "before_cursor_execute")
            hear(lambda _c, _cursor, statement, *_: asked.append(statement))
            yield stores

    errand = Lifetimes(begin=database.transaction, reading=listening, lifetime=KEPT, clock=clock)
    assert errand.tick() == 0
    assert len(asked) == 1
