"""What the table of results shows: people by assignment, with the result that counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.attempts import limits
from sandbox.attempts.model import AttemptState
from sandbox.exercises.model import Per
from sandbox.overview import Mark, Standing
from web import listing, presenting, reporting
from web.listing import Head, Order
from web.wording import _


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
    mode: str
    daily: bool
    signal: str
    """What the trainer may want to look at; proves nothing."""


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


def state_of(line: Standing, *, now: datetime) -> tuple[str, str, str]:
    """Return key, words and colour of where somebody stands."""
    newest = line.newest.state if line.newest else None
    if newest in (AttemptState.REQUESTED, AttemptState.OPEN):
        return "practising", _("Practising now"), "accent"
    if newest in (AttemptState.SUBMITTED, AttemptState.SEALED):
        return "grading", _("Being graded"), "accent"
    if line.counts is not None and line.counts.verdict == "pass":
        return "passed", _("Passed"), "good"
    if line.counts is not None and line.counts.pending:
        return "marking", _("Waits for a mark"), "accent"
    if line.latest is not None:
        return "failed", _("Not passed yet"), "bad"
    due = line.assignment.due if line.assignment else None
    if due is not None and due < now:
        return "overdue", _("Overdue"), "bad"
    return "waiting", _("Not started"), ""


def results(standings: Sequence[Standing], query: Query, order: Order, *, now: datetime, zone: ZoneInfo) -> ResultsView:
    """Return the table of people by exercise."""
    rows = [_row(line, now=now, zone=zone) for line in standings]
    titles = {line.version.id: presenting.title(line.version) for line in standings}
    shown = [row for row, line in zip(rows, standings, strict=True) if _matches(row, line, query)]
    shown.sort(key=SORTS[order.key], reverse=order.descending)
    states = {row.state_key: row.state for row in rows}
    kept = {"q": query.q, "exercise": query.exercise, "state": query.state}
    return ResultsView(
        summary=_("What counts is what the assignment says. Open a report to see every line of it."),
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
        ("best", _("Counts")),
        ("active", _("Last active")),
    ]


def _row(line: Standing, *, now: datetime, zone: ZoneInfo) -> ResultRow:
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
        used=limits.used(line.counted, line.assignment.per, now=now, zone=zone)
        if line.assignment
        else len(line.counted),
        max_attempts=line.assignment.max_attempts if line.assignment else None,
        latest=_score(line.latest),
        best=_score(line.counts),
        active_at=(line.newest.submitted_at or line.newest.requested_at) if line.newest else None,
        report=report.attempt if report else "",
        mode=presenting.mode(line.assignment.mode) if line.assignment else "",
        daily=line.assignment is not None and line.assignment.per is Per.DAY,
        signal=_signal(line),
    )


def _signal(line: Standing) -> str:
    """Return the signal of the attempt whose result counts."""
    counts = next((one for one in line.tried if line.counts and one.id == line.counts.attempt), None)
    return reporting.too_fast(counts, line.version) if counts else ""


def _score(mark: Mark | None) -> str:
    if mark is None:
        return ""
    return reporting.score_words(mark) or reporting.verdict_words(mark.verdict)


def _matches(row: ResultRow, line: Standing, query: Query) -> bool:
    text = f"{row.name} {row.login} {row.department}".lower()
    return query.q.lower() in text and query.exercise in ("", line.version.id) and query.state in ("", row.state_key)


def _number(text: str) -> Decimal:
    low = text.partition("–")[0]
    return Decimal(low) if low.replace(".", "", 1).isdigit() else Decimal(-1)


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
        Tile(number=count("practising", "grading", "marking"), words=_("at it now"), tone="accent"),
        Tile(number=count("failed"), words=_("not passed yet"), tone="bad"),
        Tile(number=count("waiting", "overdue"), words=_("not started"), tone="warn"),
    )
