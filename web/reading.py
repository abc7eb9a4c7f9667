"""Reads a stored report (format report/v1) into what its page shows. Reports and journals are data, never markup."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from sandbox.attempts.model import Attempt
from sandbox.contract.catalogue import ACTIONS
from sandbox.exercises import loader
from sandbox.exercises.plan import Plan
from sandbox.grading import report as reports
from sandbox.grading.report import Line, Loss, Near, Report
from sandbox.provisioning.ports import Files
from web import comparing, layer, presenting, reporting, wording
from web.layer import Ruling
from web.presenting import Fact
from web.report_views import HintView, LineView, LossView, OtherView, ReportView, RowView
from web.reporting import Filed
from web.wording import _, _n

Audience = Literal["trainee", "trainer"]

OUTCOMES: Mapping[str, tuple[str, str]] = {
    "pending": ("accent", "hourglass"),
    "full": ("good", "circle-check"),
    "part": ("warn", "alert-triangle"),
    "none": ("bad", "circle-x"),
    "not_reached": ("", "circle-x"),
    "error": ("warn", "alert-triangle"),
}
ORDER = ("pending", "none", "part", "not_reached", "error", "full")
"""What can be learnt from comes first; what was right comes last."""


class Told(Protocol):
    """A text in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Source:
    """All that one report page is made of."""

    attempt: Attempt
    person: str
    report: Report
    journal: Mapping[int, Mapping[str, Any]]
    plan: Plan
    seats: Mapping[str, str]
    """Seat -> its title, from the exercise."""
    cast: Mapping[str, str]
    """Name in the exercise -> what people call that person."""
    others: tuple[OtherView, ...]
    filed: Filed
    names: Mapping[str, str]
    """Whoever decided something, by name."""


def source(filed: Filed, files: Files) -> Source:
    """Fetch the papers of one report. Raises ArchiveCorruptError if one of them was changed."""
    loaded = loader.trusted(files.get(filed.exercise_sha256)).variants[filed.attempt.variant]
    cast = {name: str((one.model_extra or {}).get("name", name)) for name, one in loaded.exercise.cast.items()}
    report = reports.loads(files.get(filed.report_sha256))
    # A journal that did not verify may be anything, or gone; its report names no row.
    rows = json.loads(files.get(filed.journal_sha256)) if report.result != "error" else []
    return Source(
        attempt=filed.attempt,
        person=filed.person,
        report=report,
        journal={row["seq"]: row for row in rows},
        plan=loaded.plan,
        seats={name: _say(seat) for name, seat in loaded.exercise.seats.items()},
        cast=cast,
        others=tuple(_other(one, filed.scores.get(one.id, "")) for one in filed.others) if filed.others[1:] else (),
        filed=filed,
        names={**layer.process_names(), **filed.names},
    )


def _other(attempt: Attempt, score: str) -> OtherView:
    words = f"{presenting.clock(attempt.requested_at)} · {score or reporting.state_words(attempt.state)}"
    return OtherView(attempt=attempt.id, words=words)


def view(source: Source, audience: Audience = "trainee") -> ReportView:
    """Return the page."""
    report, filed = source.report, source.filed
    lines = [_line(each, source) for each in report.lines]
    losses = [_loss(each, source) for each in report.losses]
    titles = {each.id: _say(each.title) for each in report.lines}
    titles |= {each.id: _say(each.title) for each in report.losses}
    return ReportView(
        attempt=source.attempt.id,
        title=_say(report.exercise.title),
        summary=_summary(report, lines),
        verdict=report.result,
        verdict_words=reporting.verdict_words(report.result),
        tone=reporting.tone(report.result),
        drawing={"pass": "circle-check", "fail": "circle-x"}.get(report.result, "alert-triangle"),
        score=report.score if not report.score_to else f"{report.score}–{report.score_to}",
        ring=report.score,
        rule=_("pass mark %(score)s", score=report.pass_score),
        facts=tuple(_facts(source)),
        errors=tuple(_say(each) for each in report.errors),
        next_steps=_next_steps(source.attempt.id, audience) if report.result == "error" else (),
        void=filed.void.reason if filed.void else "",
        recounting=bool(filed.layer) and filed.layer[-1].number > filed.results[0].adjustments,
        losses=tuple(sorted(losses, key=lambda loss: not loss.critical)),
        lines=tuple(sorted(lines, key=lambda line: ORDER.index(line.outcome))),
        hints=tuple(HintView(text=_say(each), cost=_trimmed(each.cost)) for each in report.hints),
        proof=tuple(_proof(source)),
        others=source.others,
        layer=layer.rows(filed.layer, titles, source.names),
        results=layer.results(filed.results, source.names),
    )


def _next_steps(attempt: str, audience: Audience) -> tuple[str, ...]:
    if audience == "trainee":
        return (
            _("Nothing is lost for you: this attempt is not counted, you may start again from My training."),
            _("Your trainer and IT see this report too. If a file can be restored, the score appears here."),
        )
    return (
        _("The trainee loses nothing: the attempt is not counted and may be made again."),
        _("Ask IT to run: his-sandbox attempt verify %(attempt)s. It names what is wrong.", attempt=attempt),
        _("If IT can restore the file from a backup, regrade this attempt; if not, void it with the reason."),
    )


def _summary(report: Report, lines: list[LineView]) -> str:
    if report.result == "error":
        return _("The evidence could not be graded.")
    full = sum(line.outcome == "full" for line in lines)
    right = _("%(full)s of %(all)s items fully right", full=full, all=len(lines))
    if report.pending:
        waiting = _n("%(n)s line waits for a mark", "%(n)s lines wait for a mark", len(report.pending))
        return _("%(right)s; %(waiting)s, the score is a range until then.", right=right, waiting=waiting)
    if report.critical:
        return _("%(right)s, but a critical mistake was made: the attempt cannot pass.", right=right)
    if report.result == "fail" and any(line.must and line.outcome != "full" for line in lines):
        return _("%(right)s; something that must be right was not.", right=right)
    return _("%(right)s.", right=right)


def _facts(source: Source) -> Iterable[Fact]:
    attempt = source.attempt
    yield Fact("user", source.person)
    if attempt.opened_at and attempt.submitted_at:
        worked = (attempt.submitted_at - attempt.opened_at).total_seconds()
        yield Fact("clock", _("worked %(time)s", time=presenting.seconds(worked)))
    if attempt.submitted_at:
        yield Fact("send", _("submitted %(time)s", time=presenting.stamp(attempt.submitted_at)))
    opened = sum(len(each.hints) for each in source.report.hints)
    yield Fact("bulb", _n("%(n)s hint opened", "%(n)s hints opened", opened) if opened else _("no hint opened"))


def _line(line: Line, source: Source) -> LineView:
    shade, drawing = OUTCOMES[line.outcome]
    return LineView(
        id=line.id,
        title=_say(line.title),
        outcome=line.outcome,
        outcome_words=_outcome(line.outcome),
        tone=shade,
        drawing=drawing,
        got="–" if line.outcome in ("pending", "error") else _trimmed(line.got),
        points=_trimmed(line.points),
        must=line.must,
        sentence=_say(line),
        items=comparing.items(line, source.plan, source.cast),
        advice=_say(line.advice) if line.advice and line.outcome != "full" else "",
        rows=tuple(_row(number, source) for number in line.events),
        near=tuple(_near(each, source) for each in line.near),
        ruling=_ruling(line, source),
    )


def _ruling(one: Line | Loss, source: Source, *, lost: bool = False) -> Ruling | None:
    if one.adjusted is None:
        return None
    row = next((row for row in reversed(source.filed.layer) if row.subject == one.id), None)
    return layer.ruling(one.adjusted, one.graded, row, source.names, lost=lost)


def _outcome(outcome: str) -> str:
    return {
        "full": _("Full"),
        "part": _("In part"),
        "none": _("Wrong"),
        "not_reached": _("Not done"),
        "error": _("Could not be judged"),
        "pending": _("Waits for a mark"),
    }[outcome]


def _loss(loss: Loss, source: Source) -> LossView:
    return LossView(
        id=loss.id,
        title=_say(loss.title),
        lost=_trimmed(loss.lost),
        critical=loss.critical,
        sentence=_say(loss),
        rows=tuple(_row(number, source) for number in loss.events),
        ruling=_ruling(loss, source, lost=True),
    )


def _row(seq: int, source: Source) -> RowView:
    row = source.journal.get(seq, {})
    action = ACTIONS.get(str(row.get("action", "")))
    at, actor = str(row.get("at", "")), str(row.get("actor", ""))
    return RowView(
        seq=seq,
        at=at.replace("T", " "),
        clock=at[11:16],
        words=_say(action) if action else str(row.get("action", "")),
        seat=source.seats.get(actor, actor),
        code=str(row.get("code") or ""),
    )


def _near(near: Near, source: Source) -> RowView:
    return replace(_row(near.seq, source), words=_say(near).removeprefix(f"#{near.seq}").strip(), code=near.code or "")


def _say(words: Told) -> str:
    return words.zh if wording.language() == "zh" else words.en


def _trimmed(points: str) -> str:
    """Return points without zeros that say nothing: 3.67, 10, 0."""
    return points.rstrip("0").rstrip(".") if "." in points else points


def _proof(source: Source) -> Iterable[tuple[str, str]]:
    report = source.report
    yield _("Attempt"), source.attempt.id
    yield _("Exercise"), f"{report.exercise.id} v{report.exercise.version} · {report.exercise.sha256}"
    for name, digest in sorted(report.digests.items()):
        yield (_("Journal") if name == "journal" else _("State") if name == "state" else name), digest
    yield _("Exact score"), report.exact
    yield _("Grader"), f"{report.grader} · contract {report.contract}"
