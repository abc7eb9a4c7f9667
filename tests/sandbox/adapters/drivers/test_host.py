"""The host's files are read as they are, for both kinds of control groups; a made-up tree stands for the other one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.adapters.drivers import host, walls
from sandbox.errors import OutcomeUnknownError
from sandbox.provisioning import attestation
from sandbox.provisioning.attestation import HostFacts
from tests.hosts import CONTAINER, UID, HostTree, host_facts


@pytest.fixture(params=[1, 2], ids=["first kind", "second kind"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> HostTree:
    return HostTree(tmp_path, version=request.param)


def read(tree: HostTree) -> HostFacts:
    return host.read(100, {"/data": tree.data, "/run/his": tree.run}, proc=tree.proc)


def wrong(facts: HostFacts) -> list[str]:
    return [one.claim for one in attestation.readings(facts, walls.of_cell(CONTAINER, UID)) if not one.holds]


def test_both_kinds_of_control_groups_say_the_same(tree: HostTree) -> None:
    facts = read(tree)
    assert (
        replace(facts, kernel="6.1.0", sources=host_facts().sources, processes=host_facts().processes) == host_facts()
    )
    assert wrong(facts) == []


@pytest.mark.parametrize(
    ("controller", "second", "first", "value", "claim"),
    [
        ("memory", "memory.max", "memory.limit_in_bytes", ("max", "9223372036854771712"), "memory"),
        ("memory", "memory.swap.max", "memory.memsw.limit_in_bytes", ("max", "9223372036854771712"), "memory_and_swap"),
        ("memory", "memory.swap.max", "memory.memsw.limit_in_bytes", ("4096", "134221824"), "memory_and_swap"),
        ("cpu", "cpu.max", "cpu.cfs_quota_us", ("max 100000", "-1"), "cpu"),
        ("pids", "pids.max", "pids.max", ("max", "max"), "processes"),
    ],
)
def test_a_limit_that_is_not_there_is_found(
    tree: HostTree, controller: str, second: str, first: str, value: tuple[str, str], claim: str
) -> None:
    name, text = (second, value[0]) if tree.version == 2 else (first, value[1])
    (tree.group(controller) / name).write_text(f"{text}\n")
    assert claim in wrong(read(tree))


@pytest.mark.parametrize("swaps", [False, True])
def test_without_swap_accounting_only_a_host_that_swaps_is_refused(tree: HostTree, swaps: bool) -> None:
    name = "memory.swap.max" if tree.version == 2 else "memory.memsw.limit_in_bytes"
    (tree.group("memory") / name).unlink()
    if swaps:
        (tree.proc / "swaps").write_text("Filename Type\n/dev/sdb partition\n")
    assert wrong(read(tree)) == (["memory_and_swap"] if swaps else [])


def test_a_second_interface_and_a_route_are_seen(tree: HostTree) -> None:
    net = tree.proc / "100/net"
    (net / "dev").write_text((net / "dev").read_text() + "  eth0:       0       0\n")
    (net / "route").write_text("Iface\tDestination\neth0\t00000000\n")
    facts = read(tree)
    assert (facts.interfaces, facts.routes) == (("eth0", "lo"), ("eth0",))


def test_a_kernel_without_ipv6_has_no_such_routes(tree: HostTree) -> None:
    (tree.proc / "100/net/ipv6_route").unlink()
    assert read(tree).routes == ()


def test_a_folder_of_another_cell_is_seen(tree: HostTree, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    tree.data = tmp_path / "other"
    assert wrong(read(tree)) == ["folder./data"]


def test_a_process_that_ends_meanwhile_is_left_out_and_a_dead_one_too(tree: HostTree) -> None:
    status = tree.proc / "101/status"
    status.write_text(status.read_text().replace("S (sleeping)", "Z (zombie)"))
    assert [one.pid for one in read(tree).processes] == [100]
    shutil.rmtree(tree.proc / "101")
    assert [one.pid for one in read(tree).processes] == [100]


def test_a_container_whose_first_process_is_dead_is_told_as_unknown(tree: HostTree) -> None:
    status = tree.proc / "100/status"
    status.write_text(status.read_text().replace("S (sleeping)", "Z (zombie)"))
    with pytest.raises(OutcomeUnknownError, match="waited for"):
        read(tree)


def test_a_container_that_ended_is_told_as_unknown(tree: HostTree) -> None:
    shutil.rmtree(tree.proc / "100")
    with pytest.raises(OutcomeUnknownError):
        read(tree)


def test_a_mount_point_with_a_blank_is_read_as_it_is(tree: HostTree) -> None:
    info = tree.proc / "100/mountinfo"
    info.write_text(info.read_text() + "9 1 0:1 / /a\\040b rw - ext4 /dev/x rw\n")
    assert read(tree).mounts[-1].point == "/a b"


def test_a_host_without_a_controller_is_told_as_unknown(tree: HostTree) -> None:
    (tree.proc / "self/mountinfo").write_text("31 23 0:28 / /sys rw - sysfs sysfs rw\n")
    with pytest.raises(OutcomeUnknownError, match="no control group"):
        read(tree)
