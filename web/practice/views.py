"""What the waiting page and the workbench show, one frozen value each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sandbox.config import Lifetime
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
    may_wake: bool
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
    stands: Status
    warns_ms: int
    """How long before it goes to sleep the page says so."""
    extension: str
    """What one click adds, in words."""


_STAGES = {
    "queued": ("now", "todo", "todo"),
    "launching": ("done", "now", "todo"),
    "replacing": ("done", "now", "todo"),
    "waking": ("done", "now", "todo"),
}


def waiting(instance: Instance, title: str, status: Status) -> WaitingView:
    """Return the page of a hospital that is not open yet, or never will be."""
    failed, asleep, closed = (status.state == each for each in ("failed", "hibernated", "closed"))
    return WaitingView(
        instance=instance.id,
        title=title,
        status=status,
        steps=_STAGES.get(status.state, ()),
        advice=_advice(instance, status),
        may_withdraw=status.state in ("queued", "failed"),
        may_try_again=failed,
        may_wake=asleep,
        again=not (failed or asleep or closed),
    )


def _advice(instance: Instance, status: Status) -> str:
    match status.state:
        case "failed":
            return _(
                "Nothing was lost and no attempt is counted. Try again; if it happens twice, give IT the reference."
            )
        case "closed":
            return presenting.trouble(instance.trouble)
        case "hibernated":
            return _("It rests without using memory, and goes on where you left it.")
        case "waking":
            return _("This takes a second or two. It goes on where you left it.")
    return _("This page moves on by itself. If you leave it, a place for practice is kept for two minutes.")


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
    stands: Status,
    lifetime: Lifetime,
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
        stands=stands,
        warns_ms=lifetime.idle_warning_s * 1000,
        extension=presenting.minutes(lifetime.extend_s // 60),
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
