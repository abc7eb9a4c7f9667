"""Reads from the host what holds for the processes of one container: /proc and the control groups, nothing else.

Nothing is decided here. The engine is asked for the main process's id only; that the processes are the container's is
checked by their control group. Needs to be root, or to own the processes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from sandbox.errors import OutcomeUnknownError
from sandbox.provisioning.attestation import CAPABILITIES, NAMESPACES, HostFacts, Mount, Process

PROC = Path("/proc")
_STATUS = frozenset({"State", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", *CAPABILITIES})
_OCTAL = re.compile(r"\\([0-7]{3})")
_UNLIMITED_V1 = 1 << 60
"""A control group of the first kind says "no limit" with a number near 2^63."""


def read(main: int, folders: Mapping[str, Path], *, proc: Path = PROC) -> HostFacts:
    """Return the facts about the container whose first process is `main`.

    `folders` are the host's folders behind mount points of the container. Raises OutcomeUnknownError if it ended
    meanwhile.
    """
    base = proc / str(main)
    try:
        groups = _groups(base)
        mounted = _hierarchies(proc)
        listing = _folder_of(groups, mounted, "pids")
        found = _living(proc, _members(listing, main), main)
        limits = _limits(groups, mounted, proc)
        return HostFacts(
            kernel=os.uname().release,
            main=main,
            processes=found,
            own={name: os.readlink(proc / "self/ns" / name) for name in NAMESPACES},
            interfaces=_interfaces(base),
            routes=_routes(base),
            mounts=tuple(_mount(line) for line in (base / "mountinfo").read_text().splitlines()),
            folders={point: _is_same(base, point, path) for point, path in folders.items()},
            sources={name: str(_folder_of(groups, mounted, name)) for name in ("memory", "cpu", "pids")},
            **limits,
        )
    except (FileNotFoundError, ProcessLookupError) as gone:
        raise OutcomeUnknownError(f"process {main} ended while it was looked at: {gone}") from gone


def cgroups_of(pid: int, *, proc: Path = PROC) -> tuple[str, ...]:
    """Return the control groups of a process. Raises FileNotFoundError, ProcessLookupError if there is none."""
    return tuple(dict.fromkeys(_groups(proc / str(pid)).values()))


def _groups(base: Path) -> dict[str, str]:
    """Return controller -> path; '' is the unified hierarchy."""
    found: dict[str, str] = {}
    for line in (base / "cgroup").read_text().splitlines():
        _number, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            found[name] = path
    return found


def _hierarchies(proc: Path) -> dict[str, tuple[str, Path]]:
    """Return controller -> (root of the mount, where it is mounted); '' is the unified hierarchy."""
    found: dict[str, tuple[str, Path]] = {}
    for line in (proc / "self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _source, options = after.split(" ", 2)
        root, point = before.split(" ")[3:5]
        if kind == "cgroup2":
            found.setdefault("", (root, Path(point)))
        elif kind == "cgroup":
            for name in options.split(","):
                found.setdefault(name, (root, Path(point)))
    return found


def _folder_of(groups: Mapping[str, str], mounted: Mapping[str, tuple[str, Path]], controller: str) -> Path:
    """Return the folder of this controller's group: of its own hierarchy if it has one, else of the unified one."""
    name = controller if controller in groups and controller in mounted else ""
    if name not in groups or name not in mounted:
        raise OutcomeUnknownError(f"this host has no control group for {controller}")
    root, point = mounted[name]
    return point / groups[name].removeprefix(root.rstrip("/")).lstrip("/")


def _members(folder: Path, main: int) -> list[int]:
    pids = {int(line) for line in (folder / "cgroup.procs").read_text().split()}
    return sorted({main, *pids} - {0})


def _living(proc: Path, members: Iterable[int], main: int) -> tuple[Process, ...]:
    found = tuple(one for pid in members if (one := _process(proc / str(pid))) is not None)
    if main not in [one.pid for one in found]:
        raise ProcessLookupError("it is dead and only waited for")
    return found


def _process(base: Path) -> Process | None:
    """Return one process; None if it ended, or is dead and only waited for."""
    try:
        status = {}
        for line in (base / "status").read_text().splitlines():
            name, _, value = line.partition(":")
            if name in _STATUS:
                status[name] = " ".join(value.split())
        if status.pop("State", "").startswith(("Z", "X")):
            return None
        return Process(
            pid=int(base.name),
            status=status,
            limits=_process_limits(base),
            oom_score_adj=(base / "oom_score_adj").read_text().strip(),
            namespaces={name: os.readlink(base / "ns" / name) for name in NAMESPACES},
            cgroups=tuple(dict.fromkeys(_groups(base).values())),
        )
    except (FileNotFoundError, ProcessLookupError):
        return None


def _process_limits(base: Path) -> dict[str, str]:
    lines = (base / "limits").read_text().splitlines()
    soft, hard = lines[0].index("Soft Limit"), lines[0].index("Hard Limit")
    return {
        line[:soft].strip().removeprefix("Max "): f"{line[soft:hard].strip()} {line[hard:].split()[0]}"
        for line in lines[1:]
    }


def _interfaces(base: Path) -> tuple[str, ...]:
    lines = (base / "net/dev").read_text().splitlines()[2:]
    return tuple(sorted(line.partition(":")[0].strip() for line in lines))


def _routes(base: Path) -> tuple[str, ...]:
    found = {line.split()[0] for line in (base / "net/route").read_text().splitlines()[1:]}
    with suppress(FileNotFoundError):
        # A kernel without IPv6 has no such file. The loopback's own entries lead nowhere.
        found |= {line.split()[-1] for line in (base / "net/ipv6_route").read_text().splitlines()} - {"lo"}
    return tuple(sorted(found))


def _mount(line: str) -> Mount:
    before, _, after = line.partition(" - ")
    fields = before.split(" ")
    kind, _source, more = after.split(" ", 2)
    size = next((each for each in more.split(",") if each.startswith("size=")), "")
    return Mount(
        point=_plain(fields[4]), root=_plain(fields[3]), kind=kind, options=frozenset(fields[5].split(",")), size=size
    )


def _plain(path: str) -> str:
    """Return a path of mountinfo as it is: blanks and the like stand there as octal numbers."""
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), path)


def _is_same(base: Path, point: str, folder: Path) -> bool:
    inside, outside = os.lstat(f"{base}/root{point}"), os.lstat(folder)
    return (inside.st_dev, inside.st_ino) == (outside.st_dev, outside.st_ino)


def _limits(groups: Mapping[str, str], mounted: Mapping[str, tuple[str, Path]], proc: Path) -> dict[str, str]:
    memory = _folder_of(groups, mounted, "memory")
    cpu, pids = _folder_of(groups, mounted, "cpu"), _folder_of(groups, mounted, "pids")
    if (memory / "memory.max").exists():
        most, swap = _text(memory / "memory.max"), _swap_v2(memory, proc)
        both = str(int(most) + int(swap)) if most.isdigit() and swap.isdigit() else "max"
        quota = _text(cpu / "cpu.max")
    else:
        most, both = _v1(_text(memory / "memory.limit_in_bytes")), _both_v1(memory, proc)
        quota = f"{_text(cpu / 'cpu.cfs_quota_us')} {_text(cpu / 'cpu.cfs_period_us')}"
    return {"memory": most, "memory_and_swap": both, "cpu": quota, "pids": _text(pids / "pids.max")}


def _swap_v2(memory: Path, proc: Path) -> str:
    path = memory / "memory.swap.max"
    return _text(path) if path.exists() else "max" if _swaps(proc) else "0"


def _both_v1(memory: Path, proc: Path) -> str:
    """Without swap accounting nothing is counted, which matters only on a host that swaps."""
    path = memory / "memory.memsw.limit_in_bytes"
    alone = _v1(_text(memory / "memory.limit_in_bytes"))
    return _v1(_text(path)) if path.exists() else "max" if _swaps(proc) else alone


def _swaps(proc: Path) -> Iterable[str]:
    return (proc / "swaps").read_text().splitlines()[1:]


def _v1(number: str) -> str:
    return "max" if int(number) >= _UNLIMITED_V1 else number


def _text(path: Path) -> str:
    return path.read_text().strip()
