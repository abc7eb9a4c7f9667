"""An installation whose night is near."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.scheduling.nightly import Nightly
from tests.clocks import SteppedClock
from tests.provisioning_site import Site

EVENING = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""20:00 in Shanghai."""


@dataclass
class Ward:
    """A site, and its nightly reset at 02:00 local time."""

    site: Site
    nightly: Nightly

    def at_hour(self, hour: int, *, day: int = 2) -> None:
        """Let time pass until this local hour of March."""
        wanted = datetime(2026, 3, day, hour, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
        self.site.steps.advance((wanted - self.site.clock.now()).total_seconds())
        self.site.leadership.take(lambda _: True)

    def ledger(self) -> list[tuple[str, str, str]]:
        """Return (date, subject, outcome), newest first."""
        with self.site.database.reading() as stores:
            return [
                (date.isoformat(), subject, outcome)
                for date, subject, outcome, *_ in stores.ledger.entries("nightly-reset", newest=100)
            ]


@pytest.fixture
def ward(tmp_path: Path, empty_database: Path) -> Iterator[Ward]:
    (tmp_path / "state" / "db").mkdir(parents=True)
    shutil.copyfile(empty_database, tmp_path / "state" / "db" / "sandbox.db")
    site = Site(tmp_path, clock=SteppedClock(EVENING)).open()
    nightly = Nightly(
        begin=site.leadership.transaction,
        reading=site.database.reading,
        clock=site.clock,
        zone=ZoneInfo("Asia/Shanghai"),
        default_at="02:00",
    )
    yield Ward(site, nightly)
    site.database.close()
