"""Sleep, wake, stay: who may want it, when it is refused, and how often one may begin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.attempts import operations, places, staying
from sandbox.config import Lifetime, Quota
from sandbox.errors import (
    ExpiredError,
    ForbiddenError,
    LostRaceError,
    QuotaError,
    SandboxError,
    TooOftenError,
    WrongStateError,
)
from sandbox.exercises.model import Mode
from sandbox.people.model import WORKER, Actor
from sandbox.provisioning.model import Desired, Instance, InstanceId, Observed
from tests.builders import NOON, make_assignment
from tests.personas import alice, bob, charlie, dana
from tests.sandbox.attempts.actors import World


def opened(world: World, actor: Actor = alice) -> InstanceId:
    key = world.practise(actor).instance
    world.flip(key)
    return key


def seen(world: World, key: InstanceId) -> Instance:
    with world.database.reading() as stores:
        return stores.instances.get(key)


def test_sleep_is_wanted_once_and_audited(world: World) -> None:
    key = opened(world)
    with world.database.transaction() as stores:
        assert staying.hibernate(stores, alice, key, now=world.now)
        assert not staying.hibernate(stores, alice, key, now=world.now)
    assert seen(world, key).desired is Desired.HIBERNATED
    with world.database.transaction() as stores:
        assert staying.wake(stores, alice, key, now=world.now)
        assert not staying.wake(stores, alice, key, now=world.now)
        told = [entry.verb for entry in stores.audit.page(limit=2)]
    assert sorted(told) == ["instance.hibernate", "instance.wake"]
    assert seen(world, key).last_request_at == world.now


def test_only_an_open_hospital_can_sleep(world: World) -> None:
    key = world.practise(alice).instance
    with world.database.transaction() as stores, pytest.raises(WrongStateError):
        staying.hibernate(stores, alice, key, now=world.now)
    world.flip(key)
    world.reset(alice, key)
    with world.database.transaction() as stores, pytest.raises(WrongStateError):
        staying.hibernate(stores, alice, key, now=world.now)


def test_charlie_can_neither_wake_nor_extend_what_is_alices_but_it_can(world: World) -> None:
    key = opened(world)
    for deed in (staying.hibernate, staying.wake, staying.extend):
        with world.database.transaction() as stores, pytest.raises(ForbiddenError):
            deed(stores, charlie, key, now=world.now)
    with world.database.transaction() as stores:
        assert staying.hibernate(stores, dana, key, now=world.now)


def test_a_launch_of_what_sleeps_wakes_it(world: World) -> None:
    key = opened(world)
    with world.database.transaction() as stores:
        staying.hibernate(stores, alice, key, now=world.now)
    again = world.practise(alice)
    assert (again.instance, again.fresh) == (key, False)
    assert seen(world, key).desired is Desired.OPEN


def test_a_hospital_is_kept_for_twelve_hours_and_an_hour_longer_with_each_click(world: World) -> None:
    key = opened(world)
    assert seen(world, key).expires_at == NOON + timedelta(hours=12)
    with world.database.transaction() as stores:
        for hours in range(13, 25):
            assert staying.extend(stores, alice, key, now=world.now) == NOON + timedelta(hours=hours)
        with pytest.raises(QuotaError):
            staying.extend(stores, alice, key, now=world.now)


def test_what_is_due_within_the_stay_is_kept_two_hours_after_that(world: World) -> None:
    kept = Lifetime()
    half = NOON + timedelta(hours=11)
    assert places.expires_at(kept, due=half, now=NOON) == half + timedelta(hours=2)
    for due in (None, NOON - timedelta(1), NOON + timedelta(hours=3), NOON + timedelta(days=7)):
        assert places.expires_at(kept, due=due, now=NOON) == NOON + timedelta(hours=12)


def test_expiry_is_the_workers_and_says_why(world: World) -> None:
    key = opened(world)
    with world.database.transaction() as stores, pytest.raises(LostRaceError):
        staying.expire(stores, WORKER, key, now=world.now)
    world.clock.pass_time(hours=12)
    with world.database.transaction() as stores:
        with pytest.raises(ForbiddenError):
            staying.expire(stores, alice, key, now=world.now)
        staying.expire(stores, WORKER, key, now=world.now)
        [told] = stores.audit.page(limit=1)
    assert (told.verb, told.actor) == ("instance.expire", "worker")
    assert (seen(world, key).desired, seen(world, key).trouble) == (Desired.CLOSED, ExpiredError.code)


def test_an_extension_that_comes_too_late_is_refused(world: World) -> None:
    key = opened(world)
    world.close(alice, key)
    with world.database.transaction() as stores, pytest.raises(WrongStateError):
        staying.extend(stores, alice, key, now=world.now)


def test_a_trainer_has_three_places_and_a_trainee_one(world: World) -> None:
    quota = Quota()
    with world.database.transaction() as stores:
        for place in range(3):
            assert places.require_launch(stores, bob, quota, now=world.now) == place
            one = places.queued(
                bob, InstanceId(f"{place:016x}"), slot=place, urgency=1, expires=world.now, now=world.now
            )
            stores.instances.add(one)
        with pytest.raises(QuotaError):
            places.require_launch(stores, bob, quota, now=world.now)
        stores.instances.desire(InstanceId(f"{1:016x}"), Desired.CLOSED)
        assert places.require_launch(stores, bob, quota, now=world.now) == 1
    opened(world)
    with world.database.transaction() as stores, pytest.raises(QuotaError):
        places.require_launch(stores, alice, quota, now=world.now)


def test_the_sixth_launch_within_ten_minutes_says_when_it_is_possible(world: World) -> None:
    world.quota = Quota()
    for _ in range(5):
        world.close(alice, world.practise(alice).instance)
        world.clock.pass_time(seconds=10)
    with pytest.raises(TooOftenError) as refused:
        world.practise(alice)
    assert refused.value.facts["seconds"] == 550
    assert "550" in refused.value.say("zh")
    assert world.practise(bob).fresh
    world.clock.pass_time(seconds=550)
    assert world.practise(alice).fresh


def test_the_seventh_reset_within_ten_minutes_is_refused_and_its_not_counted(world: World) -> None:
    world.quota = Quota()
    key = opened(world)
    for _ in range(6):
        assert world.reset(alice, key)
        world.flip(key)
    with pytest.raises(TooOftenError):
        world.reset(alice, key)
    assert world.reset(dana, key)


def test_twenty_clicks_at_once_take_three_places(world: World) -> None:
    def click(number: int) -> object:
        try:
            with world.database.transaction() as stores:
                slot = places.require_launch(stores, bob, Quota(launches=0), now=world.now)
                key = InstanceId(f"{number:016x}")
                new = places.queued(bob, key, slot=slot, urgency=1, expires=world.now, now=world.now)
                stores.instances.add(replace(new, observed=Observed.QUEUED))
                return slot
        except SandboxError as refused:
            return type(refused)

    with ThreadPoolExecutor(20) as threads:
        outcomes = list(threads.map(click, range(20)))
    assert sorted(each for each in outcomes if isinstance(each, int)) == [0, 1, 2]
    assert outcomes.count(QuotaError) == 17


def test_a_reset_tells_its_click(world: World) -> None:
    key = opened(world)
    with world.database.transaction() as stores:
        operations.reset(stores, replace(alice, cause="c0ffee"), key, now=world.now)
        assert [move.cause for move in stores.moves.open()] == ["c0ffee"]


def test_an_exam_that_is_about_to_open_does_not_sleep(world: World) -> None:
    exam = make_assignment(person="alice", mode=Mode.EXAM)
    with world.database.transaction() as stores:
        stores.assignments.add(exam)
    launched = world.start(alice, exam.id)
    world.flip(launched.instance)
    with world.database.transaction() as stores, pytest.raises(WrongStateError):
        staying.hibernate(stores, alice, launched.instance, now=world.now)
