"""What the host has left, and what cells use of it: /proc and control groups, version 1 and 2. Reads files only."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.provisioning.capacity import Machine
from sandbox.provisioning.model import Cell

SHIM_BYTES = 3 << 20
"""The engine's helper process of each container, outside its control group. Source: provisioning.md §4, 2.6 MiB."""
_KIB = 1024


class Host:
    """Fulfils scheduling.ports.Host. `proc` and `groups` are /proc and /sys/fs/cgroup but in tests."""

    def __init__(self, state: Path, *, proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> None:
        self._state = state
        self._proc = proc
        self._groups = groups

    def look(self) -> Machine:
        """Return memory, swap, disk and stalls of this moment."""
        known = _meminfo((self._proc / "meminfo").read_text())
        return Machine(
            memory_total=known["MemTotal"],
            memory_available=known["MemAvailable"],
            swap_used=known["SwapTotal"] - known["SwapFree"],
            disk_free=shutil.disk_usage(self._state).free,
            stalled=self._stalled(),
        )

    def memory_of(self, cells: Sequence[Cell]) -> dict[str, int]:
        """Return the bytes that each of these cells uses; one of which nothing can be read is left out.

        From the container's control group, without file pages that can be dropped at any time; where there is none,
        the proportional share (PSS) of the processes of the cell's uid.
        """
        found = {str(cell.id): self._of_group(cell.engine_id) for cell in cells if cell.engine_id}
        grouped = {key: used + SHIM_BYTES for key, used in found.items() if used is not None}
        others = [cell for cell in cells if cell.id not in grouped]
        return {**grouped, **(self._of_processes(others) if others else {})}

    def _stalled(self) -> float | None:
        """Return the kernel's `some avg10` for memory, None where it does not keep it."""
        try:
            first = (self._proc / "pressure" / "memory").read_text().splitlines()[0]
        except OSError:
            return None
        return float(dict(part.split("=") for part in first.split()[1:])["avg10"])

    def _of_group(self, engine_id: str) -> int | None:
        for folder, usage, inactive in (
            (f"memory/docker/{engine_id}", "memory.usage_in_bytes", "total_inactive_file"),
            (f"docker/{engine_id}", "memory.current", "inactive_file"),
            (f"system.slice/docker-{engine_id}.scope", "memory.current", "inactive_file"),
        ):
            group = self._groups / folder
            try:
                used = int((group / usage).read_text())
                stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
            except OSError:
                # Not here, or gone while it was read: the kernel says "no such device" then.
                continue
            return max(0, used - int(stat.get(inactive, 0)))
        return None

    def _of_processes(self, cells: Sequence[Cell]) -> dict[str, int]:
        pids = self._pids()
        sums = {cell.id: sum(self._pss(pid) for pid in pids.get(cell.uid, ())) for cell in cells}
        return {key: used for key, used in sums.items() if used}

    def _pids(self) -> Mapping[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        with os.scandir(self._proc) as entries:
            for entry in entries:
                if entry.name.isdigit():
                    try:
                        found[entry.stat().st_uid].append(entry.name)
                    except FileNotFoundError:
                        continue
        return found

    def _pss(self, pid: str) -> int:
        try:
            lines = (self._proc / pid / "smaps_rollup").read_text().splitlines()
        except (OSError, ValueError):
            return 0
        return sum(int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:"))


def _meminfo(text: str) -> dict[str, int]:
    """Return /proc/meminfo in bytes."""
    rows = (line.split(":") for line in text.splitlines())
    return {name: int(value.split()[0]) * _KIB for name, value in rows}
