"""Drafts and the gate's book."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.rows import change_one, existing, many, one, to_row
from sandbox.adapters.db.tables.authoring import exercise_draft, gate_report, gate_request
from sandbox.authoring.model import Draft, GateRequest, GateRun


class SqlDraftStore:
    """Fulfils authoring.ports.DraftStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, draft: Draft) -> bool:
        return self._db.execute(insert(exercise_draft).values(to_row(draft)).on_conflict_do_nothing()).rowcount == 1

    def get(self, sha256: str) -> Draft:
        wanted = sa.select(exercise_draft).where(exercise_draft.c.sha256 == sha256)
        return existing(self._db, Draft, wanted, f"draft {sha256[:12]}")

    def all(self) -> list[Draft]:
        newest = (exercise_draft.c.saved_at.desc(), exercise_draft.c.sha256)
        return many(self._db, Draft, sa.select(exercise_draft).order_by(*newest))


class SqlGateStore:
    """Fulfils authoring.ports.GateStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def ask(self, request: GateRequest) -> bool:
        return self._db.execute(insert(gate_request).values(to_row(request)).on_conflict_do_nothing()).rowcount == 1

    def waiting(self) -> list[GateRequest]:
        oldest = (gate_request.c.asked_at, gate_request.c.id)
        wanted = sa.select(gate_request).where(gate_request.c.answered_at.is_(None)).order_by(*oldest)
        return many(self._db, GateRequest, wanted)

    def last_request(self, draft: str) -> GateRequest | None:
        newest = (gate_request.c.asked_at.desc(), gate_request.c.id)
        return one(
            self._db, GateRequest, sa.select(gate_request).where(gate_request.c.draft == draft).order_by(*newest)
        )

    def note(self, key: str, *, stage: str, done: int, total: int) -> None:
        open_one = gate_request.update().where(gate_request.c.id == key, gate_request.c.answered_at.is_(None))
        change_one(self._db, open_one.values(stage=stage, done=done, total=total), f"gate request {key}")

    def answer(self, key: str, *, trouble: str, at: datetime) -> None:
        open_one = gate_request.update().where(gate_request.c.id == key, gate_request.c.answered_at.is_(None))
        change_one(self._db, open_one.values(answered_at=at, trouble=trouble), f"gate request {key}")

    def add(self, run: GateRun) -> None:
        self._db.execute(gate_report.insert().values(to_row(run)))

    def newest(self) -> dict[str, GateRun]:
        oldest = (gate_report.c.ran_at, gate_report.c.id)
        return {run.draft: run for run in many(self._db, GateRun, sa.select(gate_report).order_by(*oldest))}

    def of(self, draft: str) -> list[GateRun]:
        newest = (gate_report.c.ran_at.desc(), gate_report.c.id)
        return many(self._db, GateRun, sa.select(gate_report).where(gate_report.c.draft == draft).order_by(*newest))
