"""Documents are tested: what README names exists, and nothing that exists is missing where a table lists it all."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from sandbox import config
from sandbox.cli import main
from sandbox.people import policy
from sandbox.scheduling import jobs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_job_is_in_the_readme(readme: str) -> None:
    table = readme.split("## Nightly jobs")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == {job.name for job in jobs.ALL}


def test_every_setting_of_pool_and_capacity_is_in_the_readme_with_its_default(readme: str) -> None:
    table = readme.split("## Seats")[1].split("\n## ")[0]
    told = dict(re.findall(r"^\| `([a-z_.]+)` \| ([^|]+) \|", table, re.MULTILINE))
    groups = {"pool": config.Pool(), "capacity": config.Capacity()}
    known = {f"{name}.{key}": value for name, group in groups.items() for key, value in group.model_dump().items()}
    rush = ("parallel_starts", "parallel_starts_in_a_rush", "rush_from")
    known |= {f"worker.{key}": value for key, value in config.Worker().model_dump().items() if key in rush}
    assert told == {key: str(value).lower() for key, value in known.items()}


def test_every_picture_is_there(readme: str) -> None:
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", readme)
    assert pictures
    assert [name for name in pictures if not (ROOT / name).is_file()] == []


def test_every_command_named_exists(readme: str) -> None:
    named = re.findall(r"(?:-m sandbox|his-sandbox)(?: --json)? ([a-z]+)(?: ([a-z]+))?", readme)
    unknown = [f"{group} {verb}".strip() for group, verb in named if not _exists(group, verb)]
    assert unknown == []


def _exists(group: str, verb: str) -> bool:
    command = main.commands.get(group)
    if isinstance(command, click.Group) and verb:
        return verb in command.commands
    return command is not None


def test_every_make_target_named_exists(readme: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", readme)) <= targets


def test_every_command_says_what_it_does() -> None:
    mute = [name for name, command in main.commands.items() if not command.help]
    mute += [
        f"{name} {inner}"
        for name, group in main.commands.items()
        if isinstance(group, click.Group)
        for inner, command in group.commands.items()
        if not command.help
    ]
    assert mute == []


def test_every_verb_is_used_by_a_page_or_an_operation() -> None:
    sources = [path for folder in ("sandbox", "web") for path in (ROOT / folder).rglob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in sources if path.name != "policy.py")
    assert [verb for verb in policy.RULES if f'"{verb}"' not in code] == []


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
