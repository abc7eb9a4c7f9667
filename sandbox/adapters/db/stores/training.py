"""Assignments and released exercises as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.rows import existing, many, to_row
from sandbox.adapters.db.tables.attempts import assignment, exercise_version
from sandbox.adapters.db.tables.authoring import exercise_retirement
from sandbox.errors import VersionTakenError
from sandbox.exercises.model import ExerciseVersion
from sandbox.training.model import Assignment


class SqlAssignmentStore:
    """Fulfils training.ports.AssignmentStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Assignment) -> bool:
        return self._db.execute(insert(assignment).values(to_row(new)).on_conflict_do_nothing()).rowcount == 1

    def get(self, key: str) -> Assignment:
        return existing(self._db, Assignment, sa.select(assignment).where(assignment.c.id == key), f"assignment {key}")

    def withdraw(self, key: str, *, at: datetime) -> bool:
        self.get(key)
        standing = assignment.update().where(assignment.c.id == key, assignment.c.withdrawn_at.is_(None))
        return self._db.execute(standing.values(withdrawn_at=at)).rowcount == 1

    def open_reports(self, key: str, *, at: datetime) -> bool:
        self.get(key)
        closed = assignment.update().where(assignment.c.id == key, assignment.c.reports_opened_at.is_(None))
        return self._db.execute(closed.values(reports_opened_at=at)).rowcount == 1

    def close_reports(self, key: str) -> bool:
        self.get(key)
        opened = assignment.update().where(assignment.c.id == key, assignment.c.reports_opened_at.is_not(None))
        return self._db.execute(opened.values(reports_opened_at=None)).rowcount == 1

    def of_person(self, person: str) -> list[Assignment]:
        standing = (assignment.c.person == person, assignment.c.withdrawn_at.is_(None))
        urgent = (assignment.c.due.is_(None), assignment.c.due, assignment.c.assigned_at, assignment.c.id)
        return many(self._db, Assignment, sa.select(assignment).where(*standing).order_by(*urgent))

    def all(self) -> list[Assignment]:
        newest = (assignment.c.assigned_at.desc(), assignment.c.id)
        return many(self._db, Assignment, sa.select(assignment).order_by(*newest))


class SqlExerciseStore:
    """Fulfils exercises.ports.ExerciseStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, version: ExerciseVersion) -> bool:
        if self._db.execute(insert(exercise_version).values(to_row(version)).on_conflict_do_nothing()).rowcount == 1:
            return True
        there = self.get(version.id)
        if replace(there, released_at=version.released_at) != version:
            raise VersionTakenError(f"{version.id} is released with other bytes", version=version.id)
        return False

    def get(self, key: str) -> ExerciseVersion:
        wanted = sa.select(exercise_version).where(exercise_version.c.id == key)
        return existing(self._db, ExerciseVersion, wanted, f"exercise version {key}")

    def newest(self) -> list[ExerciseVersion]:
        gone = self.retired()
        found = {version.exercise: version for version in reversed(self.all()) if version.id not in gone}
        return sorted(found.values(), key=lambda version: version.exercise)

    def all(self) -> list[ExerciseVersion]:
        newest_first = (exercise_version.c.exercise, exercise_version.c.version.desc())
        return many(self._db, ExerciseVersion, sa.select(exercise_version).order_by(*newest_first))

    def retire(self, key: str, *, by: str, at: datetime) -> bool:
        row = {"version": key, "retired_by": by, "retired_at": at}
        return self._db.execute(insert(exercise_retirement).values(row).on_conflict_do_nothing()).rowcount == 1

    def retired(self) -> dict[str, datetime]:
        rows = self._db.execute(sa.select(exercise_retirement.c.version, exercise_retirement.c.retired_at))
        return {row[0]: row[1] for row in rows}
