"""What the host says of a cell's processes is compared field by field: every single difference is a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sandbox.adapters.drivers import walls
from sandbox.provisioning import attestation
from sandbox.provisioning.attestation import HostFacts, Mount, Process
from tests.hosts import CONTAINER, UID, host_facts

WALLS = walls.of_cell(CONTAINER, UID)


def found(facts: HostFacts) -> list[str]:
    """Return the claims that do not hold."""
    return [one.claim for one in attestation.readings(facts, WALLS) if not one.holds]


def test_a_cell_as_the_profile_wants_it_has_no_findings() -> None:
    read = attestation.readings(host_facts(), WALLS)
    assert attestation.findings(read) == []
    assert len({one.claim for one in read}) == len(read) >= 30
    assert all(one.source.startswith(("/proc/", "/sys/fs/cgroup/")) for one in read)


Change = Callable[[HostFacts], HostFacts]


def _child(**changes: Any) -> Change:
    """Change the second process only: every one of them counts."""

    def change(facts: HostFacts) -> HostFacts:
        first, second = facts.processes
        return replace(facts, processes=(first, replace(second, **changes)))

    return change


def _status(name: str, value: str) -> Change:
    return lambda facts: _child(status={**facts.processes[1].status, name: value})(facts)


def _without(name: str) -> Change:
    return lambda facts: _child(status={key: value for key, value in facts.processes[1].status.items() if key != name})(
        facts
    )


def _limit(name: str, value: str) -> Change:
    return lambda facts: _child(limits={**facts.processes[1].limits, name: value})(facts)


def _namespace(name: str, value: str | None = None) -> Change:
    """Have the second process in the host's namespace, or in one of its own."""
    return lambda facts: _child(namespaces={**facts.processes[1].namespaces, name: value or facts.own[name]})(facts)


def _facts(**changes: Any) -> Change:
    return lambda facts: replace(facts, **changes)


def _mount(point: str, **changes: Any) -> Change:
    return lambda facts: replace(
        facts, mounts=tuple(replace(one, **changes) if one.point == point else one for one in facts.mounts)
    )


def _more(point: str, kind: str = "ext4", options: str = "rw", **changes: Any) -> Change:
    new = Mount(point=point, root="/", kind=kind, options=frozenset(options.split(",")), **changes)
    return lambda facts: replace(facts, mounts=(*facts.mounts, new))


def _less(point: str) -> Change:
    return lambda facts: replace(facts, mounts=tuple(one for one in facts.mounts if one.point != point))


MUTATIONS: list[tuple[str, Change]] = [
    ("interfaces", _facts(interfaces=("eth0", "lo"))),
    ("interfaces", _facts(interfaces=())),
    ("routes", _facts(routes=("eth0",))),
    *[(f"namespace.{name}", _namespace(name)) for name in attestation.NAMESPACES],
    ("namespace.net", _namespace("net", "net:[77]")),
    ("namespace.mnt", _namespace("mnt", "mnt:[77]")),
    ("uid", _status("Uid", "0 0 0 0")),
    ("uid", _status("Uid", f"{UID} 0 {UID} {UID}")),
    ("uid", _status("Uid", f"{UID + 1} " * 4)),
    ("gid", _status("Gid", "0 0 0 0")),
    ("groups", _status("Groups", f"{UID} 0")),
    ("seccomp", _status("Seccomp", "0")),
    ("seccomp", _status("Seccomp", "1")),
    ("seccomp", _without("Seccomp")),
    ("no_new_privileges", _status("NoNewPrivs", "0")),
    ("no_new_privileges", _without("NoNewPrivs")),
    *[(f"capabilities.{name}", _status(name, "0000000000000400")) for name in attestation.CAPABILITIES],
    ("capabilities.CapBnd", _without("CapBnd")),
    ("root", _mount("/", options=frozenset({"rw"}))),
    ("root", _less("/")),
    ("mounts", _more("/host")),
    ("mounts", _more("/var/run/docker.sock", "tmpfs", "ro,nosuid,nodev,noexec")),
    ("mounts", _more("/data", "ext4")),
    ("mounts", _more("/dev/kvm", "devtmpfs", "rw,nosuid")),
    ("mounts", _more("/proc/sys/kernel", "proc", "rw")),
    ("mounts", _more("/proc/sysrq-trigger", "tmpfs", "rw,nosuid")),
    ("mounts", _more("/sys/fs/cgroup/memory", "cgroup", "rw")),
    ("mounts", _mount("/sys", options=frozenset({"rw"}))),
    ("mounts", _mount("/tmp", options=frozenset({"rw", "nosuid", "nodev"}))),
    ("mounts", _mount("/tmp", size="size=1g")),
    ("mounts", _mount("/run/his", options=frozenset({"rw", "nosuid", "nodev", "noexec"}))),
    ("mounts", _mount("/run/his", kind="ext4")),
    ("mounts", _mount("/etc/hosts", options=frozenset({"rw"}))),
    ("mounts", _mount("/dev/shm", size="size=65536k")),
    ("mounts_missing", _less("/data")),
    ("mounts_missing", _less("/run/his")),
    ("folder./data", _facts(folders={"/data": False, "/run/his": True})),
    ("folder./run/his", _facts(folders={"/data": True, "/run/his": False})),
    ("memory", _facts(memory="max")),
    ("memory_and_swap", _facts(memory_and_swap="268435456")),
    ("cpu", _facts(cpu="-1 1000000")),
    ("cpu", _facts(cpu="max 100000")),
    ("processes", _facts(pids="max")),
    ("control_group", _child(cgroups=("/",))),
    ("control_group", _child(cgroups=(f"/docker/{CONTAINER}", "/user.slice"))),
    ("control_group", _child(cgroups=(f"/docker/{'f' * 64}",))),
    ("oom_score_adj", _child(oom_score_adj="0")),
    ("limit.open_files", _limit("open files", "1048576 1048576")),
    ("limit.core_file_size", _limit("core file size", "unlimited unlimited")),
    ("limit.file_size", _limit("file size", "unlimited unlimited")),
]


@pytest.mark.parametrize(("claim", "change"), MUTATIONS, ids=[f"{n} {one[0]}" for n, one in enumerate(MUTATIONS)])
def test_every_difference_is_found(claim: str, change: Change) -> None:
    assert claim in found(change(host_facts()))


def test_there_are_enough_ways_to_be_wrong() -> None:
    claims = {claim for claim, _change in MUTATIONS}
    assert claims == {one.claim for one in attestation.readings(host_facts(), WALLS)}
    assert len(MUTATIONS) >= 25


def test_a_finding_says_what_was_found_where() -> None:
    [line] = attestation.findings(attestation.readings(replace(host_facts(), pids="max"), WALLS))
    assert line == "host.processes = max (wanted 64, /sys/fs/cgroup/pids/x)"


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        ((f"/docker/{CONTAINER}", "/"), True),
        ((f"/system.slice/docker-{CONTAINER}.scope",), True),
        (("/",), False),
        ((), False),
        ((f"/docker/{CONTAINER}/inner",), False),
        ((f"/docker/{CONTAINER[:-1]}0",), False),
    ],
)
def test_a_control_group_names_its_container(paths: tuple[str, ...], named: bool) -> None:
    assert attestation.names_container(paths, CONTAINER) is named
    assert not attestation.names_container(paths, "")


def test_one_process_is_told_without_a_list() -> None:
    facts = host_facts()
    alone = replace(facts, processes=facts.processes[:1])
    sources = {one.claim: one.source for one in attestation.readings(alone, WALLS)}
    assert sources["seccomp"] == "/proc/100/status"
    assert isinstance(alone.processes[0], Process)
