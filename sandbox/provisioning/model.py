"""Instances, cells, moves: values and states. The tables of legal moves stand beside the states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, NewType

InstanceId = NewType("InstanceId", str)
CellId = NewType("CellId", str)


class Desired(StrEnum):
    OPEN = "open"
    HIBERNATED = "hibernated"
    CLOSED = "closed"


class Observed(StrEnum):
    QUEUED = "queued"
    LAUNCHING = "launching"
    OPEN = "open"
    REPLACING = "replacing"
    HIBERNATED = "hibernated"
    WAKING = "waking"
    FAILED = "failed"
    CLOSED = "closed"


INSTANCE_MOVES: Mapping[Observed, frozenset[Observed]] = {
    Observed.QUEUED: frozenset({Observed.LAUNCHING, Observed.CLOSED, Observed.FAILED}),
    Observed.LAUNCHING: frozenset({Observed.OPEN, Observed.QUEUED, Observed.FAILED}),
    Observed.OPEN: frozenset({Observed.REPLACING, Observed.HIBERNATED, Observed.CLOSED, Observed.FAILED}),
    Observed.REPLACING: frozenset({Observed.OPEN, Observed.FAILED}),
    # To queued: its cell is gone, so that the wake is a launch.
    Observed.HIBERNATED: frozenset({Observed.WAKING, Observed.QUEUED, Observed.CLOSED}),
    Observed.WAKING: frozenset({Observed.OPEN, Observed.HIBERNATED, Observed.FAILED}),
    Observed.FAILED: frozenset({Observed.QUEUED, Observed.CLOSED}),
    Observed.CLOSED: frozenset(),
}


class CellState(StrEnum):
    PLANNED = "planned"
    CREATED = "created"
    STARTED = "started"
    READY = "ready"
    CLAIMED = "claimed"
    ARMED = "armed"
    SEALED = "sealed"
    ARCHIVED = "archived"
    GONE = "gone"
    BROKEN = "broken"
    QUARANTINED = "quarantined"


CELL_MOVES: Mapping[CellState, frozenset[CellState]] = {
    CellState.PLANNED: frozenset({CellState.CREATED, CellState.BROKEN}),
    CellState.CREATED: frozenset({CellState.STARTED, CellState.BROKEN}),
    CellState.STARTED: frozenset({CellState.READY, CellState.BROKEN}),
    CellState.READY: frozenset({CellState.CLAIMED, CellState.GONE, CellState.BROKEN}),
    CellState.CLAIMED: frozenset({CellState.ARMED, CellState.BROKEN}),
    CellState.ARMED: frozenset({CellState.SEALED, CellState.QUARANTINED}),
    CellState.SEALED: frozenset({CellState.ARCHIVED, CellState.QUARANTINED}),
    CellState.ARCHIVED: frozenset({CellState.GONE}),
    CellState.BROKEN: frozenset({CellState.GONE}),
    CellState.QUARANTINED: frozenset({CellState.SEALED, CellState.GONE}),
    CellState.GONE: frozenset(),
}


EXAM_URGENCY, LAUNCH_URGENCY = 0, 1
"""In the queue an exam start goes before any other launch. Source: provisioning.md §2."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    id: InstanceId
    owner: str
    """Person id of the trainee."""
    exercise_version: str | None
    """Id of the pinned exercise version; None = free practice."""
    attempt: str | None
    desired: Desired
    observed: Observed
    epoch: int
    """Counts this instance's cells; 0 before the first flip."""
    cell: CellId | None
    queued_at: datetime
    opened_at: datetime | None
    last_request_at: datetime | None
    trouble: str
    """Code of the error that holds it up ('SBX-…'), or ''."""
    expires_at: datetime | None = None
    """When it is closed unless somebody extends it; None = never."""
    cause: str = ""
    """Causality id of the click that last wanted something of it."""
    urgency: int = LAUNCH_URGENCY
    """Less is served earlier: EXAM_URGENCY before LAUNCH_URGENCY."""
    slot: int = 0
    """Which of its owner's places it takes; each is taken once, so that a race cannot exceed the owner's quota."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    id: CellId
    """12 hex digits; the container is `his-cell-<site>-<id>`."""
    state: CellState
    instance: InstanceId | None
    epoch: int | None
    """The instance's epoch this cell serves (instance.epoch + 1 while claimed)."""
    attempt: str | None = None
    """The attempt it was claimed for: copied from the instance by the claim, never changed. The instance may name
    the next attempt already while this cell is being archived."""
    uid: int
    image: str
    pool_key: str
    engine_id: str | None
    nonce: str
    """128 random bits in hex, made with the row; starts the journal's chain and the seats' passwords."""
    dataset: str | None
    """SHA-256 of the golden file placed in it."""
    since: datetime
    """When it entered this state."""
    failures: int
    trouble: str
    begun_at: datetime | None = None
    """When its row was planned."""
    ready_at: datetime | None = None
    """When it was first called ready."""
    resting_since: datetime | None = None
    """Since when its hospital may be standing still because the worker asked for it; None once it goes on."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """The intent to replace an instance's cell. One open move per (instance, epoch): a double click resets once."""

    instance: InstanceId
    epoch: int
    """The epoch that is to be replaced."""
    kind: Literal["reset", "nightly"]
    actor: str
    created_at: datetime
    closed_at: datetime | None
    cause: str = ""
    """Causality id of the click, or of the night, that asked for it."""
    flipped_at: datetime | None = None
    """When the new cell stood in the old one's place."""


@dataclass(frozen=True, kw_only=True)
class CellArchive:
    """A cell's journal and final state, stored by SHA-256, verified before the cell may go."""

    cell: CellId
    instance: InstanceId
    epoch: int
    attempt: str | None
    journal_sha256: str
    state_sha256: str
    rows: int
    chain: str
    """'' if the hash chain holds, else what is wrong with it."""
    archived_at: datetime


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What was archived of a cell before it was stopped to hibernate. Not woken: it is the cell's final archive."""

    cell: CellId
    rested_at: datetime
    journal_sha256: str
    state_sha256: str
    rows: int
    chain: str
    """As in CellArchive."""
    woken_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class LogWish:
    """Somebody wants to read the end of a cell's log; only the worker can fetch it."""

    cell: CellId
    wished_at: datetime
    kept_at: datetime | None
    """When it was fetched; None = not yet, or not possible."""
    trouble: str
    """Code of what kept it from being fetched, or ''."""


@dataclass(frozen=True, kw_only=True)
class Image:
    id: str
    """sha256:…, as the engine knows it."""
    contract: int
    registered_at: datetime


@dataclass(frozen=True, kw_only=True)
class GoldenDataset:
    """A content-addressed SQLite file, built once per inputs key by the image itself."""

    inputs_key: str
    """SHA-256 over image id, dataset spec, seed, Faker version and contract version."""
    name: str
    sha256: str
    digest: str
    """Digest of the records, recorded inside the file by `his seed` and returned when a cell is armed."""
    bytes: int
    built_at: datetime


@dataclass(frozen=True, kw_only=True)
class CellSpec:
    """All a driver may be told. Nobody can pass a mount, a capability or a variable."""

    cell: CellId
    uid: int
    image: str
    fence: int


@dataclass(frozen=True, kw_only=True)
class SeenCell:
    """What the engine says of one container of this site."""

    cell: CellId
    engine_id: str
    running: bool
    spec_label: str
    """Profile hash that the driver wrote when it created the container."""
    folders: bool
    """Both of the cell's folders are there."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a cell answers, and as whom."""

    http_socket: Path
    control_socket: Path
    uid: int
    container: str = ""
    """The engine's id of the container whose processes may listen there; '' = not looked at: no engine, or a worker
    that has not seen it yet."""


@dataclass(frozen=True, kw_only=True)
class DriverFacts:
    name: str
    isolates: bool
    """False = every page says loudly that nothing is isolated."""
    survives_restart: bool
    """Cells outlive the worker process."""
    profile: str = ""
    """Hash of the isolation profile: what `SeenCell.spec_label` must be, and a part of the pool key."""
