"""his-sandbox exercise …: check a file, release it, list what is released."""

from __future__ import annotations

from pathlib import Path

import click

from sandbox import installing
from sandbox.cli.showing import telling_errors, terminal
from sandbox.exercises import loader, releasing
from sandbox.exercises.problems import Problem
from sandbox.people.model import CLI

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def exercise() -> None:
    """Exercises: check, release, list."""


@exercise.command("check")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@telling_errors
def check(files: tuple[Path, ...]) -> None:
    """Report every problem of exercise files at once, with line and column."""
    vocabulary = installing.vocabulary()
    wrong = 0
    for file in files:
        _, problems = loader.examine(file.read_bytes(), vocabulary=vocabulary)
        _tell(file, problems)
        wrong += len(problems)
    if wrong:
        raise SystemExit(65)


def _tell(file: Path, problems: tuple[Problem, ...]) -> None:
    spoken = terminal()
    if spoken.as_json:
        for each in problems:
            spoken.show(
                {
                    "file": str(file),
                    "line": each.mark.line,
                    "column": each.mark.column,
                    "code": each.code,
                    "zh": each.zh,
                    "en": each.en,
                }
            )
        return
    for each in problems:
        click.echo(each.say(str(file), spoken.language))
    if not problems:
        spoken.say(f"{file}: 没有问题。", f"{file}: no problems.")


@exercise.command("release")
@click.argument("file", type=_FILE)
@telling_errors
def release(file: Path) -> None:
    """Release a version: it can be assigned from now on and never changes again."""
    services = terminal().services()
    content = file.read_bytes()
    loaded = loader.load(content, vocabulary=installing.vocabulary(), file=file.name)
    now = services.clock.now()
    version = releasing.described(loaded, now=now)
    with services.database.transaction() as stores:
        fresh = releasing.release(stores, services.files, CLI, version, content, now=now)
    terminal().show({"exercise_version": version.id, "sha256": version.sha256, "released_now": fresh})


@exercise.command("list")
@telling_errors
def listed() -> None:
    """List released exercises."""
    with terminal().services().database.reading() as stores:
        versions = stores.exercises.newest()
    terminal().table(
        (
            {
                "version": each.id,
                "title": each.title_zh if terminal().language == "zh" else each.title_en,
                "minutes": each.minutes,
                "pass": each.pass_score,
                "released": each.released_at,
            }
            for each in versions
        ),
        empty=("还没有发布练习。", "No exercise is released yet."),
    )


COMMANDS = (exercise,)
