"""Write-once files by SHA-256: exercises, journals, states, reports."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from pathlib import Path

from sandbox.errors import ArchiveCorruptError, DiskFullError, NotFoundError

_NAME = re.compile(r"[0-9a-f]{64}")


class FileStore:
    """Fulfils provisioning.ports.Files below one folder: `ab/abcdef…`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Store and return the SHA-256 (hex); content that is there already is left alone.

        Raises DiskFullError; then no file of that name exists.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        try:
            _write(path, content)
        except OSError as failed:
            if failed.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(f"cannot store {len(content)} bytes: {failed}") from failed
            raise
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the content, verified. Raises NotFoundError, ArchiveCorruptError."""
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError as absent:
            raise NotFoundError(f"no file {sha256}") from absent
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ArchiveCorruptError(detail=f"file {sha256[:12]} has other content")
        return content

    def _path(self, sha256: str) -> Path:
        if not _NAME.fullmatch(sha256):
            raise NotFoundError(f"{sha256!r} is not a SHA-256")
        return self._root / sha256[:2] / sha256


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o440)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    # Sync the folders too: after a power cut a file can be whole and its name gone.
    for folder in (path.parent, path.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
