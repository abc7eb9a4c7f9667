"""A gate report as people read it at a terminal: tests, coverage, mutants, and what forbids the release last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import click

from sandbox.authoring.gate_report import Covered, GateReport, MutantResult, TestResult
from sandbox.cli.showing import columns_of, padded
from sandbox.errors import Language

_OUTCOMES = {
    "killed": ("被发现", "killed"),
    "excused": ("说明为等价", "excused"),
    "refused": ("被医院拒绝", "refused by the hospital"),
    "impossible": ("页面上做不到", "impossible on the pages"),
    "survived": ("无人发现", "survive"),
    "wrongly_excused": ("误列为等价", "excused wrongly"),
}


def lines(report: GateReport, file: str, language: Language) -> Iterator[str]:
    """Yield the report line by line, in one language."""
    zh = language == "zh"
    title = report.title.zh if zh else report.title.en
    yield click.style(f"{title}  {report.exercise}@{report.version}  {report.sha256[:12]}", bold=True)
    if report.tests:
        yield from ("", *_tests(report.tests, zh))
        yield from ("", *_matrix(report, zh))
    if report.mutants:
        yield from ("", *_mutants(report.mutants, zh))
    if report.ungraded:
        listed = ", ".join(report.ungraded)
        yield ""
        yield f"没有检查项关注的动作：{listed}" if zh else f"Acts that nobody grades: {listed}"
    yield ""
    for one in report.findings:
        sentence = one.zh if zh else one.en
        yield f"{file}:{one.line}:{one.column} {click.style(one.code, fg='red')} {sentence}"
    yield _verdict(report, zh)


def _tests(tests: Sequence[TestResult], zh: bool) -> Iterable[str]:
    heads = ("自测", "行", "应得", "实得", "失分项", "触发规则", "情境事件") if zh else (
        "test", "line", "expected", "got", "loses", "hits", "fires"
    )  # fmt: skip
    all_lost = "全部" if zh else "all"
    most = max(len(test.lost) for test in tests)
    rows = [
        (
            test.name if test.variant == 0 else f"{test.name} ({test.variant + 1})",
            str(test.line),
            test.expected,
            test.got,
            all_lost if test.name == "idle" and len(test.lost) == most else " ".join(test.lost),
            " ".join(test.hit),
            " ".join(test.fired),
        )
        for test in tests
    ]
    marks = ["  ", *(_mark(test.holds and test.real is not False) for test in tests)]
    return [mark + line for mark, line in zip(marks, _table([heads, *rows]), strict=True)]


def _mark(good: bool) -> str:
    return click.style("✔ ", fg="green") if good else click.style("✘ ", fg="red")


def _matrix(report: GateReport, zh: bool) -> Iterable[str]:
    tests = list(dict.fromkeys(test.name for test in report.tests if test.name != "idle"))
    yield "覆盖（● 该自测失分、触发或引发）" if zh else "Coverage (● the test loses, hits or fires it)"
    named = (
        ("检查项" if zh else "check", report.checks),
        ("规则" if zh else "rule", report.rules),
        ("事件" if zh else "inject", report.injects),
    )
    width = max(columns_of(one.id) for _, listed in named for one in listed) + max(
        columns_of(kind) for kind, _ in named
    )
    numbers = " ".join(f"{at:>2}" for at in range(1, len(tests) + 1))
    yield f"  {padded('', width + 2)}{numbers}"
    for kind, listed in named:
        for one in listed:
            yield _covered(one, padded(f"{kind} {one.id}", width + 2), tests)
    yield "  " + " · ".join(f"{at} {name}" for at, name in enumerate(tests, start=1))


def _covered(one: Covered, head: str, tests: Sequence[str]) -> str:
    cells = " ".join(" ●" if name in one.tests else " ·" for name in tests)
    line = f"{head}{cells}"
    return "  " + (line if one.tests else click.style(f"{line}  ←", fg="red"))


def _mutants(mutants: Sequence[MutantResult], zh: bool) -> Iterable[str]:
    counts = {name: sum(one.outcome == name for one in mutants) for name in _OUTCOMES}
    told = ", ".join(f"{number} {_OUTCOMES[name][0 if zh else 1]}" for name, number in counts.items() if number)
    yield f"变异 {len(mutants)} 个：{told}" if zh else f"{len(mutants)} mutants of the reference: {told}"
    rows = [
        (one.id, _reason(one, zh))
        for one in mutants
        if one.outcome in ("excused", "survived", "wrongly_excused", "impossible")
    ]
    if rows:
        yield from ("  " + line for line in _table(rows))


def _reason(one: MutantResult, zh: bool) -> str:
    told = one.reason if one.outcome == "excused" and one.reason is not None else one.words
    what = _OUTCOMES[one.outcome][0 if zh else 1]
    return f"{what}: {told.zh if zh else told.en}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(columns_of(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _verdict(report: GateReport, zh: bool) -> str:
    if report.findings:
        number = len(report.findings)
        said = f"✘ 不能发布：{number} 个问题" if zh else f"✘ not releasable: {number} finding{'s' * (number > 1)}"
        return click.style(said, fg="red", bold=True)
    if report.quick:
        return "✔ 自测通过；未检查变异（--quick）" if zh else "✔ the tests hold; mutants not tried (--quick)"
    if not report.real:
        return click.style(
            "✔ 内存检查全部通过；发布前还要通过真实页面（--real）"
            if zh
            else "✔ clean in memory; before release also through real pages (--real)",
            fg="green",
        )
    return click.style("✔ 可以发布" if zh else "✔ releasable", fg="green", bold=True)
