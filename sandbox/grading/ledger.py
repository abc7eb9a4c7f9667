"""One pass over the journal: who is bound, which rows are which event, which records the trainee wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sandbox.contract import binding, matching
from sandbox.contract.journal import SYSTEM, Row
from sandbox.contract.matching import Bound
from sandbox.exercises.plan import AllOf, AnyOf, Compiled, Plan, State
from sandbox.grading.evidence import EvidenceError, Tables


@dataclass(frozen=True, kw_only=True)
class Accommodations:
    """Extra time as granted before the start. The factor slowed the clock itself: nothing is multiplied here."""

    time_factor: int = 1
    untimed: bool = False


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The journal and the final state as checks look at them."""

    plan: Plan
    rows: tuple[Row, ...]
    bound: Bound
    tables: Tables
    untimed: bool = False
    marks: Mapping[str, Fraction] = field(default_factory=dict)
    """Points people gave for rubrics, by check."""
    seats: tuple[str, ...] = ()
    """Whose doings count where seats are marked apart; empty = everybody's."""
    by_action: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    hits: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Event -> its rows, in order."""
    writes: Mapping[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    """(table, id) -> the rows of this attempt that created or changed it."""
    created: frozenset[tuple[str, str]] = frozenset()

    def done(self, action: str) -> list[Row]:
        """Return what people did under this action, without what the hospital did or refused."""
        return [row for row in self.by_action.get(action, ()) if row.outcome == "ok" and row.actor != SYSTEM]

    def fired(self) -> tuple[str, ...]:
        """Return the injects that were carried out, in order."""
        rows = self.by_action.get("inject.fired", ())
        return tuple(str(row.data.get("inject")) for row in rows if row.outcome == "ok")

    def records(self, table: str, where: Mapping[str, Compiled], scope: str) -> list[Mapping[str, Any]]:
        """Return the rows of the final state that lie in the scope and match, by id as the state has them."""
        if table not in self.tables:
            raise EvidenceError(f"最终状态中没有表 {table}", f"the final state has no table {table}")
        return [
            row
            for row in self.tables[table]
            if self._in_scope(table, str(row.get("id")), scope)
            and all(matching.holds(matcher, row.get(column), self.bound) for column, matcher in where.items())
        ]

    def _in_scope(self, table: str, key: str, scope: str) -> bool:
        if scope == "all":
            return True
        return (table, key) in (self.created if scope == "created" else self.writes)


def read(
    plan: Plan,
    rows: tuple[Row, ...],
    tables: Tables,
    *,
    untimed: bool = False,
    marks: Mapping[str, Fraction] | None = None,
    seats: tuple[str, ...] = (),
) -> Ledger:
    """Return the ledger of a journal whose chain holds. Raises EvidenceError if row 1 does not say when it was."""
    by_action: dict[str, list[Row]] = {}
    for row in rows:
        by_action.setdefault(row.action, []).append(row)
    bound = _bound(plan, rows[0], by_action.get(binding.CREATES, ()))
    writes, created = _writes(rows, _tables(plan))
    return Ledger(
        plan=plan,
        rows=rows,
        bound=bound,
        tables=tables,
        untimed=untimed,
        marks=marks or {},
        seats=seats if plan.marks == "seat" else (),
        by_action={action: tuple(listed) for action, listed in by_action.items()},
        hits=_hits(plan.events, by_action, bound),
        writes=writes,
        created=created,
    )


def _bound(plan: Plan, first: Row, creations: Iterable[Row]) -> Bound:
    try:
        anchor = date.fromisoformat(str(first.data.get("anchor")))
    except ValueError as wrong:
        raise EvidenceError("第 1 行没有起始日期", "row 1 does not give the date of the start") from wrong
    try:
        names = binding.at_start(first)
    except ValueError as wrong:
        raise EvidenceError("第 1 行没有人员对应关系", "row 1 does not say who is who") from wrong
    for row in creations if plan.absent else ():
        binding.bind(names, row, plan.absent, anchor)
    return Bound(anchor=anchor, names={name: frozenset(ids) for name, ids in names.items()})


def _hits(
    events: Mapping[str, Iterable[Compiled]], by_action: Mapping[str, Iterable[Row]], bound: Bound
) -> dict[str, tuple[Row, ...]]:
    found: dict[str, tuple[Row, ...]] = {}
    for name, patterns in events.items():
        matched: dict[int, Row] = {}
        for pattern in patterns:
            for action in pattern["actions"]:
                for row in by_action.get(action, ()):
                    if row.seq not in matched and matching.fits(pattern, row, bound):
                        matched[row.seq] = row
        found[name] = tuple(matched[seq] for seq in sorted(matched))
    return found


def is_work(row: Row) -> bool:
    """Say whether the row is the trainee's doing: own, or what the hospital did because of it."""
    return row.outcome == "ok" and (row.actor != SYSTEM or isinstance(row.data.get("cause"), int))


def _tables(plan: Plan) -> frozenset[str]:
    """Return the tables whose records a check or rule looks at."""
    looked_at = [check.part for check in plan.checks] + [rule.state for rule in plan.never if rule.state is not None]
    found = set()
    while looked_at:
        part = looked_at.pop()
        if isinstance(part, State):
            found.add(part.table)
        elif isinstance(part, AnyOf | AllOf):
            looked_at += part.parts
    return frozenset(found)


def _writes(
    rows: tuple[Row, ...], tables: frozenset[str]
) -> tuple[dict[tuple[str, str], tuple[Row, ...]], frozenset[tuple[str, str]]]:
    writes: dict[tuple[str, str], list[Row]] = {}
    created: set[tuple[str, str]] = set()
    for row in rows:
        if not row.changes or not is_work(row):
            continue
        for change in row.changes:
            if change.table not in tables:
                continue
            key = (change.table, change.id)
            if change.column == "id" and change.before is None:
                created.add(key)
            listed = writes.setdefault(key, [])
            if not listed or listed[-1] is not row:
                listed.append(row)
    return {key: tuple(listed) for key, listed in writes.items()}, frozenset(created)


def hospital_ms(row: Row) -> int:
    """Return the hospital time of a row in milliseconds. Raises EvidenceError if it is not a time."""
    try:
        moment = datetime.fromisoformat(row.at)
    except ValueError as wrong:
        raise EvidenceError(f"第 {row.seq} 行没有院内时间", f"row {row.seq} has no hospital time") from wrong
    return 1000 * (86_400 * moment.toordinal() + 3600 * moment.hour + 60 * moment.minute + moment.second)
