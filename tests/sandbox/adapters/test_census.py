"""Whose a process is, what it used: read from a /proc that the test wrote, and once from the real one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.adapters.census import Census
from sandbox.config import Database, Settings, Site

CELL_UID = os.getuid()
"""Files of the test belong to whoever runs it: so do the cell's processes."""
ELSEWHERE = 4_000_000


@dataclass
class Proc:
    root: Path
    settings: Settings

    def has(self, pid: int, name: str, command: str = "", *, parent: int = 1, ticks: int = 0, kib: int = 0) -> None:
        folder = self.root / str(pid)
        folder.mkdir()
        before = " ".join(["S", str(parent), *["0"] * 9])
        (folder / "stat").write_text(f"{pid} ({name}) {before} {ticks} 0 0 0 20 0 1 0 99\n")
        (folder / "cmdline").write_bytes(command.replace(" ", "\0").encode())
        (folder / "smaps_rollup").write_text(
            f"00-ff ---p 0 00:00 0 [rollup]\nRss: 9 kB\nPss: {kib} kB\nPss_Anon: 1 kB\n"
        )

    @property
    def census(self) -> Census:
        return Census(self.settings, proc=self.root, ticks=100)


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    root = tmp_path / "proc"
    root.mkdir()
    (root / "self").mkdir()
    site = Site(id="0" * 8, state=tmp_path, run=Path("/run/his-x"))
    return Proc(root, Settings(site=site, database=Database(url="sqlite://")))


def test_processes_belong_to_groups_by_what_the_site_says(proc: Proc) -> None:
    proc.has(10, "dockerd", ticks=1)
    proc.has(11, "containerd-shim", "containerd-shim -id abc", ticks=2)
    proc.has(20, "python", "python -m sandbox worker", ticks=4)
    proc.has(21, "python", "python child", parent=20, ticks=8)
    proc.has(30, "gunicorn", f"gunicorn --bind=unix:{proc.settings.site.panel_socket}", ticks=16)
    proc.has(31, "gunicorn", f"gunicorn --bind=unix:{proc.settings.site.gateway_socket}", ticks=32)
    proc.has(40, "nginx", f"nginx -c {proc.settings.site.nginx_folder}/nginx.conf", ticks=64)
    proc.has(41, "nginx", "nginx: worker process", parent=40, ticks=128)
    proc.has(50, "gunicorn", "gunicorn --bind=unix:/run/his-y-web/panel/http.sock", ticks=256)
    proc.has(os.getpid(), "python", ticks=512)
    assert proc.census.processor_us(worker=20, cells=[ELSEWHERE]) == {
        "engine": 30_000,
        "worker": 120_000,
        "panel": 160_000,
        "gateway": 320_000,
        "nginx": 1_920_000,
        "others": 2_560_000,
        "robots": 5_120_000,
    }


def test_a_cells_memory_is_that_of_its_uid_and_its_shim(proc: Proc) -> None:
    proc.has(11, "containerd-shim", "containerd-shim -id feed01", kib=3000)
    proc.has(12, "tini", "tini", parent=11, kib=100)
    proc.has(13, "python", "python -m his serve", parent=12, kib=20_000)
    assert proc.census.memory_kib(worker=None, cells=[CELL_UID])["cells"] >= 20_100
    found = proc.census.cells_kib({CELL_UID: "feed01", ELSEWHERE: "feed02"})
    assert found == {CELL_UID: 23_100}


def test_a_process_that_is_gone_meanwhile_is_left_out(proc: Proc) -> None:
    (proc.root / "77").mkdir()
    assert list(proc.census.members()) == []
    assert proc.census.processor_us(worker=None, cells=[]) == {}


def test_the_real_proc_can_be_read(proc: Proc) -> None:
    real = Census(proc.settings)
    own = next(one for one in real.members() if one.pid == os.getpid())
    assert own.parent == os.getppid()
    assert own.cpu_us > 0
    assert real.processor_us(worker=None, cells=[])["robots"] >= own.cpu_us
