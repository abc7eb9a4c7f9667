"""Provisioning's cells, their archives, images and golden datasets as rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import change_one, check_move, existing, many, one, to_row
from sandbox.adapters.db.tables.provisioning import (
    PRESENT,
    cell,
    cell_archive,
    golden_dataset,
    image,
    instance,
    rest,
)
from sandbox.errors import LostRaceError, NoCapacityError, WrongStateError
from sandbox.provisioning.model import (
    CELL_MOVES,
    Cell,
    CellArchive,
    CellId,
    CellState,
    GoldenDataset,
    Image,
    InstanceId,
    Rest,
)

_OLDEST = (cell.c.since, cell.c.id)
# Made once: what every plan and step reads takes longer to make than to execute.
_BY_ID = sa.select(cell).where(cell.c.id == sa.bindparam("key"))
_PRESENT = sa.select(cell).where(PRESENT).order_by(*_OLDEST)
_ALL_ASLEEP = (
    sa.select(rest)
    .join(cell, cell.c.id == rest.c.cell)
    .where(PRESENT, rest.c.woken_at.is_(None))
    .order_by(rest.c.rested_at, rest.c.cell)
)
_LATEST = sa.select(image).order_by(image.c.registered_at.desc(), image.c.id)
_BY_KEY = sa.select(golden_dataset).where(golden_dataset.c.inputs_key == sa.bindparam("key"))
_MOVED = (
    cell.update()
    .where(cell.c.id == sa.bindparam("key"), cell.c.state == sa.bindparam("old"))
    .values(state=sa.bindparam("new"), since=sa.bindparam("now"), trouble=sa.bindparam("code"))
)
_NOW_READY = _MOVED.values(ready_at=sa.bindparam("now"))


class SqlCellStore:
    """Fulfils provisioning.stores.CellStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Cell) -> None:
        with breaking("cell.uid", LostRaceError(f"uid {new.uid} is taken")):
            self._db.execute(cell.insert().values(to_row(new)))

    def get(self, key: CellId) -> Cell:
        return existing(self._db, Cell, _BY_ID, f"cell {key}", key=key)

    def present(self) -> list[Cell]:
        return many(self._db, Cell, _PRESENT)

    def note_trouble(self, key: CellId, code: str) -> None:
        change_one(self._db, cell.update().where(cell.c.id == key).values(trouble=code), f"cell {key}")

    def of_attempt(self, attempt: str) -> list[Cell]:
        return many(self._db, Cell, sa.select(cell).where(cell.c.attempt == attempt).order_by(*_OLDEST))

    def free_uid(self, base: int, count: int) -> int:
        present = sa.select(cell.c.uid).where(PRESENT, cell.c.uid.between(base, base + count - 1))
        taken = set(self._db.scalars(present))
        for uid in range(base, base + count):
            if uid not in taken:
                return uid
        raise NoCapacityError(f"all {count} uids from {base} are taken", what="uid")

    def move(self, key: CellId, old: CellState, new: CellState, *, now: datetime, trouble: str = "") -> None:
        check_move(CELL_MOVES, old, new, f"cell {key}")
        moved = _NOW_READY if new is CellState.READY else _MOVED
        given = {"key": key, "old": old, "new": new, "now": now, "code": trouble}
        with breaking("cell.instance", LostRaceError(f"the instance of cell {key} already has an armed cell")):
            change_one(self._db, moved, f"cell {key}, expected {old},", **given)

    def record_engine_id(self, key: CellId, engine_id: str) -> None:
        change_one(self._db, cell.update().where(cell.c.id == key).values(engine_id=engine_id), f"cell {key}")

    def note_resting(self, key: CellId, since: datetime | None) -> None:
        change_one(self._db, cell.update().where(cell.c.id == key).values(resting_since=since), f"cell {key}")

    def claim(self, pool_key: str, *, instance: InstanceId, epoch: int, now: datetime) -> Cell | None:
        ready = (cell.c.state == CellState.READY, cell.c.pool_key == pool_key)
        oldest = sa.select(cell.c.id).where(*ready).order_by(*_OLDEST).limit(1).scalar_subquery()
        claimed = (
            cell.update()
            .where(cell.c.id == oldest, *ready)
            .values(
                state=CellState.CLAIMED, instance=instance, epoch=epoch, attempt=self._attempt_of(instance), since=now
            )
            .returning(cell)
        )
        with breaking("cell.instance", LostRaceError(f"instance {instance} already has a cell for epoch {epoch}")):
            row = self._db.execute(claimed).mappings().first()
        return None if row is None else Cell(**row)

    def record_dataset(self, key: CellId, sha256: str) -> None:
        change_one(self._db, cell.update().where(cell.c.id == key).values(dataset=sha256), f"cell {key}")

    def _attempt_of(self, key: InstanceId) -> str | None:
        attempt: str | None = self._db.scalar(sa.select(instance.c.attempt).where(instance.c.id == key))
        return attempt


class SqlRestStore:
    """Fulfils provisioning.stores.RestStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Rest) -> None:
        with breaking("rest.cell", LostRaceError(f"cell {new.cell} is at rest already")):
            self._db.execute(rest.insert().values(to_row(new)))

    def asleep(self, key: CellId) -> Rest | None:
        return one(self._db, Rest, sa.select(rest).where(rest.c.cell == key, rest.c.woken_at.is_(None)))

    def all_asleep(self) -> list[Rest]:
        return many(self._db, Rest, _ALL_ASLEEP)

    def wake(self, key: CellId, *, now: datetime) -> None:
        asleep = rest.update().where(rest.c.cell == key, rest.c.woken_at.is_(None))
        change_one(self._db, asleep.values(woken_at=now), f"cell {key}, expected at rest,")


class SqlArchiveStore:
    """Fulfils provisioning.stores.ArchiveStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, archive: CellArchive) -> None:
        inserting = insert(cell_archive).values(to_row(archive)).on_conflict_do_nothing()
        if self._db.execute(inserting).rowcount == 1:
            return
        there = self.of_cell(archive.cell)
        if there is None or _content(there) != _content(archive):
            raise WrongStateError(f"cell {archive.cell} has another archive already")

    def of_cell(self, key: CellId) -> CellArchive | None:
        return one(self._db, CellArchive, sa.select(cell_archive).where(cell_archive.c.cell == key))

    def newest(self, count: int) -> list[CellArchive]:
        newest = sa.select(cell_archive).order_by(cell_archive.c.archived_at.desc(), cell_archive.c.cell).limit(count)
        return many(self._db, CellArchive, newest)

    def of_attempt(self, attempt: str) -> CellArchive | None:
        newest = sa.select(cell_archive).where(cell_archive.c.attempt == attempt).order_by(cell_archive.c.epoch.desc())
        return one(self._db, CellArchive, newest)


def _content(archive: CellArchive) -> tuple[str, str, int]:
    return archive.journal_sha256, archive.state_sha256, archive.rows


class SqlImageStore:
    """Fulfils provisioning.stores.ImageStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Image) -> None:
        again = {"contract": new.contract, "registered_at": new.registered_at}
        inserting = insert(image).values(to_row(new)).on_conflict_do_update(index_elements=["id"], set_=again)
        self._db.execute(inserting)

    def latest(self) -> Image | None:
        return one(self._db, Image, _LATEST)

    def all(self) -> list[Image]:
        return many(self._db, Image, sa.select(image).order_by(image.c.registered_at, image.c.id))


class SqlGoldenStore:
    """Fulfils provisioning.stores.GoldenStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, golden: GoldenDataset) -> None:
        self._db.execute(insert(golden_dataset).values(to_row(golden)).on_conflict_do_nothing())

    def by_key(self, inputs_key: str) -> GoldenDataset | None:
        return one(self._db, GoldenDataset, _BY_KEY, key=inputs_key)

    def all(self) -> list[GoldenDataset]:
        return many(self._db, GoldenDataset, sa.select(golden_dataset).order_by(golden_dataset.c.built_at))

    def by_name(self, name: str) -> GoldenDataset | None:
        newest = sa.select(golden_dataset).where(golden_dataset.c.name == name)
        return one(self._db, GoldenDataset, newest.order_by(golden_dataset.c.built_at.desc()))
