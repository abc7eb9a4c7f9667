"""The profile finds every way in which a container can differ from it. No engine is needed to know."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.adapters.drivers import profile, seccomp
from sandbox.provisioning.model import CellId, CellSpec

SITE = "cafe0001"
SPEC = CellSpec(cell=CellId("0123456789ab"), uid=1_000_007, image="sha256:" + "a" * 64, fence=3)
WANTED = profile.creation(SITE, SPEC, run=Path("/run/his/0123456789ab"), data=Path("/srv/cells/0123456789ab"))
IMAGE = {"Cmd": ["serve"], "Entrypoint": ["/usr/bin/tini"], "Env": ["PATH=/usr/bin"], "WorkingDir": "/"}


def inspected() -> dict[str, Any]:
    """Return what an engine says of a container that was made exactly as asked."""
    host = copy.deepcopy(WANTED["HostConfig"])
    host |= {
        "Binds": None,
        "CapAdd": None,
        "Devices": [],
        "PidMode": "",
        "UTSMode": "",
        "UsernsMode": "",
        "CgroupParent": "",
        "ConsoleSize": [0, 0],
        "OomKillDisable": False,
        "NanoCpus": 0,
        "MaskedPaths": sorted(profile._MASKED),
        "ReadonlyPaths": sorted(profile._READ_ONLY),
    }
    mounts = [
        {"Type": "bind", "Source": each["Source"], "Destination": each["Target"], "RW": True, "Propagation": "rprivate"}
        for each in host["Mounts"]
    ]
    config = {name: WANTED[name] for name in ("User", "Labels", "Hostname", "NetworkDisabled", "Healthcheck")}
    return {
        "Image": SPEC.image,
        "Config": copy.deepcopy(config | IMAGE | {"StopSignal": "SIGTERM", "Volumes": None, "Tty": False}),
        "HostConfig": host,
        "Mounts": mounts,
        "NetworkSettings": {"Networks": {"none": {}}, "Ports": {}},
    }


def test_what_was_asked_for_has_no_differences() -> None:
    assert profile.differences(inspected(), WANTED, IMAGE) == []


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(seen: dict[str, Any]) -> None:
        for step in path[:-1]:
            seen = seen[step]
        seen[path[-1]] = to

    return change


def _host(name: str, to: object) -> Callable[[dict[str, Any]], None]:
    return _set("HostConfig", name, to=to)


MUTATIONS: list[tuple[str, Callable[[dict[str, Any]], None]]] = [
    ("HostConfig.Privileged", _host("Privileged", True)),
    ("HostConfig.CapAdd", _host("CapAdd", ["SYS_ADMIN"])),
    ("HostConfig.CapDrop", _host("CapDrop", ["NET_RAW"])),
    ("HostConfig.Devices", _host("Devices", [{"PathOnHost": "/dev/kvm"}])),
    ("HostConfig.DeviceRequests", _host("DeviceRequests", [{"Count": -1}])),
    ("HostConfig.DeviceCgroupRules", _host("DeviceCgroupRules", ["c 1:1 r"])),
    ("HostConfig.Binds", _host("Binds", ["/:/host"])),
    ("HostConfig.VolumesFrom", _host("VolumesFrom", ["other"])),
    ("HostConfig.NetworkMode", _host("NetworkMode", "bridge")),
    ("HostConfig.PortBindings", _host("PortBindings", {"80/tcp": []})),
    ("HostConfig.PublishAllPorts", _host("PublishAllPorts", True)),
    ("HostConfig.PidMode", _host("PidMode", "host")),
    ("HostConfig.IpcMode", _host("IpcMode", "shareable")),
    ("HostConfig.UTSMode", _host("UTSMode", "host")),
    ("HostConfig.UsernsMode", _host("UsernsMode", "host")),
    ("HostConfig.CgroupnsMode", _host("CgroupnsMode", "host")),
    ("HostConfig.CgroupParent", _host("CgroupParent", "/elsewhere")),
    ("HostConfig.SecurityOpt", _host("SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"])),
    ("HostConfig.SecurityOpt", _host("SecurityOpt", None)),
    ("HostConfig.MaskedPaths", _host("MaskedPaths", [])),
    ("HostConfig.ReadonlyPaths", _host("ReadonlyPaths", None)),
    ("HostConfig.ReadonlyRootfs", _host("ReadonlyRootfs", False)),
    ("HostConfig.Sysctls", _host("Sysctls", {"net.ipv4.ip_forward": "1"})),
    ("HostConfig.Runtime", _host("Runtime", "other")),
    ("HostConfig.RestartPolicy", _host("RestartPolicy", {"Name": "always", "MaximumRetryCount": 0})),
    ("HostConfig.AutoRemove", _host("AutoRemove", True)),
    ("HostConfig.ExtraHosts", _host("ExtraHosts", ["a:1.2.3.4"])),
    ("HostConfig.Dns", _host("Dns", ["1.2.3.4"])),
    ("HostConfig.GroupAdd", _host("GroupAdd", ["0"])),
    ("HostConfig.Links", _host("Links", ["other"])),
    ("HostConfig.Memory", _host("Memory", 0)),
    ("HostConfig.MemorySwap", _host("MemorySwap", 2 * profile.MEMORY_BYTES)),
    ("HostConfig.OomKillDisable", _host("OomKillDisable", True)),
    ("HostConfig.PidsLimit", _host("PidsLimit", None)),
    ("HostConfig.CpuQuota", _host("CpuQuota", -1)),
    ("HostConfig.NanoCpus", _host("NanoCpus", 2_000_000_000)),
    ("HostConfig.Ulimits", _host("Ulimits", [])),
    ("HostConfig.Tmpfs", _host("Tmpfs", {"/tmp": "exec"})),
    ("HostConfig.LogConfig", _host("LogConfig", {"Type": "json-file", "Config": {}})),
    ("HostConfig.InventedLater", _host("InventedLater", {"dangerous": True})),
    ("Mounts", lambda seen: seen["Mounts"].append({"Type": "bind", "Source": "/", "Destination": "/x", "RW": False})),
    ("Mounts", lambda seen: seen["Mounts"][0].update(Source="/var/run/docker.sock")),
    ("Mounts", lambda seen: seen["Mounts"][0].update(Propagation="rshared")),
    ("NetworkSettings", _set("NetworkSettings", "Networks", to={"none": {}, "bridge": {}})),
    ("NetworkSettings", _set("NetworkSettings", "Ports", to={"80/tcp": None})),
    ("Config.User", _set("Config", "User", to="0:0")),
    ("Config.User", _set("Config", "User", to="")),
    ("Config.Cmd", _set("Config", "Cmd", to=["seed"])),
    ("Config.Entrypoint", _set("Config", "Entrypoint", to=["/bin/sh"])),
    ("Config.Env", _set("Config", "Env", to=["PATH=/usr/bin", "LD_PRELOAD=/data/x"])),
    ("Config.WorkingDir", _set("Config", "WorkingDir", to="/data")),
    ("Config.NetworkDisabled", _set("Config", "NetworkDisabled", to=False)),
    ("Config.Healthcheck", _set("Config", "Healthcheck", to=None)),
    ("Config.Tty", _set("Config", "Tty", to=True)),
    ("Config.Volumes", _set("Config", "Volumes", to={"/more": {}})),
    ("Config.Labels.his-sandbox.site", _set("Config", "Labels", profile.SITE_LABEL, to="cafe0002")),
    ("Config.Labels.his-sandbox.spec", _set("Config", "Labels", profile.SPEC_LABEL, to="old")),
    ("Image", _set("Image", to="sha256:" + "b" * 64)),
]


@pytest.mark.parametrize(("field", "change"), MUTATIONS)
def test_every_changed_field_is_named(field: str, change: Callable[[dict[str, Any]], None]) -> None:
    seen = inspected()
    change(seen)
    assert profile.differences(seen, WANTED, IMAGE) == [field]


def test_an_older_fence_is_no_difference() -> None:
    seen = inspected()
    seen["Config"]["Labels"][profile.FENCE_LABEL] = "1"
    assert profile.differences(seen, WANTED, IMAGE) == []


def test_nothing_but_id_uid_image_and_folders_comes_from_outside() -> None:
    """Two cells' bodies differ in exactly these places."""
    other = CellSpec(cell=CellId("ba9876543210"), uid=1_000_008, image="sha256:" + "c" * 64, fence=4)
    body = profile.creation(SITE, other, run=Path("/run/x"), data=Path("/srv/x"))
    assert sorted(name for name in body if body[name] != WANTED[name]) == ["HostConfig", "Image", "Labels", "User"]
    differing = {name for name in body["HostConfig"] if body["HostConfig"][name] != WANTED["HostConfig"][name]}
    assert differing == {"Mounts"}


def test_a_one_shot_differs_only_in_room_and_input() -> None:
    body = profile.one_shot(SITE, image=SPEC.image, uid=SPEC.uid, command=["seed"], folder=Path("/srv/x"))
    differing = {name for name in body["HostConfig"] if body["HostConfig"][name] != WANTED["HostConfig"][name]}
    assert differing == {"Mounts", "Tmpfs", "Memory", "MemorySwap", "CpuPeriod", "CpuQuota", "LogConfig"}
    assert profile.SITE_LABEL not in body["Labels"]


def test_the_fingerprint_follows_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    before = profile.fingerprint()
    assert profile.fingerprint() == before
    monkeypatch.setattr(profile, "_FIXED_HOST", {**profile._FIXED_HOST, "PidsLimit": 65})
    assert profile.fingerprint() != before


def _allowed() -> set[str]:
    rules = json.loads(seccomp.profile_json())["syscalls"]
    return {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}


def test_the_call_list_refuses_by_default() -> None:
    assert json.loads(seccomp.profile_json())["defaultAction"] == "SCMP_ACT_ERRNO"


def test_the_call_list_holds_nothing_dangerous() -> None:
    absent = (
        "io_uring_setup io_uring_enter ptrace process_vm_readv process_vm_writev userfaultfd bpf perf_event_open "
        "keyctl add_key request_key unshare setns mount umount2 fsopen move_mount pivot_root chroot open_by_handle_at "
        "kexec_load kexec_file_load socketcall connect symlink symlinkat link linkat mknod mknodat chown fchownat "
        "setuid setgid capset reboot init_module finit_module settimeofday clock_settime personality execveat clone3"
    )
    assert _allowed().isdisjoint(absent.split())


def test_guarded_calls_are_allowed_only_with_their_guard() -> None:
    rules = json.loads(seccomp.profile_json())["syscalls"]
    for name in ("socket", "socketpair", "clone", "ioctl"):
        allowing = [rule for rule in rules if name in rule["names"] and rule["action"] == "SCMP_ACT_ALLOW"]
        assert allowing
        assert all(rule["args"] for rule in allowing)
