"""his-sandbox trace: one story out of rows, audit trail and logs, from the click to the container."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click

from sandbox.bootstrap import Services
from sandbox.cli.showing import telling_errors, terminal
from sandbox.errors import NotFoundError
from sandbox.escaping import escaped
from sandbox.health import story
from sandbox.health.story import Event, Story
from sandbox.provisioning import kept_logs
from sandbox.provisioning.folders import Places


@click.command()
@click.argument("key")
@click.option(
    "--log",
    "logs",
    type=click.File("r", errors="replace"),
    multiple=True,
    help="A log to read; '-' for stdin. Default: every file in <state>/logs.",
)
@telling_errors
def trace(key: str, logs: tuple[TextIO, ...]) -> None:
    """Tell the story of a reference (causality id), an instance or a cell, from the click to the container."""
    services = terminal().services()
    with services.database.reading() as stores:
        found = stores.stories.of(key)
    causes = frozenset({key}) if len(key) == len("0" * 12) and not _is_cell(key, found) else found.causes | {key}
    told = [*story.events(found), *_from_files(services, found, causes), *_from_given(logs, found, causes)]
    if not told:
        raise NotFoundError(f"nothing is known of {key}")
    terminal().table((_row(one) for one in sorted(told, key=lambda one: one.at)), empty=("", ""))


def _is_cell(key: str, found: Story) -> bool:
    return any(one.id == key for one in found.cells)


def _from_given(logs: tuple[TextIO, ...], found: Story, causes: frozenset[str]) -> Iterator[Event]:
    for log in logs:
        yield from story.from_log(log, found, causes=causes)


def _from_files(services: Services, found: Story, causes: frozenset[str]) -> Iterator[Event]:
    site = services.settings.site
    for file in sorted((site.state / "logs").glob("*.log")):
        yield from story.from_log(_lines(file), found, causes=causes)
    places = Places(run=site.run, state=site.state)
    for cell in found.cells:
        kept = kept_logs.file_of(places.cell_logs, cell.id)
        if kept.is_file():
            yield from story.from_log(_lines(kept), found, causes=causes, cell=cell.id)


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        yield from lines


def _row(one: Event) -> dict[str, str]:
    at = one.at.isoformat(timespec="milliseconds")
    return {
        "at": at if terminal().as_json else at[11:23],
        "where": one.where,
        "what": escaped(one.what),
        "cause": one.cause,
        "detail": escaped(" ".join(filter(None, (one.actor, one.detail)))),
    }


COMMANDS = (trace,)
