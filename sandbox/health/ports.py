"""What health needs from outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sandbox import overview
from sandbox.health.model import Checkup, Fact
from sandbox.health.story import Story


class CheckupStore(Protocol):
    """The newest checkup of each concern; the worker writes, everybody reads."""

    def put(self, concern: str, facts: Mapping[str, Fact], *, at: datetime) -> None:
        """Replace what was known of this concern."""
        ...

    def all(self) -> dict[str, Checkup]: ...


class Stories(Protocol):
    """All rows about one thing, whichever room they belong to."""

    def of(self, key: str, *, newest: int = 200) -> Story:
        """Return what is known of an instance, a cell or a causality id; an empty story if that is nothing."""
        ...


class Stores(overview.Stores, Protocol):
    """What a site is judged from, in one transaction."""

    @property
    def checkups(self) -> CheckupStore: ...
    @property
    def stories(self) -> Stories: ...
