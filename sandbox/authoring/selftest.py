"""An exercise proves itself: its tests become scripts, their replays are graded, every `expect` must hold exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from sandbox.contract.replay import Replayed, Run, Script, Step, Unfit
from sandbox.exercises import compile as compiling
from sandbox.exercises import schema, scripts
from sandbox.exercises.loader import Loaded
from sandbox.grading import evidence
from sandbox.grading import grade as grading
from sandbox.grading.evidence import Evidence, Journal
from sandbox.grading.grade import Circumstances
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
    unfit: Unfit | None = None
    """What the test asks for and no page offers."""


def build(loaded: Loaded, *, anchor: str, attempt: str = ATTEMPT, nonce: str = NONCE, variant: int = 0) -> list[Script]:
    """Return the scripts of all tests; one per pack, for extra time slows the clock inside the cell."""
    exercise = loaded.variants[variant].exercise
    by_time: dict[tuple[int, bool], list[Script]] = {}
    for test in exercise.tests:
        extra = _extra(exercise, test)
        one = script_of(loaded, test, anchor=anchor, attempt=attempt, nonce=nonce, variant=variant)
        by_time.setdefault((extra.time_factor, extra.untimed), []).append(one)
    return [replace(parts[0], runs=tuple(run for script in parts for run in script.runs)) for parts in by_time.values()]


def script_of(
    loaded: Loaded,
    test: schema.SelfTest,
    *,
    anchor: str,
    attempt: str = ATTEMPT,
    nonce: str = NONCE,
    variant: int = 0,
) -> Script:
    """Return the script of one test, with the pack of its accommodations."""
    drawn = loaded.variants[variant]
    extra = _extra(drawn.exercise, test)
    standard = compiling.pack(drawn.exercise, drawn.plan, sha256=loaded.sha256, variant=variant)
    return Script(
        anchor=anchor,
        attempt=attempt,
        nonce=nonce,
        pack=compiling.accommodate(standard, time_factor=extra.time_factor, untimed=extra.untimed),
        runs=(run_of(test.name, scripts.resolve(drawn.exercise, test)),),
    )


def run_of(name: str, acts: Iterable[scripts.Act]) -> Run:
    """Return acts in the form that travels to the hospital."""
    return Run(
        name=name,
        steps=tuple(
            Step(
                label=act.label,
                at_ms=act.at_ms,
                seat=act.seat,
                action=act.action,
                fields={name: compiling.travelling(value) for name, value in act.fields.items()},
            )
            for act in acts
        ),
    )


def prove(loaded: Loaded, replays: Iterable[Replayed], *, nonce: str = NONCE, variant: int = 0) -> list[Outcome]:
    """Grade the replayed runs and compare each with what its test expects, in the order of the file.

    Raises KeyError if a test was not replayed.
    """
    by_name = {replay.name: replay for replay in replays}
    outcomes = []
    for test in loaded.variants[variant].exercise.tests:
        run = by_name[test.name]
        attempt = run.rows[0].attempt if run.rows else ""
        # The chain is verified, the state not hashed: it has never left our hands.
        found = evidence.read(Journal(attempt=attempt, nonce=nonce, rows=run.rows), run.state, digests={})
        report = graded(loaded, test, found, variant=variant)
        outcomes.append(Outcome(test=test.name, report=report, wrong=tuple(wrong(test, report)), unfit=run.unfit))
    return outcomes


def graded(loaded: Loaded, test: schema.SelfTest, found: Evidence, *, variant: int = 0) -> Report:
    """Grade evidence with the hints, marks and extra time that the test declares."""
    return grading.judge(loaded, found, _around(loaded.variants[variant].exercise, test))


def _around(exercise: schema.Exercise, test: schema.SelfTest) -> Circumstances:
    return Circumstances(
        hints=tuple(HintOpened(hint=hint) for hint in _inherited(exercise, test, "hints")),
        accommodations=_extra(exercise, test),
        adjustments=tuple(
            Adjustment(subject=check, kind="mark", points=format(points, "f"), reason="")
            for check, points in scripts.marks(exercise, test).items()
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


def wrong(test: schema.SelfTest, report: Report) -> Iterable[tuple[str, str]]:
    """Yield what does not hold of what the test expects, in zh and en."""
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
