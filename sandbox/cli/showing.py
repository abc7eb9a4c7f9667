"""How commands speak: tables for people, JSON for scripts, one sentence and an exit code for an error."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from sandbox import bootstrap, config
from sandbox.bootstrap import Services
from sandbox.errors import (
    InvalidError,
    Language,
    PermanentError,
    RefusedError,
    SandboxError,
    SettingsInvalidError,
    TemporaryError,
)

P = ParamSpec("P")
R = TypeVar("R")

EXIT_CODES: tuple[tuple[type[SandboxError], int], ...] = (
    (SettingsInvalidError, 78),
    (InvalidError, 65),
    (RefusedError, 77),
    (TemporaryError, 75),
    (PermanentError, 70),
)
"""As in sysexits: configuration, data, permission, try again, broken. Everything else of ours: 1."""


@dataclass
class Terminal:
    """How this run of the command was asked to speak."""

    as_json: bool
    language: Language
    settings_file: Path | None

    def services(self) -> Services:
        """Connect to the site. Raises SettingsInvalidError."""
        return bootstrap.connect(self.settings())

    def settings(self) -> config.Settings:
        """Read the settings this run was given."""
        if self.settings_file is not None:
            os.environ[config.SETTINGS_FILE_VARIABLE] = str(self.settings_file)
        return config.load()

    def say(self, zh: str, en: str) -> None:
        """Print one sentence in the chosen language; nothing in JSON mode."""
        if not self.as_json:
            click.echo(zh if self.language == "zh" else en)

    def show(self, value: Mapping[str, Any]) -> None:
        """Print one thing: as JSON, or name and value in two columns."""
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, default=str))
            return
        width = max((columns_of(name) for name in value), default=0)
        for name, each in value.items():
            click.echo(f"{padded(name, width)}  {_text(each)}")

    def table(self, rows: Iterable[Mapping[str, Any]], *, empty: tuple[str, str]) -> None:
        """Print many things: JSON lines, or a table; `empty` (zh, en) says what to do if there is none."""
        listed = list(rows)
        if self.as_json:
            for row in listed:
                click.echo(json.dumps(row, ensure_ascii=False, default=str))
        elif not listed:
            self.say(*empty)
        else:
            for line in _lines(listed):
                click.echo(line)


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    heads = list(rows[0])
    cells = [[_text(row.get(head)) for head in heads] for row in rows]
    widths = [
        max(columns_of(each) for each in (head, *column))
        for head, column in zip(heads, zip(*cells, strict=True), strict=True)
    ]
    shown = [heads, *cells]
    return ["  ".join(padded(each, width) for each, width in zip(row, widths, strict=True)).rstrip() for row in shown]


def _text(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(str(each) for each in value)
    return str(value)


def columns_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    # A Chinese character takes two columns of a terminal.
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def padded(text: str, width: int) -> str:
    """Return the text with spaces up to this many columns."""
    return text + " " * (width - columns_of(text))


def terminal() -> Terminal:
    """Return how the present command was asked to speak."""
    spoken = click.get_current_context().find_object(Terminal)
    if spoken is None:
        raise click.UsageError("no terminal")
    return spoken


def telling_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn an error of ours into its sentence, its code and an exit code; nothing else is caught."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SandboxError as error:
            _end(error)

    return told


def _end(error: SandboxError) -> NoReturn:
    spoken = terminal()
    sentence = error.say(spoken.language)
    if spoken.as_json:
        click.echo(
            json.dumps({"error": {"code": error.code, "message": sentence, "detail": str(error)}}, ensure_ascii=False),
            err=True,
        )
    else:
        click.echo(f"{error.code} {sentence}", err=True)
        if str(error) not in (sentence, error.en):
            click.echo(f"  ({error})", err=True)
    code = next((number for kind, number in EXIT_CODES if isinstance(error, kind)), 1)
    raise SystemExit(code)
