"""Provisioning's requests to clear up as rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from sandbox.adapters.db.rows import change_one, existing, many, to_row
from sandbox.adapters.db.tables.certificates import prune_request
from sandbox.provisioning.prunes import PruneRequest


class SqlPruneStore:
    """Fulfils provisioning.prunes.PruneStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, request: PruneRequest) -> None:
        self._db.execute(prune_request.insert().values(to_row(request)))

    def get(self, key: str) -> PruneRequest:
        wanted = sa.select(prune_request).where(prune_request.c.id == key)
        return existing(self._db, PruneRequest, wanted, f"prune request {key}")

    def waiting(self) -> list[PruneRequest]:
        unanswered = sa.select(prune_request).where(prune_request.c.answered_at.is_(None))
        return many(self._db, PruneRequest, unanswered.order_by(prune_request.c.asked_at, prune_request.c.id))

    def answer(self, key: str, *, answer: str, trouble: str, at: datetime) -> None:
        waiting = prune_request.update().where(prune_request.c.id == key, prune_request.c.answered_at.is_(None))
        change_one(self._db, waiting.values(answer=answer, trouble=trouble, answered_at=at), f"prune request {key}")
