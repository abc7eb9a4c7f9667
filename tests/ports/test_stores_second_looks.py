"""Stores of second looks: what people decided is never changed, a state has one way, old results come along."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import IntegrityError

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import DbStores, open_database
from sandbox.adapters.db.engine import Database, open_engine
from sandbox.attempts.model import AttemptId, AttemptState, Result
from sandbox.attempts.second_look import (
    AdjustmentRow,
    Paper,
    PaperState,
    Regrade,
    RegradeDecision,
    RegradeId,
    RegradeItem,
    RegradeState,
    Voided,
)
from sandbox.errors import LostRaceError, WrongStateError
from tests.builders import NOON, make_attempt

Db = Database[DbStores]
KEY, REGRADE = AttemptId("a" * 16), RegradeId("r" * 16)

ROW = AdjustmentRow(attempt=KEY, number=1, subject="it", kind="set", points="5", reason="seen", actor="bob", at=NOON)
ASKED = Regrade(
    id=REGRADE,
    exercise="opd-basic",
    assignment=None,
    person=None,
    attempt=None,
    max_version=None,
    target="",
    reason="repaired",
    requested_by="bob",
    requested_at=NOON,
    state=RegradeState.REQUESTED,
    since=NOON,
)
ITEM = RegradeItem(
    regrade=REGRADE, attempt=KEY, number=1, old_score="60.0", old_verdict="fail", exercise_version="opd-basic@1"
)
PAPER = Paper(
    report="c" * 64,
    language="zh",
    audience="trainee",
    attempt=KEY,
    state=PaperState.WANTED,
    wanted_by="alice",
    wanted_at=NOON,
    made_at=None,
    file="",
    trouble="",
)


@pytest.fixture
def stocked(database: Db) -> Db:
    """A database with one graded attempt, everything that may lie beside it, and a regrade of it."""
    graded = make_attempt(id=KEY, state=AttemptState.GRADED, submitted_at=NOON, closed_at=NOON)
    with database.transaction() as stores:
        stores.attempts.add(graded)
        stores.adjustments.add(ROW)
        stores.voids.add(Voided(attempt=KEY, reason="alarm", actor="bob", at=NOON))
        stores.regrades.add(ASKED)
        stores.regrades.add_items([ITEM])
        stores.regrades.decide(RegradeDecision(regrade=REGRADE, choice="all", reason="", actor="bob", at=NOON))
        stores.papers.want(PAPER)
    return database


def test_what_goes_in_comes_out(stocked: Db) -> None:
    with stocked.reading() as stores:
        assert stores.adjustments.of(KEY) == [ROW]
        assert stores.voids.of(KEY) == Voided(attempt=KEY, reason="alarm", actor="bob", at=NOON)
        assert stores.regrades.all() == stores.regrades.unfinished() == [ASKED]
        assert stores.regrades.items(REGRADE) == [ITEM]
        assert stores.regrades.items(REGRADE, after=KEY) == []
        assert stores.papers.waiting(8) == [PAPER]


@pytest.mark.parametrize("table", ["adjustment", "attempt_void", "regrade_decision", "result"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET reason = 'another'", "DELETE FROM {}"])
def test_what_people_decided_cannot_be_changed_by_anybody(stocked: Db, table: str, deed: str) -> None:
    with stocked.transaction() as stores:
        stores.results.append(
            Result(
                attempt=KEY,
                number=1,
                exercise_version="opd-basic@1",
                score="60.0",
                verdict="fail",
                report_sha256="d" * 64,
                grader="1",
                actor="worker",
                graded_at=NOON,
            )
        )
        with pytest.raises(IntegrityError, match="append-only"):
            stores.connection.exec_driver_sql(deed.format(table))


def test_a_number_and_a_decision_are_taken_once(stocked: Db) -> None:
    with stocked.transaction() as stores:
        with pytest.raises(LostRaceError):
            stores.adjustments.add(ROW)
        with pytest.raises(LostRaceError):
            stores.regrades.decide(RegradeDecision(regrade=REGRADE, choice="discard", reason="", actor="b", at=NOON))
        assert not stores.voids.add(Voided(attempt=KEY, reason="again", actor="bob", at=NOON))
        assert not stores.papers.want(replace(PAPER, wanted_by="bob"))


@pytest.mark.parametrize(
    "wrong", [{"kind": "steal"}, {"points": ""}, {"reason": ""}, {"kind": "waive"}, {"number": 0}], ids=str
)
def test_rows_that_say_nothing_are_refused_by_the_database(stocked: Db, wrong: dict[str, Any]) -> None:
    with stocked.transaction() as stores, pytest.raises(IntegrityError):
        stores.adjustments.add(replace(ROW, **{"number": 2, **wrong}))


def test_a_paper_is_made_once_or_fails_and_is_wanted_again(stocked: Db) -> None:
    failed = replace(PAPER, state=PaperState.FAILED, trouble="SBX-421")
    with stocked.transaction() as stores:
        with pytest.raises(LostRaceError):
            stores.papers.want_again(failed, at=NOON)
        stores.papers.failed(PAPER, "SBX-421")
        stores.papers.want_again(failed, at=NOON)
        stores.papers.made(PAPER, "e" * 64, at=NOON)
        with pytest.raises(LostRaceError):
            stores.papers.failed(PAPER, "SBX-421")
        found = stores.papers.of(PAPER.attempt, PAPER.report, "zh", "trainee")
        assert found == replace(PAPER, state=PaperState.MADE, made_at=NOON, file="e" * 64)
        stores.papers.want_again(found, at=NOON)
        assert stores.papers.of(PAPER.attempt, PAPER.report, "zh", "trainee") == PAPER


def test_a_regrade_goes_one_way(stocked: Db) -> None:
    with stocked.transaction() as stores:
        with pytest.raises(WrongStateError):
            stores.regrades.move(REGRADE, RegradeState.REQUESTED, RegradeState.APPLIED, at=NOON)
        stores.regrades.move(REGRADE, RegradeState.REQUESTED, RegradeState.DISCARDED, at=NOON)
        with pytest.raises(LostRaceError):
            stores.regrades.move(REGRADE, RegradeState.REQUESTED, RegradeState.COMPUTING, at=NOON)
        assert stores.regrades.unfinished() == []


def test_results_of_before_come_along_with_their_version(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    config = schema._config()
    engine = open_engine(url, busy_timeout_s=5)
    at = "2030-03-04T12:00:00.000000Z"
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "modes")
        names = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(attempt)")]
        values = {"id": KEY, "person": "alice", "exercise_version": "opd-basic@1", "instance": "i", "state": "graded"}
        values |= dict.fromkeys(("requested_at", "opened_at", "submitted_at", "closed_at"), at)
        values |= {"mode": "class", "time_factor": "1", "untimed": "0", "variant": "0", "assignment": None}
        connection.execute(sa.text(f"INSERT INTO attempt VALUES ({', '.join(':' + name for name in names)})"), values)
        for number, score, verdict in ((1, "60.0", "fail"), (2, "", "error")):
            row = (KEY, number, score, verdict, "d" * 64, "1", at)
            connection.exec_driver_sql("INSERT INTO result VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    engine.dispose()
    schema.upgrade(url)
    database = open_database(url, busy_timeout_s=5)
    with database.reading() as stores:
        found = stores.results.of(KEY)
        assert stores.connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    database.close()
    assert [(one.number, one.score, one.exercise_version, one.actor, one.faults) for one in found] == [
        (2, "", "opd-basic@1", "worker", 1),
        (1, "60.0", "opd-basic@1", "worker", 0),
    ]
