"""What the trainee's result pages show."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.attempts.model import Attempt, AttemptState
from web import reporting
from web.wording import _

_STAGES = {AttemptState.SUBMITTED: ("now", "todo"), AttemptState.SEALED: ("done", "now")}


@dataclass(frozen=True, kw_only=True)
class ReportsView:
    lines: tuple[reporting.ResultLine, ...]


@dataclass(frozen=True, kw_only=True)
class GradingView:
    """An attempt without a report: being graded, or one that never will be."""

    attempt: str
    title: str
    state: str
    sentence: str
    advice: str
    waiting: bool
    steps: tuple[str, ...]


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
