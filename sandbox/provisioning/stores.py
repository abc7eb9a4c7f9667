"""Provisioning's stores, one per kind of row: every change of state is conditional. Adapters fulfil them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sandbox.provisioning.model import (
    Cell,
    CellArchive,
    CellId,
    CellState,
    Desired,
    GoldenDataset,
    Image,
    Instance,
    InstanceId,
    LogWish,
    Move,
    Observed,
    Rest,
)


class InstanceStore(Protocol):
    def add(self, instance: Instance) -> None:
        """Raises QuotaError if the owner already has a live instance (partial unique index)."""
        ...

    def get(self, key: InstanceId) -> Instance: ...

    def live(self) -> list[Instance]:
        """Return all that are not closed, oldest launch first."""
        ...

    def live_of(self, owner: str) -> list[Instance]: ...

    def desire(self, key: InstanceId, desired: Desired, *, cause: str = "") -> bool:
        """Set what is wanted and, if there is one, the click that wanted it; False if it already was."""
        ...

    def move(self, key: InstanceId, old: Observed, new: Observed, *, trouble: str = "") -> None:
        """Raises LostRaceError if it is no longer `old`, WrongStateError for an illegal move."""
        ...

    def flip(self, key: InstanceId, *, cell: CellId, epoch: int, now: datetime) -> None:
        """Point the instance to this cell: observed open, epoch. Raises LostRaceError unless epoch follows."""
        ...

    def note_trouble(self, key: InstanceId, code: str) -> None: ...

    def note_cause(self, key: InstanceId, cause: str) -> None:
        """Note the click that wants something of it which `desire` does not say."""
        ...

    def name_attempt(self, key: InstanceId, attempt: str) -> None:
        """Have the next cell of this instance serve this attempt. Raises LostRaceError if it is not wanted open."""
        ...

    def launched_since(self, owner: str, since: datetime) -> list[datetime]:
        """Return when this person's instances were launched after that moment, closed ones included."""
        ...

    def extend(self, key: InstanceId, old: datetime, new: datetime) -> None:
        """Keep it until `new`. Raises LostRaceError if it no longer ends at `old` or is to be closed."""
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

    def note_resting(self, key: CellId, since: datetime | None) -> None:
        """Note that its hospital may stand still from now on, or goes on (None)."""
        ...

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

    def asked_since(self, actor: str, since: datetime) -> list[datetime]:
        """Return when this person asked for resets after that moment."""
        ...

    def note_flip(self, instance: InstanceId, epoch: int, *, now: datetime) -> None:
        """Record when the new cell took the place of the one of this epoch; nothing if no move asked for it."""
        ...

    def close(self, instance: InstanceId, epoch: int, *, now: datetime) -> None: ...


class RestStore(Protocol):
    """Archives taken before hibernations: at most one of a cell is not woken."""

    def add(self, rest: Rest) -> None:
        """Insert. Raises LostRaceError if the cell already has one that is not woken."""
        ...

    def asleep(self, cell: CellId) -> Rest | None:
        """Return the newest rest of this cell if the cell was not started since."""
        ...

    def all_asleep(self) -> list[Rest]:
        """Return every rest that is not woken and whose cell is still there."""
        ...

    def wake(self, cell: CellId, *, now: datetime) -> None:
        """Mark the cell's rest woken. Raises LostRaceError unless there is one that is not."""
        ...


class ArchiveStore(Protocol):
    def add(self, archive: CellArchive) -> None:
        """Insert; an equal row already there is success."""
        ...

    def of_cell(self, cell: CellId) -> CellArchive | None: ...
    def newest(self, count: int) -> list[CellArchive]:
        """Return so many archives, the newest first."""
        ...

    def of_attempt(self, attempt: str) -> CellArchive | None: ...


class ImageStore(Protocol):
    def add(self, image: Image) -> None: ...

    def latest(self) -> Image | None: ...

    def all(self) -> list[Image]:
        """Return every image that was ever registered, oldest first."""
        ...


class GoldenStore(Protocol):
    def add(self, golden: GoldenDataset) -> None: ...

    def by_key(self, inputs_key: str) -> GoldenDataset | None: ...

    def all(self) -> list[GoldenDataset]: ...

    def by_name(self, name: str) -> GoldenDataset | None:
        """Return the newest of this name."""
        ...


class LogWishStore(Protocol):
    """Which cells' logs people want to read. One wish per cell: asking again asks anew."""

    def wish(self, key: CellId, *, at: datetime) -> None:
        """Raises WrongStateError if there never was such a cell."""
        ...

    def waiting(self) -> list[LogWish]:
        """Return the wishes that nobody has answered."""
        ...

    def answer(self, key: CellId, *, trouble: str, at: datetime) -> None: ...

    def of_cell(self, key: CellId) -> LogWish | None: ...


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


class VerificationStore(Protocol):
    """What was verified of the cells given out at night: copies read back, digests told by the armed cells."""

    def copied(self, key: CellId, sha256: str, *, now: datetime) -> None:
        """Note the SHA-256 of the copy as it was read back; a later try replaces it."""
        ...

    def armed(self, key: CellId, digest: str) -> None:
        """Note the digest of the dataset as the armed cell told it; nothing if its copy was not read back."""
        ...

    def of(self, instance: InstanceId, epoch: int) -> tuple[str, str]:
        """Return SHA-256 and digest of the cell that served this epoch, '' each if they were not verified."""
        ...


class TicketStore(Protocol):
    """Tickets that were used, until they would be too old anyway. Only their SHA-256 is kept."""

    def use(self, token_hash: str, *, instance: InstanceId, person: str, expires_at: datetime, now: datetime) -> None:
        """Note that it was used. Raises TicketError if it was before."""
        ...

    def discard_expired(self, *, now: datetime) -> int: ...
