"""A report as lines of text, for terminals: score, losses, then every check with what was found."""

from __future__ import annotations

from typing import Literal

from sandbox.contract.exercise_pack import Words
from sandbox.grading.report import Line, Report

Language = Literal["zh", "en"]

_VERDICTS = {
    "pass": Words(zh="通过", en="passed"),
    "fail": Words(zh="未通过", en="failed"),
    "provisional": Words(zh="暂定", en="provisional"),
    "error": Words(zh="无法评分", en="not graded"),
}
_MARKS = {"full": "✓", "part": "◐", "none": "✗", "not_reached": "–", "error": "!"}


def render(report: Report, language: Language) -> list[str]:
    """Return the report's lines in one language."""
    score = f"{report.score}…{report.score_to}" if report.score_to else report.score or "–"
    head = f"{_in(report.exercise.title, language)}: {score} / 100, {_in(_VERDICTS[report.result], language)}"
    losses = [
        f"−{loss.lost} {_in(loss.title, language)}: {_said(loss.zh, loss.en, language)}" for loss in report.losses
    ]
    hints = [f"−{hint.cost} {_said(hint.zh, hint.en, language)}" for hint in report.hints]
    errors = [f"! {_in(error, language)}" for error in report.errors]
    return [head, *errors, *losses, *hints, *(_check(line, language) for line in report.lines)]


def _check(line: Line, language: Language) -> str:
    title, found = _in(line.title, language), _said(line.zh, line.en, language)
    return f"{_MARKS[line.outcome]} {line.got:>5} / {line.points:<4} {title}: {found}"


def _in(words: Words, language: Language) -> str:
    return _said(words.zh, words.en, language)


def _said(zh: str, en: str, language: Language) -> str:
    return zh if language == "zh" else en
