"""What the trainee's pages show, one frozen value per page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.overview import AttemptLine, Mark, Standing
from sandbox.provisioning.model import Instance
from web import presenting, reporting
from web.practice.briefing import Briefing, CastView, SeatView, StepView
from web.practice.status import Status
from web.presenting import Fact, Tag
from web.wording import _, _n

SOON = timedelta(hours=24)
RECENT = 5


@dataclass(frozen=True, kw_only=True)
class Best:
    attempt: str
    score: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Card:
    """`live` is the instance to continue; `blocked` says why it cannot be started."""

    title: str
    goal: str
    exercise_version: str
    assignment: str
    tags: tuple[Tag, ...]
    facts: tuple[Fact, ...]
    verb: str
    live: str
    blocked: str
    best: Best | None
    last: str


@dataclass(frozen=True, kw_only=True)
class TrainingView:
    summary: str
    cards: tuple[Card, ...]
    assigned: bool
    recent: tuple[reporting.ResultLine, ...]


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
    reset_loses: str


def training(
    standings: Sequence[Standing], attempts: Sequence[AttemptLine], running: Instance | None, *, now: datetime
) -> TrainingView:
    """Return the page of what is to do: what runs first, then by due date, free practice last."""
    assigned = [line for line in standings if line.assignment is not None]
    cards = [_assigned(line, running, now=now) for line in assigned]
    cards.append(_free(running))
    cards.sort(key=lambda card: not card.live)
    recent = [reporting.line(one) for one in attempts if one.attempt.submitted_at is not None][:RECENT]
    return TrainingView(summary=_summary(assigned), cards=tuple(cards), assigned=bool(assigned), recent=tuple(recent))


def _summary(assigned: Sequence[Standing]) -> str:
    waiting = [line for line in assigned if not _passed(line)]
    if not assigned:
        return _("Nothing is assigned to you at the moment.")
    if not waiting:
        return _("Everything assigned to you is passed. Well done.")
    dues = [line.assignment.due for line in waiting if line.assignment and line.assignment.due]
    count = _n("%(n)s exercise to do", "%(n)s exercises to do", len(waiting))
    if not dues:
        return _("%(count)s, in your own time.", count=count)
    return _("%(count)s; the next is due %(due)s.", count=count, due=presenting.due(min(dues)))


def _passed(line: Standing) -> bool:
    return line.counts is not None and line.counts.verdict == "pass"


def _assigned(line: Standing, running: Instance | None, *, now: datetime) -> Card:
    if line.assignment is None:
        raise ValueError("not assigned")
    live = running is not None and running.exercise_version == line.version.id
    left = None if line.assignment.max_attempts is None else line.assignment.max_attempts - len(line.counted)
    return Card(
        title=presenting.title(line.version),
        goal=presenting.goal(line.version),
        exercise_version=line.version.id,
        assignment=line.assignment.id,
        tags=tuple(_tags(line, live=live, now=now)),
        facts=(
            Fact("clock", presenting.minutes(line.version.minutes)),
            Fact("target", _("pass mark %(score)s", score=line.version.pass_score)),
            Fact("rotate", _left(left)),
        ),
        verb=_("Once more") if line.latest else _("Start"),
        live=running.id if live and running else "",
        blocked=_blocked(running, live=live, left=left),
        best=_best(line.counts),
        last=line.latest.attempt if line.latest else "",
    )


def _left(left: int | None) -> str:
    if left is None:
        return _("any number of attempts")
    return _n("%(n)s attempt left", "%(n)s attempts left", max(0, left))


def _tags(line: Standing, *, live: bool, now: datetime) -> list[Tag]:
    tags = [Tag("accent", _("In progress"), "activity-heartbeat")] if live else []
    if _passed(line):
        return [*tags, Tag("good", _("Passed"), "circle-check")]
    due = line.assignment.due if line.assignment else None
    if due is None:
        return [*tags, Tag("", _("Assigned"), "clipboard-list")]
    if due < now:
        return [*tags, Tag("bad", _("Overdue since %(due)s", due=presenting.due(due)), "calendar-due")]
    return [*tags, Tag("warn" if due - now < SOON else "", _("Due %(due)s", due=presenting.due(due)), "calendar-due")]


def _blocked(running: Instance | None, *, live: bool, left: int | None) -> str:
    if live:
        return ""
    if left is not None and left <= 0:
        return _("All attempts are used up")
    return _("Finish what is running first") if running is not None else ""


def _best(mark: Mark | None) -> Best | None:
    if mark is None or not mark.score:
        return None
    return Best(attempt=mark.attempt, score=mark.score, tone=reporting.tone(mark.verdict))


def _free(running: Instance | None) -> Card:
    live = running is not None and running.exercise_version is None
    tag = Tag("accent", _("In progress"), "activity-heartbeat") if live else Tag("", _("Not graded"))
    return Card(
        title=_("Free practice"),
        goal=_("A whole outpatient clinic of your own: registration, doctor, cashier, pharmacy."),
        exercise_version="",
        assignment="",
        tags=(tag,),
        facts=(Fact("hourglass", _("no time limit")), Fact("rotate", _("start over at any time"))),
        verb=_("Open"),
        live=running.id if live and running else "",
        blocked=_blocked(running, live=live, left=None),
        best=None,
        last="",
    )


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
    now: datetime,
) -> WorkbenchView:
    """Return the page beside the practice hospital; `since` is when the work in it began."""
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
        reset_loses=_(
            "This throws away %(time)s of work in this hospital.",
            time=presenting.seconds(max(1.0, (now - (since or now)).total_seconds())),
        ),
    )


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
