"""What the trainer's pages show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.attempts.model import AttemptState
from sandbox.exercises.model import ExerciseVersion
from sandbox.overview import Mark, Standing
from sandbox.people.model import Person
from web import listing, presenting, reporting
from web.listing import Head, Order
from web.teaching.forms import AssignmentForm
from web.wording import _, _n

NAMED = 4
"""So many names the sentence says before it counts the others."""


@dataclass(frozen=True, kw_only=True)
class ExerciseChoice:
    id: str
    title: str
    minutes: int
    version: int


@dataclass(frozen=True, kw_only=True)
class StandingLine:
    id: str
    person: str
    department: str
    title: str
    due: datetime | None
    late: bool
    used: int
    max_attempts: int | None


@dataclass(frozen=True, kw_only=True)
class AssignmentsView:
    exercises: tuple[ExerciseChoice, ...]
    people: tuple[Person, ...]
    form: AssignmentForm
    sentence: str
    problem: str
    standing: tuple[StandingLine, ...]


@dataclass(frozen=True, kw_only=True)
class Tile:
    number: str
    words: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    name: str
    login: str
    department: str
    title: str
    state: str
    state_key: str
    tone: str
    used: int
    max_attempts: int | None
    latest: str
    best: str
    active_at: datetime | None
    report: str


@dataclass(frozen=True, kw_only=True)
class Query:
    q: str
    exercise: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ResultsView:
    summary: str
    tiles: tuple[Tile, ...]
    query: Query
    exercises: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    heads: tuple[Head, ...]
    rows: tuple[ResultRow, ...]


def assignments(
    versions: Sequence[ExerciseVersion],
    people: Sequence[Person],
    standings: Sequence[Standing],
    form: AssignmentForm,
    *,
    problem: str,
    now: datetime,
) -> AssignmentsView:
    """Return the page on which a trainer assigns."""
    choices = tuple(
        ExerciseChoice(id=one.id, title=presenting.title(one), minutes=one.minutes, version=one.version)
        for one in versions
    )
    return AssignmentsView(
        exercises=choices,
        people=tuple(people),
        form=form,
        sentence=read_back(form, versions, people),
        problem=problem,
        standing=tuple(_standing(line, now=now) for line in standings if line.assignment is not None),
    )


def _standing(line: Standing, *, now: datetime) -> StandingLine:
    given = line.assignment
    if given is None:
        raise ValueError("not assigned")
    return StandingLine(
        id=given.id,
        person=line.person.name,
        department=line.person.department,
        title=presenting.title(line.version),
        due=given.due,
        late=given.due is not None and given.due < now and (line.counts is None or line.counts.verdict != "pass"),
        used=len(line.counted),
        max_attempts=given.max_attempts,
    )


def read_back(form: AssignmentForm, versions: Sequence[ExerciseVersion], people: Sequence[Person]) -> str:
    """Return the choice as one sentence, so that a slip is noticed before it is sent."""
    version = next((one for one in versions if one.id == form.exercise_version), versions[0] if versions else None)
    names = [one.name for one in people if one.id in form.people]
    if version is None or not names:
        return _("Choose at least one person.")
    who = _(", ").join(names[:NAMED])
    if len(names) > NAMED:
        who = _n("%(who)s and %(n)s other", "%(who)s and %(n)s others", len(names) - NAMED, who=who)
    until = _("by %(due)s", due=presenting.due(form.due_at)) if form.due_at else _("in their own time")
    tries = _n("%(n)s attempt", "%(n)s attempts", form.limit) if form.limit else _("any number of attempts")
    return _(
        "%(who)s (%(count)s): %(title)s, %(until)s, %(tries)s, pass mark %(score)s.",
        who=who,
        count=_n("%(n)s person", "%(n)s people", len(names)),
        title=presenting.title(version),
        until=until,
        tries=tries,
        score=version.pass_score,
    )


def problem_words(form: AssignmentForm) -> str:
    """Return what is wrong with the form, or ''."""
    words = {
        "people": _("Choose at least one person."),
        "due": _("The due time cannot be understood."),
        "max_attempts": _("The number of attempts must be between 1 and 99, or empty for no limit."),
    }
    return " ".join(words[name] for name in form.wrong)


def state_of(line: Standing, *, now: datetime) -> tuple[str, str, str]:
    """Return key, words and colour of where somebody stands."""
    newest = line.newest.state if line.newest else None
    if newest in (AttemptState.REQUESTED, AttemptState.OPEN):
        return "practising", _("Practising now"), "accent"
    if newest in (AttemptState.SUBMITTED, AttemptState.SEALED):
        return "grading", _("Being graded"), "accent"
    if line.counts is not None and line.counts.verdict == "pass":
        return "passed", _("Passed"), "good"
    if line.latest is not None:
        return "failed", _("Not passed yet"), "bad"
    due = line.assignment.due if line.assignment else None
    if due is not None and due < now:
        return "overdue", _("Overdue"), "bad"
    return "waiting", _("Not started"), ""


def results(standings: Sequence[Standing], query: Query, order: Order, *, now: datetime) -> ResultsView:
    """Return the table of people by exercise."""
    rows = [_row(line, now=now) for line in standings]
    titles = {line.version.id: presenting.title(line.version) for line in standings}
    shown = [row for row, line in zip(rows, standings, strict=True) if _matches(row, line, query)]
    shown.sort(key=SORTS[order.key], reverse=order.descending)
    states = {row.state_key: row.state for row in rows}
    kept = {"q": query.q, "exercise": query.exercise, "state": query.state}
    return ResultsView(
        summary=_("The best attempt counts. Open a report to see every line of it."),
        tiles=_tiles(rows),
        query=query,
        exercises=tuple(sorted(titles.items())),
        states=tuple(sorted(states.items())),
        heads=listing.heads("teaching.results", _columns(), order, kept, numbers="used latest best"),
        rows=tuple(shown),
    )


def _columns() -> list[tuple[str, str]]:
    return [
        ("name", _("Person")),
        ("department", _("Department")),
        ("title", _("Exercise")),
        ("state", _("State")),
        ("used", _("Attempts")),
        ("latest", _("Latest")),
        ("best", _("Best")),
        ("active", _("Last active")),
    ]


def _row(line: Standing, *, now: datetime) -> ResultRow:
    key, words, shade = state_of(line, now=now)
    report = line.counts or line.latest
    return ResultRow(
        name=line.person.name,
        login=line.person.login,
        department=line.person.department,
        title=presenting.title(line.version),
        state=words,
        state_key=key,
        tone=shade,
        used=len(line.counted),
        max_attempts=line.assignment.max_attempts if line.assignment else None,
        latest=_score(line.latest),
        best=_score(line.counts),
        active_at=(line.newest.submitted_at or line.newest.requested_at) if line.newest else None,
        report=report.attempt if report else "",
    )


def _score(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return mark.score or reporting.verdict_words(mark.verdict)


def _matches(row: ResultRow, line: Standing, query: Query) -> bool:
    text = f"{row.name} {row.login} {row.department}".lower()
    return query.q.lower() in text and query.exercise in ("", line.version.id) and query.state in ("", row.state_key)


def _number(text: str) -> Decimal:
    return Decimal(text) if text.replace(".", "", 1).isdigit() else Decimal(-1)


SORTS: dict[str, Callable[[ResultRow], tuple[object, ...]]] = {
    "name": lambda row: (row.name, row.login),
    "department": lambda row: (row.department, row.name),
    "title": lambda row: (row.title, row.name),
    "state": lambda row: (row.state_key, row.name),
    "used": lambda row: (row.used, row.name),
    "latest": lambda row: (_number(row.latest), row.name),
    "best": lambda row: (_number(row.best), row.name),
    "active": lambda row: (row.active_at.timestamp() if row.active_at else 0.0, row.name),
}


def _tiles(rows: Sequence[ResultRow]) -> tuple[Tile, ...]:
    def count(*keys: str) -> str:
        return str(sum(row.state_key in keys for row in rows))

    return (
        Tile(number=str(len(rows)), words=_("assigned"), tone=""),
        Tile(number=count("passed"), words=_("passed"), tone="good"),
        Tile(number=count("practising", "grading"), words=_("at it now"), tone="accent"),
        Tile(number=count("failed"), words=_("not passed yet"), tone="bad"),
        Tile(number=count("waiting", "overdue"), words=_("not started"), tone="warn"),
    )
