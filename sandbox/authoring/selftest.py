"""An exercise proves itself: its tests become scripts, their replays are graded, every `expect` must hold exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sandbox.contract.replay import Replayed, Run, Script, Step
from sandbox.exercises import compile as compiling
from sandbox.exercises import schema, scripts
from sandbox.exercises.loader import Loaded
from sandbox.grading import grade as grading
from sandbox.grading.evidence import Journal
from sandbox.grading.ledger import Accommodations
from sandbox.grading.report import Adjustment, Report
from sandbox.grading.scoring import HintOpened

ATTEMPT = "5e1f7e5700000000"
NONCE = "5e1f7e57" * 4
IDLE = "idle"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one test gave. `wrong` says what does not hold, in zh and en; empty if all holds."""

    test: str
    report: Report
    wrong: tuple[tuple[str, str], ...]


def build(loaded: Loaded, *, anchor: str, attempt: str = ATTEMPT, nonce: str = NONCE) -> list[Script]:
    """Return the scripts of all tests; one per pack, for extra time slows the clock inside the cell."""
    standard = compiling.pack(loaded.exercise, loaded.plan, sha256=loaded.sha256)
    by_time: dict[tuple[int, bool], list[Run]] = {}
    for test in loaded.exercise.tests:
        extra = _extra(loaded.exercise, test)
        by_time.setdefault((extra.time_factor, extra.untimed), []).append(_run(loaded.exercise, test))
    return [
        Script(
            anchor=anchor,
            attempt=attempt,
            nonce=nonce,
            pack=compiling.accommodate(standard, time_factor=factor, untimed=untimed),
            runs=tuple(runs),
        )
        for (factor, untimed), runs in by_time.items()
    ]


def prove(content: bytes, loaded: Loaded, replays: Iterable[Replayed], *, nonce: str = NONCE) -> list[Outcome]:
    """Grade the replayed runs and compare each with what its test expects, in the order of the file.

    Raises KeyError if a test was not replayed.
    """
    by_name = {replay.name: replay for replay in replays}
    return [_prove(content, loaded, test, by_name[test.name], nonce) for test in loaded.exercise.tests]


def _prove(content: bytes, loaded: Loaded, test: schema.SelfTest, replay: Replayed, nonce: str) -> Outcome:
    attempt = replay.rows[0].attempt if replay.rows else ""
    report = grading.grade(
        content,
        Journal(attempt=attempt, nonce=nonce, rows=replay.rows),
        replay.state,
        hints=tuple(HintOpened(hint=hint) for hint in _inherited(loaded.exercise, test, "hints")),
        accommodations=_extra(loaded.exercise, test),
        adjustments=[
            Adjustment(subject=check, kind="mark", points=format(points, "f"), reason="")
            for check, points in scripts.marks(loaded.exercise, test).items()
        ],
    )
    return Outcome(test=test.name, report=report, wrong=tuple(_wrong(test, report)))


def _run(exercise: schema.Exercise, test: schema.SelfTest) -> Run:
    return Run(
        name=test.name,
        steps=tuple(
            Step(
                label=act.label,
                at_ms=act.at_ms,
                seat=act.seat,
                action=act.action,
                fields={name: compiling.travelling(value) for name, value in act.fields.items()},
            )
            for act in scripts.resolve(exercise, test)
        ),
    )


def _extra(exercise: schema.Exercise, test: schema.SelfTest) -> Accommodations:
    given = _inherited(exercise, test, "accommodations")
    if given is None:
        return Accommodations()
    return Accommodations(time_factor=given.time_factor, untimed=given.untimed)


def _inherited(exercise: schema.Exercise, test: schema.SelfTest, key: str) -> Any:
    """Return what the test says, or else the test it derives from."""
    value = getattr(test, key)
    if value or test.from_ is None:
        return value
    return _inherited(exercise, next(each for each in exercise.tests if each.name == test.from_), key)


def _wrong(test: schema.SelfTest, report: Report) -> Iterable[tuple[str, str]]:
    expected = test.expect
    if report.result == "error" or Fraction(report.score) != Fraction(expected.score):
        yield _differs("得分", "score", str(expected.score), report.score or "–")
    if report.result != expected.result:
        yield _differs("结果", "result", expected.result, report.result)
    found: Mapping[str, list[str]] = {
        "lost": [line.id for line in report.lines if line.outcome != "full"],
        "hit": [loss.id for loss in report.losses],
        "fired": list(report.fired),
    }
    for key, names in found.items():
        wanted = getattr(expected, key)
        if wanted is None and (key == "fired" or test.name == IDLE):
            continue
        if set(wanted or ()) != set(names):
            yield _differs(key, key, _listed(wanted or ()), _listed(names))


def _differs(zh: str, en: str, wanted: str, found: str) -> tuple[str, str]:
    return f"{zh}应为 {wanted}，实际为 {found}", f"{en}: expected {wanted}, got {found}"


def _listed(names: Iterable[str]) -> str:
    return "[" + ", ".join(sorted(names)) + "]"
