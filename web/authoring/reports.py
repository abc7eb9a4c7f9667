"""What the page of one file shows: progress of the gate, then its report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sandbox.authoring.gate_report import Covered, GateReport, MutantOutcome, MutantResult, TestResult
from sandbox.authoring.library import Standing, Volume
from sandbox.authoring.model import Draft, GateRequest, GateRun
from sandbox.contract.exercise_pack import Words
from web import wording
from web.authoring import views
from web.authoring.views import ProblemRow
from web.wording import _, _n

TROUBLE_FIRST: tuple[MutantOutcome, ...] = ("survived", "wrongly_excused", "excused", "impossible")
"""Mutants that a page lists; those killed or refused are a number."""


@dataclass(frozen=True, kw_only=True)
class ProgressView:
    running: bool
    words: str
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class TestRow:
    name: str
    line: int
    expected: str
    got: str
    holds: bool
    lost: str
    hit: str
    fired: str
    pages: str


@dataclass(frozen=True, kw_only=True)
class CoverageRow:
    kind: str
    id: str
    title: str
    cells: tuple[bool, ...]
    bare: bool


@dataclass(frozen=True, kw_only=True)
class MutantRow:
    id: str
    tone: str
    outcome: str
    words: str


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """An earlier verdict."""

    ran_at: datetime
    words: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class DraftView:
    title: str
    key: str
    exercise: str
    sha256: str
    minutes: int
    saved_at: datetime
    standing: str
    standing_words: str
    tone: str
    drawing: str
    progress: ProgressView
    trouble: str
    verdict: str
    releasable: bool
    asks_again: bool
    findings: tuple[ProblemRow, ...]
    tests: tuple[TestRow, ...]
    columns: tuple[str, ...]
    coverage: tuple[CoverageRow, ...]
    mutant_words: str
    mutants: tuple[MutantRow, ...]
    ungraded: tuple[str, ...]
    ran_at: datetime | None
    image: str
    runs: tuple[RunRow, ...]


def progress(asked: GateRequest | None) -> ProgressView:
    """Return how far the gate got."""
    if asked is None or asked.answered_at is not None:
        return ProgressView(running=False, words="", done=0, total=0)
    words = {
        "": _("Waiting for the worker…"),
        "memory": _("Running tests and mutants in memory…"),
        "pages": _("On the pages of a real hospital: test %(done)s of %(total)s", done=asked.done, total=asked.total),
    }[asked.stage]
    return ProgressView(running=True, words=words, done=asked.done, total=asked.total)


def draft(
    found: Draft, volume: Volume, asked: GateRequest | None, runs: Sequence[GateRun], report: GateReport | None
) -> DraftView:
    """Return the page of one file."""
    tone, drawing = views.TONES[volume.standing]
    now = progress(asked)
    return DraftView(
        title=_say(Words(zh=found.title_zh, en=found.title_en)),
        key=volume.key,
        exercise=found.exercise,
        sha256=found.sha256,
        minutes=found.minutes,
        saved_at=found.saved_at,
        standing=volume.standing.value,
        standing_words=views.standing_words(volume.standing),
        tone=tone,
        drawing=drawing,
        progress=now,
        trouble=asked.trouble if asked is not None and not now.running else "",
        verdict="" if report is None else _verdict(report),
        releasable=volume.standing is Standing.GREEN,
        asks_again=not now.running and volume.standing in (Standing.UNCHECKED, Standing.RED, Standing.GREEN),
        findings=() if report is None else tuple(_findings(found.content, report)),
        tests=() if report is None else tuple(_test(one) for one in report.tests),
        columns=() if report is None else _columns(report),
        coverage=() if report is None else tuple(_coverage(report)),
        mutant_words="" if report is None else _mutant_words(report),
        mutants=() if report is None else tuple(_mutants(report)),
        ungraded=() if report is None else report.ungraded,
        ran_at=runs[0].ran_at if runs else None,
        image="" if report is None else report.image[:24],
        runs=tuple(_run(one) for one in runs[1:]),
    )


def _verdict(report: GateReport) -> str:
    if report.findings:
        return _n("%(n)s finding forbids the release.", "%(n)s findings forbid the release.", len(report.findings))
    if not report.releasable:
        return _("Nothing was found, but not everything was run.")
    return _("Everything holds, in memory and through the pages.")


def _findings(content: bytes, report: GateReport) -> Iterable[ProblemRow]:
    for one in report.findings:
        yield views.problem_row(content, one.line, one.column, one.code, _say(Words(zh=one.zh, en=one.en)))


def _test(one: TestResult) -> TestRow:
    everything = one.name == "idle" and not one.hit and one.got.startswith("0 ")
    pages = {None: "–", True: _("agrees"), False: _("differs")}[one.real]
    return TestRow(
        name=one.name if one.variant == 0 else f"{one.name} ({one.variant + 1})",
        line=one.line,
        expected=_result(one.expected),
        got=_result(one.got),
        holds=one.holds and one.real is not False,
        lost=_("all") if everything else ", ".join(one.lost),
        hit=", ".join(one.hit),
        fired=", ".join(one.fired),
        pages=pages,
    )


def _result(told: str) -> str:
    score, _blank, result = told.partition(" ")
    words = {"pass": _("passed"), "fail": _("not passed"), "error": _("error")}.get(result, result)
    return f"{score} {words}"


def _columns(report: GateReport) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in report.tests if one.name != "idle"))


def _coverage(report: GateReport) -> Iterable[CoverageRow]:
    columns = _columns(report)
    for kind, listed in (
        (_("Check"), report.checks),
        (_("Rule"), report.rules),
        (_("Event"), report.injects),
    ):
        for one in listed:
            yield _covered(kind, one, columns)


def _covered(kind: str, one: Covered, columns: tuple[str, ...]) -> CoverageRow:
    return CoverageRow(
        kind=kind,
        id=one.id,
        title=_say(one.title),
        cells=tuple(name in one.tests for name in columns),
        bare=not one.tests,
    )


def _mutant_words(report: GateReport) -> str:
    if not report.mutants:
        return ""
    counts = {name: sum(one.outcome == name for one in report.mutants) for name in _outcomes()}
    parts = [f"{number} {_outcomes()[name]}" for name, number in counts.items() if number]
    listed = ("，" if wording.language() == "zh" else ", ").join(parts)
    return _("%(n)s mutants of the reference: %(listed)s.", n=len(report.mutants), listed=listed)


def _outcomes() -> dict[str, str]:
    return {
        "killed": _("noticed"),
        "excused": _("excused by the author"),
        "refused": _("refused by the hospital"),
        "impossible": _("impossible on the pages"),
        "survived": _("unnoticed"),
        "wrongly_excused": _("wrongly excused"),
    }


def _mutants(report: GateReport) -> Iterable[MutantRow]:
    listed = [one for one in report.mutants if one.outcome in TROUBLE_FIRST]
    for one in sorted(listed, key=lambda each: TROUBLE_FIRST.index(each.outcome)):
        yield _mutant(one)


def _mutant(one: MutantResult) -> MutantRow:
    told = _say(one.words)
    reason = "" if one.reason is None or one.outcome != "excused" else _say(one.reason)
    bad = one.outcome in ("survived", "wrongly_excused")
    words = f"{told}: {reason}" if reason and wording.language() == "en" else f"{told}：{reason}" if reason else told
    return MutantRow(id=one.id, tone="bad" if bad else "", outcome=_outcomes()[one.outcome], words=words)


def _run(one: GateRun) -> RunRow:
    if one.releasable:
        return RunRow(ran_at=one.ran_at, words=_("in order"), tone="good")
    return RunRow(ran_at=one.ran_at, words=_n("%(n)s finding", "%(n)s findings", one.findings), tone="bad")


def _say(words: Words) -> str:
    return words.zh if wording.language() == "zh" else words.en
