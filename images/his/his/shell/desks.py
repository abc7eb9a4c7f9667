"""What the shell is told about a desk: its tabs, keys, words and pages. The shell imports no desk."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from his.chart.acting import Acting


@dataclass(frozen=True, kw_only=True)
class Later:
    """A function of a module that is imported at the first call: most people never open most desks."""

    module: str
    function: str

    def __call__(self, *values: Any, **named: Any) -> Any:
        """Call it."""
        return getattr(import_module(self.module), self.function)(*values, **named)


class Listed(Later):
    """How many records such a function lists: a tab counts by what its page shows."""

    def __call__(self, *values: Any, **named: Any) -> int:
        """Count them."""
        return len(super().__call__(*values, **named))


def nothing_waits(_: Acting) -> int:
    """Count nothing: for tabs without a number."""
    return 0


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab of the top row.

    `key` is its digit with Alt, no other tab's of the same role; None where none is left. Inside a chart the chart's
    own tabs take 1…6. Every role's mail, messages and answers take 0, 8 and 9.
    """

    name: str
    endpoint: str
    key: int | None
    roles: frozenset[str]
    waiting: Callable[[Acting], int] = nothing_waits
    """How many records wait behind the tab."""

    @property
    def label(self) -> str:
        """The wording key of the label."""
        return f"tab.{self.name}"


def free_digit(taken: Collection[str]) -> str:
    """Return the lowest digit with Alt that no tab takes and none of every role's needs; '' if none is left."""
    return next((each for each in "1234567" if each not in taken), "")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A workstation. Its title is the wording key `desk.<name>`; the first tab a role may see is its first page."""

    name: str
    pages: tuple[str, ...]
    """Names of modules, each with a blueprint `bp`. Not the modules: see `page_map`."""
    folder: Path
    tabs: tuple[Tab, ...]
    guests: frozenset[str] = frozenset()
    """Roles without a tab of it that are led here from their own desk."""

    @property
    def roles(self) -> frozenset[str]:
        """Who works here."""
        return self.guests.union(*(each.roles for each in self.tabs))
