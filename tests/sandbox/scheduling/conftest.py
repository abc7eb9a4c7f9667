"""An installation whose night is near."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.night_ward import Ward, make_ward


@pytest.fixture
def ward(tmp_path: Path, empty_database: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Ward]:
    caplog.set_level(logging.INFO)
    made = make_ward(tmp_path, empty_database)
    yield made
    made.site.database.close()
