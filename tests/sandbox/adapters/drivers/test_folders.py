"""A cell's folders have the owners and modes of the reference, and nothing in them can lead the worker astray."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.adapters.drivers import folders as folders_module
from sandbox.adapters.drivers.folders import FolderRefusedError, Folders
from sandbox.contract import layout
from sandbox.errors import ControlUnreachableError, DiskFullError
from sandbox.provisioning.model import CellId
from tests import engines

CELL = CellId("0123456789ab")
UID = engines.FIRST_UID + 5


@pytest.fixture
def folders() -> Iterator[Folders]:
    with engines.short_folders() as made:
        yield made
        made.remove(CELL)


def _facts(path: Path) -> tuple[int, int, str]:
    found = path.lstat()
    return found.st_uid, found.st_gid, oct(stat.S_IMODE(found.st_mode))


def test_owners_and_modes(folders: Folders) -> None:
    folders.make(CELL, UID)
    run, data = folders.run_folder(CELL), folders.data_folder(CELL)
    assert _facts(folders.run_root) == (0, engines.READERS_GID, "0o750")
    assert _facts(folders.data_root) == (0, 0, "0o700")
    assert _facts(run) == (0, 0, "0o711")
    assert _facts(run / "h") == (UID, engines.READERS_GID, "0o2710")
    assert _facts(run / "c") == (UID, 0, "0o2710")
    assert _facts(data) == (0, 0, "0o755")
    assert {_facts(data / name) for name in layout.DATABASE_FILES} == {(UID, UID, "0o600")}


def test_the_run_folder_is_a_small_tmpfs_that_follows_no_links(folders: Folders) -> None:
    folders.make(CELL, UID)
    facts = os.statvfs(folders.run_folder(CELL))
    assert facts.f_blocks * facts.f_frsize == 256 * 1024
    assert facts.f_files == 16
    [line] = [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(folders.run_root) in line]
    assert {"nosuid", "nodev", "noexec", "nosymfollow"} <= set(line.split()[3].split(","))


def test_making_twice_mounts_once_and_keeps_the_data(folders: Folders) -> None:
    folders.make(CELL, UID)
    (folders.data_folder(CELL) / layout.DATABASE).write_bytes(b"work")
    folders.make(CELL, UID)
    assert (folders.data_folder(CELL) / layout.DATABASE).read_bytes() == b"work"
    assert Path("/proc/self/mounts").read_text().count(str(folders.run_folder(CELL))) == 1


def test_a_renewed_run_folder_is_empty(folders: Folders) -> None:
    folders.make(CELL, UID)
    (folders.run_folder(CELL) / "h" / "junk").write_bytes(b"x")
    folders.renew_run(CELL)
    assert list((folders.run_folder(CELL) / "h").iterdir()) == []
    assert folders.complete(CELL)


def test_after_a_reboot_the_cell_is_incomplete_until_its_run_folder_is_renewed(folders: Folders) -> None:
    folders.make(CELL, UID)
    folders_module._unmount(folders.run_folder(CELL))
    assert not folders.complete(CELL)
    folders.renew_run(CELL)
    assert folders.complete(CELL)


def test_removal_leaves_no_mount_and_no_folder(folders: Folders) -> None:
    folders.make(CELL, UID)
    folders.remove(CELL)
    folders.remove(CELL)
    assert list(folders.run_root.iterdir()) == list(folders.data_root.iterdir()) == []
    assert str(folders.run_root) not in Path("/proc/self/mounts").read_text()


@pytest.mark.parametrize("private", [True, False])
def test_removal_follows_no_link_out_of_the_folder(folders: Folders, tmp_path: Path, private: bool) -> None:
    """Threat T2: what the cell put there must not send a removal by root elsewhere."""
    made = replace(folders, private_mounts=private)
    canary = tmp_path / "canary"
    canary.mkdir()
    (canary / "kept").write_text("kept")
    made.make(CELL, UID)
    for place in (made.run_folder(CELL) / "h", made.data_folder(CELL)):
        (place / "out").symlink_to(canary)
        (place / "deep").mkdir()
        (place / "deep" / "out").symlink_to(canary)
    before = _facts(canary)
    made.remove(CELL)
    assert _facts(canary) == before
    assert (canary / "kept").read_text() == "kept"


def test_a_linked_cell_folder_is_refused(folders: Folders, tmp_path: Path) -> None:
    folders.make(CellId("f" * 12), UID)
    (folders.data_root / CELL).symlink_to(tmp_path)
    with pytest.raises(FolderRefusedError):
        folders.make(CELL, UID)
    assert list(tmp_path.iterdir()) == []
    folders.remove(CellId("f" * 12))
    (folders.data_root / CELL).unlink()


def test_a_linked_database_is_never_written_through(folders: Folders, tmp_path: Path) -> None:
    folders.make(CELL, UID)
    victim = tmp_path / "victim"
    victim.write_text("kept")
    log = folders.data_folder(CELL) / layout.DATABASE_FILES[1]
    log.unlink()
    log.symlink_to(victim)
    with pytest.raises(FolderRefusedError):
        folders.place(CELL, engines.golden_file(tmp_path, "x"))
    assert victim.read_text() == "kept"


def test_a_full_disk_is_told_and_leaves_the_old_dataset(folders: Folders, tmp_path: Path) -> None:
    small = folders.data_root
    small.mkdir()
    folders_module._mount_tmpfs(small)
    try:
        folders.make(CELL, UID)
        large = tmp_path / "large.db"
        large.write_bytes(b"x" * (1 << 20))
        with pytest.raises(DiskFullError):
            folders.place(CELL, large)
        assert (folders.data_folder(CELL) / layout.DATABASE).read_bytes() == b""
        folders.remove(CELL)
    finally:
        folders_module._unmount(small)


def test_a_cell_without_data_has_no_owner(folders: Folders) -> None:
    with pytest.raises(ControlUnreachableError):
        folders.owner(CELL)


def test_a_mount_that_cannot_be_made_says_what_it_needs(folders: Folders) -> None:
    folders.run_root.mkdir()
    missing = folders.run_root / "missing"
    with pytest.raises(OSError, match="needs root"):
        folders_module._mount_tmpfs(missing)
