"""Nights and the ledger: begun once, each subject once, every change of fate with one winner."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.errors import LostRaceError, WrongStateError
from sandbox.provisioning.model import CellId, CellState, InstanceId
from sandbox.scheduling.model import Entry, Fate, Night, Reason, Tally
from tests.builders import NOON, make_cell, make_instance

Db = Database[DbStores]
LATER = NOON + timedelta(seconds=1)
NIGHT = date(2030, 3, 4)


def entry(subject: str, *, night: date = NIGHT, **said: Any) -> Entry:
    return Entry(job="reset", local_date=night, subject=InstanceId(subject), **{"enrolled_at": NOON, **said})


def test_a_job_has_a_subject_once_a_night(database: Db) -> None:
    with database.transaction() as stores:
        ledger, first, next_night = stores.ledger, entry("i1"), entry("i1", night=NIGHT + timedelta(days=1))
        assert [ledger.enrol(each) for each in (first, first, next_night)] == [True, False, True]
        waits = replace(first, fate=Fate.DEFERRED, reason=Reason.EXAM, until=LATER)
        ledger.change(first, waits)
        runs = replace(waits, fate=Fate.RUNNING, begun_at=LATER, epoch=1, cell=CellId("c1"))
        ledger.change(waits, runs)
        with pytest.raises(LostRaceError):
            ledger.change(waits, runs)
        with pytest.raises(WrongStateError):
            ledger.change(runs, first)
        assert ledger.running("reset") == [runs]
        assert ledger.waiting("reset", limit=5) == [next_night]
        assert ledger.unfinished("reset") == [runs, next_night]
        done = replace(runs, fate=Fate.RESET, finished_at=LATER, took_ms=7, digest="d", archive_sha256="a")
        ledger.change(runs, done)
        assert ledger.of_night("reset", NIGHT) == [done]
        assert ledger.left("reset") == [Tally(local_date=next_night.local_date, fate=Fate.WAITING, count=1)]
        tallies = ledger.tallies("reset", first=NIGHT, last=NIGHT)
        assert tallies == [Tally(local_date=NIGHT, fate=Fate.RESET, count=1, lacking=1)]
        assert ledger.tallies("other", first=NIGHT, last=NIGHT) == []


def test_a_chosen_time_replaces_the_one_before(database: Db) -> None:
    with database.transaction() as stores:
        stores.job_times.choose("reset", "03:15", by="dana", at=NOON)
        stores.job_times.choose("reset", "03:30", by="dana", at=LATER)
        assert (stores.job_times.chosen("reset"), stores.job_times.chosen("other")) == ("03:30", None)


def test_a_night_is_begun_once_and_ends_once(database: Db) -> None:
    missed = Night(job="reset", local_date=NIGHT, due_at=NOON, begun_at=None, silent_since=NOON)
    begun, newer = replace(missed, begun_at=LATER), replace(missed, local_date=NIGHT + timedelta(days=1), begun_at=NOON)
    with database.transaction() as stores:
        ledger = stores.ledger
        assert ledger.newest_night("reset") is None
        ledger.add_missed(missed)
        with pytest.raises(LostRaceError):
            ledger.end_night(missed, now=LATER, took_ms=None)
        ledger.begin_night(begun)
        ledger.add_missed(missed)
        with pytest.raises(LostRaceError):
            ledger.begin_night(begun)
        ledger.begin_night(newer)
        assert ledger.open_nights("reset") == [begun, newer]
        ledger.end_night(begun, now=LATER, took_ms=9)
        with pytest.raises(LostRaceError):
            ledger.end_night(begun, now=LATER, took_ms=9)
        assert ledger.night("reset", NIGHT) == replace(begun, ended_at=LATER, took_ms=9)
        assert ledger.newest_night("reset") == newer
        assert ledger.nights("reset", first=NIGHT, last=NIGHT) == [replace(begun, ended_at=LATER, took_ms=9)]


def test_the_last_ring_is_remembered(database: Db) -> None:
    with database.transaction() as stores:
        assert stores.ledger.rung_at("reset") is None
        stores.ledger.ring("reset", now=NOON)
        stores.ledger.ring("reset", now=LATER)
        assert stores.ledger.rung_at("reset") == LATER


def test_what_was_verified_is_told_by_the_epoch_it_was_for(database: Db) -> None:
    instance = make_instance()
    cell = make_cell(state=CellState.CLAIMED, instance=instance.id, epoch=2)
    with database.transaction() as stores:
        stores.instances.add(instance)
        stores.cells.add(cell)
        stores.verifications.armed(cell.id, "digest")
        assert stores.verifications.of(instance.id, 2) == ("", "")
        stores.verifications.copied(cell.id, "broken", now=NOON)
        stores.verifications.copied(cell.id, "copy", now=LATER)
        assert stores.verifications.of(instance.id, 2) == ("", "")
        stores.verifications.armed(cell.id, "digest")
        assert stores.verifications.of(instance.id, 2) == ("copy", "digest")
        assert stores.verifications.of(instance.id, 3) == ("", "")
