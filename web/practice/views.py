"""What the waiting page and the workbench show, one frozen value each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.provisioning.model import Instance
from web import presenting
from web.practice.briefing import Briefing, CastView, SeatView, StepView
from web.practice.selfcheck import CheckView
from web.practice.status import Status
from web.presenting import Fact
from web.wording import _


@dataclass(frozen=True, kw_only=True)
class WaitingView:
    instance: str
    title: str
    status: Status
    steps: tuple[str, ...]
    advice: str
    may_withdraw: bool
    may_try_again: bool
    again: bool


@dataclass(frozen=True, kw_only=True)
class WorkbenchView:
    instance: str
    attempt: str
    epoch: int
    title: str
    goal: str
    facts: tuple[Fact, ...]
    seats: tuple[SeatView, ...]
    steps: tuple[StepView, ...]
    cast: tuple[CastView, ...]
    deadline: int | None
    now: int
    time: str
    """What the timer shows, in words: whether the work ends with it."""
    reset_loses: str
    """'' where one may not start over."""
    hints: str
    """What hints cost in this mode, in words; '' if there are none."""
    questions: tuple[str, ...]
    check: CheckView | None
    """None where the mode, or the trainer, does not allow it."""


_STAGES = {
    "queued": ("now", "todo", "todo"),
    "launching": ("done", "now", "todo"),
    "replacing": ("done", "now", "todo"),
}


def waiting(instance: Instance, title: str, status: Status) -> WaitingView:
    """Return the page of a hospital that is not open yet, or never will be."""
    failed = status.state == "failed"
    advice = (
        _("Nothing was lost and no attempt is counted. Try again; if it happens twice, give IT the reference.")
        if failed
        else _("This page moves on by itself. You may leave and come back; your place is kept.")
    )
    return WaitingView(
        instance=instance.id,
        title=title,
        status=status,
        steps=_STAGES.get(status.state, ()),
        advice=advice,
        may_withdraw=status.state in ("queued", "failed"),
        may_try_again=failed,
        again=not failed,
    )


def workbench(
    instance: Instance,
    briefing: Briefing,
    *,
    deadline: datetime | None,
    facts: tuple[Fact, ...],
    since: datetime | None,
    may_reset: bool,
    enforced: bool,
    check: CheckView | None,
    now: datetime,
) -> WorkbenchView:
    """Return the page beside the practice hospital; `since` is when the work in it began."""
    loses = _(
        "This throws away %(time)s of work in this hospital.",
        time=presenting.seconds(max(1.0, (now - (since or now)).total_seconds())),
    )
    return WorkbenchView(
        instance=instance.id,
        attempt=instance.attempt or "",
        epoch=instance.epoch,
        title=briefing.title,
        goal=briefing.goal,
        facts=facts,
        seats=briefing.seats,
        steps=briefing.steps,
        cast=briefing.cast,
        deadline=None if deadline is None else _milliseconds(deadline),
        now=_milliseconds(now),
        time=_("Working time left") if enforced else _("Time that the exercise allows; you may go on after it"),
        reset_loses=loses if may_reset else "",
        hints=briefing.hints,
        questions=briefing.questions,
        check=check,
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
