"""Marks and overrides: what was typed, who waits for a mark, and the sheet on which it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from sandbox.attempts import adjusting
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import loader
from sandbox.exercises.plan import Plan, Rubric
from sandbox.grading import report as reports
from sandbox.overview import AttemptLine, Stores
from sandbox.people.model import Actor
from sandbox.provisioning.ports import Files
from web import presenting, timeline, wording
from web.reporting import Filed
from web.timeline import Entry

EVERY = 100_000
"""More attempts than a hospital makes: the queue shows all that wait."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """An adjustment as it was typed, for showing it again with what is wrong."""

    subject: str = ""
    kind: Any = "set"
    points: str = ""
    reason: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    attempt: str
    person: str
    department: str
    title: str
    submitted_at: datetime | None
    pending: int


@dataclass(frozen=True, kw_only=True)
class Queue:
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, kw_only=True)
class Level:
    points: str
    words: str
    given: bool


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One rubric line with its levels; `given` is '' while it waits."""

    subject: str
    title: str
    worth: str
    advice: str
    levels: tuple[Level, ...]
    given: str


@dataclass(frozen=True, kw_only=True)
class MarkView:
    attempt: str
    person: str
    title: str
    submitted_at: datetime | None
    sheets: tuple[Sheet, ...]
    written: tuple[Entry, ...]
    following: str
    """The next attempt that waits; '' = none."""
    left: int


def typed(form: Mapping[str, str]) -> Typed:
    """Return what the form says."""
    return Typed(
        subject=form.get("subject", ""),
        kind=form.get("kind", ""),
        points=form.get("points", ""),
        reason=form.get("reason", ""),
    )


def refused(typed: Typed, problem: str) -> Typed:
    """Return what was typed together with what is wrong."""
    return replace(typed, problem=problem)


def queue(stores: Stores, files: Files, actor: Actor) -> Queue:
    """Return the attempts that wait for a mark of this trainer, oldest first; nobody marks an own one."""
    lines = [
        line
        for line in stores.overview.attempts(limit=EVERY)
        if line.mark is not None and line.mark.pending and not line.void and line.person.id != actor.id
    ]
    found = [_waiting(stores, files, line) for line in lines]
    return Queue(waiting=tuple(one for one in reversed(found) if one.pending))


def _waiting(stores: Stores, files: Files, line: AttemptLine) -> Waiting:
    result = stores.results.of(line.attempt.id)[0]
    plan = _plan(files, stores.exercises.get(result.exercise_version).sha256, line.attempt.variant)
    # The worker may still be at it: what was marked a moment ago waits no longer.
    settled = {one.subject for one in adjusting.effective(stores.adjustments.of(line.attempt.id))}
    open_lines = [check for check in plan.checks if isinstance(check.part, Rubric) and check.id not in settled]
    return Waiting(
        attempt=line.attempt.id,
        person=line.person.name,
        department=line.person.department,
        title=presenting.title(line),
        submitted_at=line.attempt.submitted_at,
        pending=len(open_lines),
    )


def following(listed: Queue, attempt: str) -> str:
    """Return which attempt comes after this one: itself while it has lines that wait, '' if nothing waits."""
    keys = [one.attempt for one in listed.waiting]
    if attempt in keys:
        return attempt
    return keys[0] if keys else ""


def sheet(filed: Filed, listed: Queue, files: Files) -> MarkView:
    """Return the page on which one attempt is marked."""
    plan = _plan(files, filed.exercise_sha256, filed.attempt.variant)
    given = {one.subject: one.points for one in adjusting.effective(filed.layer) if one.kind == "mark"}
    others = [one.attempt for one in listed.waiting if one.attempt != filed.attempt.id]
    return MarkView(
        attempt=filed.attempt.id,
        person=filed.person,
        title=_say(plan.title),
        submitted_at=filed.attempt.submitted_at,
        sheets=tuple(
            Sheet(
                subject=check.id,
                title=_say(check.words),
                worth=reports.points(check.points),
                advice=_say(check.advice) if check.advice else "",
                levels=_levels(check.part, given.get(check.id)),
                given=given.get(check.id, ""),
            )
            for check in plan.checks
            if isinstance(check.part, Rubric)
        ),
        written=timeline.written(filed, files),
        following=others[0] if others else "",
        left=len(listed.waiting),
    )


def _levels(part: Rubric, given: str | None) -> tuple[Level, ...]:
    return tuple(
        Level(
            points=reports.points(points),
            words=_say(words),
            given=given is not None and Fraction(given) == points,
        )
        for points, words in part.levels
    )


def _plan(files: Files, sha256: str, variant: int) -> Plan:
    return loader.trusted(files.get(sha256)).variants[variant].plan


def _say(words: Words) -> str:
    return words.zh if wording.language() == "zh" else words.en
