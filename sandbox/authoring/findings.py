"""What forbids a release, each with its place in the file: EX405, EX410, EX501-EX512."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.authoring import rehearsing, selftest
from sandbox.authoring.gate_report import Finding
from sandbox.authoring.rehearsing import Rehearsed
from sandbox.contract import catalogue
from sandbox.contract.exercise_pack import Words
from sandbox.exercises import scripts, tree
from sandbox.exercises.loader import Loaded
from sandbox.exercises.problems import Mark, Problems, Said, nearest
from sandbox.exercises.tree import Node
from sandbox.grading import report as reports
from sandbox.grading.report import Report

LEAST_TESTS = 8
MAX_DIFFERENCES = 3
"""Differences between memory and pages that one finding names; the first explains most others."""


@dataclass(frozen=True)
class Places:
    """Where each test, check, rule, inject and excuse of a valid file stands."""

    root: Node

    @classmethod
    def of(cls, content: bytes) -> Places:
        """Return the places of a file that was read without problems."""
        root = tree.read(content, Problems())
        if root is None:
            raise ValueError("the file cannot be read")
        return cls(root)

    def index(self, section: str, name: str) -> int:
        """Return the number of an item. Raises StopIteration if there is none."""
        return next(at for at, item in enumerate(self._items(section)) if self._name(item) == name)

    def mark(self, section: str, name: str = "", *path: str | int) -> Mark:
        """Return the place of an item of a list, or of something in it; without a name that of the section."""
        if not name or section not in self.root.value:
            return self.root.place(section, key=True)
        return self.root.place(section, self.index(section, name), *path)

    def excuse(self, mutant: str) -> Mark:
        """Return where `equivalent` names a mutant."""
        for at, item in enumerate(self._items("equivalent")):
            for number, one in enumerate(item.value["mutants"].value):
                if one.value == mutant:
                    return self.root.place("equivalent", at, "mutants", number)
        return self.root.place("equivalent", key=True)

    def act(self, test: str, label: str) -> Mark:
        """Return where a test's own act of this label stands, or else the test."""
        run = self.root.value["tests"].value[self.index("tests", test)].value.get("run")
        for at, act in enumerate([] if run is None else run.value):
            named = act.value.get("as")
            if (str(at + 1) if named is None else named.value) == label:
                return self.mark("tests", test, "run", at)
        return self.mark("tests", test)

    def _items(self, section: str) -> list[Node]:
        node = self.root.value.get(section)
        return [] if node is None else list(node.value)

    def _name(self, item: Node) -> str:
        return next((str(item.value[key].value) for key in ("id", "name") if key in item.value), "")


@dataclass
class Findings:
    """Collects findings; texts are those of `exercises.problems`."""

    places: Places
    problems: Problems = field(default_factory=Problems)

    def add(self, code: str, section: str, name: str = "", /, **facts: Said | str | int) -> None:
        """Record a finding about an item of a section."""
        self.problems.add(code, self.places.mark(section, name), **facts)

    def survivor(self, mutant: str, what: Words, advice: Words) -> None:
        """Record a mutant that nobody notices."""
        kind, _, rest = mutant.partition(":")
        label = "" if kind == "junk" else rest.partition("." if kind == "field" else "/")[0]
        said, hint = Said(what.zh, what.en), Said(advice.zh, advice.en)
        self.problems.add("EX508", self.places.act(rehearsing.REFERENCE, label), m=mutant, what=said, advice=hint)

    def killed(self, mutant: str, scored: str, by: Sequence[str]) -> None:
        """Record an excuse for a mutant that is noticed."""
        self.problems.add("EX508.killed", self.places.excuse(mutant), m=mutant, n=scored, by=", ".join(by) or "–")

    def unknown_mutant(self, mutant: str, known: Iterable[str]) -> None:
        """Record an excuse for a mutant that does not exist."""
        self.problems.add("EX508.unknown", self.places.excuse(mutant), m=mutant, near=nearest(mutant, known))

    def listed(self) -> tuple[Finding, ...]:
        """Return all findings in the order of the file."""
        return tuple(
            Finding(code=one.code, line=one.mark.line, column=one.mark.column, zh=one.zh, en=one.en)
            for one in self.problems.sorted()
        )


def standing(loaded: Loaded, found: Findings) -> None:
    """Look at what can be seen without running anything: drafts, how many tests, players, actions of desks to come."""
    exercise = loaded.exercise
    tests = {test.name: test for test in exercise.tests}
    for test in exercise.tests:
        if test.draft:
            found.add("EX501", "tests", test.name, t=test.name)
    if selftest.IDLE not in tests or tests[selftest.IDLE].run != []:
        found.add("EX502", "tests")
    if rehearsing.REFERENCE not in tests:
        found.add("EX503", "tests")
    if len(tests) < LEAST_TESTS:
        found.add("EX504", "tests", n=len(tests))
    if loaded.plan.players[0] > 1:
        found.add("EX512", "team", n=loaded.plan.players[0])
    for action, name, label in _unserved(loaded):
        found.problems.add("EX511", found.places.act(name, label), action=action)


def unserved(loaded: Loaded) -> bool:
    """Say whether a test does what no hospital offers yet: then nothing can be run."""
    return bool(_unserved(loaded))


def _unserved(loaded: Loaded) -> list[tuple[str, str, str]]:
    """Return each such action with the first act that does it, as (action, test, label)."""
    found: dict[str, tuple[str, str, str]] = {}
    for test in loaded.exercise.tests:
        for act in scripts.resolve(loaded.exercise, test):
            if catalogue.is_foreseen(act.action):
                found.setdefault(act.action, (act.action, test.name, act.label))
    return list(found.values())


def tests(loaded: Loaded, rehearsed: Rehearsed, found: Findings) -> None:
    """Look at what each test gave: idle, reference, everything expected, errors."""
    for variant, outcome in rehearsed.outcomes:
        name, report = outcome.test, outcome.report
        if outcome.unfit is not None:
            _unfit(outcome, found)
        elif report.result == "error" or report.errors:
            wrong = report.errors[0] if report.errors else Words(zh="证据不完整", en="the evidence is not whole")
            found.add("EX509", "tests", name, t=name, zh=wrong.zh, en=wrong.en)
        elif outcome.wrong:
            zh, en = (";".join(told) for told in zip(*outcome.wrong, strict=True))
            suffix = f" ({variant + 1})" if len(loaded.variants) > 1 else ""
            found.add("EX410", "tests", name, t=f"{name}{suffix}", zh=zh, en=en.replace(";", "; "))
        if name == selftest.IDLE and (report.score != "0.0" or report.losses):
            hit = ", ".join(loss.id for loss in report.losses)
            said = Said(f"，并触发 {hit}" if hit else "", f" and hits {hit}" if hit else "")
            found.add("EX502.scores", "tests", name, n=score(report), hit=said)
        if name == rehearsing.REFERENCE and (report.score, report.result, report.hints) != ("100.0", "pass", ()):
            said = Said("，用了提示", ", with hints") if report.hints else Said("", "")
            found.add("EX503.scores", "tests", name, n=score(report), result=report.result, hints=said)


def _unfit(outcome: selftest.Outcome, found: Findings) -> None:
    unfit = outcome.unfit
    if unfit is None:
        return
    if unfit.offered:
        found.add("EX511.fields", "tests", outcome.test, t=outcome.test, step=unfit.step, why=unfit.detail)
    else:
        found.add("EX511", "tests", outcome.test, action=unfit.action)


def twice(first: Rehearsed, second: Rehearsed | None, found: Findings) -> None:
    """Compare two gradings of the same runs, byte for byte."""
    if second is None:
        return
    for (_, one), (_, other) in zip(first.outcomes, second.outcomes, strict=True):
        if reports.dumps(one.report) != reports.dumps(other.report):
            found.add("EX509.twice", "tests", one.test, t=one.test)


def coverage(loaded: Loaded, rehearsed: Rehearsed, found: Findings) -> None:
    """Look for checks nobody can lose, rules nobody can hit, injects nobody can see."""
    told_by_test = {name: one for name, one in by_test(rehearsed).items() if name != selftest.IDLE}
    for key, section, code, items in (
        ("lost", "checks", "EX505", [check.id for check in loaded.plan.checks]),
        ("hit", "never", "EX506", [rule.id for rule in loaded.plan.never]),
        ("fired", "injects", "EX507", [inject.id for inject in loaded.exercise.injects]),
    ):
        for one in items:
            if not any(one in told_one[key] for told_one in told_by_test.values()):
                found.add(code, section, one, id=one)
    critical = {rule.id for rule in loaded.plan.never if rule.critical}
    for _, outcome in rehearsed.outcomes:
        for loss in outcome.report.losses:
            if loss.id in critical and outcome.report.result == "pass":
                found.add("EX506.critical", "never", loss.id, id=loss.id, t=outcome.test)


def pages(real: Mapping[str, Sequence[str]], found: Findings) -> None:
    """Record where runs through real pages differ from those in memory."""
    for test, differences in real.items():
        if differences:
            found.add("EX510", "tests", test, t=test, what="; ".join(differences[:MAX_DIFFERENCES]))


def by_test(rehearsed: Rehearsed) -> dict[str, dict[str, list[str]]]:
    """Return, per test, what it lost, hit and fired in any variant."""
    found: dict[str, dict[str, list[str]]] = {}
    for _, outcome in rehearsed.outcomes:
        mine = found.setdefault(outcome.test, {"lost": [], "hit": [], "fired": []})
        for key, names in told(outcome.report).items():
            mine[key] += [name for name in names if name not in mine[key]]
    return found


def told(report: Report) -> dict[str, list[str]]:
    """Return the ids of checks not full, of rules hit, of injects fired."""
    return {
        "lost": [line.id for line in report.lines if line.outcome != "full"],
        "hit": [loss.id for loss in report.losses],
        "fired": list(report.fired),
    }


def score(report: Report) -> str:
    """Return the score as people write it: 95, 59.7, – if there is none."""
    return report.score.removesuffix(".0") or "–"
