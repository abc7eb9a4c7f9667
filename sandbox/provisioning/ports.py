"""What provisioning needs from outside. Adapters fulfil it; one suite per port runs on all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from sandbox.contract.control import Arm, Armed, Health, HospitalState, JournalPage, Sealed
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.provisioning.model import (
    Cell,
    CellArchive,
    CellId,
    CellSpec,
    CellState,
    Desired,
    DriverFacts,
    Endpoint,
    GoldenDataset,
    Image,
    Instance,
    InstanceId,
    Move,
    Observed,
    SeenCell,
)


class Driver(Protocol):
    """Runs cells. Every verb is idempotent; a time-out raises OutcomeUnknownError: observe first.

    Never touches the database, never retries, never decides. Raises EngineUnavailableError, ImageMissingError,
    DiskFullError, ProfileDriftError.
    """

    def facts(self) -> DriverFacts: ...

    def observe(self) -> Sequence[SeenCell]:
        """Return everything with our site's label, running or not; no cache."""
        ...

    def ensure(self, spec: CellSpec) -> SeenCell:
        """Make folders and container, or adopt the container that is already there."""
        ...

    def start(self, cell: CellId) -> None:
        """Start (again) on the same folders; the run folder is made anew if it is missing."""
        ...

    def place(self, cell: CellId, golden: Path) -> None:
        """Copy the golden file into the cell's data folder under his.db, owned by the cell."""
        ...

    def stop(self, cell: CellId, grace_s: float) -> None: ...

    def remove(self, seen: SeenCell) -> None:
        """Remove container (by engine id) and folders; absent is success."""
        ...

    def discard_folders(self, cell: CellId) -> None:
        """Remove the folders of a cell that has no container; absent is success."""
        ...

    def endpoint(self, cell: CellId) -> Endpoint: ...

    def attest(self, cell: CellId) -> None:
        """Compare what the engine applied with the profile. Raises ProfileDriftError naming the fields."""
        ...


class ControlChannel(Protocol):
    """Talks to a cell's control socket. What comes back is hostile: capped, timed, parsed into contract types.

    Raises ControlUnreachableError, ContractMismatchError, WrongStateError (409).
    """

    def health(self, at: Endpoint) -> Health: ...

    def arm(self, at: Endpoint, command: Arm) -> Armed: ...

    def seal(self, at: Endpoint) -> Sealed: ...

    def journal(self, at: Endpoint, after: int) -> JournalPage: ...

    def state(self, at: Endpoint) -> HospitalState: ...

    def state_bytes(self, at: Endpoint) -> bytes:
        """Return the state reply as it came (canonical JSON), for archiving and digests."""
        ...


class OneShot(Protocol):
    """The image as a program without sockets: reads stdin, ends. Raises ImageMissingError, PermanentError."""

    def seed(self, image: str, records: Iterable[bytes], into: Path) -> str:
        """Run `python -m his seed`: JSON lines -> SQLite file at `into`. Return the digest it recorded."""
        ...

    def replay(self, image: str, golden: Path, script: bytes) -> bytes:
        """Run `python -m his replay`: scripted runs -> journal and state of each, as JSON."""
        ...

    def sweep(self) -> None:
        """Remove what killed runs left behind."""
        ...


class PackSource(Protocol):
    """Packs of pinned versions as drawn and slowed down for one attempt; the attempts room fulfils it."""

    def pack(self, exercise_version: str, attempt: str) -> ExercisePack: ...


class Files(Protocol):
    """Write-once files by SHA-256: folder and file synced before the name appears."""

    def put(self, content: bytes) -> str:
        """Store and return the SHA-256 (hex). Storing twice is one file. Raises DiskFullError."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return the content, verified. Raises ArchiveCorruptError, NotFoundError."""
        ...


class InstanceStore(Protocol):
    def add(self, instance: Instance) -> None:
        """Raises QuotaError if the owner already has a live instance (partial unique index)."""
        ...

    def get(self, key: InstanceId) -> Instance: ...

    def live(self) -> list[Instance]:
        """Return all that are not closed, oldest launch first."""
        ...

    def live_of(self, owner: str) -> list[Instance]: ...

    def desire(self, key: InstanceId, desired: Desired) -> bool:
        """Set what is wanted; False if it already was."""
        ...

    def move(self, key: InstanceId, old: Observed, new: Observed, *, trouble: str = "") -> None:
        """Raises LostRaceError if it is no longer `old`, WrongStateError for an illegal move."""
        ...

    def flip(self, key: InstanceId, *, cell: CellId, epoch: int, now: datetime) -> None:
        """Point the instance to this cell: observed open, epoch. Raises LostRaceError unless epoch follows."""
        ...

    def note_trouble(self, key: InstanceId, code: str) -> None: ...

    def name_attempt(self, key: InstanceId, attempt: str) -> None:
        """Have the next cell of this instance serve this attempt. Raises LostRaceError if it is not wanted open."""
        ...

    def touch(self, seen: dict[InstanceId, datetime]) -> None:
        """Record the last requests, many at once."""
        ...


class CellStore(Protocol):
    def add(self, cell: Cell) -> None: ...

    def get(self, key: CellId) -> Cell: ...

    def present(self) -> list[Cell]:
        """Return all that are not gone, oldest first."""
        ...

    def free_uid(self, base: int, count: int) -> int:
        """Return an uid in [base, base+count) that no present cell has. Raises NoCapacityError."""
        ...

    def move(self, key: CellId, old: CellState, new: CellState, *, now: datetime, trouble: str = "") -> None:
        """Raises LostRaceError, WrongStateError."""
        ...

    def record_engine_id(self, key: CellId, engine_id: str) -> None: ...

    def note_trouble(self, key: CellId, code: str) -> None: ...

    def of_attempt(self, attempt: str) -> list[Cell]:
        """Return the cells that served this attempt, gone ones included, oldest first."""
        ...

    def claim(self, pool_key: str, *, instance: InstanceId, epoch: int, now: datetime) -> Cell | None:
        """Take the oldest ready cell of this key by compare-and-set, or None. The cell takes the instance's attempt."""
        ...

    def record_dataset(self, key: CellId, sha256: str) -> None: ...


class MoveStore(Protocol):
    def add(self, move: Move) -> bool:
        """Insert; False if there already is one for this instance and epoch."""
        ...

    def open(self) -> list[Move]: ...

    def close(self, instance: InstanceId, epoch: int, *, now: datetime) -> None: ...


class ArchiveStore(Protocol):
    def add(self, archive: CellArchive) -> None:
        """Insert; an equal row already there is success."""
        ...

    def of_cell(self, cell: CellId) -> CellArchive | None: ...
    def of_attempt(self, attempt: str) -> CellArchive | None: ...


class ImageStore(Protocol):
    def add(self, image: Image) -> None: ...

    def latest(self) -> Image | None: ...


class GoldenStore(Protocol):
    def add(self, golden: GoldenDataset) -> None: ...

    def by_key(self, inputs_key: str) -> GoldenDataset | None: ...

    def by_name(self, name: str) -> GoldenDataset | None:
        """Return the newest of this name."""
        ...


class Lease(Protocol):
    """The worker's lease with its fence; see architecture, idempotency."""

    def holder(self) -> str | None:
        """Return the owner of the lease, expired or not; None if nobody ever took it or it was given back."""
        ...

    def take(self, owner: str, *, now: datetime, ttl_s: float, succeeding: str | None = None) -> int:
        """Return the fence. Raises LeaseLostError if somebody else holds an unexpired lease.

        `succeeding` names an owner known to be dead, whose lease need not be waited for.
        """
        ...

    def renew(self, fence: int, *, now: datetime, ttl_s: float) -> None:
        """Raises LeaseLostError."""
        ...

    def check(self, fence: int, *, now: datetime) -> None:
        """First statement of every worker transaction. Raises LeaseLostError."""
        ...

    def release(self, fence: int) -> None: ...


class JobLedger(Protocol):
    def begin(self, job: str, local_date: date, subject: str, *, now: datetime) -> bool:
        """Insert; False if this job already has this subject on this local date."""
        ...

    def finish(self, job: str, local_date: date, subject: str, *, outcome: str, now: datetime) -> None: ...

    def entries(self, job: str, *, newest: int) -> Iterable[tuple[date, str, str, datetime, datetime | None]]:
        """Return (date, subject, outcome, begun, finished), newest first. Outcome '' = still running."""
        ...


class TicketStore(Protocol):
    """Short-lived proofs carried from panel to gateway, each good for one use. Only their SHA-256 is kept."""

    def issue(self, token_hash: str, *, instance: InstanceId, person: str, expires_at: datetime) -> None: ...

    def use(self, token_hash: str, *, now: datetime) -> tuple[InstanceId, str]:
        """Use it up; return instance and person. Raises TicketError if unknown, used or expired."""
        ...

    def discard_expired(self, *, now: datetime) -> int: ...


class Stores(Protocol):
    """What provisioning's operations need inside one transaction."""

    @property
    def instances(self) -> InstanceStore: ...
    @property
    def cells(self) -> CellStore: ...
    @property
    def moves(self) -> MoveStore: ...
    @property
    def archives(self) -> ArchiveStore: ...
    @property
    def images(self) -> ImageStore: ...
    @property
    def goldens(self) -> GoldenStore: ...
    @property
    def lease(self) -> Lease: ...
    @property
    def ledger(self) -> JobLedger: ...
    @property
    def tickets(self) -> TicketStore: ...
