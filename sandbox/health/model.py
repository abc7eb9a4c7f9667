"""A finding, and the facts that findings are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sandbox.errors import Language

Tone = Literal["good", "warn", "bad"]
Place = Literal["", "health", "instances", "nightly", "capacity"]
"""The page on which it is put right; '' = at the machine."""
Fact = str | int | float | bool | None


@dataclass(frozen=True, kw_only=True)
class Words:
    """One sentence in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """Return it in this language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line: green, amber or red, what was found, what to do."""

    key: str
    title: Words
    tone: Tone
    found: Words
    fix: Words | None = None
    place: Place = ""


@dataclass(frozen=True, kw_only=True)
class Checkup:
    """What the worker found when it last looked at something that takes time."""

    concern: str
    at: datetime
    facts: Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a machine has left, read at once. Sizes in bytes; None = this machine does not tell."""

    memory_total: int = 0
    memory_available: int = 0
    swap_total: int = 0
    swap_used: int = 0
    disk_total: int = 0
    disk_free: int = 0
    """Where the state folder lies."""
    inodes_total: int = 0
    inodes_free: int = 0
    memory_pressure: float | None = None
    """Percent of the last ten seconds in which something waited for memory."""
    clock_synchronised: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Build:
    """How a machine is made up: read by `doctor`, which has the time."""

    kernel: str = ""
    cgroups: frozenset[str] = frozenset()
    """Controllers that can limit cells."""
    cgroup_version: int = 0
    security_modules: frozenset[str] = frozenset()
    user_namespaces: int | None = None
    nosymfollow: bool | None = None
    """Whether a mount of the kind that cells need can be made; None = not root, not tried."""
    runc: str = ""
    runc_fixes: frozenset[str] = frozenset()
    """CVE numbers that the package's own changelog says are fixed."""
    nginx: str = ""
    engine: Mapping[str, Fact] = field(default_factory=dict)


Text = tuple[str, str]
"""Chinese, English."""


def finding(key: str, title: Text, tone: Tone, found: Text, fix: Text = ("", ""), place: Place = "") -> Finding:
    """Return a finding. What is well needs no fix, and leads nowhere."""
    cure = None if tone == "good" or not fix[1] else Words(zh=fix[0], en=fix[1])
    return Finding(
        key=key,
        title=Words(zh=title[0], en=title[1]),
        tone=tone,
        found=Words(zh=found[0], en=found[1]),
        fix=cure,
        place=place if cure else "",
    )


def number(count: int, one: str, many: str) -> str:
    """Return a number with its English noun."""
    return f"{count} {one if count == 1 else many}"
