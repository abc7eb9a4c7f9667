"""Drafts, what the gate was asked to do with them, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A file that reads without problems, under the SHA-256 of its bytes. Another text, another draft."""

    sha256: str
    exercise: str
    version: int
    title_zh: str
    title_en: str
    library: str
    roles: tuple[str, ...]
    minutes: int
    content: bytes
    author: str
    saved_at: datetime


@dataclass(frozen=True, kw_only=True)
class GateRequest:
    """Somebody wants to know whether a draft may be released. One waits per draft."""

    id: str
    draft: str
    asked_by: str
    asked_at: datetime
    stage: str
    """'' = not begun; memory, pages; how far it got stands in `done` and `total`."""
    done: int
    total: int
    answered_at: datetime | None
    trouble: str
    """Code of what kept the gate from running."""


@dataclass(frozen=True, kw_only=True)
class GateRun:
    """One verdict of the gate: appended, never changed. `report` is the SHA-256 of the whole."""

    id: str
    draft: str
    image: str
    findings: int
    releasable: bool
    report: str
    ran_at: datetime
