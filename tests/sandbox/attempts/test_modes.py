"""Practice, class, exam: what a start pins, what an exam refuses, when the next try is possible."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from sandbox.attempts import operations
from sandbox.attempts.model import AttemptId, AttemptState, Result
from sandbox.errors import AttemptLimitError, NotFoundError, NotYetError, SandboxError, WrongStateError
from sandbox.exercises.model import Mode, Per
from sandbox.provisioning.model import InstanceId
from sandbox.training import operations as training
from tests.builders import NOON, make_assignment, make_version
from tests.personas import alice, bob, dana
from tests.sandbox.attempts.actors import World

THREADS = 12


def assigned(world: World, **said: Any) -> str:
    assignment = make_assignment(**said)
    with world.database.transaction() as stores:
        assert stores.assignments.add(assignment)
    return assignment.id


def opened(world: World, assignment: str | None) -> tuple[InstanceId, AttemptId]:
    launched = world.start(alice if assignment else bob, assignment)
    assert launched.attempt is not None
    world.flip(launched.instance)
    return launched.instance, launched.attempt


def finished(world: World, assignment: str, *, verdict: str) -> AttemptId:
    """Have Alice make one attempt that ends with this verdict."""
    instance, attempt = opened(world, assignment)
    world.submit(alice, attempt)
    world.archive(world.seal(instance))
    with world.database.transaction() as stores:
        stores.attempts.move(attempt, AttemptState.SUBMITTED, AttemptState.SEALED, at=world.now)
        stores.attempts.move(attempt, AttemptState.SEALED, AttemptState.GRADED, at=world.now)
        stores.results.append(
            Result(
                attempt=attempt,
                number=1,
                exercise_version="opd-basic@1",
                faults=int(verdict == "error"),
                actor="worker",
                score="" if verdict == "error" else "70.0",
                verdict=verdict,
                report_sha256="0" * 64,
                grader="1",
                graded_at=world.now,
            )
        )
    return attempt


def test_a_start_pins_mode_extra_time_and_variant(world: World) -> None:
    with world.database.transaction() as stores:
        stores.exercises.add(make_version(id="opd-vary@1", exercise="opd-vary", variants=7))
    key = assigned(world, mode=Mode.EXAM, exercise_version="opd-vary@1")
    with world.database.transaction() as stores:
        training.accommodate(stores, bob, key, time_factor=3, untimed=False, now=NOON)
        launched = operations.start(
            stores,
            alice,
            exercise_version="opd-vary@1",
            assignment=key,
            now=NOON,
            zone=world.zone,
            draw=lambda _: "7" * 16,
        )
    attempt = world.attempt(launched.attempt)
    assert (attempt.mode, attempt.time_factor, attempt.untimed, attempt.variant) == (Mode.EXAM, 3, False, 6)


def test_extra_time_granted_later_leaves_the_running_attempt_as_it_started(world: World) -> None:
    key = assigned(world)
    _, attempt = opened(world, key)
    with world.database.transaction() as stores:
        training.accommodate(stores, bob, key, time_factor=1, untimed=True, now=NOON)
    assert not world.attempt(attempt).untimed
    world.submit(alice, attempt)
    assert world.attempt(world.start(alice, key).attempt).untimed


def test_what_nobody_assigned_is_practice(world: World) -> None:
    assert world.attempt(opened(world, None)[1]).mode is Mode.PRACTICE


def test_an_assignment_that_opens_later_says_when(world: World) -> None:
    key = assigned(world, opens=NOON + timedelta(hours=2))
    with pytest.raises(NotYetError) as refused:
        world.start(alice, key)
    assert refused.value.say("en") == "Not yet. Possible after 2030-03-04 22:00."
    world.clock.pass_time(hours=2)
    assert world.start(alice, key).fresh


def test_the_days_tries_come_back_at_midnight_and_the_refusal_says_so(world: World) -> None:
    key = assigned(world, mode=Mode.EXAM, max_attempts=1, per=Per.DAY)
    finished(world, key, verdict="fail")
    with pytest.raises(NotYetError) as refused:
        world.start(alice, key)
    assert "2030-03-05 00:00" in refused.value.say("zh")
    world.clock.pass_time(hours=4)
    assert world.start(alice, key).fresh


def test_what_the_platform_could_not_grade_is_given_back_until_a_regrade_counts_it(world: World) -> None:
    key = assigned(world, mode=Mode.EXAM, max_attempts=1)
    attempt = finished(world, key, verdict="error")
    with world.database.reading() as stores:
        assert stores.attempts.counted("alice", key) == []
        result = stores.results.of(attempt)[0]
    with world.database.transaction() as stores:
        again = Result(**{**vars(result), "number": 2, "verdict": "fail", "score": "70.0", "faults": 0})
        stores.results.append(again)
    with pytest.raises(AttemptLimitError):
        world.start(alice, key)


def test_starts_at_once_never_exceed_the_days_tries(world: World) -> None:
    key = assigned(world, mode=Mode.EXAM, max_attempts=2, per=Per.DAY)
    barrier, outcomes = threading.Barrier(THREADS), []

    def start_and_give_up() -> None:
        barrier.wait()
        try:
            with world.database.transaction() as stores:
                launched = operations.start(
                    stores, alice, exercise_version="opd-basic@1", assignment=key, now=world.now, zone=world.zone
                )
                assert launched.attempt is not None
                stores.attempts.move(launched.attempt, AttemptState.REQUESTED, AttemptState.OPEN, at=world.now)
                operations.abandon(stores, alice, launched.attempt, now=world.now)
                outcomes.append("started")
        except SandboxError as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=start_and_give_up) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [NotYetError.code] * (THREADS - 2) + ["started"] * 2
    with world.database.reading() as stores:
        assert len(stores.attempts.counted("alice", key)) == 2


def test_an_exam_is_not_started_over_by_its_trainee_but_it_can_replace_a_hospital(world: World) -> None:
    instance, attempt = opened(world, assigned(world, mode=Mode.EXAM, max_attempts=1))
    with pytest.raises(WrongStateError):
        world.reset(alice, instance)
    assert world.state(attempt) is AttemptState.OPEN
    assert world.reset(dana, instance)
    assert world.state(attempt) is AttemptState.INTERRUPTED
    assert world.attempt(AttemptId(world.instance(instance).attempt or "")).mode is Mode.EXAM


def test_hints_of_an_exam_cannot_be_opened_by_request_either(world: World) -> None:
    _, attempt = opened(world, assigned(world, mode=Mode.EXAM))
    with world.database.transaction() as stores, pytest.raises(NotFoundError):
        operations.open_hint(stores, alice, attempt, "h1", of_step=["h1"], now=world.now)


def test_where_attempts_are_limited_starting_over_is_no_free_try(world: World) -> None:
    limited, attempt = opened(world, assigned(world, mode=Mode.CLASS, max_attempts=2))
    with pytest.raises(WrongStateError):
        world.reset(alice, limited)
    assert world.state(attempt) is AttemptState.OPEN
    with world.database.transaction() as stores:
        assert not operations.may_start_over(stores, stores.attempts.get(attempt))


def test_where_any_number_of_attempts_is_allowed_a_trainee_starts_over(world: World) -> None:
    instance, attempt = opened(world, assigned(world, mode=Mode.CLASS, max_attempts=None))
    assert world.reset(alice, instance)
    assert world.state(attempt) is AttemptState.INTERRUPTED


def test_a_look_at_an_exam_counts(world: World) -> None:
    assignment = assigned(world, mode=Mode.EXAM, max_attempts=1)
    launched = world.start(alice, assignment)
    assert launched.attempt is not None
    world.flip(launched.instance)
    with world.database.transaction() as stores, pytest.raises(WrongStateError):
        operations.cancel(stores, alice, launched.attempt, now=world.now)
    with world.database.transaction() as stores:
        assert operations.close_instance(stores, alice, launched.instance, now=world.now)
    assert world.state(launched.attempt) is AttemptState.ABANDONED
    with world.database.reading() as stores:
        assert [one.id for one in stores.attempts.counted("alice", assignment)] == [launched.attempt]
