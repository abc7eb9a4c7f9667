"""What the page of one assignment shows: its terms, extra time, whether reports are open, what was tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sandbox.attempts import showing
from sandbox.attempts.model import Attempt
from sandbox.exercises.model import Mode
from sandbox.overview import Mark, Standing
from sandbox.training.model import Assignment
from web import presenting, reporting
from web.teaching import sentences
from web.wording import _


def discreet(line: Standing, viewer: str) -> Standing:
    """Return a standing as this trainer may see it: no own result before the reports are opened."""
    given = line.assignment
    if line.person.id != viewer or given is None or showing.is_open(given.mode, given.reports_opened_at):
        return line
    return replace(line, marks=(), counts=None)


@dataclass(frozen=True, kw_only=True)
class TriedLine:
    attempt: str
    at: datetime
    state: str
    verdict: str
    tone: str
    score: str
    counts: bool
    signal: str


@dataclass(frozen=True, kw_only=True)
class AssignmentView:
    id: str
    person: str
    department: str
    title: str
    sentence: str
    mode: str
    extra: str
    """Value of the choice in force: 1 to 4, or untimed."""
    extras: tuple[tuple[str, str], ...]
    may_switch_reports: bool
    reports_open: bool
    reports: str
    tried: tuple[TriedLine, ...]


def assignment(line: Standing, given: Assignment) -> AssignmentView:
    """Return one assignment in full, with its extra time and attempts."""
    extra = line.accommodation
    marks = {mark.attempt: mark for mark in line.marks}
    untimed = extra is not None and extra.untimed
    return AssignmentView(
        id=given.id,
        person=line.person.name,
        department=line.person.department,
        title=presenting.title(line.version),
        sentence=sentences.of_standing(given, line.version),
        mode=presenting.mode(given.mode),
        extra="untimed" if untimed else str(extra.time_factor if extra else 1),
        extras=tuple(_extras(line.version.minutes)),
        may_switch_reports=given.mode is not Mode.PRACTICE,
        reports_open=given.mode is Mode.PRACTICE or given.reports_opened_at is not None,
        reports=_opened(given),
        tried=tuple(_tried(one, marks.get(one.id), line) for one in line.tried),
    )


def _extras(minutes: int) -> Iterable[tuple[str, str]]:
    yield "1", _("usual time: %(minutes)s", minutes=presenting.minutes(minutes))
    for factor in (2, 3, 4):
        yield (
            str(factor),
            _(
                "%(factor)s times as long: %(minutes)s",
                factor=factor,
                minutes=presenting.minutes(minutes * factor),
            ),
        )
    yield "untimed", _("no time limit")


def _opened(given: Assignment) -> str:
    if given.mode is Mode.PRACTICE:
        return _("In practice the report is open as soon as it is there.")
    if given.reports_opened_at is None:
        return _("Closed: the trainee sees no score and no report yet.")
    return _("Open since %(time)s.", time=presenting.stamp(given.reports_opened_at))


def _tried(one: Attempt, mark: Mark | None, line: Standing) -> TriedLine:
    verdict = mark.verdict if mark else ""
    return TriedLine(
        attempt=one.id if mark else "",
        at=one.requested_at,
        state=reporting.state_words(one.state),
        verdict=reporting.verdict_words(verdict),
        tone=reporting.tone(verdict),
        score=mark.score if mark else "",
        counts=line.counts is not None and line.counts.attempt == one.id,
        signal=reporting.too_fast(one, line.version),
    )
