"""The one isolation profile of cells, and what differs from it. Pure: values in, values out, no engine.

Nothing in it comes from outside but a cell's id, uid, image and its two folders. Reasons:
- own uid per cell: foreign sockets answer EACCES, a peer check means something;
- network none and seccomp: not even an abstract or netlink socket;
- memory = memory + swap: left out, the engine allows twice the memory;
- CPU: half a core, counted per second and not per 100 ms: a boot fits into the first second's share (create, start,
  first answer: 305 ms against 511 ms with the short period, 344 ms with no quota), and a hog gets no more;
- pids limit and not nproc, which counts per uid over the whole host;
- fsize 32 MiB caps each of the three data files, a log driver with two files of 1 MiB caps the log;
- no health check: each would cost 20 times the worker's own probe;
- restart policy no: the reconciler restarts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sandbox.adapters.drivers import seccomp
from sandbox.contract import layout
from sandbox.provisioning.model import CellSpec

SITE_LABEL, CELL_LABEL = "his-sandbox.site", "his-sandbox.cell"
SPEC_LABEL, FENCE_LABEL = "his-sandbox.spec", "his-sandbox.fence"
ONE_SHOT_LABEL = "his-sandbox.oneshot"

MIB = 1 << 20
MEMORY_BYTES = 128 * MIB
CPU_PERIOD_US, CPU_QUOTA_US = 1_000_000, 500_000
FILE_BYTES = 32 * MIB
PROCESSES, OPEN_FILES, OOM_SCORE_ADJ = 64, 256, 500
ONE_SHOT_BYTES = 512 * MIB
RUNTIME = "runc"

_FIXED_HOST: Mapping[str, Any] = {
    "NetworkMode": "none",
    "ReadonlyRootfs": True,
    "Privileged": False,
    "CapDrop": ["ALL"],
    "Memory": MEMORY_BYTES,
    "MemorySwap": MEMORY_BYTES,
    "CpuPeriod": CPU_PERIOD_US,
    "CpuQuota": CPU_QUOTA_US,
    "CpuShares": 256,
    "PidsLimit": PROCESSES,
    "OomScoreAdj": OOM_SCORE_ADJ,
    "Ulimits": [
        {"Name": "nofile", "Soft": OPEN_FILES, "Hard": OPEN_FILES},
        {"Name": "core", "Soft": 0, "Hard": 0},
        {"Name": "fsize", "Soft": FILE_BYTES, "Hard": FILE_BYTES},
    ],
    "Tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=8m,nr_inodes=256,mode=1777"},  # noqa: S108  (the cell's own)
    "ShmSize": MIB,
    "IpcMode": "private",
    "CgroupnsMode": "private",
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "2"}},
    "AutoRemove": False,
    "Runtime": RUNTIME,
}
_FIXED_CONFIG: Mapping[str, Any] = {
    "Hostname": "his",
    "NetworkDisabled": True,
    "Healthcheck": {"Test": ["NONE"]},
    "StopSignal": "SIGTERM",
}
_FROM_IMAGE = ("Cmd", "Entrypoint", "Env", "WorkingDir")
"""What a cell runs, in which environment: the image decides, nobody else."""

_ENGINE_SETS: Mapping[str, tuple[Any, ...]] = {
    "ConsoleSize": ([0, 0],),
    "CgroupParent": ("", "/docker"),
    "Isolation": ("", "default"),
}
"""What engines report of themselves although nobody asked."""

_MASKED = {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"}
_READ_ONLY = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}


def container_name(site: str, cell: str) -> str:
    return f"his-cell-{site}-{cell}"


def labels(site: str, spec: CellSpec) -> dict[str, str]:
    return {SITE_LABEL: site, CELL_LABEL: spec.cell, SPEC_LABEL: fingerprint(), FENCE_LABEL: str(spec.fence)}


def creation(site: str, spec: CellSpec, *, run: Path, data: Path) -> dict[str, Any]:
    """Return the whole body of the engine's create call."""
    return {
        "Image": spec.image,
        "User": f"{spec.uid}:{spec.uid}",
        "Labels": labels(site, spec),
        **_FIXED_CONFIG,
        "HostConfig": {
            **_FIXED_HOST,
            "SecurityOpt": security_options(),
            "Mounts": [_mount(layout.RUN_MOUNT, run), _mount(layout.DATA_MOUNT, data)],
        },
    }


def one_shot(site: str, *, image: str, uid: int, command: Sequence[str], folder: Path) -> dict[str, Any]:
    """Return the create call of a program that reads stdin and ends: the same walls, more room, no cell's label."""
    return {
        "Image": image,
        "User": f"{uid}:{uid}",
        "Labels": {ONE_SHOT_LABEL: site},
        **_FIXED_CONFIG,
        "Cmd": list(command),
        "AttachStdin": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "HostConfig": {
            **_FIXED_HOST,
            "Memory": ONE_SHOT_BYTES,
            "MemorySwap": ONE_SHOT_BYTES,
            "CpuPeriod": 0,
            "CpuQuota": 0,
            # SQLite rebuilds a whole dataset here.
            "Tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=128m,nr_inodes=256,mode=1777"},  # noqa: S108
            # What it prints is its result; a cell's small log would cut it off.
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "64m", "max-file": "1"}},
            "SecurityOpt": security_options(),
            "Mounts": [_mount(layout.DATA_MOUNT, folder)],
        },
    }


def security_options() -> list[str]:
    return ["no-new-privileges:true", f"seccomp={seccomp.profile_json()}"]


def fingerprint() -> str:
    """Return 16 hex digits that change with anything in the profile."""
    parts = [_FIXED_HOST, _FIXED_CONFIG, security_options(), str(layout.RUN_MOUNT), str(layout.DATA_MOUNT)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def differences(seen: Mapping[str, Any], wanted: Mapping[str, Any], image: Mapping[str, Any]) -> list[str]:
    """Return the fields in which an inspected container differs from what `creation` asks for.

    `image` is the image's own Config. A field that neither we nor the engine's defaults know must be empty: an
    option invented after this was written is refused, not ignored.
    """
    return sorted(
        {*_config_differences(seen, wanted, image), *_host_differences(seen, wanted), *_applied(seen, wanted)}
    )


def _config_differences(seen: Mapping[str, Any], wanted: Mapping[str, Any], image: Mapping[str, Any]) -> Iterator[str]:
    config = seen.get("Config", {})
    for name in ("User", *_FIXED_CONFIG):
        if config.get(name) != wanted[name]:
            yield f"Config.{name}"
    for name in _FROM_IMAGE:
        if (config.get(name) or None) != (image.get(name) or None):
            yield f"Config.{name}"
    for name, value in wanted["Labels"].items():
        if name != FENCE_LABEL and (config.get("Labels") or {}).get(name) != value:
            yield f"Config.Labels.{name}"
    if seen.get("Image") != wanted["Image"]:
        yield "Image"
    for name in ("ExposedPorts", "Volumes", "MacAddress", "Tty", "OpenStdin"):
        if config.get(name):
            yield f"Config.{name}"


def _host_differences(seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    host = seen.get("HostConfig", {})
    asked = wanted["HostConfig"]
    for name, value in asked.items():
        if name not in ("Mounts", "CapDrop") and host.get(name) != value:
            yield f"HostConfig.{name}"
    if [str(each).upper() for each in host.get("CapDrop") or []] not in (["ALL"], ["CAP_ALL"]):
        yield "HostConfig.CapDrop"
    for name, least in (("MaskedPaths", _MASKED), ("ReadonlyPaths", _READ_ONLY)):
        if not least <= set(host.get(name) or []):
            yield f"HostConfig.{name}"
    for name, value in host.items():
        known = name in asked or name in ("MaskedPaths", "ReadonlyPaths") or value in _ENGINE_SETS.get(name, ())
        if value and not known:
            yield f"HostConfig.{name}"


def _applied(seen: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """What the engine did, beside what it was asked: mounts and networks."""
    mounts = sorted(_mount_facts(each) for each in seen.get("Mounts", []))
    if mounts != sorted(_mount_facts(each) for each in wanted["HostConfig"]["Mounts"]):
        yield "Mounts"
    networks = seen.get("NetworkSettings", {})
    if set(networks.get("Networks") or {}) - {"none"} or networks.get("Ports"):
        yield "NetworkSettings"


def _mount(target: Path, source: Path) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": str(source),
        "Target": str(target),
        "ReadOnly": False,
        "BindOptions": {"Propagation": "rprivate"},
    }


def _mount_facts(mount: Mapping[str, Any]) -> tuple[str, str, str, bool, str]:
    target = mount.get("Target") or mount.get("Destination") or ""
    writable = mount["RW"] if "RW" in mount else not mount.get("ReadOnly", False)
    propagation = mount.get("Propagation") or mount.get("BindOptions", {}).get("Propagation", "")
    return (str(mount.get("Type")), str(mount.get("Source")), str(target), writable, str(propagation))
