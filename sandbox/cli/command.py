"""The group of all commands."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sandbox.cli import (
    assignments,
    attempts,
    exercises,
    nights,
    people,
    practice,
    pruning,
    rehearse,
    running,
    second_looks,
    site,
    supply,
    tracing,
)
from sandbox.cli.showing import Terminal
from sandbox.errors import Language


def _language() -> Language:
    spoken = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--settings", "settings_file", type=click.Path(dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--json", "as_json", is_flag=True, help="Speak JSON, one object per line.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="Language; default: that of the terminal.")
@click.pass_context
def main(context: click.Context, settings_file: Path | None, as_json: bool, lang: Language | None) -> None:
    """HIS Sandbox 医院信息系统模拟练习平台: a personal, isolated, throw-away hospital for every trainee."""
    context.obj = Terminal(as_json=as_json, language=lang or _language(), settings_file=settings_file)


for _group in (
    *site.COMMANDS,
    *people.COMMANDS,
    *exercises.COMMANDS,
    *assignments.COMMANDS,
    *practice.COMMANDS,
    *attempts.COMMANDS,
    *running.COMMANDS,
    *supply.COMMANDS,
    *tracing.COMMANDS,
    *nights.COMMANDS,
    *rehearse.COMMANDS,
):
    main.add_command(_group)

practice.cell.add_command(pruning.prune)

for _command in second_looks.COMMANDS:
    attempts.attempt.add_command(_command)
