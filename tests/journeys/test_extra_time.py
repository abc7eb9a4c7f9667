"""Extra time, variants and checks on real cells: from the trainer's grant to the hospital's clock and the grade."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.attempts import checking
from sandbox.attempts import operations as attempts
from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.exercises import loader, releasing
from sandbox.exercises.model import Mode
from sandbox.grading import report as reports
from sandbox.people.model import CLI, Actor, Person, PersonId, Role
from sandbox.provisioning.model import Observed
from sandbox.training import operations as training
from sandbox.training.model import Rules
from tests import engines, towns
from tests.builders import NOON, ZONE
from tests.towns import Town

EXERCISE = Path(__file__).resolve().parents[2] / "fixtures/exercises/x05-urti-penicillin-allergy.yaml"
VARIED = EXERCISE.read_bytes().replace(
    b"cast:\n  lin: {name: \xe6\x9e\x97\xe6\x99\x93\xe5\xbd\xa4,",
    "vary: {who: [{name: 林晓彤}, {name: 林小彤}]}\ncast:\n  lin: {name: $who.name,".encode(),
)
VERSION = releasing.described(loader.load(VARIED), now=NOON).id


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """A site with a worker and the exercise in two variants."""
    with towns.prepared(request.param) as made, made.worker():
        version = releasing.described(loader.load(VARIED), now=datetime.now(UTC))
        assert version.variants == 2
        with made.services.database.transaction() as stores:
            releasing.release(stores, made.services.files, CLI, version, VARIED, now=datetime.now(UTC))
        yield made


def begin(
    town: Town, login: str, *, mode: Mode = Mode.PRACTICE, factor: int = 1, untimed: bool = False
) -> tuple[Actor, AttemptId]:
    """Assign to a new trainee, grant extra time, have it started and opened by the worker."""
    actor, now = Actor(id=PersonId(login), roles=frozenset({Role.TRAINEE})), datetime.now(UTC)
    with town.services.database.transaction() as stores:
        stores.people.add(
            Person(
                id=actor.id,
                login=login,
                name="练习生",
                department="内科",
                roles=actor.roles,
                language="zh",
                must_change_password=False,
                disabled=False,
            ),
            "no password",
        )
        (given,) = training.assign(
            stores, CLI, exercise_version=VERSION, people=[actor.id], rules=Rules(mode=mode), now=now
        )
        training.accommodate(stores, CLI, given.id, time_factor=factor, untimed=untimed, now=now)
        launched = attempts.start(stores, actor, exercise_version=VERSION, assignment=given.id, now=now, zone=ZONE)
    town.services.poke()
    key = launched.attempt
    assert key is not None
    engines.until(lambda: town.attempt(key).state is AttemptState.OPEN, what="open", patience_s=60)
    assert town.instance(launched.instance).observed is Observed.OPEN
    return actor, key


def worked_ms(town: Town, key: AttemptId) -> int:
    return town.health(town.cell(town.attempt(key).instance)).working_ms


def opened_earlier(town: Town, key: AttemptId, *, by: timedelta) -> None:
    """Move the start of an attempt back, as if so much time had passed since."""
    with town.services.database.transaction() as stores:
        moved = (datetime.now(UTC) - by).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        stores.connection.exec_driver_sql("UPDATE attempt SET opened_at = ? WHERE id = ?", (moved, key))
    town.services.poke()


def test_a_factor_slows_the_one_clock_and_untimed_has_no_deadline(town: Town) -> None:
    (_, slow), (alice, untimed), (_, usual) = (
        begin(town, "slow", mode=Mode.CLASS, factor=3),
        begin(town, "untimed", mode=Mode.EXAM, untimed=True),
        begin(town, "usual", mode=Mode.CLASS),
    )
    engines.until(lambda: worked_ms(town, usual) >= 3000, what="three seconds of work", patience_s=30)
    before = [worked_ms(town, key) for key in (usual, slow, untimed)]
    engines.until(lambda: worked_ms(town, usual) >= before[0] + 3000, what="three more", patience_s=30)
    gone, third, quarter = (worked_ms(town, key) - old for key, old in zip((usual, slow, untimed), before, strict=True))
    assert gone / 4 < third < gone / 2
    assert gone / 6 < quarter < gone / 3

    opened_earlier(town, usual, by=timedelta(minutes=21))
    opened_earlier(town, slow, by=timedelta(minutes=59))
    opened_earlier(town, untimed, by=timedelta(days=3))
    engines.until(lambda: town.attempt(usual).state is AttemptState.GRADED, what="the deadline", patience_s=60)
    assert [town.attempt(key).state for key in (slow, untimed)] == [AttemptState.OPEN] * 2
    opened_earlier(town, slow, by=timedelta(minutes=61))
    engines.until(lambda: town.attempt(slow).state is AttemptState.GRADED, what="the slow deadline", patience_s=60)
    assert town.attempt(untimed).state is AttemptState.OPEN

    with town.services.database.transaction() as stores:
        attempts.submit(stores, alice, untimed, now=datetime.now(UTC))
    town.services.poke()
    engines.until(lambda: town.attempt(untimed).state is AttemptState.GRADED, what="graded", patience_s=60)
    digests = {
        reports.loads(town.services.files.get(town.results(key)[0].report_sha256)).digests["accommodations"]
        for key in (usual, slow, untimed)
    }
    assert len(digests) == 3


def test_a_check_is_answered_from_the_running_hospital_in_the_variant_drawn(town: Town) -> None:
    alice, key = begin(town, "checker")
    with town.services.database.transaction() as stores:
        checking.ask(stores, alice, key, now=datetime.now(UTC))
    town.services.poke()

    def answered() -> bool:
        with town.services.database.reading() as stores:
            last = stores.checks.newest(key)
        return last is not None and last.answered_at is not None

    engines.until(answered, what="an answer", patience_s=30)
    with town.services.database.reading() as stores:
        last = stores.checks.newest(key)
    assert last is not None
    assert (last.trouble, [one.full for one in checking.read_answer(last)]) == ("", [False] * 5)
    with town.services.database.transaction() as stores:
        attempts.submit(stores, alice, key, now=datetime.now(UTC))
    town.services.poke()
    engines.until(lambda: town.attempt(key).state is AttemptState.GRADED, what="graded", patience_s=60)
    with town.services.database.reading() as stores:
        evidence = stores.evidence.of(key)
    assert evidence is not None
    first = json.loads(town.services.files.get(evidence.journal_sha256))[0]
    assert first["data"].get("variant", 0) == town.attempt(key).variant
    assert town.results(key)[0].verdict == "fail"
