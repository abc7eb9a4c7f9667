"""The release gate: what was rehearsed, judged by EX501-EX512. Pure.

EX501-EX510 are those of the exercise format. EX511 (the hospital does not offer an action, or no page lets a step be
done as it says) and EX512 (more players than an instance has) are ours: without them an exercise for desks to come
would fail all its tests and never say why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sandbox.authoring import findings, rehearsing, selftest, survivors
from sandbox.authoring.findings import Places
from sandbox.authoring.gate_report import Covered, GateReport, MutantOutcome, MutantResult, TestResult
from sandbox.authoring.rehearsing import Rehearsed, Tried
from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.catalogue import ACTIONS
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import parts, scripts
from sandbox.exercises.loader import Loaded

Differences = Mapping[str, Sequence[str]]
"""Test -> what differs between its run in memory and through real pages; empty = they agree."""


def judge(
    content: bytes,
    loaded: Loaded,
    rehearsed: Rehearsed,
    *,
    image: str,
    quick: bool = False,
    real: Differences | None = None,
    again: Rehearsed | None = None,
) -> GateReport:
    """Return the gate's report. `real`: None = not run through pages. `again`: the same, graded a second time."""
    found = findings.Findings(Places.of(content))
    findings.standing(loaded, found)
    if rehearsed.unarmed:
        found.add("EX405", "start", code=rehearsed.unarmed)
    elif rehearsed.outcomes:
        findings.tests(loaded, rehearsed, found)
        findings.twice(rehearsed, again, found)
        findings.coverage(loaded, rehearsed, found)
    findings.pages(real or {}, found)
    mutants = tuple(_mutants(loaded, rehearsed.tried, found))
    return GateReport(
        exercise=loaded.exercise.id,
        version=loaded.exercise.version,
        title=parts.words(loaded.exercise.title),
        sha256=loaded.sha256,
        image=image,
        contract=CONTRACT_VERSION,
        quick=quick,
        real=real is not None,
        findings=found.listed(),
        tests=tuple(_tests(loaded, rehearsed, found.places, real)),
        checks=tuple(_covered(loaded, rehearsed, found.places, "checks")),
        rules=tuple(_covered(loaded, rehearsed, found.places, "never")),
        injects=tuple(_covered(loaded, rehearsed, found.places, "injects")),
        mutants=mutants,
        ungraded=tuple(_ungraded(loaded)),
    )


def _tests(loaded: Loaded, rehearsed: Rehearsed, places: Places, real: Differences | None) -> Iterable[TestResult]:
    for variant, outcome in rehearsed.outcomes:
        test = next(one for one in loaded.variants[variant].exercise.tests if one.name == outcome.test)
        report = outcome.report
        yield TestResult(
            name=outcome.test,
            variant=variant,
            line=places.mark("tests", outcome.test).line,
            expected=f"{test.expect.score} {test.expect.result}",
            got=f"{findings.score(report)} {report.result}",
            holds=not outcome.wrong and outcome.unfit is None,
            lost=tuple(line.id for line in report.lines if line.outcome != "full"),
            hit=tuple(loss.id for loss in report.losses),
            fired=report.fired,
            real=None if real is None or outcome.test not in real else not real[outcome.test],
        )


def _covered(loaded: Loaded, rehearsed: Rehearsed, places: Places, section: str) -> Iterable[Covered]:
    told = {name: one for name, one in findings.by_test(rehearsed).items() if name != selftest.IDLE}
    key = {"checks": "lost", "never": "hit", "injects": "fired"}[section]
    for name, title in _titles(loaded, section):
        tests = tuple(test for test, one in told.items() if name in one[key])
        yield Covered(id=name, title=title, line=places.mark(section, name).line, tests=tests)


def _titles(loaded: Loaded, section: str) -> list[tuple[str, Words]]:
    if section == "checks":
        return [(check.id, check.words) for check in loaded.plan.checks]
    if section == "never":
        return [(rule.id, rule.words) for rule in loaded.plan.never]
    silent = Words(zh="（无提示）", en="(silent)")
    return [(one.id, silent if one.say is None else parts.words(one.say)) for one in loaded.exercise.injects]


def _mutants(loaded: Loaded, tried: Sequence[Tried], found: findings.Findings) -> Iterable[MutantResult]:
    if not tried:
        return
    exercise = loaded.exercise
    model = rehearsing.reference(exercise)
    acts = {} if model is None else {act.label: act for act in scripts.resolve(exercise, model)}
    excused = {name: parts.words(one) for one in exercise.equivalent for name in one.mutants}
    known = {one.mutant.id for one in tried}
    for name in excused:
        if name not in known:
            found.unknown_mutant(name, known)
    for one in tried:
        outcome = _outcome(one, one.mutant.id in excused)
        words = survivors.does(one.mutant, acts)
        by = tuple(findings.told(one.report)["lost"] + findings.told(one.report)["hit"])
        if outcome == "survived":
            advice = survivors.catches(one.mutant, acts, loaded.plan)
            found.survivor(one.mutant.id, words, advice)
        elif outcome == "wrongly_excused":
            found.killed(one.mutant.id, findings.score(one.report), by)
        yield MutantResult(
            id=one.mutant.id,
            outcome=outcome,
            score=findings.score(one.report),
            by=by,
            words=words,
            reason=excused.get(one.mutant.id),
        )


def _outcome(one: Tried, excused: bool) -> MutantOutcome:
    if one.run.unfit is not None:
        return "impossible"
    full = one.report.score == "100.0" and one.report.result == "pass"
    if not full:
        return "wrongly_excused" if excused else "killed"
    if one.mutant.repeats and _refused(one):
        return "refused"
    return "excused" if excused else "survived"


def _refused(one: Tried) -> bool:
    again = next(act for act in one.mutant.acts if act.label == one.mutant.repeats)
    return any(row.action == again.action and row.outcome == "refused" and row.t == again.at_ms for row in one.run.rows)


def _ungraded(loaded: Loaded) -> Iterable[str]:
    model = rehearsing.reference(loaded.exercise)
    acts = () if model is None else scripts.resolve(loaded.exercise, model)
    for action in dict.fromkeys(act.action for act in acts):
        if action in ACTIONS and not survivors.looking(loaded.plan, action):
            yield action
