"""What the triage desk and its room board show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from his.shell.glossary import Option


@dataclass(frozen=True, kw_only=True)
class Row:
    """One visit of today."""

    id: str
    patient: str
    queue_no: int
    name: str
    sex: str
    age: str
    dept_name: str
    doctor_name: str
    half_name: str
    level: str
    """Triage level in words, empty without one."""
    minutes: int | None
    """Minutes of hospital time since the check-in, of the waiting."""
    signs: Sequence[str]
    status: str
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A vital sign as the form asks for it."""

    code: str
    name: str
    unit: str
    range: str
    must: bool
    wrong: bool


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One set of vital signs; `values` are (text, high, low or nothing), one per sign."""

    at: str
    by: str
    values: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The visit picked in the list."""

    id: str
    version: int
    encounter: str
    encounter_version: int
    row: Row
    facts: Sequence[tuple[str, str]]
    """(wording key, value)."""
    out_of_turn: bool
    room: str
    """Code of the room the patient is or will be called to."""
    room_name: str
    rooms: Sequence[Option]
    reasons: Sequence[str]
    """What a reason for calling out of turn may say."""
    calls: int
    may_measure: bool
    emergency: bool
    triaged: bool
    complaint: str
    signs: Sequence[Sign]
    sets: Sequence[Measured]


@dataclass(frozen=True, kw_only=True)
class DeskView:
    rows: Sequence[Row]
    emergency: bool
    """Whether levels are shown: somebody of an emergency department is in the list."""
    every_dept: bool
    chosen: Chosen | None
    query: str
    dept: str
    depts: Sequence[Option]
    state: str
    states: Sequence[Option]
    levels: Sequence[Option]
    to_come: int
    waiting: int
    longest: int


@dataclass(frozen=True, kw_only=True)
class Door:
    """A line of the board: who is called to this door, who is next."""

    room: str
    doctor: str
    called: Sequence[tuple[int, str]]
    """(number, masked name), latest call first."""
    inside: Sequence[int]
    following: Sequence[tuple[int, str]]
    waiting: int


@dataclass(frozen=True, kw_only=True)
class BoardView:
    dept: str
    dept_name: str
    doors: Sequence[Door]
    missed: Sequence[tuple[int, str]]
    depts: Sequence[Option]
