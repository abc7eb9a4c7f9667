"""Many at once, nobody in between, killed in the middle: what a transaction promises."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import DbStores, open_database
from sandbox.adapters.db.engine import Database
from sandbox.adapters.db.tables import (
    attempts,
    certificates,
    nights,
    observing,
    people,
    provisioning,
    second_look,
    supply,
)
from sandbox.adapters.db.tables.registry import metadata
from sandbox.audit import operations as audit
from sandbox.errors import (
    DiskFullError,
    LostRaceError,
    QuotaError,
    SettingsInvalidError,
    StoreBusyError,
    TicketError,
)
from sandbox.provisioning.model import CellState
from tests.builders import NOON, make_cell, make_instance
from tests.personas import dana

Db = Database[DbStores]
ROOT = Path(__file__).resolve().parents[2]


def at_once(count: int, deed: Callable[[int], object]) -> list[object]:
    """Run the deed in so many threads from one barrier; return what each gave or raised."""
    barrier = threading.Barrier(count)
    outcomes: list[object] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            outcomes[number] = deed(number)
        except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_twenty_conditional_updates_one_wins(database: Db) -> None:
    cell = make_cell(state=CellState.STARTED)
    with database.transaction() as stores:
        stores.cells.add(cell)

    def move(_number: int) -> str:
        with database.transaction() as stores:
            stores.cells.move(cell.id, CellState.STARTED, CellState.READY, now=NOON)
        return "won"

    outcomes = at_once(20, move)
    assert outcomes.count("won") == 1
    assert sum(isinstance(each, LostRaceError) for each in outcomes) == 19


def test_twenty_claims_share_three_cells(database: Db) -> None:
    instances = [make_instance(owner=f"p{number}") for number in range(20)]
    with database.transaction() as stores:
        for instance in instances:
            stores.instances.add(instance)
        for _ in range(3):
            stores.cells.add(make_cell())

    def claim(number: int) -> str | None:
        with database.transaction() as stores:
            cell = stores.cells.claim("f" * 16, instance=instances[number].id, epoch=1, now=NOON)
        return cell.id if cell else None

    claimed = [each for each in at_once(20, claim) if each is not None]
    assert len(claimed) == len(set(map(str, claimed))) == 3


def test_of_twenty_launches_of_one_person_one_stays(database: Db) -> None:
    def launch(_number: int) -> str:
        with database.transaction() as stores:
            stores.instances.add(make_instance())
        return "launched"

    outcomes = at_once(20, launch)
    assert outcomes.count("launched") == 1
    assert sum(isinstance(each, QuotaError) for each in outcomes) == 19


def test_a_ticket_shown_twenty_times_lets_one_in(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        stores.instances.add(instance)
    until = NOON.replace(hour=13)

    def enter(_number: int) -> str:
        with database.transaction() as stores:
            stores.tickets.use("t", instance=instance.id, person="alice", expires_at=until, now=NOON)
        return "alice"

    outcomes = at_once(20, enter)
    assert outcomes.count("alice") == 1
    assert sum(isinstance(each, TicketError) for each in outcomes) == 19


def test_twenty_writers_leave_one_unbroken_trail(database: Db) -> None:
    def write(number: int) -> None:
        with database.transaction() as stores:
            audit.record(stores, dana, "fleet.view", str(number), at=NOON)

    assert at_once(20, write) == [None] * 20
    with database.reading() as stores:
        assert len(stores.audit.chain()) == 20
        assert audit.verify(stores) is None


def test_readers_see_the_state_before_an_unfinished_write(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as writing:
        writing.instances.add(instance)
        with database.reading() as stores:
            assert stores.instances.live() == []
    with database.reading() as stores:
        assert stores.instances.live() == [instance]


def impatient(path: Path) -> Db:
    return open_database(f"sqlite:///{path}", busy_timeout_s=0.2)


def test_a_locked_database_is_busy_within_the_timeout(database_path: Path) -> None:
    waiting = impatient(database_path)
    with closing(sqlite3.connect(database_path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusyError), waiting.transaction():
            pytest.fail("the lock was held by somebody else")
        assert 0.15 < time.monotonic() - began < 2
        with waiting.reading() as stores:
            assert stores.instances.live() == []
        holder.execute("COMMIT")
        with waiting.transaction() as stores:
            stores.instances.add(make_instance())
    waiting.close()


def test_a_lock_held_for_a_moment_is_waited_for(database: Db, database_path: Path) -> None:
    with closing(sqlite3.connect(database_path, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, holder.execute, ("COMMIT",))
        release.start()
        with database.transaction() as stores:
            stores.instances.add(make_instance())
        release.join()


def test_writers_of_one_process_queue_no_longer_than_the_timeout(database_path: Path) -> None:
    database = impatient(database_path)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with database.transaction():
            inside.set()
            leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    with pytest.raises(StoreBusyError), database.transaction():
        pytest.fail("another thread is inside")
    leave.set()
    holder.join()
    database.close()


def test_a_full_disk_is_named_and_nothing_is_half_written(database: Db) -> None:
    with database.transaction() as stores:
        pages = stores.connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill() -> None:
        with database.transaction() as stores:
            # What a full volume answers, from the database's own limit.
            stores.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(10_000):
                stores.instances.add(make_instance(owner=f"p{number}"))

    with pytest.raises(DiskFullError):
        fill()
    with database.reading() as stores:
        assert stores.instances.live() == []


WRITER = textwrap.dedent(
    """
    import sys
    from sandbox.adapters.db.bundle import open_database
    from tests.builders import make_instance
    database = open_database(sys.argv[1], busy_timeout_s=5)
    number = 0
    while True:
        number += 1
        instance = make_instance(id=f"{sys.argv[2]}-{number}", owner=f"{sys.argv[2]}-{number}")
        with database.transaction() as stores:
            stores.instances.add(instance)
        print(instance.id, flush=True)
    """
)


def test_what_was_acknowledged_survives_a_kill(database: Db, database_path: Path) -> None:
    acknowledged: set[str] = set()
    for life in range(20):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, f"sqlite:///{database_path}", str(life)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert writer.stdout is not None
        for _ in range(1 + life):
            acknowledged.add(writer.stdout.readline().strip())
        writer.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        writer.stdout.close()
        assert writer.wait() == -signal.SIGKILL
    with database.reading() as stores:
        kept = {str(one.id) for one in stores.instances.live()}
        assert stores.connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    assert acknowledged <= kept
    assert len(kept) - len(acknowledged) <= 20


def test_every_commit_is_synced_and_every_connection_guards_references(database: Db) -> None:
    with database.reading() as stores:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [stores.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
    assert found == ["wal", 2, 1, 5000]


def test_the_migrations_make_the_tables_of_the_code(database: Db, tmp_path: Path) -> None:
    assert all((attempts, certificates, nights, observing, people, provisioning, second_look, supply))
    fresh = sa.create_engine(f"sqlite:///{tmp_path}/fresh.db")
    metadata.create_all(fresh)
    listing = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' ORDER BY name"

    def shape(connection: sa.Connection) -> list[tuple[object, ...]]:
        rows = connection.exec_driver_sql(listing)
        return [(row[0], row[1], row[2], " ".join(row[3].split()) if row[3] else None) for row in rows]

    with database.reading() as stores, fresh.connect() as connection:
        migrated = shape(stores.connection)
        assert migrated == shape(connection)
        assert len(migrated) > 40
    fresh.dispose()


def test_upgrading_twice_changes_nothing_and_an_unprepared_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/site.db"
    with pytest.raises(SettingsInvalidError, match="db init"):
        schema.check(url)
    (tmp_path / "site.db").touch()
    with pytest.raises(SettingsInvalidError, match="db init"):
        schema.check(url)
    for _ in range(2):
        schema.upgrade(url)
        schema.check(url)


@pytest.mark.parametrize(
    ("look", "index"),
    [
        (lambda stores: stores.cells.present(), "uq_cell_uid_of_the_present"),
        (lambda stores: stores.instances.live(), "ix_instance_live"),
    ],
)
def test_what_is_long_gone_is_not_read_at_every_tick(
    database: Database[DbStores], look: Callable[[DbStores], object], index: str
) -> None:
    asked: list[str] = []
    with database.reading() as stores:
        listening = sa.event.listens_for(stores.connection, "before_cursor_execute")
        listening(lambda _c, _cursor, statement, *_: asked.append(statement))
        look(stores)
        [statement] = asked[:1]
        steps = stores.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
    assert any(index in str(step) for step in steps)
