"""Connections, transactions, and what the database's own errors are called here."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sandbox.errors import DiskFullError, RefusedError, SandboxError, StoreBusyError, WrongStateError

StoresT = TypeVar("StoresT")

_POOL = 8
_OVERFLOW = 24
_BUSY = re.compile(r"locked|busy", re.IGNORECASE)
_FULL = re.compile(r"disk is full|disk full|disk I/O error", re.IGNORECASE)


def open_engine(url: str, *, busy_timeout_s: float) -> sa.Engine:
    """Return an engine whose connections are WAL, synced at every commit, and wait `busy_timeout_s` for a lock."""
    engine = sa.create_engine(url, pool_size=_POOL, max_overflow=_OVERFLOW, pool_timeout=busy_timeout_s)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # Transactions are begun by us: the driver would begin deferred ones, and upgrading those fails at once
        # instead of waiting.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(busy_timeout_s * 1000)}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class Database(Generic[StoresT]):
    """Opens transactions. Stores live exactly as long as the transaction they were made in."""

    def __init__(self, engine: sa.Engine, stores: Callable[[sa.Connection], StoresT], *, busy_timeout_s: float) -> None:
        self._engine = engine
        self._stores = stores
        self._patience_s = busy_timeout_s
        # SQLite's waiting is a lottery of naps; within one process writers queue up here instead.
        self._turn = threading.Lock()
        self._watching = threading.Lock()
        self._watch: sa.PoolProxiedConnection | None = None

    def transaction(self) -> AbstractContextManager[StoresT]:
        """Write: BEGIN IMMEDIATE, commit at the end, roll back if anything is raised.

        Raises StoreBusyError if the write lock is not to be had in time, DiskFullError, and what the stores raise.
        """
        return self._opened(reading=False)

    def reading(self) -> AbstractContextManager[StoresT]:
        """Read one consistent state; a write inside is refused by the database."""
        return self._opened(reading=True)

    def version(self) -> int:
        """Return a number that is another one as soon as any transaction has been committed since, by any process.

        What was read after asking for it is still true while it is the same: some microseconds, where reading anew
        takes a thousand. Raises StoreBusyError.
        """
        with self._watching, translated():
            if self._watch is None:
                self._watch = self._engine.raw_connection()
                # It lives as long as we do: nobody else may get it from the pool, or count it.
                self._watch.detach()
            cursor = self._watch.cursor()
            try:
                return int(cursor.execute("PRAGMA data_version").fetchone()[0])
            finally:
                cursor.close()

    def close(self) -> None:
        """Give all connections back to the operating system."""
        with self._watching:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        self._engine.dispose()

    @contextmanager
    def _opened(self, *, reading: bool) -> Iterator[StoresT]:
        if not reading and not self._turn.acquire(timeout=self._patience_s):
            raise StoreBusyError("another write of this process took too long")
        try:
            with (
                translated(),
                self._engine.connect().execution_options(reading=reading) as connection,
                connection.begin(),
            ):
                yield self._stores(connection)
        finally:
            if not reading:
                self._turn.release()


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's errors into ours, chained."""
    try:
        yield
    except PoolTimeoutError as waited:
        raise StoreBusyError("all connections are in use") from waited
    except IntegrityError as broken:
        raise WrongStateError(f"the database refuses: {broken.orig}") from broken
    except OperationalError as failed:
        raise _named(failed) from failed


@contextmanager
def breaking(rule: str, error: RefusedError | SandboxError) -> Iterator[None]:
    """Raise `error` if what happens inside breaks the constraint whose message contains `rule`.

    SQLite names a CHECK and an expression index, but a plain unique index by its columns: `table.column`.
    """
    try:
        yield
    except IntegrityError as broken:
        if rule in str(broken.orig):
            raise error from broken
        raise


def _named(failed: DBAPIError) -> SandboxError:
    said = str(failed.orig)
    if _BUSY.search(said):
        return StoreBusyError(said)
    if _FULL.search(said):
        return DiskFullError(said)
    return SandboxError(f"the database failed: {said}")


def integrity(connection: sa.Connection) -> str:
    """Return the first thing that is wrong with the database's own structure, or ''. Takes a second per gigabyte."""
    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() or "")
    return "" if found == "ok" else found
