"""The end of a cell's log is kept when the cell goes and fetched when somebody asks; a cell writes what it likes."""

from __future__ import annotations

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.errors import DiskFullError, EngineUnavailableError
from sandbox.provisioning import kept_logs
from sandbox.provisioning.kept_logs import LogKeeper
from sandbox.provisioning.model import CellId, CellState
from tests.fakes_provisioning import FailingDriver, FakeDriver
from tests.provisioning_site import Site


class Writing(FakeDriver):
    """A driver whose cells have written this."""

    said = b""

    def log_tail(self, cell: CellId, limit: int) -> bytes:
        return self.said


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path).open()


def keeper(site: Site) -> LogKeeper:
    return LogKeeper(
        begin=site.leadership.transaction,
        read=site.database.reading,
        driver=site.driver,
        folder=site.places.cell_logs,
        now=site.clock.now,
    )


def wished(site: Site) -> CellId:
    """Have a cell, and somebody who wants to read its log."""
    site.settle()
    [cell] = [one.id for one in site.present()]
    with site.database.transaction() as stores:
        stores.log_wishes.wish(cell, at=site.clock.now())
    return cell


def test_a_wish_is_granted_once(site: Site) -> None:
    cell = wished(site)
    keep = keeper(site)
    assert (keep.tick(), keep.tick()) == (1, 0)
    assert kept_logs.file_of(site.places.cell_logs, cell).read_text() == f"log of {cell}\n"
    with site.database.reading() as stores:
        wish = stores.log_wishes.of_cell(cell)
    assert wish is not None
    assert (wish.kept_at, wish.trouble) == (site.clock.now(), "")


def test_a_silent_engine_is_asked_again_and_at_last_told(site: Site) -> None:
    cell = wished(site)
    site.driver = driver = FailingDriver(site.engine)
    driver.fail("log_tail", EngineUnavailableError("gone"))
    keep = keeper(site)
    with pytest.raises(EngineUnavailableError):
        keep.tick()
    site.steps.advance(kept_logs.TOO_OLD.total_seconds() + 1)
    site.leadership.renew()
    assert keep.tick() == 1
    with site.database.reading() as stores:
        wish = stores.log_wishes.of_cell(cell)
    assert wish is not None
    assert (wish.kept_at, wish.trouble) == (None, "SBX-301")


def test_the_log_of_a_cell_that_goes_is_kept(site: Site) -> None:
    key = site.launch()
    site.settle()
    cell = site.instance(key).cell
    assert cell is not None
    site.want_closed(key)
    site.settle()
    assert kept_logs.file_of(site.places.cell_logs, cell).read_text() == f"log of {cell}\n"


def test_what_a_cell_writes_can_neither_fill_the_disk_nor_steer_a_terminal(tmp_path: Path, site: Site) -> None:
    driver = Writing(site.places)
    driver.said = b"half a line" + b"\xff\x1b[2J\xe2\x80\xae" * 40_000 + b"\nlast line\r"
    kept_logs.keep(driver, tmp_path / "kept", CellId("c" * 12))
    text = kept_logs.file_of(tmp_path / "kept", CellId("c" * 12)).read_text()
    assert len(text) <= kept_logs.TAIL_BYTES
    assert not set("\x1b\r\u202e") & set(text)
    assert text.endswith("last line\\r")


def test_an_empty_log_replaces_nothing(tmp_path: Path, site: Site) -> None:
    kept_logs.keep(site.engine, tmp_path / "kept", CellId("c" * 12))
    assert not (tmp_path / "kept").exists()


def test_logs_are_cleared_away_after_a_month(site: Site) -> None:
    folder = site.places.cell_logs
    folder.mkdir(parents=True)
    now = site.clock.now()
    for name, age in (("old", kept_logs.KEPT + timedelta(days=1)), ("new", timedelta(days=1))):
        (folder / f"{name}.log").write_text(name)
        then = (now - age).timestamp()
        os.utime(folder / f"{name}.log", (then, then))
    keeper(site).tick()
    assert [file.name for file in folder.iterdir()] == ["new.log"]


def test_a_full_disk_does_not_keep_a_cell_from_going(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key = site.launch()
    site.settle()
    cell = site.cell_of(key)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(kept_logs, "_write", full)
    with pytest.raises(DiskFullError):
        kept_logs.keep(site.driver, site.places.cell_logs, cell.id)
    site.want_closed(key)
    site.settle()
    assert site.cell(cell.id).state is CellState.GONE
