"""The stores' promises: what goes in comes out, a change of state has one winner, invariants hold by themselves."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.errors import (
    LeaseLostError,
    LostRaceError,
    NoCapacityError,
    NotFoundError,
    QuotaError,
    SandboxError,
    TicketError,
    WrongStateError,
)
from sandbox.provisioning.model import Cell, CellState, Desired, Instance, InstanceId, Move, Observed
from tests.builders import (
    NOON,
    make_archive,
    make_cell,
    make_golden,
    make_image,
    make_instance,
    make_rehearsal,
    make_rest,
)

LATER = NOON + timedelta(seconds=1)
Db = Database[DbStores]


def opened(stores: DbStores, instance: Instance, cell: Cell) -> None:
    """Bring a queued instance and a ready cell together, as a launch does."""
    stores.instances.add(instance)
    stores.cells.add(cell)
    flipped(stores, instance, cell, epoch=1)


def flipped(stores: DbStores, instance: Instance, cell: Cell, *, epoch: int) -> None:
    old = stores.instances.get(instance.id).observed
    stores.instances.move(instance.id, old, Observed.LAUNCHING if epoch == 1 else Observed.REPLACING)
    claimed = stores.cells.claim(cell.pool_key, instance=instance.id, epoch=epoch, now=LATER)
    assert claimed is not None
    stores.cells.move(claimed.id, CellState.CLAIMED, CellState.ARMED, now=LATER)
    stores.instances.flip(instance.id, cell=claimed.id, epoch=epoch, now=LATER)


def test_an_instance_comes_back_as_it_went_in(database: Db) -> None:
    instance = make_instance(last_request_at=NOON + timedelta(microseconds=7))
    with database.transaction() as stores:
        stores.instances.add(instance)
    with database.reading() as stores:
        assert stores.instances.get(instance.id) == instance
        assert stores.instances.live() == [instance]
        assert stores.instances.live_of("bob") == []


def test_a_rest_that_is_not_woken_is_there_once(database: Db) -> None:
    cell = make_cell()
    with database.transaction() as stores:
        stores.cells.add(cell)
        first = make_rest(cell=cell.id)
        assert stores.rests.asleep(cell.id) is None
        stores.rests.add(first)
        with pytest.raises(LostRaceError):
            stores.rests.add(make_rest(cell=cell.id, rested_at=LATER))
        assert (stores.rests.asleep(cell.id), stores.rests.all_asleep()) == (first, [first])
        stores.rests.wake(cell.id, now=LATER)
        assert (stores.rests.asleep(cell.id), stores.rests.all_asleep()) == (None, [])
        with pytest.raises(LostRaceError):
            stores.rests.wake(cell.id, now=LATER)
        second = make_rest(cell=cell.id, rested_at=LATER)
        stores.rests.add(second)
        assert stores.rests.asleep(cell.id) == second


def test_a_cell_that_is_gone_sleeps_no_more(database: Db) -> None:
    cell = make_cell()
    with database.transaction() as stores:
        stores.cells.add(cell)
        stores.rests.add(make_rest(cell=cell.id))
        stores.cells.move(cell.id, CellState.READY, CellState.GONE, now=LATER)
        assert stores.rests.all_asleep() == []


def test_a_cell_remembers_when_it_was_ready_and_whether_it_may_rest(database: Db) -> None:
    cell = make_cell(state=CellState.STARTED, begun_at=NOON)
    with database.transaction() as stores:
        stores.cells.add(cell)
        stores.cells.move(cell.id, CellState.STARTED, CellState.READY, now=LATER)
        stores.cells.note_resting(cell.id, NOON)
        found = stores.cells.get(cell.id)
        assert (found.begun_at, found.ready_at, found.resting_since) == (NOON, LATER, NOON)
        stores.cells.note_resting(cell.id, None)
        assert stores.cells.get(cell.id).resting_since is None


def test_a_move_remembers_its_first_flip(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        opened(stores, instance, make_cell())
        move = Move(
            instance=instance.id,
            epoch=1,
            kind="reset",
            actor="alice",
            created_at=NOON,
            closed_at=None,
            cause="c0ffee",
        )
        stores.moves.add(move)
        stores.moves.note_flip(instance.id, 1, now=LATER)
        stores.moves.note_flip(instance.id, 1, now=NOON)
        assert stores.moves.open() == [dataclasses.replace(move, flipped_at=LATER)]


def test_a_person_has_one_wanted_instance(database: Db) -> None:
    with database.transaction() as stores:
        stores.instances.add(make_instance())
        with pytest.raises(QuotaError):
            stores.instances.add(make_instance())
        stores.instances.add(make_instance(owner="bob"))
    with database.reading() as stores:
        assert [one.owner for one in stores.instances.live()] == ["alice", "bob"]


def test_an_instance_that_is_no_longer_wanted_makes_room_for_the_next(database: Db) -> None:
    first, second = make_instance(), make_instance()
    with database.transaction() as stores:
        stores.instances.add(first)
        assert stores.instances.desire(first.id, Desired.CLOSED)
        assert not stores.instances.desire(first.id, Desired.CLOSED)
        stores.instances.add(second)
        assert {one.id for one in stores.instances.live_of("alice")} == {first.id, second.id}


def test_a_closed_instance_does_not_open_again(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        stores.instances.add(instance)
        stores.instances.desire(instance.id, Desired.CLOSED)
        stores.instances.move(instance.id, Observed.QUEUED, Observed.CLOSED)
        with pytest.raises(WrongStateError):
            stores.instances.desire(instance.id, Desired.OPEN)
        assert stores.instances.live() == []


def test_a_move_not_listed_is_refused_and_a_late_one_has_lost(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        stores.instances.add(instance)
        with pytest.raises(WrongStateError):
            stores.instances.move(instance.id, Observed.QUEUED, Observed.OPEN)
        stores.instances.move(instance.id, Observed.QUEUED, Observed.LAUNCHING)
        with pytest.raises(LostRaceError):
            stores.instances.move(instance.id, Observed.QUEUED, Observed.LAUNCHING)


def test_a_flip_follows_the_present_epoch_only(database: Db) -> None:
    instance, cell = make_instance(), make_cell()
    with database.transaction() as stores:
        opened(stores, instance, cell)
        now_open = stores.instances.get(instance.id)
        assert (now_open.observed, now_open.cell, now_open.epoch) == (Observed.OPEN, cell.id, 1)
        assert now_open.opened_at == LATER
        with pytest.raises(LostRaceError):
            stores.instances.flip(instance.id, cell=cell.id, epoch=1, now=LATER)
        with pytest.raises(LostRaceError):
            stores.instances.flip(instance.id, cell=cell.id, epoch=3, now=LATER)


def test_opened_at_is_the_first_flip(database: Db) -> None:
    instance, old, new = make_instance(), make_cell(), make_cell()
    with database.transaction() as stores:
        opened(stores, instance, old)
        stores.cells.move(old.id, CellState.ARMED, CellState.SEALED, now=LATER)
        stores.cells.add(new)
        stores.instances.move(instance.id, Observed.OPEN, Observed.REPLACING)
        stores.cells.claim(new.pool_key, instance=instance.id, epoch=2, now=LATER)
        stores.cells.move(new.id, CellState.CLAIMED, CellState.ARMED, now=LATER)
        stores.instances.flip(instance.id, cell=new.id, epoch=2, now=LATER + timedelta(hours=1))
        assert stores.instances.get(instance.id).opened_at == LATER


def test_an_instance_has_at_most_one_armed_cell(database: Db) -> None:
    instance, first, second = make_instance(), make_cell(), make_cell()
    with database.transaction() as stores:
        opened(stores, instance, first)
        stores.cells.add(second)
        stores.cells.claim(second.pool_key, instance=instance.id, epoch=2, now=LATER)
        with pytest.raises(LostRaceError):
            stores.cells.move(second.id, CellState.CLAIMED, CellState.ARMED, now=LATER)


def test_an_epoch_is_claimed_for_once(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        stores.instances.add(instance)
        for cell in (make_cell(), make_cell()):
            stores.cells.add(cell)
        stores.cells.claim("f" * 16, instance=instance.id, epoch=1, now=LATER)
        with pytest.raises(LostRaceError):
            stores.cells.claim("f" * 16, instance=instance.id, epoch=1, now=LATER)


def test_a_claim_takes_the_oldest_ready_cell_of_the_key_and_the_instances_attempt(database: Db) -> None:
    instance = make_instance(exercise_version="opd-basic@1", attempt="a1")
    young, old = make_cell(since=LATER), make_cell(since=NOON)
    other = make_cell(since=NOON - timedelta(days=1), pool_key="0" * 16)
    broken = make_cell(state=CellState.BROKEN, since=NOON - timedelta(days=1))
    with database.transaction() as stores:
        stores.instances.add(instance)
        for cell in (young, old, other, broken):
            stores.cells.add(cell)
        claimed = stores.cells.claim("f" * 16, instance=instance.id, epoch=1, now=LATER)
        expected = dataclasses.replace(
            old, state=CellState.CLAIMED, instance=instance.id, epoch=1, attempt="a1", since=LATER
        )
        assert claimed == expected == stores.cells.get(old.id)
        assert stores.cells.of_attempt("a1") == [expected]
        assert stores.cells.claim("9" * 16, instance=instance.id, epoch=2, now=LATER) is None


def test_ready_cells_are_nobodys_and_claimed_ones_somebodys(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        stores.instances.add(instance)
        for wrong in (
            make_cell(state=CellState.READY, instance=instance.id, epoch=1),
            make_cell(state=CellState.ARMED),
            make_cell(state=CellState.ARMED, instance=instance.id),
        ):
            with pytest.raises(IntegrityError, match="ck_cell_"):
                stores.cells.add(wrong)


def test_an_open_instance_has_a_cell(database: Db) -> None:
    with database.transaction() as stores, pytest.raises(IntegrityError, match="ck_instance_open_has_a_cell"):
        stores.instances.add(make_instance(observed=Observed.OPEN))


def test_a_present_cell_has_its_uid_alone(database: Db) -> None:
    first = make_cell(uid=1_000_000)
    with database.transaction() as stores:
        stores.cells.add(first)
        with pytest.raises(LostRaceError):
            stores.cells.add(make_cell(uid=1_000_000))
        assert stores.cells.free_uid(1_000_000, 2) == 1_000_001
        with pytest.raises(NoCapacityError):
            stores.cells.free_uid(1_000_000, 1)
        stores.cells.move(first.id, CellState.READY, CellState.GONE, now=LATER)
        assert stores.cells.free_uid(1_000_000, 1) == 1_000_000
        assert stores.cells.present() == []


def test_what_is_learnt_about_a_cell_is_kept(database: Db) -> None:
    cell = make_cell()
    with database.transaction() as stores:
        stores.cells.add(cell)
        stores.cells.record_engine_id(cell.id, "e1")
        stores.cells.record_dataset(cell.id, "d1")
        stores.cells.move(cell.id, CellState.READY, CellState.BROKEN, now=LATER, trouble="SBX-305")
        known = dataclasses.replace(
            cell, engine_id="e1", dataset="d1", state=CellState.BROKEN, since=LATER, trouble="SBX-305"
        )
        assert stores.cells.get(cell.id) == known


def test_there_is_one_move_per_epoch_for_ever(database: Db) -> None:
    instance = make_instance()
    move = Move(instance=instance.id, epoch=1, kind="reset", actor="alice", created_at=NOON, closed_at=None)
    with database.transaction() as stores:
        stores.instances.add(instance)
        assert stores.moves.add(move)
        assert not stores.moves.add(dataclasses.replace(move, kind="nightly"))
        assert stores.moves.open() == [move]
        stores.moves.close(instance.id, 1, now=LATER)
        assert stores.moves.open() == []
        assert not stores.moves.add(move)


def test_an_archive_is_recorded_once_and_never_changed(database: Db) -> None:
    instance, cell = make_instance(), make_cell()
    archive = make_archive(cell=cell.id, attempt="a1")
    with database.transaction() as stores:
        opened(stores, instance, cell)
        stores.archives.add(archive)
        stores.archives.add(dataclasses.replace(archive, archived_at=LATER))
        with pytest.raises(WrongStateError):
            stores.archives.add(dataclasses.replace(archive, journal_sha256="0" * 64))
        assert stores.archives.of_cell(cell.id) == archive == stores.archives.of_attempt("a1")


def test_the_newest_image_and_dataset_count(database: Db) -> None:
    old, new = make_image(), make_image(id="sha256:" + "2" * 64, registered_at=LATER)
    first, second = make_golden(), make_golden(built_at=LATER)
    with database.transaction() as stores:
        assert stores.images.latest() is None
        for image in (old, new):
            stores.images.add(image)
        assert stores.images.latest() == new
        again = dataclasses.replace(old, registered_at=LATER + timedelta(seconds=1))
        stores.images.add(again)
        assert stores.images.latest() == again
        for golden in (first, second, first):
            stores.goldens.add(golden)
        assert stores.goldens.by_name("base") == second
        assert stores.goldens.by_key(first.inputs_key) == first
        assert stores.goldens.by_key("nothing") is None


def test_the_lease_has_one_holder_and_a_growing_fence(database: Db) -> None:
    with database.transaction() as stores:
        lease = stores.lease
        assert lease.holder() is None
        assert lease.take("one", now=NOON, ttl_s=30) == 1
        with pytest.raises(LeaseLostError):
            lease.take("two", now=NOON + timedelta(seconds=29), ttl_s=30)
        lease.renew(1, now=NOON + timedelta(seconds=20), ttl_s=30)
        with pytest.raises(LeaseLostError):
            lease.take("two", now=NOON + timedelta(seconds=49), ttl_s=30)
        assert lease.take("two", now=NOON + timedelta(seconds=50), ttl_s=30) == 2
        for stale in (lease.check, lambda fence, now: lease.renew(fence, now=now, ttl_s=30)):
            with pytest.raises(LeaseLostError):
                stale(1, now=LATER)
        lease.check(2, now=LATER)
        assert lease.holder() == "two"


def test_a_dead_owner_is_succeeded_at_once_and_a_lease_given_back_is_free(database: Db) -> None:
    with database.transaction() as stores:
        stores.lease.take("dead", now=NOON, ttl_s=30)
        with pytest.raises(LeaseLostError):
            stores.lease.take("heir", now=NOON, ttl_s=30, succeeding="somebody else")
        assert stores.lease.take("heir", now=NOON, ttl_s=30, succeeding="dead") == 2
        stores.lease.release(2)
        assert stores.lease.holder() is None
        with pytest.raises(LeaseLostError):
            stores.lease.check(2, now=NOON)
        assert stores.lease.take("next", now=NOON, ttl_s=30) == 3


def test_a_ticket_is_used_once_and_forgotten_when_it_is_too_old(database: Db) -> None:
    instance = make_instance()
    until = NOON + timedelta(seconds=60)
    with database.transaction() as stores:
        stores.instances.add(instance)
        for token in ("t1", "t2"):
            stores.tickets.use(token, instance=instance.id, person="alice", expires_at=until, now=NOON)
        with pytest.raises(TicketError):
            stores.tickets.use("t1", instance=instance.id, person="alice", expires_at=until, now=LATER)
        assert stores.tickets.discard_expired(now=NOON) == 0
        assert stores.tickets.discard_expired(now=until) == 2


def test_the_last_request_only_grows(database: Db) -> None:
    instance = make_instance()
    with database.transaction() as stores:
        stores.instances.add(instance)
        for at in (LATER, NOON):
            stores.instances.touch({instance.id: at, InstanceId("gone"): at})
        assert stores.instances.get(instance.id).last_request_at == LATER


@pytest.mark.parametrize("room", ["instances", "cells", "attempts", "exercises", "assignments", "people", "terms"])
def test_what_is_not_there_is_not_found(database: Db, room: str) -> None:
    with database.reading() as stores:
        store = getattr(stores, room)
        find = store.of if room == "terms" else store.get
        with pytest.raises(NotFoundError):
            find("nothing")


def test_a_failed_transaction_leaves_nothing_behind(database: Db) -> None:
    def twice() -> None:
        with database.transaction() as stores:
            stores.instances.add(make_instance())
            stores.instances.add(make_instance())

    with pytest.raises(QuotaError):
        twice()
    with database.reading() as stores:
        assert stores.instances.live() == []


def test_reading_cannot_write(database: Db) -> None:
    with pytest.raises(SandboxError, match="readonly"), database.reading() as stores:
        stores.instances.add(make_instance())
    with database.transaction() as stores:
        stores.instances.add(make_instance())


@pytest.mark.parametrize("table", ["audit", "evidence", "result", "exercise_version", "cell_archive"])
@pytest.mark.parametrize("deed", ["update", "delete"])
def test_rows_that_prove_something_are_never_changed(database: Db, table: str, deed: str) -> None:
    with database.reading() as stores:
        triggers = sa.text("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = :name")
        assert stores.connection.scalar(triggers, {"name": f"{table}_refuses_{deed}"}) == 1


def test_a_rehearsal_comes_back_as_it_went_in_and_is_never_changed(database: Db) -> None:
    older, newer = make_rehearsal(), dataclasses.replace(make_rehearsal(), begun_at=LATER)
    with database.transaction() as stores:
        stores.rehearsals.add(newer)
        stores.rehearsals.add(older)
    with database.reading() as stores:
        assert stores.rehearsals.get(older.id) == older
        assert stores.rehearsals.newest(5) == [newer, older]
        assert stores.rehearsals.newest(1) == [newer]
        with pytest.raises(NotFoundError):
            stores.rehearsals.get("none")
    for deed in ("UPDATE rehearsal SET seats = 1", "DELETE FROM rehearsal"):
        with pytest.raises(WrongStateError, match="append-only"), database.transaction() as stores:
            stores.connection.execute(sa.text(deed))
