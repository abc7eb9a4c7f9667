"""The statements behind `sandbox.overview`: joins across rooms, reading only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from sandbox.adapters.db.rows import many
from sandbox.adapters.db.stores.people import ROBOTS
from sandbox.adapters.db.tables.attempts import accommodation, assignment, attempt, exercise_version, result
from sandbox.adapters.db.tables.people import login, person
from sandbox.adapters.db.tables.provisioning import cell, instance, lease
from sandbox.adapters.db.tables.second_look import attempt_void
from sandbox.attempts.model import COUNTED, Accommodation, Attempt, AttemptState
from sandbox.exercises.model import ExerciseVersion, Keep
from sandbox.overview import (
    AttemptLine,
    CellLine,
    Doorway,
    InstanceLine,
    InstanceQuery,
    LeaseSeen,
    Mark,
    Name,
    Standing,
    Vitals,
)
from sandbox.people.model import PersonId
from sandbox.provisioning.model import Cell, CellState, Instance, Observed
from sandbox.training.model import Assignment

_FAR = datetime.max.replace(tzinfo=UTC)
_WAITING = (AttemptState.SUBMITTED, AttemptState.SEALED)
_NAMES = (person.c.id, person.c.login, person.c.name, person.c.department)


# Built once: composing a statement costs more than running it.
_DOORWAY = (
    sa.select(instance.c.owner, instance.c.observed, instance.c.cell, person.c.disabled, login.c.token_hash)
    .select_from(
        instance.join(person, person.c.id == instance.c.owner).outerjoin(login, login.c.person == instance.c.owner)
    )
    .where(instance.c.id == sa.bindparam("instance"))
)


_NOT_LEFT_BY_ROBOTS = sa.or_(instance.c.observed != Observed.CLOSED, instance.c.owner.not_in(ROBOTS))
"""What a rehearsal has closed is nobody's history."""


@dataclass(frozen=True)
class _Marks:
    """The result that counts of each attempt, and the attempts that do not count by a person's word."""

    of: dict[str, Mark]
    void: frozenset[str]

    def gives_back(self, one: Attempt) -> bool:
        """Say whether a fault of ours or a person gave the attempt back; the same rule as where they are counted."""
        return one.id in self.void or (one.id in self.of and self.of[one.id].faults > 0)


class SqlOverview:
    """Fulfils overview.Overview."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def doorway(self, instance: str) -> Doorway | None:
        row = self._db.execute(_DOORWAY, {"instance": instance}).first()
        if row is None:
            return None
        owner, observed, cell, disabled, token_hash = row
        return Doorway(owner=owner, observed=observed, cell=cell, disabled=disabled, login=token_hash)

    def standings(self, person: PersonId | None = None) -> list[Standing]:
        names, versions, marks = self._names(), self._versions(), self._marks()
        extra = {one.assignment: one for one in many(self._db, Accommodation, sa.select(accommodation))}
        assigned = {one.id: one for one in self._assignments(person)}
        tried: dict[str, list[Attempt]] = {key: [] for key in assigned}
        beside: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
        for one in self._attempts(person, limit=None):
            listed = tried.get(one.assignment or "", beside[one.person, one.exercise_version])
            listed.append(one)
        wanted: list[tuple[str, str, Assignment | None, list[Attempt]]]
        wanted = [(one.person, one.exercise_version, one, tried[key]) for key, one in assigned.items()]
        wanted += [(who, what, None, made) for (who, what), made in beside.items() if made]
        lines = [
            _standing(names[who], versions[what], given, extra.get(given.id) if given else None, made, marks)
            for who, what, given, made in wanted
            if who in names
        ]
        return sorted(lines, key=_urgency)

    def attempts(self, person: PersonId | None = None, *, limit: int = 200) -> list[AttemptLine]:
        names, versions, marks = self._names(), self._versions(), self._marks()
        opened = sa.select(assignment.c.id, assignment.c.reports_opened_at)
        reports = {row.id: row.reports_opened_at for row in self._db.execute(opened)}
        return [
            AttemptLine(
                attempt=one,
                person=names[one.person],
                title_zh=versions[one.exercise_version].title_zh,
                title_en=versions[one.exercise_version].title_en,
                mark=marks.of.get(one.id),
                void=one.id in marks.void,
                reports_opened_at=reports.get(one.assignment),
            )
            for one in self._attempts(person, limit=limit)
            if one.person in names
        ]

    def instances(self, query: InstanceQuery) -> tuple[list[InstanceLine], int]:
        wanted = self._instances().where(*_matching(query), _NOT_LEFT_BY_ROBOTS)
        total = self._db.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
        column = person.c.name if query.order == "owner" else instance.c[query.order]
        ordered = wanted.order_by(column.desc() if query.descending else column.asc(), instance.c.id)
        return self._lines(ordered.offset(query.offset).limit(query.limit)), total

    def instances_named(self, keys: frozenset[str]) -> list[InstanceLine]:
        return self._lines(self._instances().where(instance.c.id.in_(sorted(keys))).order_by(instance.c.id))

    def cells(self, states: frozenset[CellState], *, limit: int) -> tuple[list[CellLine], int]:
        chosen = cell.c.state.in_(sorted(states))
        total = self._db.scalar(sa.select(sa.func.count()).select_from(cell).where(chosen)) or 0
        names = [column.label(f"person_{column.name}") for column in _NAMES]
        joined = cell.outerjoin(instance, instance.c.id == cell.c.instance).outerjoin(
            person, person.c.id == instance.c.owner
        )
        calm = sa.case((cell.c.state.in_(_HELD), 0), (cell.c.trouble != "", 1), else_=2)
        wanted = sa.select(cell, *names).select_from(joined).where(chosen)
        rows = self._db.execute(wanted.order_by(calm, cell.c.since.desc(), cell.c.id).limit(limit)).mappings()
        return [_cell_line(dict(row)) for row in rows], total

    def vitals(self) -> Vitals:
        held = self._db.execute(sa.select(lease).where(lease.c.name == "worker")).mappings().first()
        queued = sa.select(sa.func.min(instance.c.queued_at)).where(instance.c.observed == Observed.QUEUED)
        submitted = sa.select(sa.func.min(attempt.c.submitted_at)).where(attempt.c.state.in_(_WAITING))
        return Vitals(
            instances=self._counted(instance.c.observed),
            cells=self._counted(cell.c.state),
            lease=None if held is None else LeaseSeen(**{key: held[key] for key in LeaseSeen.__dataclass_fields__}),
            troubles=self._troubles(),
            oldest_queued_at=self._db.scalar(queued),
            attempts=self._counted(attempt.c.state),
            oldest_submitted_at=self._db.scalar(submitted),
            ungradable=self._ungradable(),
        )

    def _ungradable(self) -> int:
        marks = self._marks()
        return sum(mark.verdict == "error" and key not in marks.void for key, mark in marks.of.items())

    def _counted(self, column: sa.Column[Any]) -> dict[Any, int]:
        counted = self._db.execute(sa.select(column, sa.func.count()).group_by(column))
        return {row[0]: row[1] for row in counted}

    def _troubles(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for table, ended in (
            (instance, instance.c.observed == Observed.CLOSED),
            (cell, cell.c.state == CellState.GONE),
        ):
            held = sa.select(table.c.trouble, sa.func.count()).where(table.c.trouble != "", sa.not_(ended))
            for code, count in self._db.execute(held.group_by(table.c.trouble)):
                found[code] += count
        return dict(found)

    def _names(self) -> dict[str, Name]:
        return {row["id"]: Name(**row) for row in self._db.execute(sa.select(*_NAMES)).mappings()}

    def _versions(self) -> dict[str, ExerciseVersion]:
        return {one.id: one for one in many(self._db, ExerciseVersion, sa.select(exercise_version))}

    def _assignments(self, who: PersonId | None) -> list[Assignment]:
        standing = sa.select(assignment).where(assignment.c.withdrawn_at.is_(None))
        return many(self._db, Assignment, standing if who is None else standing.where(assignment.c.person == who))

    def _attempts(self, who: PersonId | None, *, limit: int | None) -> list[Attempt]:
        newest = sa.select(attempt).order_by(attempt.c.requested_at.desc(), attempt.c.id).limit(limit)
        return many(self._db, Attempt, newest if who is None else newest.where(attempt.c.person == who))

    def _marks(self) -> _Marks:
        of_result = (result.c.attempt, result.c.score, result.c.score_to, result.c.verdict, result.c.pending)
        wanted = sa.select(*of_result, result.c.faults).order_by(result.c.number)
        void = self._db.scalars(sa.select(attempt_void.c.attempt))
        marks = {row["attempt"]: Mark(**row) for row in self._db.execute(wanted).mappings()}
        return _Marks(of=marks, void=frozenset(void))

    @staticmethod
    def _instances() -> sa.Select[Any]:
        joined = instance.outerjoin(person, person.c.id == instance.c.owner).outerjoin(
            exercise_version, exercise_version.c.id == instance.c.exercise_version
        )
        names = [column.label(f"person_{column.name}") for column in _NAMES]
        return sa.select(instance, *names, exercise_version.c.title_zh, exercise_version.c.title_en).select_from(joined)

    def _lines(self, wanted: sa.Select[Any]) -> list[InstanceLine]:
        return [_instance_line(dict(row)) for row in self._db.execute(wanted).mappings()]


_HELD = (CellState.QUARANTINED, CellState.BROKEN)


def _cell_line(row: dict[str, Any]) -> CellLine:
    name = {column.name: row.pop(f"person_{column.name}") for column in _NAMES}
    return CellLine(cell=Cell(**row), owner=None if name["id"] is None else Name(**name))


def _instance_line(row: dict[str, Any]) -> InstanceLine:
    name = {column.name: row.pop(f"person_{column.name}") for column in _NAMES}
    title_zh, title_en = row.pop("title_zh"), row.pop("title_en")
    owner = None if name["id"] is None else Name(**name)
    return InstanceLine(instance=Instance(**row), owner=owner, title_zh=title_zh, title_en=title_en)


def _matching(query: InstanceQuery) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if query.observed:
        found.append(instance.c.observed.in_(sorted(query.observed)))
    if query.troubled:
        found.append(sa.or_(instance.c.trouble != "", instance.c.observed == Observed.FAILED))
    if query.text:
        titles = (exercise_version.c.title_zh, exercise_version.c.title_en)
        places = (person.c.name, person.c.login, person.c.department, instance.c.id, *titles)
        found.append(sa.or_(*[place.contains(query.text, autoescape=True) for place in places]))
    return found


def _standing(
    who: Name,
    version: ExerciseVersion,
    given: Assignment | None,
    extra: Accommodation | None,
    tried: list[Attempt],
    marks: _Marks,
) -> Standing:
    """Return one line; `tried` is newest first."""
    graded = [marks.of[one.id] for one in tried if one.id in marks.of and one.id not in marks.void]
    return Standing(
        person=who,
        version=version,
        assignment=given,
        accommodation=extra,
        tried=tuple(tried),
        counted=tuple(one for one in tried if one.state in COUNTED and not marks.gives_back(one)),
        marks=tuple(graded),
        counts=_counting(graded, given.keep if given else Keep.BEST),
    )


def _counting(graded: list[Mark], keep: Keep) -> Mark | None:
    """Return the mark that counts; `graded` is newest first. What could not be graded counts only if nothing else is
    there."""
    whole = [mark for mark in graded if mark.verdict != "error"] or graded
    if not whole:
        return None
    if keep is Keep.BEST:
        return max(whole, key=lambda mark: mark.worth)
    return whole[0] if keep is Keep.LAST else whole[-1]


def _urgency(line: Standing) -> tuple[object, ...]:
    due = line.assignment.due if line.assignment and line.assignment.due else None
    mode = line.assignment.mode if line.assignment else ""
    return (line.person.login, line.assignment is None, due or _FAR, line.version.id, mode)
