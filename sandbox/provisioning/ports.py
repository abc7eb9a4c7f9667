"""What provisioning needs from outside. Adapters fulfil it; one suite per port runs on all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from sandbox.contract.control import Arm, Armed, Health, HospitalState, JournalPage, Rested, Sealed
from sandbox.contract.exercise_pack import ExercisePack
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.certificates import CertificateStore
from sandbox.provisioning.model import CellId, CellSpec, DriverFacts, Endpoint, SeenCell
from sandbox.provisioning.prunes import PruneStore
from sandbox.provisioning.stores import (
    ArchiveStore,
    CellStore,
    GoldenStore,
    ImageStore,
    InstanceStore,
    Lease,
    LogWishStore,
    MoveStore,
    RestStore,
    TicketStore,
    VerificationStore,
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

    def find(self, cell: CellId) -> SeenCell | None:
        """Return the container that this cell has at this moment, running or not; no cache."""
        ...

    def ensure(self, spec: CellSpec) -> SeenCell:
        """Make folders and container, or adopt the container that is already there."""
        ...

    def start(self, cell: CellId) -> None:
        """Start (again) on the same folders; the run folder is made anew if it is missing."""
        ...

    def stage(self, cell: CellId, golden: Path) -> None:
        """Copy the golden file beside his.db, out of the cell's reach, so that `place` need only rename it."""
        ...

    def place(self, cell: CellId, golden: Path) -> None:
        """Put a copy of the golden file into the cell's data folder under his.db, owned by the cell."""
        ...

    def read_back(self, cell: CellId) -> str:
        """Return the SHA-256 of the his.db that was placed; only of a cell that is not armed: it changes the file."""
        ...

    def stop(self, cell: CellId, grace_s: float) -> None: ...

    def remove(self, seen: SeenCell) -> None:
        """Remove container (by engine id) and folders; absent is success."""
        ...

    def discard_folders(self, cell: CellId) -> None:
        """Remove the folders of a cell that has no container; absent is success."""
        ...

    def endpoint(self, cell: CellId) -> Endpoint: ...

    def log_tail(self, cell: CellId, limit: int) -> bytes:
        """Return the last bytes a cell wrote to its log, at most `limit`; b'' if there is none any more."""
        ...

    def attest(self, cell: CellId) -> Attestation:
        """Compare what holds for its processes with the profile. Raises ProfileDriftError naming the fields."""
        ...


class ControlChannel(Protocol):
    """Talks to a cell's control socket. What comes back is hostile: capped, timed, parsed into contract types.

    Raises ControlUnreachableError, ContractMismatchError, WrongStateError (409).
    """

    def health(self, at: Endpoint) -> Health: ...

    def arm(self, at: Endpoint, command: Arm) -> Armed: ...

    def rest(self, at: Endpoint, *, resting: bool) -> Rested:
        """Have the hospital stand still, refusing every write, or go on. Raises WrongStateError once it is sealed."""
        ...

    def seal(self, at: Endpoint) -> Sealed: ...

    def journal(self, at: Endpoint, after: int) -> JournalPage: ...

    def state(self, at: Endpoint) -> HospitalState: ...

    def state_bytes(self, at: Endpoint) -> bytes:
        """Return what is archived of the state as it came (canonical JSON, StateChanges): digests are taken over it.

        A cell of contract 3 gives the whole state.
        """
        ...


class OneShot(Protocol):
    """The image as a program without sockets: reads stdin, ends. Raises ImageMissingError, PermanentError."""

    def seed(self, image: str, records: Iterable[bytes], into: Path) -> str:
        """Run `python -m his seed`: JSON lines -> SQLite file at `into`. Return the digest it recorded."""
        ...

    def baseline(self, golden: Path) -> bytes:
        """Return the baseline of a file that `seed` made; its cells name it by SHA-256. Raises DatasetCorruptError."""
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

    def holds(self, sha256: str) -> bool:
        """Say whether there is a file of that name, without reading it."""
        ...


class Stores(Protocol):
    """What provisioning's operations need inside one transaction."""

    @property
    def instances(self) -> InstanceStore: ...
    @property
    def cells(self) -> CellStore: ...
    @property
    def moves(self) -> MoveStore: ...
    @property
    def rests(self) -> RestStore: ...
    @property
    def archives(self) -> ArchiveStore: ...
    @property
    def images(self) -> ImageStore: ...
    @property
    def goldens(self) -> GoldenStore: ...
    @property
    def certificates(self) -> CertificateStore: ...
    @property
    def prunes(self) -> PruneStore: ...
    @property
    def lease(self) -> Lease: ...
    @property
    def verifications(self) -> VerificationStore: ...
    @property
    def tickets(self) -> TicketStore: ...
    @property
    def log_wishes(self) -> LogWishStore: ...
