"""Checkups and wished logs as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.rows import many, one
from sandbox.adapters.db.tables.observing import checkup, log_wish
from sandbox.health.model import Checkup, Fact
from sandbox.provisioning.model import CellId, LogWish


class SqlCheckupStore:
    """Fulfils health.ports.CheckupStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def put(self, concern: str, facts: Mapping[str, Fact], *, at: datetime) -> None:
        new = {"at": at, "facts": json.dumps(dict(facts), ensure_ascii=False)}
        putting = insert(checkup).values(concern=concern, **new)
        self._db.execute(putting.on_conflict_do_update(index_elements=["concern"], set_=new))

    def all(self) -> dict[str, Checkup]:
        rows = self._db.execute(sa.select(checkup)).mappings()
        return {row["concern"]: Checkup(**(dict(row) | {"facts": json.loads(row["facts"])})) for row in rows}


class SqlLogWishStore:
    """Fulfils provisioning.ports.LogWishStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def wish(self, key: CellId, *, at: datetime) -> None:
        new = {"wished_at": at, "kept_at": None, "trouble": ""}
        self._db.execute(
            insert(log_wish).values(cell=key, **new).on_conflict_do_update(index_elements=["cell"], set_=new)
        )

    def waiting(self) -> list[LogWish]:
        return many(
            self._db, LogWish, sa.select(log_wish).where(log_wish.c.kept_at.is_(None), log_wish.c.trouble == "")
        )

    def answer(self, key: CellId, *, trouble: str, at: datetime) -> None:
        answered = {"kept_at": None if trouble else at, "trouble": trouble}
        self._db.execute(log_wish.update().where(log_wish.c.cell == key).values(answered))

    def of_cell(self, key: CellId) -> LogWish | None:
        return one(self._db, LogWish, sa.select(log_wish).where(log_wish.c.cell == key))
