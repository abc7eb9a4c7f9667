"""Isolation certificates: what a cell could not reach, how that was read from the host, when, and by which worker.

One is issued when a cell becomes ready, in the same transaction, so that no cell is handed out without; another one
once it serves somebody, and after each start. They are never changed and stay after the cell is gone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol

from sandbox.contract import canonical
from sandbox.errors import ArchiveCorruptError, OutcomeUnknownError
from sandbox.provisioning.attestation import Attestation, Reading
from sandbox.provisioning.model import Cell, CellId, InstanceId

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One row: canonical JSON with its SHA-256, and what it is found by."""

    cell: CellId
    number: int
    """Counts the certificates of a cell from 1."""
    instance: InstanceId | None
    """None until the cell was handed out."""
    attempt: str | None
    begun: str
    """Which run of the container it is about: another after each start."""
    isolated: bool
    issued_at: datetime
    sha256: str
    content: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a certificate says, read back."""

    cell: str
    instance: str | None
    attempt: str | None
    isolated: bool
    issued_at: datetime
    worker: str
    fence: int
    container: str
    uid: int
    image: str
    profile: str
    engine: str
    kernel: str
    readings: tuple[Reading, ...]


class CertificateStore(Protocol):
    """Append-only."""

    def add(self, certificate: Certificate) -> None:
        """Raises LostRaceError if the cell has one of this number."""
        ...

    def of_cell(self, cell: CellId) -> list[Certificate]:
        """Return the cell's certificates, oldest first."""
        ...

    def of_instance(self, instance: InstanceId) -> list[Certificate]:
        """Return those of every cell that ever served the instance, oldest first, also from before they served it."""
        ...


class Stores(Protocol):
    @property
    def certificates(self) -> CertificateStore: ...


def keep(stores: Stores, cell: Cell, seen: Attestation, *, worker: str, fence: int, now: datetime) -> None:
    """Issue a certificate unless the newest one says the same of the same run for the same person.

    Raises OutcomeUnknownError if an isolated cell did not run when it was looked at: nothing was read of it.
    """
    if seen.isolates and not seen.readings:
        raise OutcomeUnknownError(f"cell {cell.id} did not run when it was looked at")
    known = stores.certificates.of_cell(cell.id)
    if known and (known[-1].instance, known[-1].begun) == (cell.instance, seen.begun):
        return
    content = canonical.dumps(_statement(cell, seen, worker=worker, fence=fence, now=now))
    stores.certificates.add(
        Certificate(
            cell=cell.id,
            number=len(known) + 1,
            instance=cell.instance,
            attempt=cell.attempt,
            begun=seen.begun,
            isolated=seen.isolates,
            issued_at=now,
            sha256=_digest(content),
            content=content,
        )
    )


def _statement(cell: Cell, seen: Attestation, *, worker: str, fence: int, now: datetime) -> dict[str, object]:
    return {
        "format": FORMAT,
        "cell": cell.id,
        "instance": cell.instance,
        "attempt": cell.attempt,
        "isolated": seen.isolates,
        "issued_at": now.astimezone(UTC).isoformat(),
        "worker": worker,
        "fence": fence,
        "container": seen.container,
        "uid": seen.uid,
        "image": seen.image,
        "profile": seen.profile,
        "engine": seen.engine,
        "kernel": seen.kernel,
        "readings": [asdict(one) for one in seen.readings],
    }


def read(certificate: Certificate) -> Statement:
    """Return what it says. Raises ArchiveCorruptError if its text is not the one that was stored."""
    if _digest(certificate.content) != certificate.sha256:
        raise ArchiveCorruptError(f"certificate {certificate.number} of cell {certificate.cell} was changed")
    said = json.loads(certificate.content)
    facts = {name: value for name, value in said.items() if name not in ("format", "issued_at", "readings")}
    return Statement(
        issued_at=datetime.fromisoformat(said["issued_at"]),
        readings=tuple(Reading(**one) for one in said["readings"]),
        **facts,
    )


def newest_of_each(found: Sequence[Certificate]) -> list[Certificate]:
    """Return the newest certificate of each cell, the newest cell first."""
    last = {one.cell: one for one in found}
    return sorted(last.values(), key=lambda one: one.issued_at, reverse=True)


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
