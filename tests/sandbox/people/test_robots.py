"""Robots: made for rehearsals, marked, disabled afterwards, on no list, graded for nothing."""

from __future__ import annotations

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts import operations as attempts
from sandbox.errors import ForbiddenError
from sandbox.overview import InstanceQuery
from sandbox.people import entering, robots
from sandbox.people.model import CLI, Actor, Role
from sandbox.people.operations import Entered, TurnedAway
from sandbox.provisioning.model import Observed
from tests import personas
from tests.builders import NOON, ZONE
from tests.fakes import FastPasswords

Db = Database[DbStores]
PASSWORD = "rushing-99-about"


def enlisted(database: Db, count: int) -> list[Actor]:
    with database.transaction() as stores:
        made = robots.enlist(stores, CLI, count, password_hash=FastPasswords().hash(PASSWORD), now=NOON)
    return [Actor(id=one.id, roles=one.roles) for one in made]


def enters(database: Db, login: str) -> Entered | TurnedAway:
    return entering.log_in(database, FastPasswords(), login=login, password=PASSWORD, address="", now=NOON)


def test_robots_are_used_again_and_only_as_many_as_asked_are_let_in(database: Db) -> None:
    first = enlisted(database, 3)
    with database.transaction() as stores:
        assert robots.dismiss(stores, CLI, now=NOON) == 3
        assert robots.dismiss(stores, CLI, now=NOON) == 0
    again = enlisted(database, 2)
    assert [one.id for one in again] == [one.id for one in first[:2]]
    with database.reading() as stores:
        assert [one.disabled for one in stores.people.robots()] == [False, False, True]
    assert [one.id for one in enlisted(database, 4)][:3] == [one.id for one in first]


def test_a_dismissed_robot_is_out_at_once_and_not_let_in(database: Db) -> None:
    enlisted(database, 1)
    inside = enters(database, "rehearsal-001")
    assert isinstance(inside, Entered)
    with database.transaction() as stores:
        robots.dismiss(stores, CLI, now=NOON)
        assert stores.logins.of_person(inside.person.id) is None
    assert isinstance(enters(database, "rehearsal-001"), TurnedAway)


def test_a_robot_is_on_no_list_of_people(database: Db) -> None:
    with database.transaction() as stores:
        stores.people.add(personas.ALICE, "x")
    enlisted(database, 2)
    with database.reading() as stores:
        assert [one.login for one in stores.people.all()] == [personas.ALICE.login]
        assert all(one.roles == {Role.ROBOT} for one in stores.people.robots())
        assert stores.overview.standings() == []


def test_a_robot_practises_and_is_never_graded(database: Db) -> None:
    (robot,) = enlisted(database, 1)
    with database.transaction() as stores:
        launched = attempts.launch_practice(stores, robot, now=NOON)
        assert launched.attempt is None
        for assignment in (None, "some"):
            with pytest.raises(ForbiddenError):
                attempts.start(stores, robot, exercise_version="x@1", assignment=assignment, now=NOON, zone=ZONE)


def test_what_robots_have_closed_is_not_shown_to_it(database: Db) -> None:
    (robot,) = enlisted(database, 1)
    with database.transaction() as stores:
        key = attempts.launch_practice(stores, robot, now=NOON).instance
        assert stores.overview.instances(InstanceQuery())[1] == 1
        attempts.close_instance(stores, robot, key, now=NOON)
        stores.instances.move(key, Observed.QUEUED, Observed.CLOSED)
        assert stores.overview.instances(InstanceQuery()) == ([], 0)


def test_what_robots_launch_is_no_demand_that_the_pool_should_follow(database: Db) -> None:
    (robot,) = enlisted(database, 1)
    with database.transaction() as stores:
        attempts.launch_practice(stores, robot, now=NOON)
        assert stores.demand.unforeseen(since=NOON) == []
        attempts.launch_practice(stores, personas.alice, now=NOON)
        assert stores.demand.unforeseen(since=NOON) == [NOON]


def test_only_it_enlists(database: Db) -> None:
    with database.transaction() as stores:
        for actor in (personas.alice, personas.bob):
            with pytest.raises(ForbiddenError):
                robots.enlist(stores, actor, 1, password_hash="x", now=NOON)
        with pytest.raises(ValueError, match="more than"):
            robots.enlist(stores, personas.dana, robots.MOST + 1, password_hash="x", now=NOON)
        assert robots.enlist(stores, personas.dana, 0, password_hash="x", now=NOON) == []
