"""The audit trail's rows."""

from __future__ import annotations

import json

import sqlalchemy as sa

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import to_row
from sandbox.adapters.db.tables.people import audit
from sandbox.audit.model import Entry
from sandbox.contract import canonical
from sandbox.errors import LostRaceError


class SqlAuditStore:
    """Fulfils audit.ports.AuditStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def append(self, entry: Entry) -> None:
        row = to_row(entry) | {"facts": canonical.dumps(entry.facts)}
        with breaking("audit.seq", LostRaceError(f"audit entry {entry.seq} is taken")):
            self._db.execute(audit.insert().values(row))

    def newest(self) -> Entry | None:
        found = self._entries(sa.select(audit).order_by(audit.c.seq.desc()).limit(1))
        return found[0] if found else None

    def page(self, *, before: int | None = None, limit: int = 100, verb: str = "", actor: str = "") -> list[Entry]:
        wanted = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(audit.c.seq < before)
        if verb:
            wanted = wanted.where(audit.c.verb == verb)
        if actor:
            wanted = wanted.where(audit.c.actor == actor)
        return self._entries(wanted)

    def chain(self, *, after: int = 0, limit: int = 1000) -> list[Entry]:
        return self._entries(sa.select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit))

    def _entries(self, wanted: sa.Select[tuple[object, ...]]) -> list[Entry]:
        rows = self._db.execute(wanted).mappings()
        return [Entry(**(dict(row) | {"facts": json.loads(row["facts"])})) for row in rows]
