"""The worker's rounds: one look at a time, each in its own rhythm, written down for everybody."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.files import FileStore
from sandbox.audit import operations as audit
from sandbox.errors import EngineUnavailableError
from sandbox.health import checkup
from sandbox.health.checkup import ClockWatch, Look, Rounds
from sandbox.provisioning import archiving
from tests.builders import NOON, make_archive, make_cell, make_instance
from tests.fakes import FrozenClock
from tests.personas import dana

Db = Database[DbStores]
STATE = b'{"anchor": "2030-03-04", "contract": 1, "tables": {}}'


def test_every_concern_has_its_own_rhythm_and_none_waits_for_another(database: Db, clock: FrozenClock) -> None:
    asked: list[str] = []

    def look(name: str) -> Look:
        return Look(concern=name, every_s=60.0 if name == "often" else 900.0, look=lambda: asked.append(name) or {})

    rounds = Rounds(begin=database.transaction, looks=(look("often"), look("rarely")), clock=clock)
    assert [rounds.tick() for _ in range(4)] == [1, 1, 0, 0]
    clock.pass_time(seconds=60)
    assert [rounds.tick() for _ in range(2)] == [1, 0]
    assert asked == ["often", "rarely", "often"]
    with database.reading() as stores:
        assert {key: one.at for key, one in stores.checkups.all().items()} == {"often": clock.now(), "rarely": NOON}


def test_what_is_broken_is_cried_out(database: Db, clock: FrozenClock, caplog: pytest.LogCaptureFixture) -> None:
    rounds = Rounds(
        begin=database.transaction,
        looks=(Look(concern="audit", every_s=1.0, look=lambda: {"broken": "entry 3 was changed"}),),
        clock=clock,
    )
    rounds.tick()
    assert [one.levelno for one in caplog.records] == [logging.CRITICAL]
    with database.reading() as stores:
        assert stores.checkups.all()["audit"].facts == {"broken": "entry 3 was changed"}


def test_the_audit_trail_is_verified_as_a_whole(database: Db) -> None:
    assert checkup.audit_trail(database.reading) == {"broken": "", "entries": 0}
    with database.transaction() as stores:
        for number in range(3):
            audit.record(stores, dana, "fleet.reset", f"i{number}", at=NOON)
    assert checkup.audit_trail(database.reading) == {"broken": "", "entries": 3}


def archived(database: Db, files: FileStore, *, rows: int) -> str:
    """Store an archive that claims this many rows; return the SHA-256 of its journal."""
    journal = files.put(archiving.journal_bytes([]))
    with database.transaction() as stores:
        instance = make_instance()
        stores.instances.add(instance)
        cell = make_cell()
        stores.cells.add(cell)
        archive = make_archive(cell=cell.id, instance=instance.id, journal_sha256=journal, rows=rows)
        stores.archives.add(archive.__class__(**{**vars(archive), "state_sha256": files.put(STATE)}))
    return journal


def test_the_newest_archives_are_read_whole(database: Db, tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    journal = archived(database, files, rows=0)
    assert checkup.archives(database.reading, files) == {"broken": "", "checked": 1}
    rotten = tmp_path / journal[:2] / journal
    rotten.chmod(0o600)
    rotten.write_bytes(b"[] ")
    assert "has other content" in str(checkup.archives(database.reading, files)["broken"])
    rotten.unlink()
    assert "no file" in str(checkup.archives(database.reading, files)["broken"])


def test_an_archive_of_too_few_rows_is_found(database: Db, tmp_path: Path) -> None:
    files = FileStore(tmp_path)
    archived(database, files, rows=3)
    assert "0 rows instead of 3" in str(checkup.archives(database.reading, files)["broken"])


def test_an_engine_that_says_nothing_is_a_finding(clock: FrozenClock) -> None:
    def silent() -> dict[str, str]:
        raise EngineUnavailableError("gone")

    assert checkup.engine(silent, clock) == {"trouble": "SBX-301"}
    assert checkup.engine(lambda: {"version": "1"}, clock) == {"version": "1", "trouble": "", "seconds": 0.0}


def test_a_clock_that_jumps_is_told_for_a_day(clock: FrozenClock) -> None:
    watch = ClockWatch(clock)
    clock.pass_time(minutes=5)
    assert watch.look()["step_s"] == 0.0
    clock.step(hours=-1)
    told = watch.look()
    assert (told["step_s"], told["stepped_at"]) == (-3600.0, clock.now().isoformat())
    clock.pass_time(hours=23)
    assert watch.look()["step_s"] == -3600.0
    clock.pass_time(hours=2)
    assert watch.look()["step_s"] == 0.0
