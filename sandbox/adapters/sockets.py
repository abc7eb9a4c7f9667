"""Connects to a cell's socket and to nothing else, although the cell may swap the name at any moment.

`lstat` then `connect` loses that race; holding the inode does not: the name is opened without following links, looked
at, and connected to through the descriptor. Then the kernel says who listens.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.adapters.drivers import host
from sandbox.errors import ControlUnreachableError
from sandbox.provisioning import attestation

_CREDENTIALS = struct.Struct("3i")


class ForeignSocketError(ControlUnreachableError):
    """What lies where the cell's socket should be is not the cell's socket. The cell is up to something."""

    code = "SBX-307"
    zh = "练习环境的通道不是它自己的，已拒绝连接。"
    en = "The practice hospital's socket is not its own; the connection was refused."


def connect(path: Path, *, uid: int, timeout_s: float, container: str = "") -> socket.socket:
    """Return a connection to the socket at `path`, made and listened on by `uid`, inside `container` if one is named.

    The folder that holds it is trusted up to its last part. Raises ControlUnreachableError if nobody listens,
    ForeignSocketError if it is a link, no socket, or somebody else's.
    """
    with _pinned(path) as pinned:
        found = os.fstat(pinned)
        if not stat.S_ISSOCK(found.st_mode):
            raise ForeignSocketError(f"{path} is not a socket")
        if found.st_uid != uid:
            raise ForeignSocketError(f"{path} belongs to uid {found.st_uid}, not {uid}")
        connection = _connected(pinned, path, timeout_s)
    try:
        _require_own(connection, path, uid, container)
    except ControlUnreachableError:
        connection.close()
        raise
    return connection


@contextmanager
def _pinned(path: Path) -> Iterator[int]:
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            pinned = os.open(path.name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError as gone:
        raise ControlUnreachableError(f"{path}: {gone.strerror}") from gone
    try:
        yield pinned
    finally:
        os.close(pinned)


def _connected(pinned: int, path: Path, timeout_s: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        connection.connect(f"/proc/self/fd/{pinned}")
    except OSError as refused:
        connection.close()
        raise ControlUnreachableError(f"{path}: {refused}") from refused
    return connection


def _require_own(connection: socket.socket, path: Path, uid: int, container: str) -> None:
    """Raise unless the listener has this uid and its control group names the container: an uid alone comes again."""
    said = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, peer, _gid = _CREDENTIALS.unpack(said)
    if peer != uid:
        raise ForeignSocketError(f"uid {peer} listens on {path}, not {uid}")
    if not container:
        return
    try:
        groups = host.cgroups_of(pid)
    except (FileNotFoundError, ProcessLookupError) as gone:
        raise ControlUnreachableError(f"{path}: process {pid}, which listened there, is gone") from gone
    if not attestation.names_container(groups, container):
        raise ForeignSocketError(f"process {pid} listens on {path} and is not of container {container[:12]}")
