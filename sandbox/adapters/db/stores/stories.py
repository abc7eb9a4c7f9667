"""The rows about one instance, cell or click; reading only."""

from __future__ import annotations

import json

import sqlalchemy as sa

from sandbox.adapters.db.rows import many
from sandbox.adapters.db.tables.people import audit
from sandbox.adapters.db.tables.provisioning import cell, instance, move
from sandbox.audit.model import Entry
from sandbox.contract import canonical
from sandbox.health.story import Story
from sandbox.provisioning.model import Cell, Instance, Move


class SqlStories:
    """Fulfils health.ports.Stories."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def of(self, key: str, *, newest: int = 200) -> Story:
        served = sa.select(cell.c.instance).where(cell.c.id == key)
        moved = sa.select(move.c.instance).where(move.c.cause == key)
        named = sa.or_(
            instance.c.id.in_([key]), instance.c.cause == key, instance.c.id.in_(served), instance.c.id.in_(moved)
        )
        about = self._audited_of(key) if len(key) == _CAUSE_DIGITS else []
        instances = many(self._db, Instance, sa.select(instance).where(sa.or_(named, instance.c.id.in_(about))))
        keys = [one.id for one in instances]
        of_instances = sa.select(cell).where(sa.or_(cell.c.instance.in_(keys), cell.c.id == key))
        cells = many(self._db, Cell, of_instances.order_by(cell.c.epoch.desc(), cell.c.id).limit(newest))
        moves = many(self._db, Move, sa.select(move).where(move.c.instance.in_(keys)).order_by(move.c.created_at))
        subjects = [*keys, *(one.id for one in cells), *filter(None, (one.attempt for one in instances))]
        return Story(
            instances=tuple(instances),
            cells=tuple(cells),
            moves=tuple(moves[-newest:]),
            entries=tuple(self._entries(subjects, key, newest)),
        )

    def _audited_of(self, cause: str) -> list[str]:
        """Return what the entries of a click are about; the start of an attempt names its instance beside it."""
        wanted = sa.select(audit.c.subject, audit.c.facts)
        rows = self._db.execute(wanted.where(audit.c.facts.contains(_said(cause), autoescape=True)))
        return [key for subject, facts in rows for key in (subject, json.loads(facts).get("instance")) if key]

    def _entries(self, subjects: list[str], cause: str, newest: int) -> list[Entry]:
        named = sa.or_(audit.c.subject.in_(subjects), audit.c.facts.contains(_said(cause), autoescape=True))
        rows = self._db.execute(sa.select(audit).where(named).order_by(audit.c.seq.desc()).limit(newest)).mappings()
        return [Entry(**(dict(row) | {"facts": json.loads(row["facts"])})) for row in rows]


_CAUSE_DIGITS = 12


def _said(cause: str) -> str:
    """Return how a fact of this cause stands in the stored text."""
    return canonical.dumps({"cause": cause})[1:-1]
