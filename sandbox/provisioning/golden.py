"""Golden datasets: built once per inputs key by the image itself, kept by content, copied per cell."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sandbox.contract import CONTRACT_VERSION
from sandbox.contract.records import GOLDEN_LIMIT_BYTES
from sandbox.errors import DatasetCorruptError, DatasetMissingError, DiskFullError, ImageMissingError, PermanentError
from sandbox.provisioning.leadership import Begin
from sandbox.provisioning.model import GoldenDataset
from sandbox.provisioning.ports import Files, OneShot

_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class RecordSource:
    """A dataset's records and what they depend on."""

    name: str
    fingerprint: str
    """Names the dataset spec, its seed and the Faker version: other records, other fingerprint."""
    stream: Callable[[], Iterable[bytes]]
    """Returns JSON lines as `sandbox.contract.records` says; called only if there is something to build."""


def inputs_key(image: str, source: RecordSource) -> str:
    """Return the SHA-256 over all that a golden file depends on."""
    parts = f"{image}|{source.name}|{source.fingerprint}|{CONTRACT_VERSION}"
    return hashlib.sha256(parts.encode()).hexdigest()


def ensure(
    begin: Begin, one_shot: OneShot, files: Files, image: str, source: RecordSource, folder: Path, *, now: datetime
) -> GoldenDataset:
    """Return the golden dataset of these inputs, building it if its row or its file is missing, its baseline kept.

    Raises ImageMissingError, DiskFullError, PermanentError (larger than a cell may hold).
    """
    key = inputs_key(image, source)
    with begin() as stores:
        known = stores.goldens.by_key(key)
    if known is not None and _is_intact(folder / f"{known.sha256}.db", known.sha256):
        # Kept already, unless somebody lost it: without it no archive of this dataset's cells would read.
        files.put(one_shot.baseline(folder / f"{known.sha256}.db"))
        return known
    folder.mkdir(parents=True, exist_ok=True)
    building = folder / f".building-{os.getpid()}-{key[:12]}"
    try:
        digest = one_shot.seed(image, source.stream(), building)
        files.put(one_shot.baseline(building))
        golden = _keep(building, key, source.name, digest, folder, now)
    except OSError as wrong:
        raise DiskFullError(f"golden dataset not written: {wrong}", what="disk") from wrong
    finally:
        building.unlink(missing_ok=True)
    with begin() as stores:
        stores.goldens.add(golden)
        kept = stores.goldens.by_key(key)
    # Somebody may have built it meanwhile: their row counts, whatever file we wrote lies beside it.
    return kept or golden


def _is_intact(path: Path, sha256: str) -> bool:
    return path.is_file() and fingerprint(path) == sha256


def trouble(begin: Begin, source: RecordSource, folder: Path) -> str:
    """Read the file that cells are armed with now; return the code of what is wrong with it, '' = intact."""
    with begin() as stores:
        image = stores.images.latest()
        known = None if image is None else stores.goldens.by_key(inputs_key(image.id, source))
    if image is None:
        return ImageMissingError.code
    if known is None or not (folder / f"{known.sha256}.db").is_file():
        return DatasetMissingError.code
    return "" if _is_intact(folder / f"{known.sha256}.db", known.sha256) else DatasetCorruptError.code


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file. Raises DatasetCorruptError if the disk gives it no more."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as wrong:
        raise DatasetCorruptError(f"{path.name}: {wrong}") from wrong


def _keep(built: Path, key: str, name: str, digest: str, folder: Path, now: datetime) -> GoldenDataset:
    size = built.stat().st_size
    if size > GOLDEN_LIMIT_BYTES:
        raise PermanentError(f"the golden file has {size} bytes, more than {GOLDEN_LIMIT_BYTES}")
    sha256 = _synced_sha256(built)
    built.chmod(0o444)
    built.rename(folder / f"{sha256}.db")
    # Sync the folder too: after a power cut the name must not point to nothing.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return GoldenDataset(inputs_key=key, name=name, sha256=sha256, digest=digest, bytes=size, built_at=now)


def _synced_sha256(path: Path) -> str:
    """Return the file's SHA-256 once its content is on disk."""
    reading = hashlib.sha256()
    with path.open("rb+") as file:
        while chunk := file.read(_CHUNK):
            reading.update(chunk)
        os.fsync(file.fileno())
    return reading.hexdigest()
