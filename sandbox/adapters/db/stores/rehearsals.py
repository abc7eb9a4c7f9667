"""Rehearsals as rows: facts of the machine and figures are one JSON each."""

from __future__ import annotations

import json

import sqlalchemy as sa

from sandbox.adapters.db.tables.rehearsal import rehearsal
from sandbox.contract import codec
from sandbox.errors import NotFoundError
from sandbox.rehearsal.model import Figures, Machine, Rehearsal


class SqlRehearsalStore:
    """Fulfils rehearsal.ports.RehearsalStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, one: Rehearsal) -> None:
        self._db.execute(
            rehearsal.insert().values(
                id=one.id,
                begun_at=one.begun_at,
                seats=one.seats,
                actor=one.actor,
                machine=json.dumps(codec.to_json(one.machine)),
                figures=json.dumps(codec.to_json(one.figures)),
            )
        )

    def get(self, key: str) -> Rehearsal:
        row = self._db.execute(sa.select(rehearsal).where(rehearsal.c.id == key)).first()
        if row is None:
            raise NotFoundError(f"no rehearsal {key}")
        return _from_row(row)

    def newest(self, count: int) -> list[Rehearsal]:
        newest = (rehearsal.c.begun_at.desc(), rehearsal.c.id)
        return [_from_row(row) for row in self._db.execute(sa.select(rehearsal).order_by(*newest).limit(count))]


def _from_row(row: sa.Row[tuple[object, ...]]) -> Rehearsal:
    found = row._mapping
    return Rehearsal(
        id=found["id"],
        begun_at=found["begun_at"],
        seats=found["seats"],
        actor=found["actor"],
        machine=codec.from_json(Machine, json.loads(found["machine"])),
        figures=codec.from_json(Figures, json.loads(found["figures"])),
    )
