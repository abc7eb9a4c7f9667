"""Checking one's work: who may ask and how often; the answer from a running hospital, or why there is none."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from sandbox.attempts import checking
from sandbox.attempts.checking import CheckAnswerer
from sandbox.attempts.model import AttemptId, CheckRequest
from sandbox.contract import CONTRACT_VERSION, codec
from sandbox.contract.control import Head, Health, HospitalState, JournalPage
from sandbox.contract.journal import Row
from sandbox.errors import (
    ControlUnreachableError,
    ForbiddenError,
    LostRaceError,
    NotYetError,
    SandboxError,
    WrongStateError,
)
from sandbox.exercises.model import Mode
from sandbox.provisioning.model import Endpoint
from sandbox.provisioning.ports import ControlChannel
from tests.builders import NOON, make_assignment
from tests.personas import alice, charlie
from tests.sandbox.attempts.actors import World
from tests.web import papers

NOWHERE = Path("/nowhere")


@dataclass
class RunningHospital:
    """A cell in which somebody works: all but the last row of the papers' journal, and the state so far."""

    attempt: str
    cut: int | None = None
    silent: bool = False

    def rows(self) -> list[Row]:
        whole = codec.from_json(list[Row], json.loads(papers.journal(self.attempt, papers.CAREFUL)))
        return whole[: self.cut or -1]

    def health(self, at: Endpoint) -> Health:
        if self.silent:
            raise ControlUnreachableError("no answer")
        last = self.rows()[-1]
        return Health(
            contract=CONTRACT_VERSION,
            condition="armed",
            instance="i",
            epoch=1,
            hospital_time=last.at,
            working_ms=last.t,
            idle_ms=0,
            head=Head(seq=last.seq, hash=last.hash),
        )

    def journal(self, at: Endpoint, after: int) -> JournalPage:
        rows = tuple(row for row in self.rows() if row.seq > after)[:3]
        return JournalPage(rows=rows, head=self.health(at).head)

    def state(self, at: Endpoint) -> HospitalState:
        return papers.whole(severity="2")


@pytest.fixture
def clinic(world: World) -> World:
    with world.database.transaction() as stores:
        stores.connection.exec_driver_sql("DROP TRIGGER exercise_version_refuses_update")
        sha256 = world.files.put(papers.EXERCISE.read_bytes())
        stores.connection.exec_driver_sql("UPDATE exercise_version SET sha256 = ?", (sha256,))
    return world


def working(world: World, **said: Any) -> AttemptId:
    """Return Alice's open attempt under an assignment of her own."""
    assignment = make_assignment(**said)
    with world.database.transaction() as stores:
        stores.assignments.add(assignment)
    launched = world.start(alice, assignment.id)
    assert launched.attempt is not None
    cell = world.flip(launched.instance)
    with world.database.transaction() as stores:
        stores.connection.exec_driver_sql("UPDATE cell SET nonce = ? WHERE id = ?", (papers.NONCE, cell))
    return launched.attempt


def ask(world: World, attempt: AttemptId, actor: Any = alice) -> CheckRequest:
    with world.database.transaction() as stores:
        return checking.ask(stores, actor, attempt, now=world.now)


def answerer(world: World, hospital: RunningHospital) -> CheckAnswerer:
    endpoint = cast(Callable[..., Endpoint], lambda _: Endpoint(http_socket=NOWHERE, control_socket=NOWHERE, uid=1))
    return CheckAnswerer(
        begin=world.database.transaction,
        reading=world.database.reading,
        files=world.files,
        control=cast(ControlChannel, hospital),
        endpoint=endpoint,
        clock=world.clock,
    )


def newest(world: World, attempt: AttemptId) -> CheckRequest:
    with world.database.reading() as stores:
        found = stores.checks.newest(attempt)
    assert found is not None
    return found


def test_the_answer_names_the_state_checks_and_whether_each_is_full_so_far(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    asked = ask(clinic, attempt)
    clinic.clock.pass_time(seconds=1)
    assert answerer(clinic, RunningHospital(attempt)).tick() == 1
    answer = newest(clinic, attempt)
    assert (answer.id, answer.answered_at, answer.trouble) == (asked.id, clinic.now, "")
    found = {one.id: one.full for one in checking.read_answer(answer)}
    assert found == {"allergy-row": True, "diagnosis": True, "record": True, "signed": True, "finish": True}


def test_what_is_not_journaled_yet_is_not_full_yet(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    ask(clinic, attempt)
    answerer(clinic, RunningHospital(attempt, cut=5)).tick()
    found = {one.id: one.full for one in checking.read_answer(newest(clinic, attempt))}
    # The ticket was touched when the visit began, so its row counts as the state has it.
    assert found == {"allergy-row": True, "diagnosis": False, "record": False, "signed": False, "finish": True}


def test_nothing_is_answered_twice_and_an_answer_is_never_changed(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    ask(clinic, attempt)
    worker = answerer(clinic, RunningHospital(attempt))
    assert [worker.tick(), worker.tick()] == [1, 0]


@pytest.mark.parametrize("hospital", ["silent", "foreign", "over", "nonsense"])
def test_a_hospital_that_cannot_be_looked_at_gives_a_reason_and_one_may_ask_again(clinic: World, hospital: str) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    ask(clinic, attempt)
    if hospital == "over":
        clinic.submit(alice, attempt)
    cell = RunningHospital("f" * 16 if hospital == "foreign" else attempt, silent=hospital == "silent")
    if hospital == "nonsense":
        cell.state = lambda at: cast(HospitalState, None)  # type: ignore[method-assign]
    assert answerer(clinic, cell).tick() == 1
    answer = newest(clinic, attempt)
    codes = {"silent": "SBX-305", "foreign": "SBX-404", "over": "SBX-103", "nonsense": "SBX-000"}
    assert (answer.trouble, answer.answer) == (codes[hospital], "")
    if hospital != "over":
        clinic.clock.pass_time(seconds=30)
        assert ask(clinic, attempt).id != answer.id


def test_asking_again_is_the_same_question_and_a_new_one_has_to_wait(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    first = ask(clinic, attempt)
    assert ask(clinic, attempt) == first
    answerer(clinic, RunningHospital(attempt)).tick()
    clinic.clock.pass_time(seconds=18)
    with pytest.raises(NotYetError) as refused:
        ask(clinic, attempt)
    assert "12 s" in refused.value.say("en")
    clinic.clock.pass_time(seconds=12)
    assert ask(clinic, attempt).asked_at == first.asked_at + checking.EVERY


def test_twenty_questions_at_once_are_one(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    barrier, keys = threading.Barrier(20), []

    def run() -> None:
        barrier.wait()
        keys.append(ask(clinic, attempt).id)

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert clinic.trail().count(("alice", "attempt.check")) == 1


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"mode": Mode.PRACTICE}, None),
        ({"mode": Mode.CLASS, "checks_allowed": True}, None),
        ({"mode": Mode.CLASS}, ForbiddenError),
        ({"mode": Mode.EXAM}, ForbiddenError),
    ],
)
def test_only_practice_and_a_class_that_allows_it_answer(
    clinic: World, said: dict[str, Any], error: type[SandboxError] | None
) -> None:
    attempt = working(clinic, **said)
    if error is None:
        assert ask(clinic, attempt).asked_at == NOON
    else:
        with pytest.raises(error):
            ask(clinic, attempt)
    with pytest.raises(ForbiddenError):
        ask(clinic, attempt, charlie)


def test_a_finished_attempt_is_not_asked_about(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    clinic.submit(alice, attempt)
    with pytest.raises(WrongStateError):
        ask(clinic, attempt)


def test_in_a_class_lines_for_after_the_release_are_not_named(clinic: World) -> None:
    content = papers.EXERCISE.read_bytes().replace(
        b"{id: diagnosis, points: 15,", b"{id: diagnosis, show: released, points: 15,"
    )
    with clinic.database.transaction() as stores:
        stores.connection.exec_driver_sql("UPDATE exercise_version SET sha256 = ?", (clinic.files.put(content),))
    attempt = working(clinic, mode=Mode.CLASS, checks_allowed=True)
    ask(clinic, attempt)
    answerer(clinic, RunningHospital(attempt)).tick()
    assert "diagnosis" not in {one.id for one in checking.read_answer(newest(clinic, attempt))}


def test_one_question_waits_at_a_time_and_has_one_answer(clinic: World) -> None:
    attempt = working(clinic, mode=Mode.PRACTICE)
    first = ask(clinic, attempt)
    with clinic.database.transaction() as stores, pytest.raises(LostRaceError):
        stores.checks.add(dataclasses.replace(first, id="another"))
    with clinic.database.transaction() as stores:
        assert stores.checks.waiting() == [first]
        stores.checks.answer(first.id, answer="[]", trouble="", at=NOON)
        with pytest.raises(LostRaceError):
            stores.checks.answer(first.id, answer="[]", trouble="", at=NOON)
        assert stores.checks.waiting() == []
