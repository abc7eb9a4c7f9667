"""Launch, start, submit, reset, close: what a person may do, once and only once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from sandbox.attempts import operations
from sandbox.attempts.model import AttemptId, AttemptState, HintUse, Launched
from sandbox.errors import (
    AttemptLimitError,
    ForbiddenError,
    NotFoundError,
    QuotaError,
    SandboxError,
    WrongStateError,
)
from sandbox.people.model import CLI, WORKER, Actor
from sandbox.provisioning.model import Desired, InstanceId, Move, Observed
from tests.builders import NOON, ZONE, make_attempt
from tests.personas import alice, bob, charlie, dana
from tests.sandbox.attempts.actors import World

THREADS = 20


def at_once(deed: Callable[[], object]) -> list[object]:
    """Run the deed in twenty threads from one barrier; return what each gave or raised."""
    barrier, outcomes = threading.Barrier(THREADS), []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(deed())
        except SandboxError as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def opened(world: World, *, max_attempts: int | None = None) -> tuple[InstanceId, AttemptId]:
    """Return Alice's open instance and attempt."""
    launched = world.start(alice, world.assign(max_attempts=max_attempts))
    assert launched.attempt is not None
    world.flip(launched.instance)
    return launched.instance, launched.attempt


def test_starting_wants_an_instance_and_counts_an_attempt(world: World) -> None:
    assignment = world.assign(max_attempts=3)
    launched = world.start(alice, assignment)
    attempt, instance = world.attempt(launched.attempt), world.instance(launched.instance)
    expected = make_attempt(id=launched.attempt, assignment=assignment, instance=instance.id)
    assert attempt == expected
    assert (instance.owner, instance.desired, instance.observed) == ("alice", Desired.OPEN, Observed.QUEUED)
    assert (instance.exercise_version, instance.attempt, instance.epoch) == ("opd-basic@1", attempt.id, 0)
    with world.database.reading() as stores:
        assert len(stores.attempts.counted("alice", assignment)) == 1
    assert world.trail() == [("alice", "attempt.start")]


def test_starting_twice_is_starting_once(world: World) -> None:
    assignment = world.assign(max_attempts=1)
    first = world.start(alice, assignment)
    assert world.start(alice, assignment) == replace(first, fresh=False)


def test_twenty_clicks_at_once_start_one_attempt(world: World) -> None:
    assignment = world.assign(max_attempts=3)
    outcomes = at_once(lambda: world.start(alice, assignment))
    assert len({(each.instance, each.attempt) for each in outcomes if isinstance(each, Launched)}) == 1
    assert sum(isinstance(each, Launched) and each.fresh for each in outcomes) == 1
    with world.database.reading() as stores:
        assert len(stores.attempts.all()) == len(stores.instances.live()) == 1


def test_twenty_practice_launches_at_once_give_one_instance(world: World) -> None:
    outcomes = at_once(lambda: world.practise(alice))
    assert sum(isinstance(each, Launched) and each.fresh for each in outcomes) == 1
    with world.database.reading() as stores:
        assert len(stores.instances.live()) == 1


def test_the_limit_holds_and_is_given_back_by_what_does_not_count(world: World) -> None:
    assignment = world.assign(max_attempts=2)
    for _ in range(3):
        launched = world.start(alice, assignment)
        assert launched.attempt is not None
        with world.database.transaction() as stores:
            operations.cancel(stores, alice, launched.attempt, now=world.now)
    for _ in range(2):
        launched = world.start(alice, assignment)
        assert launched.attempt is not None
        world.flip(launched.instance)
        with world.database.transaction() as stores:
            operations.abandon(stores, alice, launched.attempt, now=world.now)
    with pytest.raises(AttemptLimitError) as refused:
        world.start(alice, assignment)
    assert refused.value.say("en") == "All 2 attempts of this exercise are used up."


def test_of_twenty_starts_at_once_exactly_the_limit_succeeds(world: World) -> None:
    assignment = world.assign(max_attempts=3)

    def start_and_close() -> bool:
        with world.database.transaction() as stores:
            launched = operations.start(
                stores, alice, exercise_version="opd-basic@1", assignment=assignment, now=world.now, zone=ZONE
            )
            # As if opened and abandoned: counted, and out of the way of the next start.
            assert launched.attempt is not None
            stores.attempts.move(launched.attempt, AttemptState.REQUESTED, AttemptState.OPEN, at=world.now)
            operations.abandon(stores, alice, launched.attempt, now=world.now)
            return launched.fresh

    outcomes = at_once(start_and_close)
    assert outcomes.count(True) == 3
    assert sum(isinstance(each, AttemptLimitError) for each in outcomes) == 17


def test_one_thing_at_a_time(world: World) -> None:
    assignment = world.assign()
    world.practise(alice)
    with pytest.raises(QuotaError):
        world.start(alice, assignment)
    world.start(charlie, world.assign("charlie"))
    with pytest.raises(QuotaError):
        world.practise(charlie)


def test_the_next_thing_may_begin_while_the_last_is_being_archived(world: World) -> None:
    instance, attempt = opened(world)
    world.submit(alice, attempt)
    assert world.practise(alice).instance != instance


@pytest.mark.parametrize("whose", ["charlie", "withdrawn", "other version", "unknown", "none"])
def test_only_a_standing_assignment_of_ones_own_can_be_started(world: World, whose: str) -> None:
    assignment: str | None = world.assign("charlie" if whose == "charlie" else "alice")
    with world.database.transaction() as stores:
        if whose == "withdrawn":
            stores.assignments.withdraw(str(assignment), at=NOON)
        if whose == "other version":
            version = stores.exercises.get("opd-basic@1")
            stores.exercises.add(replace(version, id="opd-basic@2", version=2))
    key = {"unknown": "nothing", "none": None}.get(whose, assignment)
    version_id = "opd-basic@2" if whose == "other version" else "opd-basic@1"
    with world.database.transaction() as stores, pytest.raises((ForbiddenError, NotFoundError)):
        operations.start(stores, alice, exercise_version=version_id, assignment=key, now=world.now, zone=ZONE)
    with world.database.reading() as stores:
        assert stores.instances.live() == []


def test_a_trainer_tries_an_exercise_without_an_assignment_and_it_does_neither(world: World) -> None:
    assert world.start(bob, None).fresh
    with pytest.raises(ForbiddenError):
        world.start(dana, None)
    with pytest.raises(ForbiddenError):
        world.practise(dana)


def test_an_unknown_exercise_is_not_found(world: World) -> None:
    with world.database.transaction() as stores, pytest.raises(NotFoundError):
        operations.start(stores, bob, exercise_version="nothing@1", assignment=None, now=world.now, zone=ZONE)


def test_submitting_hands_in_and_closes(world: World) -> None:
    instance, attempt = opened(world)
    world.clock.pass_time(minutes=7)
    assert world.submit(alice, attempt)
    seen = world.attempt(attempt)
    assert (seen.state, seen.submitted_at, seen.closed_at) == (AttemptState.SUBMITTED, world.now, None)
    assert world.instance(instance).desired is Desired.CLOSED


def test_submitting_twice_is_submitting_once(world: World) -> None:
    _, attempt = opened(world)
    assert at_once(lambda: world.submit(alice, attempt)).count(True) == 1
    assert not world.submit(alice, attempt)
    assert world.trail().count(("alice", "attempt.submit")) == 1


def test_nobody_else_submits_and_nothing_unopened_or_over_is_submitted(world: World) -> None:
    launched = world.start(alice, world.assign())
    assert launched.attempt is not None
    for other in (bob, charlie, dana):
        with pytest.raises(ForbiddenError):
            world.submit(other, launched.attempt)
    with pytest.raises(WrongStateError):
        world.submit(alice, launched.attempt)
    world.close(alice, launched.instance)
    with pytest.raises(WrongStateError):
        world.submit(alice, launched.attempt)


def test_a_reset_of_free_practice_happens_once_per_epoch(world: World) -> None:
    instance = world.practise(alice).instance
    world.flip(instance)
    assert at_once(lambda: world.reset(alice, instance)).count(True) == 1
    move = Move(instance=instance, epoch=1, kind="reset", actor="alice", created_at=NOON, closed_at=None)
    with world.database.reading() as stores:
        assert stores.moves.open() == [move]
    world.flip(instance)
    assert world.reset(alice, instance)


def test_a_reset_interrupts_the_attempt_and_begins_the_next_with_the_next_cell(world: World) -> None:
    instance, first = opened(world, max_attempts=1)
    assert world.reset(dana, instance)
    second = AttemptId(str(world.instance(instance).attempt))
    assert second != first
    assert (world.state(first), world.state(second)) == (AttemptState.INTERRUPTED, AttemptState.REQUESTED)
    assert world.attempt(second).assignment == world.attempt(first).assignment
    with world.database.reading() as stores:
        old = stores.cells.present()[0]
        assert (old.attempt, len(stores.attempts.counted("alice", str(world.attempt(first).assignment)))) == (first, 1)
    cell = world.flip(instance)
    with world.database.reading() as stores:
        assert stores.cells.get(cell).attempt == second


@pytest.mark.parametrize("actor", [dana, WORKER])
def test_it_and_the_night_reset_what_is_others(world: World, actor: Actor) -> None:
    instance, attempt = opened(world)
    with world.database.transaction() as stores:
        assert operations.reset(stores, actor, instance, kind="nightly", now=world.now)
        assert stores.moves.open()[0].kind == "nightly"
    assert world.state(attempt) is AttemptState.INTERRUPTED


def test_only_what_is_open_can_be_reset_and_not_by_others(world: World) -> None:
    instance = world.practise(alice).instance
    with pytest.raises(WrongStateError):
        world.reset(alice, instance)
    world.flip(instance)
    for other in (bob, charlie):
        with pytest.raises(ForbiddenError):
            world.reset(other, instance)
    world.close(alice, instance)
    with pytest.raises(WrongStateError):
        world.reset(alice, instance)


def test_a_submitted_attempt_cannot_be_reset_away(world: World) -> None:
    instance, attempt = opened(world)
    world.submit(alice, attempt)
    with pytest.raises(WrongStateError):
        world.reset(alice, instance)
    assert world.state(attempt) is AttemptState.SUBMITTED


def test_closing_gives_up_what_is_open_and_leaves_what_is_handed_in(world: World) -> None:
    instance, attempt = opened(world)
    assert world.close(alice, instance)
    assert not world.close(alice, instance)
    assert world.state(attempt) is AttemptState.ABANDONED
    instance, attempt = opened(world)
    world.submit(alice, attempt)
    assert not world.close(alice, instance)
    assert world.state(attempt) is AttemptState.SUBMITTED


def test_whoever_can_enter_can_hand_in_though_the_worker_has_done_nothing_since(world: World) -> None:
    launched = world.start(alice, world.assign())
    assert launched.attempt is not None
    world.clock.pass_time(seconds=3)
    world.flip(launched.instance)
    seen = world.attempt(launched.attempt)
    assert (seen.state, seen.opened_at) == (AttemptState.OPEN, world.now)
    assert world.trail() == [("alice", "attempt.start"), ("worker", "attempt.open")]
    assert world.submit(alice, launched.attempt)


def test_an_attempt_that_ended_while_its_hospital_was_prepared_stays_as_it_ended(world: World) -> None:
    launched = world.start(alice, world.assign())
    assert launched.attempt is not None
    with world.database.transaction() as stores:
        operations.cancel(stores, alice, launched.attempt, now=world.now)
    world.flip(launched.instance)
    assert world.state(launched.attempt) is AttemptState.CANCELLED


def test_closing_after_a_reset_that_has_not_begun_costs_no_attempt(world: World) -> None:
    instance, first = opened(world, max_attempts=1)
    assert world.reset(dana, instance)
    second = AttemptId(str(world.instance(instance).attempt))
    world.close(alice, instance)
    assert (world.state(first), world.state(second)) == (AttemptState.INTERRUPTED, AttemptState.CANCELLED)


def test_closing_while_queued_leaves_the_queue_uncounted(world: World) -> None:
    launched = world.start(alice, world.assign())
    world.close(alice, launched.instance)
    assert world.state(launched.attempt) is AttemptState.CANCELLED


def test_an_instance_destroyed_by_it_leaves_the_attempt_to_the_worker(world: World) -> None:
    instance, attempt = opened(world)
    with pytest.raises(ForbiddenError):
        world.close(charlie, instance)
    assert world.close(dana, instance)
    assert world.state(attempt) is AttemptState.OPEN
    assert ("dana", "fleet.destroy") in world.trail()


def test_hints_open_in_order_once_with_the_working_time(world: World) -> None:
    _, attempt = opened(world)
    world.clock.pass_time(minutes=2, milliseconds=5)

    def open_hint(hint: str) -> bool:
        with world.database.transaction() as stores:
            return operations.open_hint(stores, alice, attempt, hint, of_step=["h1", "h2"], now=world.now)

    with pytest.raises(WrongStateError):
        open_hint("h2")
    with pytest.raises(NotFoundError):
        open_hint("h3")
    assert [open_hint(hint) for hint in ("h1", "h1", "h2")] == [True, False, True]
    with world.database.reading() as stores:
        assert stores.hints.of(attempt)[0] == HintUse(
            attempt=attempt, hint="h1", working_ms=120_005, opened_at=world.now
        )
    world.submit(alice, attempt)
    with pytest.raises(WrongStateError):
        open_hint("h2")


def fail(world: World, instance: InstanceId, attempt: AttemptId, *, noticed: bool) -> None:
    with world.database.transaction() as stores:
        stores.instances.move(instance, Observed.OPEN, Observed.FAILED, trouble="SBX-405")
        if noticed:
            stores.attempts.move(attempt, AttemptState.OPEN, AttemptState.INTERRUPTED, at=world.now)


@pytest.mark.parametrize("noticed", [True, False])
def test_retrying_a_failed_exercise_gives_the_trainee_an_attempt_to_hand_in(world: World, *, noticed: bool) -> None:
    instance, first = opened(world, max_attempts=1)
    fail(world, instance, first, noticed=noticed)
    with world.database.transaction() as stores:
        operations.retry(stores, CLI, instance, now=world.now)
    seen = world.instance(instance)
    assert seen.observed is Observed.QUEUED
    assert world.state(first) is AttemptState.INTERRUPTED
    again = world.attempt(AttemptId(seen.attempt or ""))
    assert (again.id != first, again.state) == (True, AttemptState.REQUESTED)
    assert again.assignment == world.attempt(first).assignment
    world.flip(instance)
    assert world.submit(alice, again.id)


def test_retrying_free_practice_needs_no_attempt_and_only_it_may(world: World) -> None:
    instance = world.practise(alice).instance
    world.flip(instance)
    with world.database.transaction() as stores:
        stores.instances.move(instance, Observed.OPEN, Observed.FAILED, trouble="SBX-405")
    with world.database.transaction() as stores, pytest.raises(ForbiddenError):
        operations.retry(stores, alice, instance, now=world.now)
    with world.database.transaction() as stores:
        operations.retry(stores, CLI, instance, now=world.now)
    assert (world.instance(instance).observed, world.instance(instance).attempt) == (Observed.QUEUED, None)
