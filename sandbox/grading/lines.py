"""A report as plain text, line by line, for terminals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Literal

from sandbox.contract.exercise_pack import Words
from sandbox.grading.report import Adjustment, Line, Loss, Report, rounded

Language = Literal["zh", "en"]

_MARKS: Mapping[str, str] = {"full": "✓", "part": "◐", "none": "✗", "not_reached": "–", "error": "!", "pending": "…"}
_RESULTS: Mapping[str, tuple[str, str]] = {
    "pass": ("通过", "passed"),
    "fail": ("未通过", "not passed"),
    "provisional": ("待定", "provisional"),
    "error": ("无法评分", "cannot be graded"),
}


def render(report: Report, language: Language) -> list[str]:
    """Return the report's lines: result, checks, losses, hints, faults."""
    return list(_render(report, language))


def _render(report: Report, language: Language) -> Iterator[str]:
    zh = language == "zh"
    version = f"第{report.exercise.version}版" if zh else f"version {report.exercise.version}"
    yield f"{_told(report.exercise.title, language)} · {version}"
    yield _result(report, language)
    for line in report.lines:
        yield from _check(line, language)
    for loss in report.losses:
        yield _loss(loss, language)
    for hint in report.hints:
        yield f"  ? {'-' + hint.cost:>7}  {hint.zh if zh else hint.en}"
    for error in report.errors:
        yield f"  ! {_told(error, language)}"


def _result(report: Report, language: Language) -> str:
    zh = language == "zh"
    verdict = _RESULTS[report.result][0 if zh else 1]
    if not report.score:
        return f"结果：{verdict}" if zh else f"Result: {verdict}"
    score = report.score if not report.score_to else f"{report.score}–{report.score_to}"
    if zh:
        return f"结果：{verdict}，{score}分(及格{report.pass_score}分)"
    return f"Result: {verdict}, {score} points (pass mark {report.pass_score})"


def _check(line: Line, language: Language) -> Iterator[str]:
    zh = language == "zh"
    must = ("[必须]" if zh else " [must]") if line.must else ""
    sentence = line.zh if zh else line.en
    yield f"  {_MARKS[line.outcome]} {line.got:>6}/{line.points:<4} {_told(line.title, language)}{must} — {sentence}"
    for near in line.near:
        yield f"{'':15}{'差一点' if zh else 'Nearly'}: {near.zh if zh else near.en}"
    if line.adjusted is not None and line.graded:
        yield f"{'':15}{_adjusted(line.adjusted, line.graded, language)}"
    if line.advice is not None:
        yield f"{'':15}{'建议' if zh else 'Advice'}: {_told(line.advice, language)}"


def _adjusted(decision: Adjustment, graded: str, language: Language) -> str:
    before = rounded(Fraction(graded), 2)
    if language == "zh":
        return f"人工调整：评分器给{before}；{decision.reason}"
    return f"Adjusted by a person: the grader gave {before}; {decision.reason}"


def _loss(loss: Loss, language: Language) -> str:
    mark = "☠" if loss.critical else "▼"
    sentence = loss.zh if language == "zh" else loss.en
    return f"  {mark} {'-' + loss.lost:>6}      {_told(loss.title, language)} — {sentence}"


def _told(words: Words, language: Language) -> str:
    return words.zh if language == "zh" else words.en
