"""Volumes fill up, the database is locked: what was acknowledged is kept, hospitals go on, the reason is shown."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from sandbox.errors import DiskFullError, StoreBusyError
from sandbox.provisioning.model import CellState, InstanceId, Observed
from tests import engines, towns
from tests.towns import Town
from web.app import create_app


def fill(folder: Path) -> Path:
    """Write until there is no space left on this volume; return what to remove."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return filler


def every_instance(town: Town) -> set[InstanceId]:
    with town.services.database.reading() as stores:
        return {InstanceId(row[0]) for row in stores.connection.exec_driver_sql("SELECT id FROM instance")}


def is_whole(town: Town) -> bool:
    with town.services.database.reading() as stores:
        return bool(stores.connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok")


def panel_says(town: Town) -> tuple[int, int, str]:
    """Return the status of a page, the status of a form that writes, and what the refused one says."""
    browser = create_app(town.services).test_client()
    base = "http://localhost:8420"
    headers = {"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
    page = browser.get("/login", base_url=base, headers=headers)
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    form = {"csrf_token": token, "login": "nobody", "password": "wrong", "next": "/"}
    sent = browser.post("/login", data=form, base_url=base, headers=headers)
    return page.status_code, sent.status_code, sent.text


@pytest.mark.timeout(300)
def test_a_full_archive_volume_keeps_the_cell_until_there_is_room() -> None:
    with towns.prepared("process", volumes={"files": "4m"}) as town, town.worker():
        key = town.launch()
        cell = town.cell(key)
        files = town.settings.site.state / "files"
        filler = fill(files)
        town.close(key)
        engines.until(lambda: _trouble(town, key) == DiskFullError.code, what="the reason is shown", patience_s=60)
        # Its work is nowhere else: neither process nor folder may go.
        assert town.state(cell) is CellState.SEALED
        assert engines.running(town.services.driver, cell)
        assert [path.name for path in files.rglob(".*")] == []
        filler.unlink()
        engines.until(lambda: town.state(cell) is CellState.GONE, what="archived by itself", patience_s=90)
        assert town.chain(cell) == ""


def _trouble(town: Town, key: InstanceId) -> str:
    return "".join(one.trouble for one in town.present() if one.instance == key)


@pytest.mark.timeout(300)
def test_a_full_database_volume_loses_nothing_and_heals() -> None:
    with towns.prepared("process", volumes={"db": "24m"}) as town, town.worker():
        key = town.launch()
        filler = fill(town.settings.site.state / "db")
        acknowledged = {key} | _launched_until_full(town)
        assert town.health(town.cell(key)).instance == key
        assert panel_says(town)[:2] == (200, 503)
        assert "The disk is full" in panel_says(town)[2]
        filler.unlink()
        engines.until(lambda: _can_write(town), what="writing again")
        assert is_whole(town)
        assert acknowledged <= every_instance(town)
        later = town.ask_launch()
        engines.until(lambda: town.instance(later).observed is Observed.OPEN, what="open", patience_s=90)
        assert town.instance(key).observed is Observed.OPEN


def _launched_until_full(town: Town) -> set[InstanceId]:
    """Ask for hospitals until the database refuses; return those that were promised."""
    promised: set[InstanceId] = set()
    for _ in range(200):
        try:
            promised.add(town.ask_launch())
        except DiskFullError:
            return promised
    raise AssertionError("the volume never became full")


def _can_write(town: Town) -> bool:
    try:
        with town.services.database.transaction():
            return True
    except (DiskFullError, StoreBusyError):
        return False


@contextmanager
def locked(town: Town, seconds: float) -> Iterator[None]:
    """Hold the database's write lock for a while, as a backup program might; wait for its end afterwards."""
    path = town.settings.site.state / "db" / "sandbox.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        release = threading.Timer(seconds, holder.execute, ("ROLLBACK",))
        release.start()
        yield
        release.join()


@pytest.mark.timeout(300)
def test_a_lock_of_three_seconds_is_waited_for_without_an_error() -> None:
    with towns.prepared("process") as town, town.worker():
        key = town.launch()
        with locked(town, 3):
            # The panel waits up to five seconds; nobody is told anything.
            second = town.ask_launch()
        engines.until(lambda: town.instance(second).observed is Observed.OPEN, what="open", patience_s=90)
        assert town.instance(key).observed is Observed.OPEN


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_lock_of_half_a_minute_costs_refusals_and_nothing_else() -> None:
    with towns.prepared("process") as town, town.worker() as worker:
        key = town.launch()
        cell = town.cell(key)
        with locked(town, 30):
            with pytest.raises(StoreBusyError):
                town.ask_launch()
            assert panel_says(town)[:2] == (200, 503)
            assert town.instance(key).observed is Observed.OPEN
            assert town.health(cell).instance == key
        assert worker.poll() is None
        later = town.ask_launch()
        engines.until(lambda: town.instance(later).observed is Observed.OPEN, what="open", patience_s=90)
        assert town.cell(key) == cell
        assert is_whole(town)
