"""One golden dataset per test process; a fresh hospital in memory per test."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures import datasets
from his import seeding
from tests.his.stage import Stage


@pytest.fixture(scope="session")
def golden_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("golden") / "golden.db"
    seeding.seed(datasets.stream("small"), file)
    return file


@pytest.fixture(scope="session")
def golden(golden_file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{golden_file}?mode=ro&immutable=1", uri=True)
    yield connection
    connection.close()


@pytest.fixture
def stage(golden: sqlite3.Connection) -> Iterator[Stage]:
    with Stage.set_up(golden) as made:
        yield made
