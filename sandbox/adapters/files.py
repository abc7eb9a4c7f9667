"""Write-once files by SHA-256: exercises, journals, states, reports. Large ones lie packed, as `zcat` reads them.

The name is the digest of the content, packed or not. A dataset's baseline is 7 MB of text: packed it takes a
seventh, and less time to sync.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import re
import secrets
import zlib
from pathlib import Path

from sandbox.errors import ArchiveCorruptError, DiskFullError, NotFoundError

_NAME = re.compile(r"[0-9a-f]{64}")
_PACKED_FROM_BYTES = 16 << 10
_FASTEST = 1
"""Level 6 saves another quarter for three times the time, in the middle of a night."""


class FileStore:
    """Fulfils provisioning.ports.Files below one folder: `ab/abcdef…`, packed `ab/abcdef….gz`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Store and return the SHA-256 (hex); content that is there already is left alone.

        Raises DiskFullError; then no file of that name exists.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        if self.holds(sha256):
            return sha256
        try:
            if len(content) < _PACKED_FROM_BYTES:
                _write(self._path(sha256), content)
            else:
                _write(self._packed(sha256), gzip.compress(content, _FASTEST, mtime=0))
        except OSError as failed:
            if failed.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFullError(f"cannot store {len(content)} bytes: {failed}") from failed
            raise
        return sha256

    def holds(self, sha256: str) -> bool:
        """Say whether there is a file of that name. Raises NotFoundError for what cannot be one."""
        return self._path(sha256).exists() or self._packed(sha256).exists()

    def get(self, sha256: str) -> bytes:
        """Return the content, verified. Raises NotFoundError, ArchiveCorruptError."""
        content = self._read(sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ArchiveCorruptError(detail=f"file {sha256[:12]} has other content")
        return content

    def _read(self, sha256: str) -> bytes:
        plain = self._path(sha256)
        try:
            return plain.read_bytes() if plain.exists() else gzip.decompress(self._packed(sha256).read_bytes())
        except FileNotFoundError as absent:
            raise NotFoundError(f"no file {sha256}") from absent
        except (gzip.BadGzipFile, EOFError, zlib.error) as damaged:
            raise ArchiveCorruptError(detail=f"file {sha256[:12]} does not unpack: {damaged}") from damaged

    def _packed(self, sha256: str) -> Path:
        return self._path(sha256).with_suffix(".gz")

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
