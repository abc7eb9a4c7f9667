"""A night with real cells and the worker a process of its own, which dies in the middle; a fresh one finishes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.provisioning import crashing
from sandbox.provisioning.model import CellState
from sandbox.scheduling import report as reports
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.model import Night
from sandbox.scheduling.report import Report
from tests import engines, towns
from tests.towns import Town

JOB = NIGHTLY_RESET.name
SAMPLE = ("copy verified",)


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    with towns.prepared(request.param) as made:
        yield made


def let_night_fall(town: Town) -> date:
    """Have the nightly reset ring at the next full minute; return its date."""
    now = datetime.now(UTC)
    at = (now + timedelta(minutes=1)).astimezone(town.services.zone)
    with town.services.database.transaction() as stores:
        for table in ("night", "job_ledger"):
            stores.connection.exec_driver_sql(f"DELETE FROM {table}")
        stores.job_times.choose(JOB, f"{at:%H:%M}", by="dana", at=now)
    moment = at.replace(second=0, microsecond=0)
    engines.until(lambda: datetime.now(UTC) >= moment, what="the night", patience_s=70)
    return moment.date()


def ended(town: Town, day: date) -> Night | None:
    with town.services.database.reading() as stores:
        night = stores.ledger.night(JOB, day)
    return night if night is not None and night.ended_at is not None else None


def morning_report(town: Town, day: date) -> Report:
    night = engines.until(lambda: ended(town, day), what="the morning", patience_s=60)
    with town.services.database.reading() as stores:
        return reports.report(night, stores.ledger.of_night(JOB, day))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, marks=() if point in SAMPLE else pytest.mark.slow)
        for point in (*crashing.NIGHTLY_POINTS, "flipped", "row committed")
    ],
)
def test_a_fresh_worker_finishes_the_night(town: Town, point: str) -> None:
    with town.worker():
        keys = [town.launch() for _ in range(3)]
    old = [town.cell(key) for key in keys]
    epochs = [town.instance(key).epoch for key in keys]
    day = let_night_fall(town)
    assert town.start(**{crashing.VARIABLE: point}).wait(60) == 137, f"{point} is not on the way of a night"
    with town.worker():
        report = morning_report(town, day)
        assert (report.verdict, report.reset, report.total) == ("clean", 3, 3)
        assert (report.digests_verified, report.archives_verified) == (3, 3)
        assert [town.instance(key).epoch for key in keys] == [epoch + 1 for epoch in epochs]
        assert [(town.state(cell), town.chain(cell)) for cell in old] == [(CellState.GONE, "")] * 3
        for key in keys:
            town.close(key)
        engines.until(
            lambda: {cell.state for cell in town.present()} == {CellState.READY}, what="everybody gone", patience_s=60
        )
