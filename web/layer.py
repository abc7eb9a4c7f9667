"""What people laid over a grade, and how results followed each other: for the report pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sandbox.attempts.model import Result
from sandbox.attempts.second_look import AdjustmentKind, AdjustmentRow
from sandbox.grading import report as reports
from sandbox.people.model import CLI, WORKER
from web import reporting
from web.wording import _


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """A person's decision about one line or loss, beside what the grader gave."""

    was: str
    """What the grader said, in words; '' for a mark, which the grader leaves to people."""
    words: str
    reason: str
    who: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LayerRow:
    """One row of the manual layer, whether it still counts or not."""

    subject: str
    title: str
    words: str
    reason: str
    who: str
    at: datetime
    counts: bool


@dataclass(frozen=True, kw_only=True)
class ResultRow:
    number: int
    score: str
    verdict: str
    tone: str
    version: str
    who: str
    reason: str
    at: datetime


def ruling(
    adjusted: reports.Adjustment, was: str, row: AdjustmentRow | None, names: Mapping[str, str], *, lost: bool
) -> Ruling:
    """Return the decision as a line or loss shows it; `row` is who said it and when."""
    before = reports.points(Fraction(was)) if adjusted.kind != "mark" else ""
    said = _("The grader took %(points)s.", points=before) if lost else _("The grader gave %(points)s.", points=before)
    return Ruling(
        was=said if before else "",
        words=_kind(adjusted.kind, adjusted.points),
        reason=adjusted.reason,
        who=names.get(row.actor, row.actor) if row else "",
        at=row.at if row else None,
    )


def rows(layer: Sequence[AdjustmentRow], titles: Mapping[str, str], names: Mapping[str, str]) -> tuple[LayerRow, ...]:
    """Return the whole layer, newest first."""
    last = {row.subject: row.number for row in layer}
    return tuple(
        LayerRow(
            subject=row.subject,
            title=titles.get(row.subject, row.subject),
            words=_kind(row.kind, row.points),
            reason=row.reason,
            who=names.get(row.actor, row.actor),
            at=row.at,
            counts=last[row.subject] == row.number and row.kind != "withdraw",
        )
        for row in reversed(layer)
    )


def results(found: Sequence[Result], names: Mapping[str, str]) -> tuple[ResultRow, ...]:
    """Return all results, the one that counts first."""
    return tuple(
        ResultRow(
            number=one.number,
            score=one.score if not one.score_to else f"{one.score}–{one.score_to}",
            verdict=reporting.verdict_words(one.verdict),
            tone=reporting.tone(one.verdict),
            version=one.exercise_version,
            who=names.get(one.actor, one.actor),
            reason=one.reason,
            at=one.graded_at,
        )
        for one in found
    )


def process_names() -> dict[str, str]:
    """Return what our own processes are called where people's names stand."""
    return {WORKER.id: _("The grader"), CLI.id: _("IT, at the terminal")}


def _kind(kind: AdjustmentKind, points: str) -> str:
    return {
        "mark": _("marked with %(points)s", points=points),
        "set": _("set to %(points)s", points=points),
        "add": _("changed by %(points)s", points=points if points.startswith("-") else f"+{points}"),
        "waive": _("waived"),
        "withdraw": _("adjustment withdrawn"),
    }[kind]
