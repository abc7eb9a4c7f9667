"""Naming a worker's process so that its successor can tell whether it is gone. Reads /proc, nothing else."""

from __future__ import annotations

import os
from pathlib import Path


def owner_name() -> str:
    """Name this process so that no later one, not even after a reboot, can be taken for it."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{os.uname().nodename} {boot} {os.getpid()} {_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Say whether the owner was a process of this machine that is gone. Of other machines nothing is known."""
    parts = owner.split(" ")
    if len(parts) != 4 or parts[0] != os.uname().nodename:
        return False
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return parts[1] != boot or _started(int(parts[2])) != parts[3]


def _started(pid: int) -> str:
    """Return the process's start in clock ticks since boot, or '' if there is none of this pid."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if facts[0] in ("Z", "X") else facts[19]
