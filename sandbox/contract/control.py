"""Commands and replies on a cell's control socket: a frozen dataclass each, JSON over HTTP.

GET /health -> Health · POST /arm Arm -> Armed · POST /rest Rest -> Rested · POST /seal -> Sealed
GET /journal?after=&limit= -> JournalPage · GET /state -> StateChanges · GET /state?whole=1 -> HospitalState ·
POST /stop -> Stopping.
Every request and reply carries X-HIS-Contract.
All may be repeated: arm answers the same for the same epoch and 409 `already_armed` for another; rest sets, never
toggles, and answers 409 `sealed` once the cell is sealed.
Errors are {"error": {"code", "message"}}: 400 contract_mismatch, 404 not_found, 409 wrong condition, 422 invalid_body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sandbox.contract.exercise_pack import ExercisePack
from sandbox.contract.journal import Row

PRACTICE = "practice"
"""What stands for the attempt id in the journal of a free-practice instance."""

MAX_REPLY_BYTES = 16 << 20
MAX_COMMAND_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Head:
    """The end of the journal. seq 0 and an empty hash before the first row."""

    seq: int
    hash: str


@dataclass(frozen=True, kw_only=True)
class Health:
    contract: int
    condition: Literal["ready", "armed", "sealed"]
    instance: str | None
    epoch: int | None
    hospital_time: str | None
    working_ms: int
    idle_ms: int
    """Since the last human input; since the arming if there was none."""
    head: Head


@dataclass(frozen=True, kw_only=True)
class Arm:
    """Bind a ready cell, whose his.db has just been placed, to one instance and epoch."""

    instance: str
    epoch: int
    attempt: str
    """Attempt id, or PRACTICE."""
    nonce: str
    trainee: str
    """The trainee's display name, shown in the training band."""
    language: Literal["zh", "en"]
    anchor: str
    """Hospital date (ISO) on which the exercise starts; all relative dates count from it."""
    pack: ExercisePack
    clock: Literal["real", "test"] = "real"
    """`test`: working time follows the request header X-His-Test-Clock (milliseconds). Self-tests only; the worker
    never arms a trainee's cell so."""
    cause: str = ""
    """Causality id of the click that wanted this hospital: written to the cell's log, nowhere else."""


@dataclass(frozen=True, kw_only=True)
class Armed:
    instance: str
    epoch: int
    dataset_digest: str
    """What `his seed` recorded in the golden dataset; must be the one that was placed."""
    head: Head


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Have an armed hospital stand still, or go on. A new start of its process lifts it as well."""

    resting: bool


@dataclass(frozen=True, kw_only=True)
class Rested:
    """What stands in the hospital now; while it rests neither can change."""

    head: Head
    state_digest: str
    """Of the canonical StateChanges; '' when the rest was lifted."""
    resting: bool


@dataclass(frozen=True, kw_only=True)
class Sealed:
    head: Head
    state_digest: str
    """Of the canonical StateChanges."""


@dataclass(frozen=True, kw_only=True)
class JournalPage:
    rows: tuple[Row, ...]
    head: Head


@dataclass(frozen=True, kw_only=True)
class HospitalState:
    """The gradable tables, canonical: rows by id, columns as text, integers, booleans or null."""

    contract: int
    anchor: str
    tables: dict[str, tuple[dict[str, Any], ...]]


@dataclass(frozen=True, kw_only=True)
class StateChanges:
    """What an armed hospital differs in from its dataset: what is archived of it. `baseline.whole` puts both together.

    Records are added or changed, never removed; each is told whole, in the form of HospitalState.
    """

    contract: int
    anchor: str
    baseline: str
    """SHA-256 of the dataset's baseline, as `his seed` recorded it."""
    tables: dict[str, tuple[dict[str, Any], ...]]
    """Only those with a record that was made or changed since the dataset was placed."""


@dataclass(frozen=True, kw_only=True)
class Stopping:
    stopping: bool = True


@dataclass(frozen=True, kw_only=True)
class Problem:
    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class ErrorReply:
    error: Problem
