"""My training: one card per thing to do, most urgent first. A result is shown only where its report is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.attempts import limits, showing
from sandbox.attempts.model import Accommodation
from sandbox.exercises.model import Mode, Per
from sandbox.overview import AttemptLine, Mark, Standing
from sandbox.provisioning.model import Desired, Instance
from sandbox.training.model import Assignment
from web import presenting, reporting
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
    """`live` is the instance to continue, `asleep` if it must be woken; `blocked` says why it cannot be started."""

    title: str
    goal: str
    exercise_version: str
    assignment: str
    tags: tuple[Tag, ...]
    facts: tuple[Fact, ...]
    verb: str
    live: str
    asleep: bool
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
class _Given:
    """A standing assignment and what its trainee may know of it."""

    line: Standing
    assignment: Assignment
    running: Instance | None
    """The hospital that serves one of its attempts."""
    full: bool
    now: datetime
    zone: ZoneInfo

    @property
    def is_open(self) -> bool:
        """Say whether results may be seen."""
        return showing.is_open(self.assignment.mode, self.assignment.reports_opened_at)

    @property
    def counts(self) -> Mark | None:
        return self.line.counts if self.is_open else None

    @property
    def is_passed(self) -> bool:
        return self.counts is not None and self.counts.verdict == "pass"

    @property
    def is_done(self) -> bool:
        """Passed, or handed in while nobody may know yet."""
        return self.is_passed or (not self.is_open and self.line.latest is not None)

    @property
    def live(self) -> bool:
        return self.running is not None


def _serving(line: Standing, running: Sequence[Instance]) -> Instance | None:
    """Return the instance that serves one of the attempts of this line."""
    tried = {one.id for one in line.tried}
    return next((one for one in running if one.attempt in tried), None)


def _sleeps(instance: Instance | None) -> bool:
    return instance is not None and instance.desired is Desired.HIBERNATED


def _under_way(instance: Instance | None) -> Tag:
    if _sleeps(instance):
        return Tag("", _("Sleeping; your work is kept"), "zzz")
    return Tag("accent", _("In progress"), "activity-heartbeat")


def _kept(instance: Instance | None) -> list[Fact]:
    if instance is None or instance.expires_at is None:
        return []
    return [Fact("calendar-due", _("kept until %(time)s", time=presenting.due(instance.expires_at)))]


def training(
    standings: Sequence[Standing],
    attempts: Sequence[AttemptLine],
    running: Sequence[Instance],
    *,
    full: bool,
    now: datetime,
    zone: ZoneInfo,
) -> TrainingView:
    """Return the page of what is to do: what runs first, then by due date, free practice last.

    `full`: nothing else can be launched before something is finished.
    """
    assigned = [
        _Given(
            line=line,
            assignment=line.assignment,
            running=_serving(line, running),
            full=full,
            now=now,
            zone=zone,
        )
        for line in standings
        if line.assignment is not None
    ]
    cards = [_assigned(given) for given in assigned]
    beside = [(line, _serving(line, running)) for line in standings if line.assignment is None]
    cards += [_beside(line, one) for line, one in beside if one is not None]
    cards.append(_free(next((one for one in running if one.exercise_version is None), None), full=full))
    cards.sort(key=lambda card: not card.live)
    recent = [reporting.line(one) for one in attempts if one.attempt.submitted_at is not None][:RECENT]
    return TrainingView(summary=_summary(assigned), cards=tuple(cards), assigned=bool(assigned), recent=tuple(recent))


def _summary(assigned: Sequence[_Given]) -> str:
    waiting = [given for given in assigned if not given.is_done]
    if not assigned:
        return _("Nothing is assigned to you at the moment.")
    if not waiting and not all(given.is_passed for given in assigned):
        return _("Everything assigned to you is handed in.")
    if not waiting:
        return _("Everything assigned to you is passed. Well done.")
    dues = [given.assignment.due for given in waiting if given.assignment.due]
    count = _n("%(n)s exercise to do", "%(n)s exercises to do", len(waiting))
    if not dues:
        return _("%(count)s, in your own time.", count=count)
    return _("%(count)s; the next is due %(due)s.", count=count, due=presenting.due(min(dues)))


def _assigned(given: _Given) -> Card:
    line = given.line
    return Card(
        title=presenting.title(line.version),
        goal=presenting.goal(line.version),
        exercise_version=line.version.id,
        assignment=given.assignment.id,
        tags=tuple(_tags(given)),
        facts=tuple(_facts(given)),
        verb=_("Once more") if line.latest else _("Start"),
        live=given.running.id if given.running else "",
        asleep=_sleeps(given.running),
        blocked=_blocked(given),
        best=_best(given.counts),
        last=line.latest.attempt if line.latest else "",
    )


def _facts(given: _Given) -> list[Fact]:
    line = given.line
    facts = [
        Fact("clock", presenting.minutes(line.version.minutes)),
        Fact("target", _("pass mark %(score)s", score=line.version.pass_score)),
        Fact("rotate", _left(given)),
    ]
    if line.accommodation is not None and (line.accommodation.untimed or line.accommodation.time_factor > 1):
        facts.insert(1, Fact("hourglass", _extra(line.accommodation, line.version.minutes)))
    if given.assignment.max_attempts != 1 and given.assignment.mode is Mode.EXAM:
        facts.append(Fact("report-medical", presenting.keep(given.assignment.keep)))
    return [*facts, *_kept(given.running)]


def _extra(granted: Accommodation, minutes: int) -> str:
    if granted.untimed:
        return _("for you: no time limit")
    return _("for you: %(minutes)s", minutes=presenting.minutes(minutes * granted.time_factor))


def _left(given: _Given) -> str:
    most, per = given.assignment.max_attempts, given.assignment.per
    if most is None:
        return _("any number of attempts")
    left = max(0, most - limits.used(given.line.counted, per, now=given.now, zone=given.zone))
    if per is Per.DAY:
        return _n("%(n)s attempt left today", "%(n)s attempts left today", left)
    return _n("%(n)s attempt left", "%(n)s attempts left", left)


def _tags(given: _Given) -> list[Tag]:
    tags = [_under_way(given.running)] if given.live else []
    tags.append(Tag("accent" if given.assignment.mode is Mode.EXAM else "", presenting.mode(given.assignment.mode)))
    if given.is_passed:
        return [*tags, Tag("good", _("Passed"), "circle-check")]
    if given.is_done:
        return [*tags, Tag("", _("Handed in; results are not open yet"), "send")]
    due = given.assignment.due
    if due is None:
        return [*tags, Tag("", _("Assigned"), "clipboard-list")]
    if due < given.now:
        return [*tags, Tag("bad", _("Overdue since %(due)s", due=presenting.due(due)), "calendar-due")]
    tone = "warn" if due - given.now < SOON else ""
    return [*tags, Tag(tone, _("Due %(due)s", due=presenting.due(due)), "calendar-due")]


def _blocked(given: _Given) -> str:
    if given.live:
        return ""
    opens = given.assignment.opens
    if opens is not None and given.now < opens:
        return _("Opens %(time)s", time=presenting.due(opens))
    free = limits.free_at(given.line.counted, given.assignment, now=given.now, zone=given.zone)
    if free is None:
        return _("All attempts are used up")
    if free > given.now:
        return _("Next attempt from %(time)s", time=presenting.due(free))
    return _("Finish what is running first") if given.full else ""


def _best(mark: Mark | None) -> Best | None:
    if mark is None or not mark.score:
        return None
    return Best(attempt=mark.attempt, score=mark.score, tone=reporting.tone(mark.verdict))


def _beside(line: Standing, running: Instance) -> Card:
    """Return the card of an exercise under way that no standing assignment covers: it was withdrawn meanwhile."""
    return Card(
        title=presenting.title(line.version),
        goal=presenting.goal(line.version),
        exercise_version=line.version.id,
        assignment="",
        tags=(_under_way(running),),
        facts=(Fact("target", _("pass mark %(score)s", score=line.version.pass_score)), *_kept(running)),
        verb="",
        live=running.id,
        asleep=_sleeps(running),
        blocked="",
        best=None,
        last="",
    )


def _free(running: Instance | None, *, full: bool) -> Card:
    tag = _under_way(running) if running is not None else Tag("", _("Not graded"))
    return Card(
        title=_("Free practice"),
        goal=_("A whole outpatient clinic of your own: registration, doctor, cashier, pharmacy."),
        exercise_version="",
        assignment="",
        tags=(tag,),
        facts=(Fact("hourglass", _("no time limit")), Fact("rotate", _("start over at any time")), *_kept(running)),
        verb=_("Open"),
        live=running.id if running is not None else "",
        asleep=_sleeps(running),
        blocked=_("Finish what is running first") if full and running is None else "",
        best=None,
        last="",
    )
