"""A fresh installation per test; the schema is made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provisioning_site import Site


@pytest.fixture
def root(tmp_path: Path, empty_database: Path) -> Path:
    (tmp_path / "state" / "db").mkdir(parents=True)
    shutil.copyfile(empty_database, tmp_path / "state" / "db" / "sandbox.db")
    return tmp_path


@pytest.fixture
def site(root: Path) -> Iterator[Site]:
    site = Site(root).open()
    yield site
    site.database.close()
