"""One night as a page shows it: its morning report, and what a run now would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from sandbox import causality
from sandbox.scheduling import words
from sandbox.scheduling.model import Fate
from sandbox.scheduling.operations import Foreseen
from sandbox.scheduling.report import Line, Report, Verdict
from web import wording
from web.fleet.naming import Who
from web.wording import _, _n

TONES: Mapping[Verdict, str] = {
    "clean": "good",
    "nothing": "",
    "deferred": "warn",
    "failures": "bad",
    "running": "accent",
    "missed": "bad",
}
SIGNS: Mapping[Verdict, str] = {
    "clean": "check",
    "nothing": "zzz",
    "deferred": "hourglass",
    "failures": "alert-triangle",
    "running": "refresh",
    "missed": "circle-x",
}
_LINE_TONES: Mapping[Fate, str] = {Fate.FAILED: "bad", Fate.DEFERRED: "warn", Fate.SKIPPED: ""}


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    subject: str
    who: str
    fate: str
    tone: str
    told: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    name: str
    value: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class ReportView:
    date: str
    day: str
    headline: str
    tone: str
    sign: str
    figures: tuple[Figure, ...]
    lines: tuple[ReportLine, ...]
    begun: datetime | None
    ended: datetime | None
    reference: str
    """What log lines and entries of this night name."""
    earlier: str
    later: str


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    subject: str
    who: str
    deed: str
    tone: str
    because: str


@dataclass(frozen=True, kw_only=True)
class PlanView:
    rows: tuple[PlanRow, ...]
    count: int
    question: str
    button: str
    summary: str


def verdict_words(verdict: Verdict) -> str:
    """Return what a night is called by its colour."""
    return {
        "clean": _("clean"),
        "nothing": _("nothing open"),
        "deferred": _("with deferrals"),
        "failures": _("with failures"),
        "running": _("running"),
        "missed": _("missed"),
    }[verdict]


def fate_words(fate: Fate) -> str:
    """Return what became of an instance, in this request's language."""
    return words.FATES[fate][0 if wording.language() == "zh" else 1]


def report(told: Report, *, zone: ZoneInfo, earlier: str, later: str) -> ReportView:
    """Return one morning report."""
    return ReportView(
        date=told.local_date.isoformat(),
        day=format_date(told.local_date, "full", locale=wording.locale()),
        headline=words.headline(told, wording.language(), zone),
        tone=TONES[told.verdict],
        sign=SIGNS[told.verdict],
        figures=_figures(told) if told.total else (),
        lines=tuple(_line(line, zone) for line in told.lines),
        begun=told.begun_at,
        ended=told.ended_at,
        reference=causality.of_night(told.local_date),
        earlier=earlier,
        later=later,
    )


def _figures(told: Report) -> tuple[Figure, ...]:
    def seconds(count: float | None) -> str:
        return "–" if count is None else f"{count:g} s"

    counts = (
        Figure(name=fate_words(Fate.RESET), value=str(told.reset), tone="good" if told.reset else ""),
        Figure(name=fate_words(Fate.CLOSED), value=str(told.closed)),
        Figure(name=fate_words(Fate.RETIRED), value=str(told.retired)),
        Figure(name=fate_words(Fate.DEFERRED), value=str(told.deferred), tone="warn" if told.deferred else ""),
        Figure(name=fate_words(Fate.SKIPPED), value=str(told.skipped)),
        Figure(name=fate_words(Fate.FAILED), value=str(told.failed), tone="bad" if told.failed else ""),
        Figure(name=_("still to do"), value=str(told.left), tone="accent" if told.left else ""),
    )
    shown = tuple(each for each in counts if each.value != "0" or each.name in (counts[0].name, counts[5].name))
    return (
        *shown,
        _of(_("data verified"), told.digests_verified, told.reset),
        _of(_("archives verified"), told.archives_verified, told.archived),
        Figure(name=_("in all"), value=seconds(told.total_s)),
        Figure(name=_("each, median"), value=seconds(told.p50_s)),
        Figure(name=_("longest"), value=seconds(told.max_s)),
    )


def _of(name: str, count: int, all_of: int) -> Figure:
    return Figure(name=name, value=f"{count} / {all_of}", tone="bad" if count < all_of else "good" if all_of else "")


def _line(line: Line, zone: ZoneInfo) -> ReportLine:
    tone = _LINE_TONES.get(line.fate, "bad" if line.trouble else "good")
    return ReportLine(
        subject=line.subject,
        who=line.who,
        fate=fate_words(line.fate),
        tone=tone,
        told=words.sentence(line, wording.language(), zone, fate=False),
    )


def plan(foreseen: Sequence[Foreseen], who: Who, *, zone: ZoneInfo) -> PlanView:
    """Return what a run now would do, and the question that names how many."""
    count = sum(each.deed != "leave" for each in foreseen)
    resets = sum(each.deed == "reset" for each in foreseen)
    left = len(foreseen) - count
    parts = [
        _n("%(n)s is reset", "%(n)s are reset", resets),
        _n("%(n)s is closed", "%(n)s are closed", count - resets),
        _n("%(n)s is left alone", "%(n)s are left alone", left),
    ]
    return PlanView(
        rows=tuple(_plan_row(each, who, zone) for each in foreseen),
        count=count,
        question=_n(
            "Run the nightly reset for %(n)s practice hospital now?",
            "Run the nightly reset for %(n)s practice hospitals now?",
            count,
        ),
        button=_n("Reset or close %(n)s now", "Reset or close %(n)s now", count),
        summary=_(", ").join(parts) + _("."),
    )


def _plan_row(each: Foreseen, who: Who, zone: ZoneInfo) -> PlanRow:
    deed, tone = {
        "reset": (_("reset"), "accent"),
        "close": (_("close"), "warn"),
        "leave": (_("leave alone"), "good"),
    }[each.deed]
    because = words.reason(each.doing.reason, each.doing.until, wording.language(), zone) if each.doing.reason else ""
    if each.deed == "close" and not because:
        because = _("it serves an exercise that has not begun or is over")
    return PlanRow(subject=each.instance.id, who=who(each.instance.owner), deed=deed, tone=tone, because=because)
