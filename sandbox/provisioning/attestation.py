"""Compares what really holds for a container's processes with what must hold. Pure: values in, readings out.

The engine's own word is compared elsewhere (the driver, `inspect`); this is about what the host's kernel says of the
processes, whatever the engine believes. Each reading says where it was read, what was found and what was wanted: the
ones that do not hold are the findings, all of them together are the isolation certificate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
NAMESPACES = ("net", "pid", "ipc", "mnt", "uts", "cgroup")
NOTHING = "none"


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process as /proc tells of it; texts as they stand there."""

    pid: int
    status: Mapping[str, str]
    """Uid, Gid, Groups, the five capability sets, NoNewPrivs, Seccomp."""
    limits: Mapping[str, str]
    """Name of a limit -> "soft hard"."""
    oom_score_adj: str
    namespaces: Mapping[str, str]
    """Name -> "net:[4026532255]"."""
    cgroups: tuple[str, ...]
    """Paths of the controllers' groups, without repetition."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A line of the main process's mountinfo."""

    point: str
    root: str
    """Which part of the file system is mounted."""
    kind: str
    """The file system's type."""
    options: frozenset[str]
    """Of this mount: ro, nosuid …"""
    size: str = ""
    """The size option of the file system, or ''."""


@dataclass(frozen=True, kw_only=True)
class HostFacts:
    """Everything read from the host about one container."""

    kernel: str
    main: int
    processes: tuple[Process, ...]
    own: Mapping[str, str]
    """The namespaces of the reader, which are the host's."""
    interfaces: tuple[str, ...]
    routes: tuple[str, ...]
    """Interfaces that have routes, the loopback's own excepted."""
    mounts: tuple[Mount, ...]
    folders: Mapping[str, bool]
    """Mount point -> it is the very folder that the worker made for this cell."""
    memory: str
    memory_and_swap: str
    cpu: str
    """Quota and period in microseconds, with a blank between them."""
    pids: str
    sources: Mapping[str, str]
    """memory, cpu, pids -> the folder in which the control group's limit was read."""


@dataclass(frozen=True, kw_only=True)
class MountRule:
    """What a mount must be like to be one of ours or of the engine's usual ones."""

    kind: str = ""
    """'' = whatever the engine's storage is."""
    options: frozenset[str] = frozenset()
    size: str = ""
    root: str = ""
    """'' = whatever part of the file system."""
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class Walls:
    """What the profile wants to hold, in the kernel's own words."""

    container: str
    """The engine's id: the control group must name it."""
    uid: int
    memory: int
    memory_and_swap: int
    cpu: str
    pids: int
    oom_score_adj: int
    limits: Mapping[str, str]
    mounts: Mapping[str, Sequence[MountRule]]
    below: Mapping[str, Sequence[MountRule]]
    """Folder -> rules for mounts anywhere below it."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One claim, as it was read."""

    claim: str
    source: str
    found: str
    wanted: str

    @property
    def holds(self) -> bool:
        return self.found == self.wanted


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """What one look at a running container told; only of one that is as it must be."""

    isolates: bool
    container: str
    """The engine's id of it."""
    begun: str
    """Names this run of it: another after each start."""
    uid: int
    image: str
    profile: str
    engine: str
    kernel: str = ""
    readings: tuple[Reading, ...] = ()
    """Empty if it did not run, or if nothing isolates it."""


def readings(facts: HostFacts, walls: Walls) -> tuple[Reading, ...]:
    """Return every claim of the profile with what the host says about it."""
    return (*_network(facts), *_privileges(facts, walls), *_places(facts, walls), *_limits(facts, walls))


def findings(read: Iterable[Reading]) -> list[str]:
    """Return what does not hold, each with what was found instead."""
    return [f"host.{one.claim} = {one.found} (wanted {one.wanted}, {one.source})" for one in read if not one.holds]


def _network(facts: HostFacts) -> Iterator[Reading]:
    source = f"/proc/{facts.main}/net"
    yield Reading(claim="interfaces", source=f"{source}/dev", found=_listed(facts.interfaces), wanted="lo")
    yield Reading(
        claim="routes", source=f"{source}/route, {source}/ipv6_route", found=_listed(facts.routes), wanted=NOTHING
    )
    for name in NAMESPACES:
        yield Reading(
            claim=f"namespace.{name}", source=f"{_proc(facts)}/ns/{name}", found=_whose(facts, name), wanted="its own"
        )


def _whose(facts: HostFacts, name: str) -> str:
    """Say whose namespace the processes are in. What is read of one of them holds for all only if they share it."""
    found = {one.namespaces.get(name, "") for one in facts.processes}
    if found & {"", facts.own.get(name)}:
        return "the host's"
    return "its own" if len(found) == 1 else "several"


def _privileges(facts: HostFacts, walls: Walls) -> Iterator[Reading]:
    status = f"{_proc(facts)}/status"
    uid = str(walls.uid)
    yield _same(facts, "uid", status, lambda one: _once(one.status.get("Uid", "")), uid)
    yield _same(facts, "gid", status, lambda one: _once(one.status.get("Gid", "")), uid)
    yield _same(facts, "groups", status, lambda one: _once(one.status.get("Groups", "")) or uid, uid)
    yield _same(facts, "seccomp", status, lambda one: one.status.get("Seccomp", "?"), "2")
    yield _same(facts, "no_new_privileges", status, lambda one: one.status.get("NoNewPrivs", "?"), "1")
    for name in CAPABILITIES:
        yield _same(facts, f"capabilities.{name}", status, lambda one, name=name: _bits(one.status.get(name)), "0")  # type: ignore[misc]


def _places(facts: HostFacts, walls: Walls) -> Iterator[Reading]:
    source = f"/proc/{facts.main}/mountinfo"
    root = [mount for mount in facts.mounts if mount.point == "/"]
    read_only = bool(root) and "ro" in root[-1].options
    yield Reading(claim="root", source=source, found="read-only" if read_only else "writable", wanted="read-only")
    strange = sorted(_strange_mounts(facts.mounts, walls))
    yield Reading(claim="mounts", source=source, found=_listed(strange), wanted=NOTHING)
    there = {mount.point for mount in facts.mounts}
    lacking = sorted(point for point, rules in walls.mounts.items() if rules[0].needed and point not in there)
    yield Reading(claim="mounts_missing", source=source, found=_listed(lacking), wanted=NOTHING)
    for point, own in sorted(facts.folders.items()):
        yield Reading(
            claim=f"folder.{point}",
            source=f"/proc/{facts.main}/root{point}",
            found="this cell's own" if own else "another",
            wanted="this cell's own",
        )


def _strange_mounts(mounts: Sequence[Mount], walls: Walls) -> Iterator[str]:
    seen: set[str] = set()
    for mount in mounts:
        if mount.point in seen:
            # Whatever lies on top of a mount that was right is what the processes see.
            yield f"{mount.point} twice"
        seen.add(mount.point)
        rules = walls.mounts.get(mount.point)
        if rules is None:
            above = next((folder for folder in walls.below if mount.point.startswith(f"{folder}/")), "")
            rules = walls.below.get(above, ())
        if not any(_fits(mount, rule) for rule in rules):
            yield f"{mount.point} ({mount.kind} {','.join(sorted(mount.options))})"


def _fits(mount: Mount, rule: MountRule) -> bool:
    same = all(
        wanted in ("", found)
        for wanted, found in ((rule.kind, mount.kind), (rule.size, mount.size), (rule.root, mount.root))
    )
    return same and rule.options <= mount.options


def _limits(facts: HostFacts, walls: Walls) -> Iterator[Reading]:
    memory = facts.sources["memory"]
    yield Reading(claim="memory", source=memory, found=facts.memory, wanted=str(walls.memory))
    swap = str(walls.memory_and_swap)
    yield Reading(claim="memory_and_swap", source=memory, found=facts.memory_and_swap, wanted=swap)
    yield Reading(claim="cpu", source=facts.sources["cpu"], found=facts.cpu, wanted=walls.cpu)
    yield Reading(claim="processes", source=facts.sources["pids"], found=facts.pids, wanted=str(walls.pids))
    cgroup = f"{_proc(facts)}/cgroup"
    yield _same(facts, "control_group", cgroup, lambda one: _named(one, walls.container), "its own")
    score = str(walls.oom_score_adj)
    yield _same(facts, "oom_score_adj", f"{_proc(facts)}/oom_score_adj", lambda one: one.oom_score_adj, score)
    for name, value in walls.limits.items():
        source = f"{_proc(facts)}/limits: {name}"
        yield _same(facts, _claim(name), source, lambda one, name=name: one.limits.get(name, "?"), value)  # type: ignore[misc]


def names_container(cgroups: Iterable[str], container: str) -> bool:
    """Say whether every control group belongs to this container: engines call it `<id>` or `docker-<id>.scope`."""
    last = {path.rstrip("/").rpartition("/")[2] for path in cgroups if path != "/"}
    return bool(container) and last in ({container}, {f"docker-{container}.scope"})


def _named(process: Process, container: str) -> str:
    return "its own" if names_container(process.cgroups, container) else _listed(process.cgroups)


def _same(facts: HostFacts, claim: str, source: str, told: Callable[[Process], str], wanted: str) -> Reading:
    """Return a reading that holds only if it does for every process."""
    found = sorted({told(one) for one in facts.processes})
    return Reading(claim=claim, source=source, found=_listed(found), wanted=wanted)


def _once(ids: str) -> str:
    """Return "1000" for "1000 1000 1000 1000": real, effective, saved and file system's."""
    return " ".join(dict.fromkeys(ids.split()))


def _bits(mask: str | None) -> str:
    return "?" if mask is None else mask.lstrip("0") or "0"


def _claim(limit: str) -> str:
    return "limit." + limit.lower().replace(" ", "_")


def _proc(facts: HostFacts) -> str:
    pids = ",".join(str(one.pid) for one in facts.processes)
    return f"/proc/{pids}" if len(facts.processes) == 1 else f"/proc/{{{pids}}}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or NOTHING
