"""Connections to the hospital's one file, and the only way to write to it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")

_BUSY_TIMEOUT_S = 5.0


class Database:
    """One connection per thread. The file, its -wal and its -shm are there already: the cell may create nothing."""

    password_cost = 13
    """Doublings of the work that a kept password costs: people may use the same one elsewhere."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection, opened on first use."""
        found: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if found is None:
            found = _prepared(sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, check_same_thread=False))
            self._mine.connection = found
            with self._lock:
                self._all.append(found)
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock from the first statement on; commit at the end, roll back on any exception."""
        connection = self.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            # A full disk ends the transaction by itself; a second ROLLBACK would hide what happened.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def is_seeded(self) -> bool:
        """Say whether the file holds a hospital."""
        found = self.connection().execute('SELECT 1 FROM "sqlite_master" WHERE "name" = \'meta\'').fetchone()
        return found is not None

    def close(self) -> None:
        """Close every thread's connection; the next use opens a new one."""
        with self._lock:
            for each in self._all:
                each.close()
            self._all.clear()
        self._mine = threading.local()


class MemoryDatabase(Database):
    """A copy of a golden dataset that lives and dies with scripted runs. For one thread."""

    password_cost = 4
    """Nobody's: a script typed it."""

    def __init__(self, golden: sqlite3.Connection) -> None:
        super().__init__(Path(":memory:"))
        golden.backup(self.connection())

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Take back at the end whatever was written meanwhile: far cheaper than a copy for every run."""
        connection = self.connection()
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """As in a file; inside `undone` a savepoint, for transactions do not nest."""
        connection = self.connection()
        if not connection.in_transaction:
            with super().transaction():
                yield connection
            return
        connection.execute("SAVEPOINT act")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK TO act")
            raise
        finally:
            connection.execute("RELEASE act")


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.isolation_level = None
    connection.row_factory = sqlite3.Row
    # FULL: what was acknowledged must survive more than a killed process, for the host may lose power too.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -1024")
    return connection
