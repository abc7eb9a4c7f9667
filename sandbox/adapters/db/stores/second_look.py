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

_HELD = sa.select(sa.func.max(result.c.adjustments)).where(result.c.attempt == adjustment.c.attempt).scalar_subquery()
_LATE = sa.select(adjustment.c.attempt).where(adjustment.c.number > _HELD).distinct().subquery()
_UNAPPLIED = (
    sa.select(attempt)
    .join(_LATE, _LATE.c.attempt == attempt.c.id)
    .where(attempt.c.state == AttemptState.GRADED)
    .order_by(attempt.c.id)
)
"""Made once, for it is asked for again and again; it begins with what was adjusted, not with all results there are."""

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
        return many(self._db, Attempt, _UNAPPLIED)


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
