"""Files by SHA-256: whole or not there, never changed, verified when read."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.adapters.files import FileStore
from sandbox.errors import ArchiveCorruptError, DiskFullError, NotFoundError
from sandbox.provisioning.ports import Files
from tests.fakes import MemoryFiles

CONTENT = "journal of 示范医院".encode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["disk", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return FileStore(tmp_path / "files") if request.param == "disk" else MemoryFiles()


@pytest.fixture
def disk(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def path_of(tmp_path: Path) -> Path:
    return tmp_path / "files" / SHA256[:2] / SHA256


def test_what_was_stored_comes_back(files: Files) -> None:
    assert files.put(CONTENT) == files.put(CONTENT) == SHA256
    assert files.get(SHA256) == CONTENT
    assert files.get(files.put(b"")) == b""


@pytest.mark.parametrize("name", ["0" * 64, "", "../../etc/passwd", "A" * 64, SHA256 + "\n"])
def test_what_was_not_stored_is_not_found(files: Files, name: str) -> None:
    with pytest.raises(NotFoundError):
        files.get(name)


def test_a_file_is_read_only_and_alone_in_its_folder(disk: FileStore, tmp_path: Path) -> None:
    disk.put(CONTENT)
    path = path_of(tmp_path)
    assert [each.name for each in path.parent.iterdir()] == [SHA256]
    assert stat.S_IMODE(path.stat().st_mode) == 0o440


def test_other_content_is_noticed(disk: FileStore, tmp_path: Path) -> None:
    disk.put(CONTENT)
    path_of(tmp_path).chmod(0o600)
    path_of(tmp_path).write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(ArchiveCorruptError):
        disk.get(SHA256)


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_full_disk_leaves_no_file_of_that_name(
    disk: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    owner = os if step == "fsync" else Path
    with monkeypatch.context() as patched:
        patched.setattr(owner, step, full)
        with pytest.raises(DiskFullError):
            disk.put(CONTENT)
    assert list(path_of(tmp_path).parent.iterdir()) == []
    assert disk.put(CONTENT) == SHA256


def test_other_trouble_is_not_called_a_full_disk(disk: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", denied)
    with pytest.raises(OSError, match="Input/output"):
        disk.put(CONTENT)


def test_file_and_folders_are_synced(disk: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[[int], None] = os.fsync
    synced: list[bool] = []

    def watched(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    disk.put(CONTENT)
    assert synced == [False, True, True]


def test_many_storing_the_same_make_one_file(disk: FileStore, tmp_path: Path) -> None:
    barrier = threading.Barrier(16)

    def put() -> None:
        barrier.wait()
        disk.put(CONTENT)

    threads = [threading.Thread(target=put) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.name for each in path_of(tmp_path).parent.iterdir()] == [SHA256]
    assert disk.get(SHA256) == CONTENT


LARGE = b"".join(b'{"id":"patient-%05d","status":"active"},' % number for number in range(5_000))


def packed(tmp_path: Path, sha256: str) -> Path:
    return tmp_path / "files" / sha256[:2] / f"{sha256}.gz"


def test_large_content_lies_packed_under_its_own_digest(disk: FileStore, tmp_path: Path) -> None:
    sha256 = disk.put(LARGE)
    assert sha256 == disk.put(LARGE) == hashlib.sha256(LARGE).hexdigest()
    assert [each.name for each in packed(tmp_path, sha256).parent.iterdir()] == [f"{sha256}.gz"]
    assert packed(tmp_path, sha256).stat().st_size < len(LARGE) / 5
    assert disk.get(sha256) == LARGE


def test_a_large_file_of_an_earlier_release_lies_as_it_was(disk: FileStore, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(LARGE).hexdigest()
    plain = packed(tmp_path, sha256).with_suffix("")
    plain.parent.mkdir(parents=True)
    plain.write_bytes(LARGE)
    assert disk.put(LARGE) == sha256
    assert [each.name for each in plain.parent.iterdir()] == [sha256]
    assert disk.get(sha256) == LARGE


@pytest.mark.parametrize("harm", [lambda all_: all_[:-1], lambda all_: all_[:40], lambda _: b"", lambda all_: all_[9:]])
def test_a_damaged_packed_file_is_noticed(disk: FileStore, tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = packed(tmp_path, disk.put(LARGE))
    path.chmod(0o600)
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(ArchiveCorruptError):
        disk.get(path.stem)


def test_every_changed_bit_of_a_packed_file_is_noticed_or_harmless(disk: FileStore, tmp_path: Path) -> None:
    path = packed(tmp_path, disk.put(LARGE))
    path.chmod(0o600)
    whole = path.read_bytes()
    for place in range(0, len(whole), 997):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            found = disk.get(path.stem)
        except ArchiveCorruptError:
            continue
        assert found == LARGE, place
