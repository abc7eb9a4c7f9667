"""A cell's two folders: sockets on a tmpfs of its own, data on disk. By descriptor; links are never followed.

```
run root    root:<readers> 0750
  <cell>    tmpfs, root 0711, 256 KiB, 16 inodes, nosuid nodev noexec nosymfollow
    h/      cell:nginx 2710    http.sock
    c/      cell:root  2710    control.sock
data root   root 0700
  <cell>    root 0755; his.db, his.db-wal, his.db-shm owned by the cell, 0600; staged-<golden> root 0600
```
A cell can add or rename nothing beside its sockets and its three files: a socket swapped for a link must not lead
the worker to the engine, and a folder on disk would take more than every limit allows.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sandbox.contract import layout
from sandbox.errors import ControlUnreachableError, DiskFullError, PermanentError
from sandbox.provisioning.model import CellId, Endpoint

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOSYMFOLLOW = 2, 4, 8, 256
MNT_DETACH, UMOUNT_NOFOLLOW = 2, 8
TMPFS_OPTIONS = b"size=256k,nr_inodes=16,mode=0711"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = f"{layout.DATABASE}.new"
_CELL_ID = re.compile(r"[0-9a-f]{12}")

_libc = ctypes.CDLL(None, use_errno=True)


class FolderRefusedError(PermanentError):
    """This machine or this worker cannot make a cell's folders as they must be."""

    code = "SBX-408"
    zh = "无法按要求创建练习环境的文件夹（{detail}）。"
    en = "The folders of a practice hospital cannot be made as required ({detail})."


@dataclass(frozen=True, kw_only=True)
class Folders:
    """The folders of all cells of one site."""

    run_root: Path
    data_root: Path
    readers_gid: int = 0
    """Group of nginx: passes through the run root and reaches http.sock, nothing else."""
    private_mounts: bool = True
    """A tmpfs per cell. False only for cells that nothing isolates anyway."""

    def run_folder(self, cell: CellId) -> Path:
        return self.run_root / _checked(cell)

    def data_folder(self, cell: CellId) -> Path:
        return self.data_root / _checked(cell)

    def make(self, cell: CellId, uid: int) -> None:
        """Make what is missing of both folders. Raises FolderRefusedError, DiskFullError."""
        run = self.run_folder(cell)
        if not layout.socket_path_fits(run):
            raise FolderRefusedError(f"socket path below {run} is longer than {layout.SOCKET_PATH_LIMIT} bytes")
        with _told():
            self._make_roots()
            self._make_run(cell, uid)
            self._make_data(cell, uid)

    def renew_run(self, cell: CellId) -> None:
        """Make the run folder anew, empty. Only for a cell that is not running."""
        uid = self.owner(cell)
        with _told():
            self._remove_run(cell)
            self._make_roots()
            self._make_run(cell, uid)

    def complete(self, cell: CellId) -> bool:
        """Say whether both folders are there, the run folder mounted if it must be."""
        run, data = self.run_folder(cell), self.data_folder(cell)
        try:
            mounted = os.lstat(run).st_dev != os.lstat(self.run_root).st_dev
            os.lstat(run / layout.CONTROL_FOLDER)
            os.lstat(data / layout.DATABASE)
        except FileNotFoundError:
            return False
        return mounted or not self.private_mounts

    def owner(self, cell: CellId) -> int:
        """Return the uid the data belongs to. Raises ControlUnreachableError if there is none."""
        try:
            return os.lstat(self.data_folder(cell) / layout.DATABASE).st_uid
        except FileNotFoundError as gone:
            raise ControlUnreachableError(f"cell {cell} has no data folder") from gone

    def endpoint(self, cell: CellId) -> Endpoint:
        """Return where the cell answers. The data folder's owner is the worker's word, not the cell's."""
        run = self.run_folder(cell)
        return Endpoint(
            http_socket=run / layout.HTTP_SOCKET, control_socket=run / layout.CONTROL_SOCKET, uid=self.owner(cell)
        )

    def stage(self, cell: CellId, golden: Path) -> None:
        """Copy the golden file into the data folder, where the cell sees its name only. Raises DiskFullError."""
        with _told(), _opened(self.data_folder(cell)) as folder:
            _copy(golden, folder, _NEW, owner=None)
            os.rename(_NEW, _staged(golden), src_dir_fd=folder, dst_dir_fd=folder)

    def place(self, cell: CellId, golden: Path) -> None:
        """Put a copy of the golden file in place of his.db, whole or not at all. Raises DiskFullError."""
        uid = self.owner(cell)
        with _told(), _opened(self.data_folder(cell)) as folder:
            # A log left by an earlier try would be replayed over the new file.
            for name in layout.DATABASE_FILES[1:]:
                with suppress(FileNotFoundError):
                    os.close(os.open(name, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder))
            if not _hand_over(folder, _staged(golden), uid):
                _copy(golden, folder, _NEW, owner=uid)
                os.rename(_NEW, layout.DATABASE, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def read_back(self, cell: CellId) -> str:
        """Return the SHA-256 of his.db as it lies in the data folder. Raises FolderRefusedError."""
        with _told(), _opened(self.data_folder(cell)) as folder:
            descriptor = os.open(layout.DATABASE, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            with open(descriptor, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()

    def remove(self, cell: CellId) -> None:
        """Remove both folders; absent is success. Only for a cell that has no process left."""
        with _told():
            self._remove_run(cell)
            with suppress(FileNotFoundError), _opened(self.data_root) as root:
                shutil.rmtree(_checked(cell), dir_fd=root)

    def _make_roots(self) -> None:
        if not self.run_root.exists():
            self.run_root.mkdir(parents=True)
            os.chown(self.run_root, -1, self.readers_gid if os.geteuid() == 0 else -1)
            self.run_root.chmod(0o750)
        if not self.data_root.exists():
            self.data_root.mkdir(parents=True, mode=0o700)

    def _make_run(self, cell: CellId, uid: int) -> None:
        path = self.run_folder(cell)
        with suppress(FileExistsError):
            path.mkdir(mode=0o711)
        if self.private_mounts and os.lstat(path).st_dev == os.lstat(self.run_root).st_dev:
            _mount_tmpfs(path)
        with _opened(path) as folder:
            if not self.private_mounts:
                os.fchmod(folder, 0o711)
            _socket_folder(folder, layout.HTTP_FOLDER, uid, self.readers_gid)
            _socket_folder(folder, layout.CONTROL_FOLDER, uid, 0)

    def _make_data(self, cell: CellId, uid: int) -> None:
        path = self.data_folder(cell)
        with suppress(FileExistsError):
            path.mkdir(mode=0o755)
        with _opened(path) as folder:
            os.fchmod(folder, 0o755)
            for name in layout.DATABASE_FILES:
                with suppress(FileExistsError):
                    os.close(_new_file(folder, name, uid))

    def _remove_run(self, cell: CellId) -> None:
        path = self.run_folder(cell)
        if not path.exists():
            return
        if self.private_mounts:
            _unmount(path)
        with _opened(self.run_root) as root:
            shutil.rmtree(_checked(cell), dir_fd=root)


def _checked(cell: CellId) -> str:
    if not _CELL_ID.fullmatch(cell):
        raise FolderRefusedError(f"{cell!r} is not a cell id")
    return cell


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, _FOLDER)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the file system says into an error of ours."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(str(problem), what="disk") from problem
        raise FolderRefusedError(str(problem)) from problem


def _socket_folder(parent: int, name: str, uid: int, gid: int) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=parent)
    descriptor = os.open(name, _FOLDER, dir_fd=parent)
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, uid, gid)
        # The set-group-id bit gives every socket the readers' group, which its owner is not in.
        os.fchmod(descriptor, stat.S_ISGID | 0o710)
    finally:
        os.close(descriptor)


def _new_file(folder: int, name: str, owner: int | None) -> int:
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=folder)
    if owner is not None:
        _give(descriptor, owner)
    return descriptor


def _give(descriptor: int, uid: int) -> None:
    if os.geteuid() == 0:
        os.fchown(descriptor, uid, uid)


def _staged(golden: Path) -> str:
    """Return what a staged copy is called: another dataset of tomorrow must not find today's."""
    return f"staged-{golden.stem}"


def _hand_over(folder: int, staged: str, uid: int) -> bool:
    """Give a staged copy to the cell under the name of its database; False if there is none."""
    try:
        descriptor = os.open(staged, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        return False
    try:
        _give(descriptor, uid)
    finally:
        os.close(descriptor)
    os.rename(staged, layout.DATABASE, src_dir_fd=folder, dst_dir_fd=folder)
    return True


def _copy(source: Path, folder: int, name: str, *, owner: int | None) -> None:
    with suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)
    target = _new_file(folder, name, owner)
    try:
        with source.open("rb") as golden:
            left = os.fstat(golden.fileno()).st_size
            while left > 0:
                left -= os.sendfile(target, golden.fileno(), None, left)
        # Without this a power cut could keep the trainee's log and lose the file it belongs to.
        os.fsync(target)
    finally:
        os.close(target)


def _mount_tmpfs(path: Path) -> None:
    flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW
    if _libc.mount(b"his-cell", os.fsencode(path), b"tmpfs", ctypes.c_ulong(flags), TMPFS_OPTIONS) != 0:
        number = ctypes.get_errno()
        raise OSError(
            number, f"{os.strerror(number)}: a tmpfs of its own per cell needs root and Linux 5.10", str(path)
        )


def _unmount(path: Path) -> None:
    """Take every mount off this path; none is success."""
    while _libc.umount2(os.fsencode(path), MNT_DETACH | UMOUNT_NOFOLLOW) == 0:
        pass
    number = ctypes.get_errno()
    if number not in (errno.EINVAL, errno.ENOENT):
        raise OSError(number, os.strerror(number), str(path))
