"""What /proc, /sys and the package's changelogs tell of this machine. Reads and a few harmless calls; never waits."""

from __future__ import annotations

import ctypes
import gzip
import os
import platform
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sandbox.adapters.drivers.folders import MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_NOSYMFOLLOW
from sandbox.health.model import Build, Room

STA_UNSYNC = 0x40
"""Source: adjtimex(2)."""
_MNT_DETACH = 2
_CHANGELOG = Path("/usr/share/doc/runc/changelog.Debian.gz")

_libc = ctypes.CDLL(None, use_errno=True)


def look(state: Path, *, proc: Path = Path("/proc")) -> Room:
    """Return what costs less than a millisecond to know."""
    memory = _memory(proc / "meminfo")
    usage, files = shutil.disk_usage(state), os.statvfs(state)
    return Room(
        memory_total=memory.get("MemTotal", 0),
        memory_available=memory.get("MemAvailable", 0),
        swap_total=memory.get("SwapTotal", 0),
        swap_used=memory.get("SwapTotal", 0) - memory.get("SwapFree", 0),
        disk_total=usage.total,
        disk_free=usage.free,
        inodes_total=files.f_files,
        inodes_free=files.f_favail,
        memory_pressure=_pressure(proc / "pressure" / "memory"),
        clock_synchronised=_synchronised(),
    )


def examine(*, root: Path = Path("/"), changelog: Path = _CHANGELOG) -> Build:
    """Return how the machine is made up; runs `runc --version` and `nginx -v` and, as root, tries one mount."""
    groups = root / "sys/fs/cgroup"
    unified = groups / "cgroup.controllers"
    return Build(
        kernel=platform.release(),
        cgroup_version=2 if unified.is_file() else 1,
        cgroups=frozenset(unified.read_text().split() if unified.is_file() else _names(groups)),
        security_modules=_security_modules(root),
        user_namespaces=_number(root / "proc/sys/user/max_user_namespaces"),
        nosymfollow=_mounts_nosymfollow() if os.geteuid() == 0 else None,
        runc=_version(["runc", "--version"]),
        runc_fixes=_fixes(changelog),
        nginx=_version(["/usr/sbin/nginx", "-v"]),
    )


def _memory(file: Path) -> dict[str, int]:
    if not file.is_file():
        return {}
    found = re.findall(r"^(\w+):\s+(\d+) kB$", file.read_text(), re.MULTILINE)
    return {name: int(kibibytes) * 1024 for name, kibibytes in found}


def _pressure(file: Path) -> float | None:
    try:
        told = file.read_text()
    except OSError:
        # A kernel without pressure figures has no such file, or refuses to read it.
        return None
    found = re.search(r"^some avg10=([\d.]+)", told, re.MULTILINE)
    return float(found[1]) if found else None


def _synchronised() -> bool | None:
    """Return whether the kernel says that something disciplines its clock."""
    told = (ctypes.c_char * 256)()
    if _libc.adjtimex(ctypes.byref(told)) < 0:
        return None
    # struct timex: modes (int), then four longs, then status (int).
    offset = ctypes.sizeof(ctypes.c_long) * 5
    return not ctypes.c_int.from_buffer(told, offset).value & STA_UNSYNC


def _names(folder: Path) -> set[str]:
    return {part for path in folder.glob("*") if path.is_dir() for part in path.name.split(",")}


def _security_modules(root: Path) -> frozenset[str]:
    found = set()
    apparmor = root / "sys/module/apparmor/parameters/enabled"
    if apparmor.is_file() and apparmor.read_text().startswith("Y"):
        found.add("AppArmor")
    if (root / "sys/fs/selinux/enforce").is_file():
        found.add("SELinux")
    return frozenset(found)


def _number(file: Path) -> int | None:
    return int(file.read_text()) if file.is_file() else None


def _mounts_nosymfollow() -> bool:
    """Try the mount that every cell's run folder is, and take it away."""
    folder = tempfile.mkdtemp(prefix="his-doctor-")
    try:
        flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOSYMFOLLOW
        made = _libc.mount(b"his-doctor", folder.encode(), b"tmpfs", ctypes.c_ulong(flags), b"size=16k") == 0
        if made:
            _libc.umount2(folder.encode(), _MNT_DETACH)
        return bool(made)
    finally:
        Path(folder).rmdir()


def _version(command: list[str]) -> str:
    """Return the first version number a program tells of itself; '' if it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (FileNotFoundError, PermissionError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+\.\d+[^\s]*", done.stdout + done.stderr)
    return found[0] if found else ""


def _fixes(changelog: Path) -> frozenset[str]:
    if not changelog.is_file():
        return frozenset()
    return frozenset(re.findall(r"CVE-\d{4}-\d{4,}", gzip.decompress(changelog.read_bytes()).decode(errors="replace")))
