"""What stood in a database before a step of the schema stands in it afterwards, and means the same."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import open_database
from sandbox.adapters.db.engine import open_engine
from sandbox.attempts.model import AttemptId
from sandbox.exercises.model import Keep, Mode, Per

THEN = "2030-03-04T12:00:00.000000Z"
ROWS = (
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
