"""The script that `python -m his replay` reads and what it answers: self-tests without sockets or a real clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.contract.control import HospitalState
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.contract.journal import Row


@dataclass(frozen=True, kw_only=True)
class Step:
    """One act of a self-test. `fields` are the action's attributes as the exercise wrote them, `$names` included."""

    label: str
    at_ms: int
    seat: str
    action: str
    fields: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Run:
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Script:
    anchor: str
    attempt: str
    nonce: str
    pack: ExercisePack
    runs: tuple[Run, ...]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    name: str
    rows: tuple[Row, ...]
    state: HospitalState


@dataclass(frozen=True, kw_only=True)
class Replays:
    runs: tuple[Replayed, ...]
