"""A night over a full house beside the engine's own removals and creations of as many containers."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from sandbox.provisioning.model import CellId
from sandbox.robot.client import Client
from sandbox.scheduling import report as reports
from sandbox.scheduling.jobs import NIGHTLY_RESET
from sandbox.scheduling.model import Night
from tests.bench.bare import Bare
from tests.bench.stage import BenchError, Stage
from tests.bench.table import Bound, Row, Samples, milliseconds, ratio
from tests.engines import until

HOUSE = int(os.environ.get("NIGHTLY_HOUSE", "100"))
ROWS_EACH = 12
"""Entries in each journal when its night comes: more change the archive's size, not the number of its steps."""
PATIENCE_S = 900.0
LOOK_AGAIN_S = 0.5
"""Often enough for the peak; more would slow what is measured."""
JOB = NIGHTLY_RESET.name


def nightly(stage: Stage) -> tuple[Row, ...]:
    """Reset a full house by its own timer, archived and verified; then remove and create as many, the engine alone."""
    with stage.serving(2):
        _fill(stage, HOUSE)
        before = _cells(stage)
        told, most = _night(stage)
        if (told.reset, told.digests_verified, told.archives_verified) != (HOUSE, HOUSE, HOUSE):
            raise BenchError(f"not a clean night: {told}")
        stage.close_all()
    bare = Bare(stage.services, stage.prepared.image.id)
    bare.many(HOUSE)
    begun = time.perf_counter()
    removed = bare.clear()
    bare.many(HOUSE)
    floor = time.perf_counter() - begun
    bare.clear()
    assert told.total_s is not None
    return (
        Row(
            key="nightly",
            title=f"nightly reset of {HOUSE} with archive and check",
            measured=(
                milliseconds("the night, begin to report", [told.total_s]),
                milliseconds("floor: removals + creations, 16 at once", [floor]),
                milliseconds("of these: removals", [removed]),
                milliseconds("one reset, intent to the old cell's end", [told.p50_s or 0.0, told.max_s or 0.0]),
                Samples(name="cells at most, over those before", values=(float(most - before),), unit="cells"),
            ),
            gates=(ratio("night / floor", told.total_s, floor, 1.3),),
            aims=(
                Bound(
                    words=f"{HOUSE} of {HOUSE} verified", value=float(told.digests_verified), limit=HOUSE, least=True
                ),
            ),
        ),
    )


def _fill(stage: Stage, count: int) -> None:
    """Open so many hospitals and have something done in each."""
    for visitor in stage.visitors(count):
        visitor.launch()
    with stage.services.database.reading() as stores:
        cells = [one.cell for one in stores.instances.live() if one.cell]
    if len(cells) != count:
        raise BenchError(f"{len(cells)} of {count} hospitals are open")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda cell: _work(stage, cell), cells))


def _work(stage: Stage, cell: CellId) -> None:
    """Try to log in with a wrong password again and again: each time is an entry of the journal."""
    endpoint = stage.services.driver.endpoint(cell)
    window = Client(unix=endpoint.http_socket)
    for _ in range(ROWS_EACH):
        page = window.get("http://hospital.localhost/")
        form = page.form("auth.login")
        if form is None:
            raise BenchError(f"no log-in in cell {cell}")
        window.submit(form, {"account": "PX-DOC", "password": "wrong"})


def _night(stage: Stage) -> tuple[reports.Report, int]:
    """Have the night come at a minute near; return its report, and how many cells there were at most."""
    services = stage.services
    zone, now = services.zone, services.clock.now()
    at = (now + timedelta(seconds=75)).astimezone(zone)
    day = at.date()
    with services.database.transaction() as stores:
        stores.connection.exec_driver_sql("DELETE FROM night")
        stores.connection.exec_driver_sql("DELETE FROM job_ledger")
        stores.job_times.choose(JOB, f"{at:%H:%M}", by="bench", at=now)
    services.poke()
    counts: list[int] = []
    night = until(lambda: _ended(stage, day, counts), what="the night's end", patience_s=PATIENCE_S)
    with services.database.reading() as stores:
        return reports.report(night, stores.ledger.of_night(JOB, day)), max(counts)


def _ended(stage: Stage, day: date, counts: list[int]) -> Night | None:
    time.sleep(LOOK_AGAIN_S)
    counts.append(_cells(stage))
    with stage.services.database.reading() as stores:
        night = stores.ledger.night(JOB, day)
    return night if night is not None and night.ended_at is not None else None


def _cells(stage: Stage) -> int:
    with stage.services.database.reading() as stores:
        return len(stores.cells.present())
