"""From a request to a grade, tick by tick; whatever is lost on the way costs nobody an attempt."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import NoReturn

import pytest
import sqlalchemy as sa

from sandbox.attempts.model import AttemptId, AttemptState, Evidence, Graded, GradingInputs, HintUse, Result
from sandbox.attempts.reconciler import AttemptReconciler, observe
from sandbox.errors import ArchiveCorruptError, LeaseLostError
from sandbox.people.model import PersonId
from sandbox.provisioning.model import Desired, InstanceId, Observed
from tests.fakes import MemoryFiles
from tests.personas import alice, dana
from tests.sandbox.attempts.actors import World

GRADED = Graded(report=b"report", score="92.5", verdict="pass", grader="1")


class Grader:
    """Gives what it was told to give and remembers what it was asked."""

    def __init__(self, graded: Graded = GRADED) -> None:
        self.asked: list[GradingInputs] = []
        self._graded = graded

    def __call__(self, inputs: GradingInputs) -> Graded:
        self.asked.append(inputs)
        return self._graded


def reconciler(world: World, grade: Grader, *, files: MemoryFiles | None = None) -> AttemptReconciler:
    return AttemptReconciler(
        begin=world.database.transaction,
        reading=world.database.reading,
        files=files or world.files,
        grade=grade,
        clock=world.clock,
    )


@pytest.fixture
def grade() -> Grader:
    return Grader()


@pytest.fixture
def worker(world: World, grade: Grader) -> AttemptReconciler:
    return reconciler(world, grade)


def opened(world: World, worker: AttemptReconciler) -> tuple[InstanceId, AttemptId]:
    launched = world.start(alice, world.assign(max_attempts=1))
    assert launched.attempt is not None
    assert worker.tick() == 0
    world.flip(launched.instance)
    assert worker.tick() == 0
    return launched.instance, launched.attempt


def results(world: World, attempt: AttemptId) -> list[Result]:
    with world.database.reading() as stores:
        return stores.results.of(attempt)


def test_an_attempt_goes_from_request_to_grade(world: World, worker: AttemptReconciler, grade: Grader) -> None:
    instance, attempt = opened(world, worker)
    assert world.attempt(attempt).opened_at == world.now
    world.clock.pass_time(minutes=5)
    world.submit(alice, attempt)
    assert worker.tick() == 0
    cell = world.seal(instance)
    assert worker.tick() == 0
    world.archive(cell, b"journal", b"hospital")
    assert [worker.tick() for _ in range(3)] == [1, 1, 0]
    with world.database.reading() as stores:
        nonce = stores.cells.get(cell).nonce
        assert stores.evidence.of(attempt) == Evidence(
            attempt=attempt,
            journal_sha256=world.files.put(b"journal"),
            state_sha256=world.files.put(b"hospital"),
            nonce=nonce,
            rows=3,
            sealed_at=world.now,
        )
    assert grade.asked == [
        GradingInputs(
            exercise=b"exercise",
            journal=b"journal",
            state=b"hospital",
            attempt=attempt,
            nonce=nonce,
            fault="",
            hints=(),
        )
    ]
    assert results(world, attempt) == [
        Result(
            attempt=attempt,
            number=1,
            exercise_version="opd-basic@1",
            actor="worker",
            score="92.5",
            verdict="pass",
            report_sha256=world.files.put(b"report"),
            grader="1",
            graded_at=world.now,
        )
    ]
    final = world.attempt(attempt)
    assert (final.state, final.closed_at) == (AttemptState.GRADED, world.now)
    assert world.trail() == [
        ("alice", "attempt.start"),
        ("worker", "attempt.open"),
        ("alice", "attempt.submit"),
        ("worker", "attempt.seal"),
        ("worker", "attempt.grade"),
    ]


def test_the_deadline_submits_what_is_there(world: World, worker: AttemptReconciler) -> None:
    instance, attempt = opened(world, worker)
    world.clock.pass_time(minutes=20)
    assert worker.tick() == 0
    world.clock.pass_time(seconds=15)
    assert worker.tick() == 1
    assert world.state(attempt) is AttemptState.SUBMITTED
    assert world.instance(instance).desired is Desired.CLOSED
    assert world.trail()[-1] == ("worker", "attempt.expire")


def test_hints_reach_the_grader(world: World, worker: AttemptReconciler, grade: Grader) -> None:
    instance, attempt = opened(world, worker)
    use = HintUse(attempt=attempt, hint="h1", working_ms=7, opened_at=world.now)
    with world.database.transaction() as stores:
        stores.hints.add(use)
    world.submit(alice, attempt)
    world.archive(world.seal(instance))
    worker.tick()
    worker.tick()
    assert grade.asked[0].hints == (use,)


def test_a_broken_chain_gives_an_error_and_no_score(world: World) -> None:
    grade = Grader(Graded(report=b"broken", score="", verdict="error", grader="1", faults=1))
    worker = reconciler(world, grade)
    instance, attempt = opened(world, worker)
    world.submit(alice, attempt)
    world.archive(world.seal(instance), chain="row 2 was changed")
    assert [worker.tick() for _ in range(2)] == [1, 1]
    assert [(each.score, each.verdict) for each in results(world, attempt)] == [("", "error")]
    assert grade.asked[0].fault == "row 2 was changed"


def test_a_reset_leads_to_a_new_attempt_that_opens_with_its_own_cell(
    world: World, worker: AttemptReconciler, grade: Grader
) -> None:
    instance, first = opened(world, worker)
    world.reset(dana, instance)
    assert worker.tick() == 0
    second = AttemptId(str(world.instance(instance).attempt))
    assert world.state(second) is AttemptState.REQUESTED
    old = world.instance(instance).cell
    assert old is not None
    world.flip(instance)
    assert world.state(second) is AttemptState.OPEN
    world.archive(old, b"first journal")
    world.submit(alice, second)
    world.archive(world.seal(instance), b"second journal")
    assert [worker.tick() for _ in range(2)] == [1, 1]
    assert [inputs.journal for inputs in grade.asked] == [b"second journal"]
    assert (world.state(first), world.state(second)) == (AttemptState.INTERRUPTED, AttemptState.GRADED)


def test_an_instance_destroyed_by_it_interrupts_and_gives_the_attempt_back(
    world: World, worker: AttemptReconciler
) -> None:
    instance, attempt = opened(world, worker)
    assignment = world.attempt(attempt).assignment
    world.close(dana, instance)
    assert worker.tick() == 1
    assert world.state(attempt) is AttemptState.INTERRUPTED
    assert world.start(alice, assignment).fresh


def test_a_failed_instance_interrupts(world: World, worker: AttemptReconciler) -> None:
    instance, attempt = opened(world, worker)
    with world.database.transaction() as stores:
        stores.instances.move(instance, Observed.OPEN, Observed.FAILED, trouble="SBX-400")
    assert worker.tick() == 1
    assert world.state(attempt) is AttemptState.INTERRUPTED


def test_work_handed_in_waits_for_a_quarantined_cell_until_it_is_given_up(
    world: World, worker: AttemptReconciler
) -> None:
    instance, attempt = opened(world, worker)
    world.submit(alice, attempt)
    cell = world.seal(instance)
    assert worker.tick() == 0
    assert world.state(attempt) is AttemptState.SUBMITTED
    world.lose(cell)
    assert worker.tick() == 1
    assert world.state(attempt) is AttemptState.INTERRUPTED


def test_a_file_that_rots_holds_the_attempt_and_nobody_else(world: World) -> None:
    class Rotten(MemoryFiles):
        def get(self, sha256: str) -> bytes:
            raise ArchiveCorruptError(detail="other content")

    grade = Grader()
    instance, attempt = opened(world, reconciler(world, grade))
    world.submit(alice, attempt)
    world.archive(world.seal(instance))
    rotten = reconciler(world, grade, files=Rotten())
    assert [rotten.tick() for _ in range(3)] == [1, 0, 0]
    assert world.state(attempt) is AttemptState.SEALED
    assert reconciler(world, grade).tick() == 1
    assert world.state(attempt) is AttemptState.GRADED


def test_two_workers_at_once_seal_and_grade_once(world: World, worker: AttemptReconciler) -> None:
    instance, attempt = opened(world, worker)
    world.submit(alice, attempt)
    world.archive(world.seal(instance))
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(3):
            worker.tick()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results(world, attempt)) == 1
    assert world.trail().count(("worker", "attempt.seal")) == world.trail().count(("worker", "attempt.grade")) == 1


def test_a_grade_without_its_exercise_is_not_guessed(world: World, grade: Grader) -> None:
    instance, attempt = opened(world, reconciler(world, grade))
    world.submit(alice, attempt)
    world.archive(world.seal(instance))
    empty = reconciler(world, grade, files=MemoryFiles())
    assert [empty.tick() for _ in range(2)] == [1, 0]
    assert world.state(attempt) is AttemptState.SEALED
    assert grade.asked == []


def test_a_worker_that_lost_its_lease_stops_at_once(world: World, grade: Grader) -> None:
    def lost() -> NoReturn:
        raise LeaseLostError("another worker")

    launched = world.start(alice, world.assign())
    assert launched.attempt is not None
    world.flip(launched.instance)
    world.submit(alice, launched.attempt)
    world.archive(world.seal(launched.instance))
    stale = AttemptReconciler(
        begin=lost, reading=world.database.reading, files=world.files, grade=grade, clock=world.clock
    )
    with pytest.raises(LeaseLostError):
        stale.tick()
    assert world.state(launched.attempt) is AttemptState.SUBMITTED


def test_open_attempts_are_looked_at_together(world: World) -> None:
    asked: dict[int, int] = {}
    for number in (1, 2, 3):
        person = replace(alice, id=PersonId(f"alice-{number}"))
        launched = world.start(person, world.assign(person.id))
        world.flip(launched.instance)
        statements: list[str] = []
        with world.database.reading() as stores:
            hear = sa.event.listens_for(stores.connection, "before_cursor_execute")
            hear(lambda _c, _cursor, statement, *_, told=statements: told.append(statement))
            assert len(observe(stores)) == number
        asked[number] = len(statements)
    assert asked[1] == asked[2] == asked[3]
