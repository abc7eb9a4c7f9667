"""Tests are unplugged: no settings from outside, time that stands, a database of their own."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.adapters.db import schema
from sandbox.adapters.db.bundle import DbStores, open_database
from sandbox.adapters.db.engine import Database
from tests import personas
from tests.fakes import FastPasswords, FrozenClock

BUSY_TIMEOUT_S = 5.0


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HIS_SANDBOX_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    """A process configures its own log; a test that plays one must not configure everybody's."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.setLevel(level)
    root.handlers[:] = before


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the newest schema, made once by the migrations and copied by every test."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_path(empty_database: Path, tmp_path: Path) -> Path:
    path = tmp_path / "sandbox.db"
    shutil.copyfile(empty_database, path)
    return path


@pytest.fixture
def database(database_path: Path) -> Iterator[Database[DbStores]]:
    opened = open_database(f"sqlite:///{database_path}", busy_timeout_s=BUSY_TIMEOUT_S)
    yield opened
    opened.close()


@pytest.fixture
def peopled(database: Database[DbStores]) -> Database[DbStores]:
    """A database in which Alice, Bob, Charlie and Dana have accounts with the same password."""
    hashed = FastPasswords().hash(personas.PASSWORD)
    with database.transaction() as stores:
        for person in personas.EVERYBODY:
            stores.people.add(person, hashed)
    return database
