"""One pass over the journal: who is bound, which rows are which event, which records the trainee wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sandbox.contract import binding, matching
from sandbox.contract.control import HospitalState
from sandbox.contract.journal import SYSTEM, Row
from sandbox.contract.matching import Bound
from sandbox.exercises.plan import Compiled, Plan


class EvidenceError(Exception):
    """The evidence lacks what a check needs. The line costs nothing; `zh` and `en` say what is missing."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


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
    tables: Mapping[str, tuple[Mapping[str, Any], ...]]
    untimed: bool = False
    hits: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    """Event -> its rows, in order."""
    writes: Mapping[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict)
    """(table, id) -> the rows of this attempt that created or changed it."""
    created: frozenset[tuple[str, str]] = frozenset()

    def first(self, event: str) -> Row | None:
        """Return the row of the event with the smallest number."""
        rows = self.hits.get(event, ())
        return rows[0] if rows else None

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


def read(plan: Plan, rows: tuple[Row, ...], state: HospitalState, accommodations: Accommodations) -> Ledger:
    """Return the ledger of a journal whose chain holds. Raises EvidenceError if row 1 does not say when it was."""
    bound = _bound(plan, rows)
    writes, created = _writes(rows)
    return Ledger(
        plan=plan,
        rows=rows,
        bound=bound,
        tables=state.tables,
        untimed=accommodations.untimed,
        hits=_hits(plan.events, rows, bound),
        writes=writes,
        created=created,
    )


def _bound(plan: Plan, rows: tuple[Row, ...]) -> Bound:
    try:
        anchor = date.fromisoformat(str(rows[0].data.get("anchor")))
    except ValueError as wrong:
        raise EvidenceError("第 1 行没有起始日期", "row 1 does not give the date of the start") from wrong
    try:
        names = binding.at_start(rows[0])
    except ValueError as wrong:
        raise EvidenceError("第 1 行没有人员对应关系", "row 1 does not say who is who") from wrong
    for row in rows if plan.absent else ():
        binding.bind(names, row, plan.absent, anchor)
    return Bound(anchor=anchor, names={name: frozenset(ids) for name, ids in names.items()})


def _hits(events: Mapping[str, Iterable[Compiled]], rows: tuple[Row, ...], bound: Bound) -> dict[str, tuple[Row, ...]]:
    by_action: dict[str, list[tuple[str, Compiled]]] = {}
    for name, patterns in events.items():
        for pattern in patterns:
            for action in pattern["actions"]:
                by_action.setdefault(action, []).append((name, pattern))
    found: dict[str, list[Row]] = {name: [] for name in events}
    for row in rows:
        for name, pattern in by_action.get(row.action, ()):
            if (not found[name] or found[name][-1] is not row) and matching.fits(pattern, row, bound):
                found[name].append(row)
    return {name: tuple(listed) for name, listed in found.items()}


def is_work(row: Row) -> bool:
    """Say whether the row is the trainee's doing: own, or what the hospital did because of it."""
    return row.outcome == "ok" and (row.actor != SYSTEM or isinstance(row.data.get("cause"), int))


def _writes(rows: tuple[Row, ...]) -> tuple[dict[tuple[str, str], tuple[Row, ...]], frozenset[tuple[str, str]]]:
    writes: dict[tuple[str, str], list[Row]] = {}
    created: set[tuple[str, str]] = set()
    for row in rows:
        if not row.changes or not is_work(row):
            continue
        for change in row.changes:
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
