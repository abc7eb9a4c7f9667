"""What the pages about regrades show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The form as typed."""

    exercise: str = ""
    person: str = ""
    attempt: str = ""
    assignment: str = ""
    max_version: str = ""
    target: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    key: str
    what: str
    target: str
    reason: str
    who: str
    at: datetime
    state: str
    tone: str
    count: int


@dataclass(frozen=True, kw_only=True)
class RegradesView:
    typed: Asked
    problem: str
    exercises: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Query:
    show: str
    """changed (default), flips, higher, lower, failed, all."""
    page: int


@dataclass(frozen=True, kw_only=True)
class Row:
    attempt: str
    person: str
    department: str
    old: str
    old_tone: str
    old_words: str
    new: str
    new_tone: str
    new_words: str
    difference: str
    flips: bool
    changes: tuple[tuple[str, str, str], ...]
    outcome: str
    outcome_words: str


@dataclass(frozen=True, kw_only=True)
class Filter:
    key: str
    words: str
    count: int
    href: str


@dataclass(frozen=True, kw_only=True)
class PreviewView:
    key: str
    what: str
    target: str
    reason: str
    who: str
    at: datetime
    state: str
    state_words: str
    tone: str
    computing: bool
    ready: bool
    may_discard: bool
    done: int
    all: int
    sentence: str
    decision: str
    filters: tuple[Filter, ...]
    query: Query
    rows: tuple[Row, ...]
    pages: tuple[tuple[str, str], ...]
    applicable: int
    higher: int
    export: str
