"""People of the platform: trainees, trainers, IT."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NewType

PersonId = NewType("PersonId", str)


class Role(StrEnum):
    TRAINEE = "trainee"
    TRAINER = "trainer"
    IT = "it"
    ROBOT = "robot"
    """An account made for rehearsals: launches hospitals of its own, reads IT's pages, is graded for nothing. Enabled
    only while a rehearsal runs, on no list of people."""


@dataclass(frozen=True, kw_only=True)
class Person:
    id: PersonId
    login: str
    """Personnel number; what one types to log in."""
    name: str
    department: str
    roles: frozenset[Role]
    language: Literal["zh", "en"]
    must_change_password: bool
    disabled: bool


@dataclass(frozen=True, kw_only=True)
class Credential:
    """What a log-in is checked against. Counts failures for the lock (5 failures: 10 minutes)."""

    person: PersonId
    password_hash: str
    failures: int
    locked_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Login:
    """A live log-in. The browser holds 256 random bits; only their SHA-256 is stored."""

    token_hash: str
    person: PersonId
    created_at: datetime
    seen_at: datetime
    csrf: str


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who writes: every operation takes one."""

    id: str
    """Person id, or 'worker' / 'cli' for our own processes."""
    roles: frozenset[Role]
    address: str = ""
    cause: str = ""
    """Causality id of the click or command by which it acts."""


WORKER = Actor(id="worker", roles=frozenset())
CLI = Actor(id="cli", roles=frozenset({Role.IT, Role.TRAINER}))
"""Whoever may run the command on the machine may read the database anyway."""
