"""What stood in a database before a step of the schema stands in it afterwards, and means the same."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import open_database
from sandbox.adapters.db.engine import open_engine
from sandbox.attempts.model import AttemptId, AttemptState
from sandbox.exercises.model import Keep, Mode, Per
from sandbox.provisioning.model import CellId, Desired, InstanceId, Observed

THEN = "2030-03-04T12:00:00.000000Z"
ROWS = (
    "INSERT INTO instance VALUES ('i1', 'alice', 'x@1', 'a1', 'open', 'open', 1, 'c1', :then, :then, NULL, '')",
    "INSERT INTO cell VALUES ('c1', 'armed', 'i1', 1, NULL, 7, 'sha256:x', 'k', 'e', 'n', NULL, :then, 0, '')",
    "INSERT INTO move VALUES ('i1', 1, 'nightly', 'worker', :then, NULL)",
    "INSERT INTO ticket VALUES ('t', 'i1', 'alice', :then, NULL)",
    "INSERT INTO exercise_version VALUES ('x@1', 'x', 1, 'e', '题', 'title', '', '', 20, 80, :then)",
    "INSERT INTO assignment VALUES ('as1', 'x@1', 'alice', NULL, 3, 'bob', :then, NULL)",
    "INSERT INTO attempt VALUES ('a1', 'alice', 'x@1', 'as1', 'i1', 'graded', :then, :then, :then, :then)",
    "INSERT INTO attempt VALUES ('a2', 'bob', 'x@1', NULL, 'i2', 'open', :then, :then, NULL, NULL)",
    "INSERT INTO evidence VALUES ('a1', 'j', 's', 'n', 3, :then)",
    "INSERT INTO result VALUES ('a1', 1, '95.2', 'pass', 'r', '1', :then)",
    "INSERT INTO hint_use VALUES ('a1', 'h1', 7, :then)",
)


def at_first_schema(url: str) -> None:
    """Make a database as the first release left it, with somebody's work in it."""
    engine = open_engine(url, busy_timeout_s=5)
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in ROWS:
            connection.execute(sa.text(row), {"then": THEN})
    engine.dispose()


def test_what_was_assigned_before_there_were_modes_is_a_class_with_open_reports(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/site.db"
    at_first_schema(url)
    schema.upgrade(url)
    database = open_database(url, busy_timeout_s=5)
    with database.reading() as stores:
        given = stores.assignments.get("as1")
        assert (given.mode, given.max_attempts, given.per, given.keep) == (Mode.CLASS, 3, Per.EVER, Keep.BEST)
        assert given.reports_opened_at == given.assigned_at
        attempt, tried = stores.attempts.get(AttemptId("a1")), stores.attempts.get(AttemptId("a2"))
        assert (attempt.mode, attempt.time_factor, attempt.untimed, attempt.variant) == (Mode.CLASS, 1, False, 0)
        assert tried.mode is Mode.PRACTICE
        assert stores.exercises.get("x@1").modes == ("practice", "class", "exam")
        assert [one.score for one in stores.results.of(AttemptId("a1"))] == ["95.2"]
        assert stores.connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    database.close()


def test_instances_and_moves_of_before_there_was_hibernation_go_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/site.db"
    at_first_schema(url)
    schema.upgrade(url)
    database = open_database(url, busy_timeout_s=5)
    with database.reading() as stores:
        instance = stores.instances.get(InstanceId("i1"))
        assert (instance.observed, instance.expires_at, instance.cause, instance.slot) == (Observed.OPEN, None, "", 0)
        assert [(move.kind, move.cause, move.flipped_at) for move in stores.moves.open()] == [("nightly", "", None)]
        cell = stores.cells.get(CellId("c1"))
        assert (cell.instance, cell.begun_at, cell.ready_at, cell.resting_since) == ("i1", None, None, None)
    with database.transaction() as stores:
        stores.instances.move(InstanceId("i1"), Observed.OPEN, Observed.HIBERNATED)
        stores.instances.desire(InstanceId("i1"), Desired.HIBERNATED)
    database.close()


def test_an_attempt_whose_hospital_was_open_before_a_worker_noted_it_is_open(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/site.db"
    at_first_schema(url)
    engine = open_engine(url, busy_timeout_s=5)
    with engine.begin() as connection:
        for row in (
            "INSERT INTO instance VALUES ('i3', 'eve', 'x@1', 'a3', 'open', 'open', 1, 'c3', :then, :then, NULL, '')",
            "INSERT INTO cell VALUES ('c3', 'armed', 'i3', 1, 'a3', 8, 'sha256:x', 'k', 'e', 'n', NULL, :then, 0, '')",
            "INSERT INTO attempt VALUES ('a3', 'eve', 'x@1', NULL, 'i3', 'requested', :then, NULL, NULL, NULL)",
            "INSERT INTO attempt VALUES ('a4', 'kim', 'x@1', NULL, 'i1', 'requested', :then, NULL, NULL, NULL)",
        ):
            connection.execute(sa.text(row), {"then": THEN})
    engine.dispose()
    schema.upgrade(url)
    database = open_database(url, busy_timeout_s=5)
    with database.reading() as stores:
        open_now, waits = stores.attempts.get(AttemptId("a3")), stores.attempts.get(AttemptId("a4"))
        assert (open_now.state, open_now.opened_at) == (AttemptState.OPEN, stores.cells.get(CellId("c3")).since)
        assert (waits.state, waits.opened_at) == (AttemptState.REQUESTED, None), "its cell was armed for no attempt"
    database.close()
