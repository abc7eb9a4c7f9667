"""Regrades, their items, changes and decisions as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import change_one, check_move, existing, many, one, to_row
from sandbox.adapters.db.tables.attempts import assignment, attempt, exercise_version, result
from sandbox.adapters.db.tables.second_look import attempt_void, regrade, regrade_change, regrade_decision, regrade_item
from sandbox.attempts.model import Attempt, AttemptId, AttemptState
from sandbox.attempts.second_look import (
    REGRADE_MOVES,
    ItemOutcome,
    Regrade,
    RegradeChange,
    RegradeDecision,
    RegradeId,
    RegradeItem,
    RegradeState,
    Scope,
)
from sandbox.errors import LostRaceError

_ENDED = tuple(state for state, following in REGRADE_MOVES.items() if not following)


class SqlRegradeStore:
    """Fulfils attempts.ports.RegradeStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Regrade) -> None:
        self._db.execute(regrade.insert().values(to_row(new)))

    def get(self, key: RegradeId) -> Regrade:
        return existing(self._db, Regrade, sa.select(regrade).where(regrade.c.id == key), f"regrade {key}")

    def all(self) -> list[Regrade]:
        return many(self._db, Regrade, sa.select(regrade).order_by(regrade.c.requested_at.desc(), regrade.c.id))

    def unfinished(self) -> list[Regrade]:
        wanted = sa.select(regrade).where(regrade.c.state.not_in(_ENDED))
        return many(self._db, Regrade, wanted.order_by(regrade.c.requested_at, regrade.c.id))

    def move(self, key: RegradeId, old: RegradeState, new: RegradeState, *, at: datetime) -> None:
        check_move(REGRADE_MOVES, old, new, f"regrade {key}")
        moved = regrade.update().where(regrade.c.id == key, regrade.c.state == old)
        change_one(self._db, moved.values(state=new, since=at), f"regrade {key}, expected {old},")

    def decide(self, decision: RegradeDecision) -> None:
        with breaking("regrade_decision", LostRaceError(f"regrade {decision.regrade} is decided already")):
            self._db.execute(regrade_decision.insert().values(to_row(decision)))

    def decision(self, key: RegradeId) -> RegradeDecision | None:
        wanted = sa.select(regrade_decision).where(regrade_decision.c.regrade == key)
        return one(self._db, RegradeDecision, wanted)

    def attempts_in(self, scope: Scope) -> list[Attempt]:
        wanted = sa.select(attempt).join(exercise_version, exercise_version.c.id == attempt.c.exercise_version)
        voided = sa.exists().where(attempt_void.c.attempt == attempt.c.id)
        found = wanted.where(attempt.c.state == AttemptState.GRADED, ~voided, *_within(scope))
        return many(self._db, Attempt, found.order_by(attempt.c.id))

    def add_items(self, items: Sequence[RegradeItem]) -> None:
        if items:
            self._db.execute(regrade_item.insert(), [to_row(each) for each in items])

    def items(
        self, key: RegradeId, outcome: ItemOutcome | None = None, *, after: str = "", limit: int | None = None
    ) -> list[RegradeItem]:
        wanted = sa.select(regrade_item).where(regrade_item.c.regrade == key, regrade_item.c.attempt > after)
        if outcome is not None:
            wanted = wanted.where(regrade_item.c.outcome == outcome)
        return many(self._db, RegradeItem, wanted.order_by(regrade_item.c.attempt).limit(limit))

    def record(self, item: RegradeItem, changes: Sequence[RegradeChange]) -> None:
        self._settle(item, ItemOutcome.WAITING, to_row(item))
        if changes:
            self._db.execute(regrade_change.insert(), [to_row(each) for each in changes])

    def settle(self, item: RegradeItem, outcome: ItemOutcome) -> None:
        self._settle(item, ItemOutcome.COMPUTED, {"outcome": outcome})

    def changes(self, key: RegradeId, attempt: AttemptId | None = None) -> list[RegradeChange]:
        wanted = sa.select(regrade_change).where(regrade_change.c.regrade == key)
        if attempt is not None:
            wanted = wanted.where(regrade_change.c.attempt == attempt)
        return many(self._db, RegradeChange, wanted.order_by(regrade_change.c.attempt, regrade_change.c.subject))

    def counts(self, key: RegradeId) -> dict[ItemOutcome, int]:
        wanted = sa.select(regrade_item.c.outcome, sa.func.count()).where(regrade_item.c.regrade == key)
        return {row[0]: row[1] for row in self._db.execute(wanted.group_by(regrade_item.c.outcome))}

    def newest_numbers(self, keys: Sequence[AttemptId]) -> dict[AttemptId, int]:
        wanted = sa.select(result.c.attempt, sa.func.max(result.c.number)).where(result.c.attempt.in_(keys))
        return {row[0]: row[1] for row in self._db.execute(wanted.group_by(result.c.attempt))}

    def _settle(self, item: RegradeItem, old: ItemOutcome, values: dict[str, object]) -> None:
        mine = (regrade_item.c.regrade == item.regrade, regrade_item.c.attempt == item.attempt)
        settled = regrade_item.update().where(*mine, regrade_item.c.outcome == old)
        change_one(self._db, settled.values(values), f"attempt {item.attempt} of regrade {item.regrade}")


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if scope.exercise is not None:
        found.append(exercise_version.c.exercise == scope.exercise)
    if scope.max_version is not None:
        found.append(exercise_version.c.version <= scope.max_version)
    if scope.person is not None:
        found.append(attempt.c.person == scope.person)
    if scope.attempt is not None:
        found.append(attempt.c.id == scope.attempt)
    if scope.assignment is not None:
        found.append(attempt.c.assignment.in_(_class_of(scope.assignment)))
    return found


def _class_of(key: str) -> sa.Select[tuple[str]]:
    """Return the assignments made in the same act as this one."""
    given = assignment.alias("given")
    same = (
        assignment.c.exercise_version == given.c.exercise_version,
        assignment.c.assigned_by == given.c.assigned_by,
        assignment.c.assigned_at == given.c.assigned_at,
    )
    return sa.select(assignment.c.id).join(given, sa.and_(*same)).where(given.c.id == key)
