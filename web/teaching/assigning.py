"""What the page of assignments shows: the form with the sentence that reads it back, and what stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.attempts import limits
from sandbox.exercises.model import ExerciseVersion, Keep, Mode, Per
from sandbox.overview import Standing
from sandbox.people.model import Person
from sandbox.training.model import Assignment
from web import presenting
from web.teaching import sentences
from web.teaching.forms import AssignmentForm
from web.wording import _


@dataclass(frozen=True, kw_only=True)
class ExerciseChoice:
    id: str
    title: str
    minutes: int
    version: int
    modes: str
    """Its modes, separated by spaces, for the form's script."""


@dataclass(frozen=True, kw_only=True)
class StandingLine:
    id: str
    person: str
    department: str
    title: str
    mode: str
    exam: bool
    due: datetime | None
    late: bool
    used: int
    max_attempts: int | None
    daily: bool
    reports: str
    reports_tone: str


@dataclass(frozen=True, kw_only=True)
class AssignmentsView:
    exercises: tuple[ExerciseChoice, ...]
    people: tuple[Person, ...]
    form: AssignmentForm
    modes: tuple[tuple[str, str, str], ...]
    """Value, name, what it means."""
    keeps: tuple[tuple[str, str], ...]
    sentence: str
    problem: str
    standing: tuple[StandingLine, ...]


def assignments(
    versions: Sequence[ExerciseVersion],
    people: Sequence[Person],
    standings: Sequence[Standing],
    form: AssignmentForm,
    *,
    problem: str,
    now: datetime,
    zone: ZoneInfo,
) -> AssignmentsView:
    """Return the page on which a trainer assigns."""
    choices = tuple(
        ExerciseChoice(
            id=one.id,
            title=presenting.title(one),
            minutes=one.minutes,
            version=one.version,
            modes=" ".join(one.modes),
        )
        for one in versions
    )
    meanings = {
        Mode.PRACTICE: _("free hints, report at once, any number of attempts"),
        Mode.CLASS: _("hints cost points; you open the reports"),
        Mode.EXAM: _("no hints, attempts as the exercise says, reports after release"),
    }
    return AssignmentsView(
        exercises=choices,
        people=tuple(people),
        form=form,
        modes=tuple((mode.value, presenting.mode(mode), meaning) for mode, meaning in meanings.items()),
        keeps=tuple((one.value, presenting.keep(one)) for one in Keep),
        sentence=sentences.read_back(form, versions, people),
        problem=problem,
        standing=tuple(_standing(line, line.assignment, now=now, zone=zone) for line in standings if line.assignment),
    )


def _standing(line: Standing, given: Assignment, *, now: datetime, zone: ZoneInfo) -> StandingLine:
    passed = line.counts is not None and line.counts.verdict == "pass"
    return StandingLine(
        id=given.id,
        person=line.person.name,
        department=line.person.department,
        title=presenting.title(line.version),
        mode=presenting.mode(given.mode),
        exam=given.mode is Mode.EXAM,
        due=given.due,
        late=given.due is not None and given.due < now and not passed,
        used=limits.used(line.counted, given.per, now=now, zone=zone),
        max_attempts=given.max_attempts,
        daily=given.per is Per.DAY,
        reports=_reports(given),
        reports_tone="good" if given.mode is Mode.PRACTICE or given.reports_opened_at else "",
    )


def _reports(given: Assignment) -> str:
    if given.mode is Mode.PRACTICE:
        return _("at once")
    return _("opened") if given.reports_opened_at else _("not opened")
