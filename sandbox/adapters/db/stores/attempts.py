"""Attempts, evidence, results and hints as rows."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from sandbox.adapters.db.engine import breaking
from sandbox.adapters.db.rows import change_one, check_move, existing, many, one, to_row
from sandbox.adapters.db.tables.attempts import (
    accommodation,
    assignment,
    attempt,
    check_request,
    evidence,
    hint_use,
    result,
)
from sandbox.adapters.db.tables.second_look import attempt_void
from sandbox.attempts.model import (
    ATTEMPT_MOVES,
    COUNTED,
    Accommodation,
    AssignmentTerms,
    Attempt,
    AttemptId,
    AttemptState,
    CheckRequest,
    Evidence,
    HintUse,
    Result,
)
from sandbox.errors import LostRaceError
from sandbox.provisioning.model import InstanceId

_LIVE = (AttemptState.REQUESTED, AttemptState.OPEN, AttemptState.SUBMITTED)
_STAMPS = {AttemptState.OPEN: "opened_at", AttemptState.SUBMITTED: "submitted_at"}


class SqlAttemptStore:
    """Fulfils attempts.ports.AttemptStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, new: Attempt) -> None:
        with breaking("attempt.instance", LostRaceError(f"instance {new.instance} already has an attempt")):
            self._db.execute(attempt.insert().values(to_row(new)))

    def get(self, key: AttemptId) -> Attempt:
        return existing(self._db, Attempt, sa.select(attempt).where(attempt.c.id == key), f"attempt {key}")

    def move(self, key: AttemptId, old: AttemptState, new: AttemptState, *, at: datetime) -> None:
        check_move(ATTEMPT_MOVES, old, new, f"attempt {key}")
        values: dict[str, object] = {"state": new}
        if new in _STAMPS:
            values[_STAMPS[new]] = at
        if not ATTEMPT_MOVES[new]:
            values["closed_at"] = at
        moved = attempt.update().where(attempt.c.id == key, attempt.c.state == old)
        change_one(self._db, moved.values(values), f"attempt {key}, expected {old},")

    def live_of_instance(self, instance: InstanceId) -> Attempt | None:
        wanted = sa.select(attempt).where(attempt.c.instance == instance, attempt.c.state.in_(_LIVE))
        return one(self._db, Attempt, wanted)

    def unfinished(self) -> list[Attempt]:
        states = (*_LIVE, AttemptState.SEALED)
        wanted = sa.select(attempt).where(attempt.c.state.in_(states))
        return many(self._db, Attempt, wanted.order_by(attempt.c.requested_at, attempt.c.id))

    def counted(self, person: str, assignment: str) -> list[Attempt]:
        mine = (attempt.c.person == person, attempt.c.assignment == assignment, *counts())
        wanted = sa.select(attempt).where(*mine)
        return many(self._db, Attempt, wanted.order_by(attempt.c.requested_at, attempt.c.id))

    def of_person(self, person: str) -> list[Attempt]:
        return many(self._db, Attempt, sa.select(attempt).where(attempt.c.person == person).order_by(*_NEWEST))

    def all(self) -> list[Attempt]:
        return many(self._db, Attempt, sa.select(attempt).order_by(*_NEWEST))


_NEWEST = (attempt.c.requested_at.desc(), attempt.c.id)


def counts() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions on an attempt that uses up one of those allowed.

    Faults of journal or grader give it back, and so does a person who voids it.
    """
    later = result.alias("later")
    newer = sa.exists().where(later.c.attempt == result.c.attempt, later.c.number > result.c.number)
    faulty = sa.exists().where(result.c.attempt == attempt.c.id, result.c.faults > 0, ~newer)
    voided = sa.exists().where(attempt_void.c.attempt == attempt.c.id)
    return attempt.c.state.in_(sorted(COUNTED)), ~faulty, ~voided


class SqlEvidenceStore:
    """Fulfils attempts.ports.EvidenceStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, sealed: Evidence) -> None:
        with breaking("evidence.attempt", LostRaceError(f"attempt {sealed.attempt} already has evidence")):
            self._db.execute(evidence.insert().values(to_row(sealed)))

    def of(self, key: AttemptId) -> Evidence | None:
        return one(self._db, Evidence, sa.select(evidence).where(evidence.c.attempt == key))


class SqlResultStore:
    """Fulfils attempts.ports.ResultStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def append(self, new: Result) -> None:
        taken = LostRaceError(f"attempt {new.attempt} already has result {new.number}")
        with breaking("result.attempt", taken):
            self._db.execute(result.insert().values(to_row(new)))

    def of(self, key: AttemptId) -> list[Result]:
        return many(self._db, Result, sa.select(result).where(result.c.attempt == key).order_by(result.c.number.desc()))

    def newest(self) -> dict[AttemptId, Result]:
        rows = many(self._db, Result, sa.select(result).order_by(result.c.attempt, result.c.number))
        return {row.attempt: row for row in rows}


class SqlHintStore:
    """Fulfils attempts.ports.HintStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, use: HintUse) -> bool:
        return self._db.execute(insert(hint_use).values(to_row(use)).on_conflict_do_nothing()).rowcount == 1

    def of(self, key: AttemptId) -> list[HintUse]:
        wanted = sa.select(hint_use).where(hint_use.c.attempt == key)
        return many(self._db, HintUse, wanted.order_by(hint_use.c.working_ms, hint_use.c.hint))


_TERMS = ("mode", "opens", "max_attempts", "per", "keep", "wait_ms", "checks_allowed", "reports_opened_at", "due")


class SqlTermsStore:
    """Fulfils attempts.ports.TermsStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def of(self, key: str) -> AssignmentTerms:
        wanted = sa.select(
            assignment.c.id.label("assignment"),
            assignment.c.person,
            assignment.c.exercise_version,
            *(assignment.c[name] for name in _TERMS),
            assignment.c.withdrawn_at.is_not(None).label("withdrawn"),
        ).where(assignment.c.id == key)
        return existing(self._db, AssignmentTerms, wanted, f"assignment {key}")


class SqlAccommodationStore:
    """Fulfils attempts.ports.AccommodationStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def set(self, granted: Accommodation) -> None:
        values = to_row(granted)
        changed = {name: value for name, value in values.items() if name != "assignment"}
        self._db.execute(
            insert(accommodation).values(values).on_conflict_do_update(index_elements=["assignment"], set_=changed)
        )

    def of(self, key: str) -> Accommodation | None:
        return one(self._db, Accommodation, sa.select(accommodation).where(accommodation.c.assignment == key))


class SqlCheckStore:
    """Fulfils attempts.ports.CheckStore."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def add(self, request: CheckRequest) -> None:
        with breaking("check_request.attempt", LostRaceError(f"attempt {request.attempt} is being checked")):
            self._db.execute(check_request.insert().values(to_row(request)))

    def newest(self, attempt: AttemptId) -> CheckRequest | None:
        mine = sa.select(check_request).where(check_request.c.attempt == attempt)
        return one(self._db, CheckRequest, mine.order_by(check_request.c.asked_at.desc()).limit(1))

    def waiting(self) -> list[CheckRequest]:
        unanswered = sa.select(check_request).where(check_request.c.answered_at.is_(None))
        return many(self._db, CheckRequest, unanswered.order_by(check_request.c.asked_at, check_request.c.id))

    def answer(self, key: str, *, answer: str, trouble: str, at: datetime) -> None:
        waiting = check_request.update().where(check_request.c.id == key, check_request.c.answered_at.is_(None))
        change_one(self._db, waiting.values(answer=answer, trouble=trouble, answered_at=at), f"check {key}")
