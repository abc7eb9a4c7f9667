"""Results in lists, and where a report lies: shared by the trainee's own pages and the trainer's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.attempts import showing, signals
from sandbox.attempts.model import Attempt, AttemptState, Result
from sandbox.attempts.second_look import AdjustmentRow, Voided
from sandbox.exercises.model import ExerciseVersion
from sandbox.overview import AttemptLine, Mark, Stores
from sandbox.people.model import PersonId
from web import presenting
from web.wording import _

TONES: Mapping[str, str] = {"pass": "good", "fail": "bad", "provisional": "warn", "error": "warn"}


def tone(verdict: str) -> str:
    """Return the colour of a verdict."""
    return TONES.get(verdict, "")


def verdict_words(verdict: str) -> str:
    """Return the verdict in words."""
    return {
        "pass": _("Passed"),
        "fail": _("Not passed"),
        "provisional": _("Provisional"),
        "error": _("No score"),
    }.get(verdict, "")


def state_words(state: AttemptState) -> str:
    """Return the state of an attempt in words."""
    return {
        AttemptState.REQUESTED: _("Starting"),
        AttemptState.OPEN: _("Practising"),
        AttemptState.CANCELLED: _("Withdrawn"),
        AttemptState.SUBMITTED: _("Being graded"),
        AttemptState.ABANDONED: _("Given up"),
        AttemptState.INTERRUPTED: _("Interrupted, not counted"),
        AttemptState.SEALED: _("Being graded"),
        AttemptState.GRADED: _("Graded"),
    }[state]


def score_words(mark: Mark) -> str:
    """Return a score, or the range of one that is not settled."""
    return mark.score if not mark.score_to else f"{mark.score}–{mark.score_to}"


def too_fast(attempt: Attempt, version: ExerciseVersion) -> str:
    """Return a signal for the trainer if the work was handed in faster than its author thinks possible, else ''."""
    if not signals.too_fast(attempt, min_time_ms=version.min_time_ms):
        return ""
    least = presenting.seconds(version.min_time_ms / 1000)
    return _("faster than %(time)s: a signal, not proof", time=least)


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """One attempt in a list."""

    attempt: str
    title: str
    requested_at: datetime
    submitted_at: datetime | None
    state: str
    verdict: str
    tone: str
    score: str
    report: bool


def line(one: AttemptLine) -> ResultLine:
    """Return an attempt as its trainee's lists show it: no result before the trainer opens the reports."""
    is_open = showing.is_open(one.attempt.mode, one.reports_opened_at)
    mark = one.mark if is_open else None
    verdict = mark.verdict if mark else ""
    closed = _("Not open yet") if one.mark and not is_open else ""
    handed_in = one.attempt.state in (AttemptState.SUBMITTED, AttemptState.SEALED)
    waiting = _("Being graded") if handed_in else ""
    return ResultLine(
        attempt=one.attempt.id,
        title=presenting.title(one),
        requested_at=one.attempt.requested_at,
        submitted_at=one.attempt.submitted_at,
        state=state_words(one.attempt.state),
        verdict=_("Does not count") if one.void else verdict_words(verdict) or closed or waiting,
        tone="" if one.void else tone(verdict),
        score=score_words(mark) if mark else "",
        report=one.mark is not None or handed_in,
    )


@dataclass(frozen=True, kw_only=True)
class Filed:
    """An attempt that has a result, and where its papers lie in the file store."""

    attempt: Attempt
    person: str
    exercise_sha256: str
    report_sha256: str
    journal_sha256: str
    others: tuple[Attempt, ...]
    """All attempts of this person at this exercise, newest first."""
    scores: Mapping[str, str]
    results: tuple[Result, ...]
    """Newest first; the first one counts."""
    layer: tuple[AdjustmentRow, ...]
    void: Voided | None
    names: Mapping[str, str]
    """Whoever stands in results and layer, by name."""


def filed(stores: Stores, attempt: Attempt) -> Filed | None:
    """Return where the papers of an attempt lie, or None if it has no result."""
    results, evidence = stores.results.of(attempt.id), stores.evidence.of(attempt.id)
    if not results or evidence is None:
        return None
    layer, void = stores.adjustments.of(attempt.id), stores.voids.of(attempt.id)
    actors = {one.actor for one in results} | {one.actor for one in layer} | ({void.actor} if void else set())
    lines = stores.overview.attempts(PersonId(attempt.person))
    same = [one for one in lines if one.attempt.exercise_version == attempt.exercise_version]
    return Filed(
        attempt=attempt,
        person=stores.people.get(PersonId(attempt.person)).name,
        exercise_sha256=stores.exercises.get(results[0].exercise_version).sha256,
        report_sha256=results[0].report_sha256,
        journal_sha256=evidence.journal_sha256,
        others=tuple(one.attempt for one in same),
        scores={one.attempt.id: score_words(one.mark) for one in same if one.mark is not None},
        results=tuple(results),
        layer=tuple(layer),
        void=void,
        names=_names(stores, actors),
    )


def _names(stores: Stores, actors: set[str]) -> dict[str, str]:
    return {one.id: one.name for one in stores.people.all() if one.id in actors}
