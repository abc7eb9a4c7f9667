"""Adjustments, voided attempts and papers as rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import change_one, check_move, many, one, to_row
from sandbox.adapters.db.tables.attempts import attempt, result
from sandbox.adapters.db.tables.second_look import adjustment, attempt_void, paper
from sandbox.attempts.model import Attempt, AttemptId, AttemptState
from sandbox.attempts.second_look import PAPER_MOVES, AdjustmentRow, Audience, Paper, PaperLanguage, PaperState, Voided
from sandbox.errors import LostRaceError

_KEY = tuple[AttemptId, str, PaperLanguage, Audience]


class SqlAdjustmentStore:
    """Fulfils attempts.ports.AdjustmentStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, row: AdjustmentRow) -> None:
        taken = LostRaceError(f"attempt {row.attempt} already has adjustment {row.number}")
        with breaking("adjustment.attempt", taken):
            self._db.execute(adjustment.insert().values(to_row(row)))

    def of(self, key: AttemptId) -> list[AdjustmentRow]:
        wanted = sa.select(adjustment).where(adjustment.c.attempt == key)
        return many(self._db, AdjustmentRow, wanted.order_by(adjustment.c.number))

    def unapplied(self) -> list[Attempt]:
        newest = sa.select(adjustment.c.attempt, sa.func.max(adjustment.c.number).label("number"))
        newest_row = newest.group_by(adjustment.c.attempt).subquery()
        applied = sa.select(result.c.attempt, sa.func.max(result.c.adjustments).label("number"))
        applied_row = applied.group_by(result.c.attempt).subquery()
        wanted = (
            sa.select(attempt)
            .join(newest_row, newest_row.c.attempt == attempt.c.id)
            .join(applied_row, applied_row.c.attempt == attempt.c.id)
            .where(attempt.c.state == AttemptState.GRADED, newest_row.c.number > applied_row.c.number)
        )
        return many(self._db, Attempt, wanted.order_by(attempt.c.id))


class SqlVoidStore:
    """Fulfils attempts.ports.VoidStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Voided) -> bool:
        return self._db.execute(insert(attempt_void).values(to_row(new)).on_conflict_do_nothing()).rowcount == 1

    def of(self, key: AttemptId) -> Voided | None:
        return one(self._db, Voided, sa.select(attempt_void).where(attempt_void.c.attempt == key))


class SqlPaperStore:
    """Fulfils attempts.ports.PaperStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def want(self, new: Paper) -> bool:
        return self._db.execute(insert(paper).values(to_row(new)).on_conflict_do_nothing()).rowcount == 1

    def of(self, attempt: AttemptId, report: str, language: PaperLanguage, audience: Audience) -> Paper | None:
        return one(self._db, Paper, sa.select(paper).where(*_is((attempt, report, language, audience))))

    def waiting(self, limit: int) -> list[Paper]:
        wanted = sa.select(paper).where(paper.c.state == PaperState.WANTED)
        return many(self._db, Paper, wanted.order_by(paper.c.wanted_at, paper.c.report).limit(limit))

    def made(self, key: Paper, file: str, *, at: datetime) -> None:
        self._move(key, PaperState.WANTED, PaperState.MADE, file=file, made_at=at, trouble="")

    def failed(self, key: Paper, trouble: str) -> None:
        self._move(key, PaperState.WANTED, PaperState.FAILED, trouble=trouble)

    def want_again(self, key: Paper, *, at: datetime) -> None:
        self._move(key, key.state, PaperState.WANTED, wanted_at=at, made_at=None, file="", trouble="")

    def _move(self, key: Paper, old: PaperState, new: PaperState, **values: object) -> None:
        what = f"paper {key.report[:12]} in {key.language}"
        check_move(PAPER_MOVES, old, new, what)
        mine = _is((key.attempt, key.report, key.language, key.audience))
        moved = paper.update().where(*mine, paper.c.state == old)
        change_one(self._db, moved.values(state=new, **values), f"{what}, expected {old},")


def _is(key: _KEY) -> tuple[sa.ColumnElement[bool], ...]:
    columns = (paper.c.attempt, paper.c.report, paper.c.language, paper.c.audience)
    return tuple(column == value for column, value in zip(columns, key, strict=True))
