"""Assigning: many people at once or nobody, the same thing never twice; and releasing what is assigned."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.attempts.model import Accommodation
from sandbox.errors import ForbiddenError, InvalidError, NotFoundError, VersionTakenError
from sandbox.exercises import releasing
from sandbox.exercises.model import Keep, Mode, Per
from sandbox.people import operations as people
from sandbox.people.model import Actor, PersonId
from sandbox.training import operations
from sandbox.training.model import Assignment, Rules
from tests.builders import NOON, make_assignment, make_version
from tests.fakes import FrozenClock, MemoryFiles
from tests.personas import BOB, CHARLIE, DANA, alice, bob, dana

Db = Database[DbStores]
EXERCISE = "opd-basic@1"


@pytest.fixture
def school(peopled: Db) -> Db:
    with peopled.transaction() as stores:
        stores.exercises.add(make_version())
    return peopled


def assign(
    database: Db,
    *people_ids: str,
    actor: Actor = bob,
    exercise_version: str = EXERCISE,
    due_in: timedelta | None = None,
    max_attempts: int | None = 3,
) -> list[Assignment]:
    with database.transaction() as stores:
        return operations.assign(
            stores,
            actor,
            exercise_version=exercise_version,
            people=[PersonId(each) for each in people_ids],
            rules=Rules(due=None if due_in is None else NOON + due_in, max_attempts=max_attempts),
            now=NOON,
        )


def standing(database: Db, person: str) -> Sequence[Assignment]:
    with database.reading() as stores:
        return stores.assignments.of_person(person)


def test_many_people_are_assigned_in_one_go(school: Db) -> None:
    made = assign(school, "alice", "charlie", due_in=timedelta(days=5))
    assert [each.person for each in made] == ["alice", "charlie"]
    assert made[0] == make_assignment(
        id=made[0].id, due=NOON + timedelta(days=5), max_attempts=3, reports_opened_at=None
    )
    assert standing(school, "alice") == [made[0]]
    with school.reading() as stores:
        assert [each.verb for each in stores.audit.chain()] == ["assignment.create"] * 2
        terms = stores.terms.of(made[0].id)
    assert (terms.person, terms.exercise_version, terms.max_attempts, terms.withdrawn) == ("alice", EXERCISE, 3, False)


def test_assigning_again_adds_only_who_is_new(school: Db) -> None:
    (first,) = assign(school, "alice", "alice")
    assert [each.person for each in assign(school, "alice", "charlie", max_attempts=9)] == ["charlie"]
    assert standing(school, "alice") == [first]


def test_what_was_withdrawn_can_be_assigned_anew(school: Db) -> None:
    (first,) = assign(school, "alice")
    with school.transaction() as stores:
        assert operations.withdraw(stores, bob, first.id, now=NOON)
        assert not operations.withdraw(stores, bob, first.id, now=NOON)
        assert stores.terms.of(first.id).withdrawn
    assert standing(school, "alice") == []
    (second,) = assign(school, "alice")
    assert standing(school, "alice") == [second]
    with school.reading() as stores:
        assert {each.id for each in stores.assignments.all()} == {first.id, second.id}


def test_the_most_urgent_comes_first_and_without_a_date_last(school: Db) -> None:
    with school.transaction() as stores:
        for number in (2, 3):
            stores.exercises.add(make_version(id=f"opd-basic@{number}", version=number))
    (whenever,) = assign(school, "alice")
    (late,) = assign(school, "alice", exercise_version="opd-basic@2", due_in=timedelta(days=9))
    (soon,) = assign(school, "alice", exercise_version="opd-basic@3", due_in=timedelta(days=1))
    assert standing(school, "alice") == [soon, late, whenever]


@pytest.mark.parametrize("actor", [alice, dana])
def test_only_trainers_assign_and_withdraw(school: Db, actor: Actor) -> None:
    (made,) = assign(school, "charlie")
    with pytest.raises(ForbiddenError):
        assign(school, "alice", actor=actor)
    with school.transaction() as stores, pytest.raises(ForbiddenError):
        operations.withdraw(stores, actor, made.id, now=NOON)
    assert standing(school, "charlie") == [made]


def test_one_wrong_person_and_nobody_is_assigned(school: Db, clock: FrozenClock) -> None:
    with school.transaction() as stores:
        people.disable(stores, dana, CHARLIE.id, now=clock.now())
    for wrong, error in (("nobody", NotFoundError), (DANA.id, InvalidError), (CHARLIE.id, InvalidError)):
        with pytest.raises(error):
            assign(school, "alice", wrong)
    assert standing(school, "alice") == []


def test_a_trainer_may_be_assigned_too(school: Db) -> None:
    assert len(assign(school, BOB.id)) == 1


@pytest.mark.parametrize(("due_in", "limit"), [(timedelta(0), 3), (timedelta(seconds=-1), 3), (None, 0), (None, -1)])
def test_a_date_in_the_past_or_no_attempt_at_all_is_a_mistake(
    school: Db, due_in: timedelta | None, limit: int | None
) -> None:
    with pytest.raises(InvalidError):
        assign(school, "alice", due_in=due_in, max_attempts=limit)


def test_an_unknown_exercise_cannot_be_assigned(school: Db) -> None:
    with pytest.raises(NotFoundError):
        assign(school, "alice", exercise_version="nothing@1")


CONTENT = b"id: opd-basic\n"
VERSION = make_version(sha256=hashlib.sha256(CONTENT).hexdigest())


def release(database: Db, content: bytes = CONTENT, *, actor: Actor = bob, **said: object) -> bool:
    version = replace(VERSION, sha256=hashlib.sha256(content).hexdigest(), **said)  # type: ignore[arg-type]
    with database.transaction() as stores:
        return releasing.release(stores, MemoryFiles(), actor, version, content, now=NOON)


def test_a_version_is_released_once(peopled: Db) -> None:
    assert release(peopled)
    assert not release(peopled, released_at=NOON + timedelta(days=1))
    with peopled.reading() as stores:
        assert stores.exercises.all() == [VERSION]
        assert [each.verb for each in stores.audit.chain()] == ["exercise.release"]


def test_released_bytes_never_change(peopled: Db) -> None:
    release(peopled)
    with pytest.raises(VersionTakenError, match="other bytes"):
        release(peopled, b"other")
    assert release(peopled, b"other", id="opd-basic@2", version=2)
    with peopled.reading() as stores:
        assert [each.id for each in stores.exercises.newest()] == ["opd-basic@2"]
        assert [each.id for each in stores.exercises.all()] == ["opd-basic@2", "opd-basic@1"]


def test_a_release_carries_the_bytes_it_names_and_comes_from_a_trainer(peopled: Db) -> None:
    with pytest.raises(ForbiddenError):
        release(peopled, actor=alice)
    with peopled.transaction() as stores, pytest.raises(InvalidError):
        releasing.release(stores, MemoryFiles(), bob, VERSION, b"other", now=NOON)


def assign_as(database: Db, rules: Rules, *people_ids: str, exercise_version: str = EXERCISE) -> list[Assignment]:
    people_of = [PersonId(each) for each in people_ids or ("alice",)]
    with database.transaction() as stores:
        return operations.assign(
            stores, bob, exercise_version=exercise_version, people=people_of, rules=rules, now=NOON
        )


def test_an_exam_is_tried_as_often_as_its_exercise_says(school: Db) -> None:
    exam = {"exam_attempts": 2, "exam_per": Per.EVER, "exam_keep": Keep.FIRST, "exam_wait_ms": 600_000}
    with school.transaction() as stores:
        stores.exercises.add(make_version(id="opd-exam@1", exercise="opd-exam", **exam))
    (made,) = assign_as(school, Rules(mode=Mode.EXAM), exercise_version="opd-exam@1")
    assert (made.max_attempts, made.per, made.keep, made.wait_ms) == (2, Per.EVER, Keep.FIRST, 600_000)
    assert made.reports_opened_at is None


def test_the_same_exercise_may_stand_once_in_each_mode(school: Db) -> None:
    for mode in Mode:
        assert len(assign_as(school, Rules(mode=mode))) == 1
        assert assign_as(school, Rules(mode=mode)) == []
    assert sorted(each.mode for each in standing(school, "alice")) == ["class", "exam", "practice"]


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (Rules(mode=Mode.EXAM, max_attempts=9), "attempts are limited in a class only"),
        (Rules(mode=Mode.PRACTICE, keep=Keep.LAST), "attempts are limited in a class only"),
        (Rules(mode=Mode.EXAM, checks_allowed=True), "only a class can choose checks"),
        (Rules(mode=Mode.EXAM, reports_open=True), "only a class can choose checks"),
        (Rules(opens=NOON + timedelta(days=2), due=NOON + timedelta(days=1)), "due must be after it opens"),
        (Rules(mode=Mode.CLASS), "does not allow this mode"),
    ],
)
def test_rules_that_cannot_be_meant_assign_nobody(school: Db, rules: Rules, words: str) -> None:
    with school.transaction() as stores:
        stores.exercises.add(make_version(id="no-class@1", exercise="no-class", modes=("practice", "exam")))
    with pytest.raises(InvalidError, match=words):
        assign_as(school, rules, exercise_version="no-class@1")
    assert standing(school, "alice") == []


def test_extra_time_is_granted_changed_and_audited_by_trainers_only(school: Db) -> None:
    (made,) = assign(school, "alice")
    with school.transaction() as stores:
        for factor, untimed in ((2, False), (1, True)):
            operations.accommodate(stores, bob, made.id, time_factor=factor, untimed=untimed, now=NOON)
        granted = stores.accommodations.of(made.id)
        assert granted == Accommodation(
            assignment=made.id, time_factor=1, untimed=True, granted_by="bob", granted_at=NOON
        )
        assert [each.verb for each in stores.audit.chain()].count("assignment.accommodate") == 2
    for factor in (0, 5):
        with school.transaction() as stores, pytest.raises(InvalidError):
            operations.accommodate(stores, bob, made.id, time_factor=factor, untimed=False, now=NOON)
    with school.transaction() as stores, pytest.raises(NotFoundError):
        operations.accommodate(stores, bob, "nothing", time_factor=2, untimed=False, now=NOON)
    for other in (alice, dana):
        with school.transaction() as stores, pytest.raises(ForbiddenError):
            operations.accommodate(stores, other, made.id, time_factor=2, untimed=False, now=NOON)


def test_reports_are_opened_and_closed_once_each(school: Db) -> None:
    (made,) = assign(school, "alice")
    with school.transaction() as stores:
        assert [operations.open_reports(stores, bob, made.id, now=NOON) for _ in range(2)] == [True, False]
        assert stores.terms.of(made.id).reports_opened_at == NOON
        assert [operations.close_reports(stores, bob, made.id, now=NOON) for _ in range(2)] == [True, False]
        assert stores.terms.of(made.id).reports_opened_at is None
        verbs = [each.verb for each in stores.audit.chain()]
    assert verbs == ["assignment.create", "reports.open", "reports.close"]
    with school.transaction() as stores, pytest.raises(ForbiddenError):
        operations.open_reports(stores, alice, made.id, now=NOON)


def test_a_class_may_have_its_reports_open_from_the_beginning(school: Db) -> None:
    (made,) = assign_as(school, Rules(reports_open=True))
    assert made.reports_opened_at == NOON


def test_nobody_gives_oneself_time_or_opens_an_own_report(school: Db) -> None:
    own = make_assignment(person="bob")
    with school.transaction() as stores:
        stores.assignments.add(own)
        with pytest.raises(ForbiddenError):
            operations.accommodate(stores, bob, own.id, time_factor=4, untimed=True, now=NOON)
        for switch in (operations.open_reports, operations.close_reports):
            with pytest.raises(ForbiddenError):
                switch(stores, bob, own.id, now=NOON)
