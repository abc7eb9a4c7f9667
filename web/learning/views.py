"""What the trainee's result pages show."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.attempts import showing
from sandbox.attempts.model import Attempt, AttemptState
from sandbox.grading.report import Report
from web import reporting, wording
from web.wording import _

_STAGES = {AttemptState.SUBMITTED: ("now", "todo"), AttemptState.SEALED: ("done", "now")}


@dataclass(frozen=True, kw_only=True)
class ReportsView:
    lines: tuple[reporting.ResultLine, ...]


@dataclass(frozen=True, kw_only=True)
class SeenLine:
    title: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class GradingView:
    """An attempt without a report to show: being graded, not open yet, or one that never will be."""

    attempt: str
    title: str
    state: str
    sentence: str
    advice: str
    waiting: bool
    steps: tuple[str, ...]
    lines: tuple[SeenLine, ...] = ()
    """What its author lets everybody see before the report is open."""


def grading(attempt: Attempt, title: str) -> GradingView:
    """Return the page of an attempt that has no report (yet)."""
    waiting = attempt.state in _STAGES
    return GradingView(
        attempt=attempt.id,
        title=title,
        state=attempt.state.value,
        sentence=_("Your work is sealed and being graded.") if waiting else reporting.state_words(attempt.state),
        advice=(
            _("This takes a few seconds; the report opens by itself.")
            if waiting
            else _("There is no report for this attempt.")
        ),
        waiting=waiting,
        steps=_STAGES.get(attempt.state, ()),
    )


def closed(attempt: Attempt, title: str, report: Report) -> GradingView:
    """Return the page of a report that the trainer has not opened: no score, only lines that are always shown."""
    zh, failed = wording.language() == "zh", report.result == "error"
    seen = [line for line in report.lines if showing.sees_line(line.show, attempt.mode, None)]
    return GradingView(
        attempt=attempt.id,
        title=title,
        state=attempt.state.value,
        sentence=_("Handed in and graded.") if not failed else _("Handed in, but it could not be graded."),
        advice=(
            _("Your trainer opens the reports; until then the result stays closed.")
            if not failed
            else _("This attempt is not counted; you may start again. Your trainer and IT can see why.")
        ),
        waiting=False,
        steps=(),
        lines=tuple(
            SeenLine(title=line.title.zh if zh else line.title.en, sentence=line.zh if zh else line.en) for line in seen
        ),
    )
