"""Reading the host: made-up /proc and control groups of both versions, and the real ones of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.adapters.machine import SHIM_BYTES, Host
from tests.builders import make_cell

MEMINFO = """MemTotal:       24000 kB
MemFree:         1000 kB
MemAvailable:   16000 kB
SwapTotal:       4000 kB
SwapFree:        3000 kB
HugePages_Total:    0
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "proc" / "pressure").mkdir(parents=True)
    (tmp_path / "proc" / "meminfo").write_text(MEMINFO)
    return Host(tmp_path, proc=tmp_path / "proc", groups=tmp_path / "groups")


def test_memory_swap_and_stalls_are_read(host: Host, tmp_path: Path) -> None:
    (tmp_path / "proc" / "pressure" / "memory").write_text("some avg10=12.50 avg60=1.00 avg300=0.10 total=99\nfull\n")
    seen = host.look()
    assert (seen.memory_total, seen.memory_available, seen.swap_used) == (24000 << 10, 16000 << 10, 1000 << 10)
    assert seen.stalled == 12.5
    assert seen.disk_free > 0


def test_a_kernel_without_stalls_tells_none(host: Host) -> None:
    assert host.look().stalled is None


@pytest.mark.parametrize(
    ("folder", "usage", "inactive"),
    [
        ("memory/docker/{}", "memory.usage_in_bytes", "total_inactive_file"),
        ("docker/{}", "memory.current", "inactive_file"),
        ("system.slice/docker-{}.scope", "memory.current", "inactive_file"),
    ],
)
def test_a_cell_is_measured_by_its_control_group(
    host: Host, tmp_path: Path, folder: str, usage: str, inactive: str
) -> None:
    cell = make_cell(engine_id="9f" * 32)
    group = tmp_path / "groups" / folder.format(cell.engine_id)
    group.mkdir(parents=True)
    (group / usage).write_text("30000000\n")
    (group / "memory.stat").write_text(f"cache 1\n{inactive} 4000000\n")
    assert host.memory_of([cell]) == {cell.id: 26_000_000 + SHIM_BYTES}


def test_without_a_control_group_the_processes_of_the_uid_count(tmp_path: Path) -> None:
    mine = make_cell(uid=os.getuid(), engine_id=None)
    nobodys = make_cell(uid=4_000_000, engine_id="ab" * 32)
    found = Host(tmp_path, groups=tmp_path / "groups").memory_of([mine, nobodys])
    assert set(found) == {mine.id}
    assert found[mine.id] > 1 << 20


def test_this_machine_can_be_read(tmp_path: Path) -> None:
    seen = Host(tmp_path).look()
    assert 0 < seen.memory_available <= seen.memory_total
