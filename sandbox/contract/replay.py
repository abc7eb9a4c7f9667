"""The script that `python -m his replay` reads and what it answers: self-tests without sockets or a real clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sandbox.contract import baseline
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
class Unfit:
    """What a script asked for and no page offers. `offered`: the action itself is; what it says does not fit."""

    step: str
    action: str
    offered: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run: its whole journal, and the records that are not as they were right after the arming."""

    name: str
    rows: tuple[Row, ...]
    changed: dict[str, tuple[dict[str, Any], ...]]
    """Table -> records made or changed, as they are in the end."""
    unfit: Unfit | None = None
    """Where the run ended early; None = it went to its end."""


@dataclass(frozen=True, kw_only=True)
class Replays:
    armed: HospitalState
    """The state every run began with."""
    runs: tuple[Ran, ...]
    unfit: str = ""
    """Why the pack does not fit the dataset, as a refusal's code or a sentence; then there are no runs."""


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """One run with its whole final state."""

    name: str
    rows: tuple[Row, ...]
    state: HospitalState
    unfit: Unfit | None = None


def whole(replays: Replays) -> tuple[Replayed, ...]:
    """Return each run with its final state; records that no run touched are shared, not copied."""
    return tuple(
        Replayed(name=run.name, rows=run.rows, unfit=run.unfit, state=_final(replays.armed, run.changed))
        for run in replays.runs
    )


def _final(armed: HospitalState, changed: Mapping[str, Sequence[dict[str, Any]]]) -> HospitalState:
    return replace(armed, tables=baseline.laid_over(armed.tables, changed))
