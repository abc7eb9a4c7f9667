"""his-sandbox exercise …: check a file, release it, list, show and retire what is released, export the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sandbox import bootstrap, installing, stages
from sandbox.authoring import gate_report, operations
from sandbox.authoring.gate_report import GateReport
from sandbox.cli import gate_view
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import Language
from sandbox.exercises import loader, schema
from sandbox.exercises.loader import Loaded
from sandbox.exercises.problems import Problem
from sandbox.people.model import CLI
from sandbox.proving import Prover

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(path_type=Path)


@click.group()
def exercise() -> None:
    """Exercises: check, release, list, show, retire."""


@exercise.command("check")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--quick", is_flag=True, help="Without mutants.")
@click.option("--real", is_flag=True, help="Each test also through the pages of a real cell.")
@click.option("--both", is_flag=True, help="Every problem in both languages.")
@click.option("--hospital", type=_FOLDER, envvar="HIS_SANDBOX_SITE__HOSPITAL", help="A site's own hospital.")
@telling_errors
def check(files: tuple[Path, ...], quick: bool, real: bool, both: bool, hospital: Path | None) -> None:
    """Report every problem of exercise files, then run their tests and mutants. Exit code 0: nothing found."""
    installing.records("base", hospital)
    vocabulary = bootstrap.vocabulary(hospital)
    read = {file: loader.examine(file.read_bytes(), vocabulary=vocabulary) for file in files}
    clean = True
    for file, (loaded, problems) in read.items():
        if loaded is None:
            clean = False
            _tell_problems(file, problems, both=both)
    valid = {file: loaded for file, (loaded, _) in read.items() if loaded is not None}
    if valid:
        with stages.checkout(real=real, hospital=hospital) as prover:
            for file, loaded in valid.items():
                clean = _prove(prover, file, loaded, quick=quick, both=both).clean and clean
    if not clean:
        raise SystemExit(1)


def _prove(prover: Prover, file: Path, loaded: Loaded, *, quick: bool, both: bool) -> GateReport:
    report = prover.prove(file.read_bytes(), loaded, quick=quick, tell=_progress)
    spoken = terminal()
    if spoken.as_json:
        click.echo(json.dumps({"file": str(file), **json.loads(gate_report.dumps(report))}, ensure_ascii=False))
        return report
    for language in _languages(both):
        for line in gate_view.lines(report, str(file), language):
            click.echo(line)
        click.echo("")
    return report


def _progress(stage: str, done: int, of: int) -> None:
    if stage == "pages" and not terminal().as_json:
        click.echo(f"\r  {stage} {done}/{of} ", nl=done == of, err=True)


def _languages(both: bool) -> tuple[Language, ...]:
    return ("zh", "en") if both else (terminal().language,)


def _tell_problems(file: Path, problems: tuple[Problem, ...], *, both: bool) -> None:
    spoken = terminal()
    if spoken.as_json:
        for each in problems:
            click.echo(json.dumps(_flat(file, each), ensure_ascii=False))
        return
    for language in _languages(both):
        for each in problems:
            click.echo(each.say(str(file), language))
        number = len(problems)
        click.echo(
            f"✘ {file.name}：{number} 个问题，未运行自测"
            if language == "zh"
            else f"✘ {file.name}: {number} problem{'s' * (number > 1)}; tests not run"
        )


def _flat(file: Path, each: Problem) -> Mapping[str, Any]:
    return {
        "file": str(file),
        "line": each.mark.line,
        "column": each.mark.column,
        "code": each.code,
        "zh": each.zh,
        "en": each.en,
    }


@exercise.command("release")
@click.argument("file", type=_FILE)
@telling_errors
def release(file: Path) -> None:
    """Run the whole gate and, if it is green, release: the version can be assigned and never changes again."""
    spoken = terminal()
    services = spoken.services()
    content = file.read_bytes()
    hospital = services.settings.site.hospital
    loaded = loader.load(content, vocabulary=bootstrap.vocabulary(hospital), file=file.name)
    with services.database.transaction() as stores:
        operations.save(stores, CLI, loaded, content, now=services.clock.now())
        verdicts = stores.gate.of(loaded.sha256)
    if not verdicts or not verdicts[0].releasable:
        with stages.checkout(real=True, hospital=hospital) as prover:
            report = prover.prove(content, loaded, tell=_progress)
        with services.database.transaction() as stores:
            operations.keep(stores, services.files, report, now=services.clock.now())
        if not report.releasable and not spoken.as_json:
            for line in gate_view.lines(report, str(file), spoken.language):
                click.echo(line)
    with services.database.transaction() as stores:
        version, fresh = operations.release(stores, services.files, CLI, loaded, content, now=services.clock.now())
    spoken.show({"exercise_version": version.id, "sha256": version.sha256, "released_now": fresh})


@exercise.command("list")
@telling_errors
def listed() -> None:
    """List released exercises."""
    with terminal().services().database.reading() as stores:
        versions, retired = stores.exercises.all(), stores.exercises.retired()
    terminal().table(
        (
            {
                "version": each.id,
                "title": each.title_zh if terminal().language == "zh" else each.title_en,
                "state": "retired" if each.id in retired else "released",
                "minutes": each.minutes,
                "pass": each.pass_score,
                "released": each.released_at,
            }
            for each in versions
        ),
        empty=("还没有发布练习。", "No exercise is released yet."),
    )


@exercise.command("show")
@click.argument("version")
@telling_errors
def show(version: str) -> None:
    """Show a released version and the gate report it was released with."""
    spoken = terminal()
    services = spoken.services()
    with services.database.reading() as stores:
        found, retired = stores.exercises.get(version), stores.exercises.retired()
        verdicts = stores.gate.of(found.sha256)
    facts = {
        "version": found.id,
        "title": found.title_zh if spoken.language == "zh" else found.title_en,
        "state": "retired" if found.id in retired else "released",
        "sha256": found.sha256,
        "minutes": found.minutes,
        "released": found.released_at,
        "retired": retired.get(found.id),
        "gate": verdicts[0].report if verdicts else None,
    }
    spoken.show(facts)
    if verdicts and not spoken.as_json:
        report = gate_report.loads(services.files.get(verdicts[0].report))
        click.echo("")
        for line in gate_view.lines(report, found.id, spoken.language):
            click.echo(line)


@exercise.command("retire")
@click.argument("version")
@telling_errors
def retire(version: str) -> None:
    """Let nobody be assigned this version any more; what is assigned goes on."""
    services = terminal().services()
    with services.database.transaction() as stores:
        fresh = operations.retire(stores, CLI, version, now=services.clock.now())
    terminal().show({"exercise_version": version, "retired_now": fresh})


@exercise.command("schema")
@telling_errors
def exported() -> None:
    """Print the JSON Schema of exercise files, for editors."""
    click.echo(json.dumps(schema.json_schema(), ensure_ascii=False, indent=2, sort_keys=True))


COMMANDS = (exercise,)
