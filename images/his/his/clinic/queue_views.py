"""What the doctor's queue shows: its lines, and the visit picked in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from his.shell.glossary import Option


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    id: str
    version: int
    patient: str
    encounter: str
    queue_no: int
    name: str
    sex: str
    age: str
    doctor_name: str
    status: str
    href: str
    chosen: bool
    signs: Sequence[str]
    """Why the visit is special, as `waiting.signs` names it."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The visit picked in the queue."""

    id: str
    version: int
    encounter: str
    name: str
    sex: str
    age: str
    queue_no: int
    doctor_name: str
    status: str
    out_of_turn: bool
    identity: Sequence[tuple[str, str]]
    """(wording key, value)."""
    identifiers: Sequence[tuple[str, str, str]]
    calls: int
    """How often a patient is called before he counts as missed."""


@dataclass(frozen=True, kw_only=True)
class QueueView:
    rows: Sequence[QueueRow]
    chosen: Chosen | None
    whose: str
    whose_options: Sequence[Option]
    state: str
    state_options: Sequence[Option]
    waiting: int
    busy: int
    may_call: bool
    may_start: bool
    may_search: bool
