"""What a host says of a cell that is as it must be: as values, and as a tree of files like /proc and /sys/fs/cgroup."""

from __future__ import annotations

from pathlib import Path

from sandbox.provisioning.attestation import CAPABILITIES, NAMESPACES, HostFacts, Mount, Process

CONTAINER = "c" * 64
UID = 1_900_001
MEMORY = 134_217_728

_MOUNTINFO = """\
117 70 0:52 / / ro,relatime master:3 - overlay overlay rw,lowerdir=/l
118 117 0:55 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
119 117 0:56 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
120 119 0:57 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5
121 117 0:58 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
122 121 0:59 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
132 119 0:54 / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw
133 119 0:60 / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=1024k
134 117 254:0 /srv/cells/1 /data rw,relatime - ext4 /dev/vda rw
135 117 0:61 / /tmp rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=8192k,nr_inodes=256
136 117 0:51 / /run/his rw,nosuid,nodev,noexec,relatime,nosymfollow - tmpfs his-cell rw,size=256k,nr_inodes=16
137 117 254:0 /docker/hosts /etc/hosts ro,relatime - ext4 /dev/vda rw
71 118 0:55 /sys /proc/sys ro,nosuid,nodev,noexec,relatime - proc proc rw
96 118 0:62 / /proc/acpi ro,relatime - tmpfs tmpfs ro
97 118 0:56 /null /proc/keys rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
99 121 0:63 / /sys/firmware ro,relatime - tmpfs tmpfs ro
"""
_STATUS = {"Uid": f"{UID}\t{UID}\t{UID}\t{UID}", "Gid": f"{UID}\t{UID}\t{UID}\t{UID}", "Groups": f"{UID} "}
_LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max file size             33554432             33554432             bytes
Max core file size        0                    0                    bytes
Max open files            256                  256                  files
Max nice priority         0                    0
"""


def host_facts() -> HostFacts:
    """Return what is read of a well-made cell with two processes."""
    return HostFacts(
        kernel="6.1.0",
        main=100,
        processes=(_process(100), _process(101)),
        own={name: f"{name}:[1]" for name in NAMESPACES},
        interfaces=("lo",),
        routes=(),
        mounts=tuple(_mount(line) for line in _MOUNTINFO.splitlines()),
        folders={"/data": True, "/run/his": True},
        memory=str(MEMORY),
        memory_and_swap=str(MEMORY),
        cpu="500000 1000000",
        pids="64",
        sources={name: f"/sys/fs/cgroup/{name}/x" for name in ("memory", "cpu", "pids")},
    )


def _process(pid: int) -> Process:
    ids = f"{UID} {UID} {UID} {UID}"
    return Process(
        pid=pid,
        status={"Uid": ids, "Gid": ids, "Groups": str(UID), "NoNewPrivs": "1", "Seccomp": "2"}
        | dict.fromkeys(CAPABILITIES, "0" * 16),
        limits={"file size": "33554432 33554432", "core file size": "0 0", "open files": "256 256"},
        oom_score_adj="500",
        namespaces={name: f"{name}:[2]" for name in NAMESPACES},
        cgroups=(f"/docker/{CONTAINER}",),
    )


def _mount(line: str) -> Mount:
    fields, size = line.split(" "), ""
    for each in fields[-1].split(","):
        size = each if each.startswith("size=") else size
    kind = fields[fields.index("-") + 1]
    return Mount(point=fields[4], root=fields[3], kind=kind, options=frozenset(fields[5].split(",")), size=size)


class HostTree:
    """A made-up /proc and /sys/fs/cgroup, of the second kind of control groups or of the first."""

    def __init__(self, top: Path, *, version: int) -> None:
        self.proc = top / "proc"
        self.groups = top / "cgroup"
        self.run, self.data = top / "run", top / "data"
        self.version = version
        for pid in (100, 101):
            self._make_process(pid)
        self._make_net()
        self._make_groups()
        own = self.proc / "self/ns"
        own.mkdir(parents=True)
        for name in NAMESPACES:
            (own / name).symlink_to(f"{name}:[1]")
        (self.proc / "swaps").write_text("Filename Type Size Used Priority\n")
        for point in ("run/his", "data"):
            (self.proc / "100/root" / point).mkdir(parents=True)
        self.run, self.data = self.proc / "100/root/run/his", self.proc / "100/root/data"

    def _make_process(self, pid: int) -> None:
        base = self.proc / str(pid)
        (base / "ns").mkdir(parents=True)
        for name in NAMESPACES:
            (base / "ns" / name).symlink_to(f"{name}:[2]")
        words = {"Name": "python3", "State": "S (sleeping)", **_STATUS, "NoNewPrivs": "1", "Seccomp": "2"}
        words |= dict.fromkeys(CAPABILITIES, "0" * 16)
        (base / "status").write_text("".join(f"{name}:\t{value}\n" for name, value in words.items()))
        (base / "limits").write_text(_LIMITS)
        (base / "oom_score_adj").write_text("500\n")
        (base / "mountinfo").write_text(_MOUNTINFO)
        path = f"/docker/{CONTAINER}"
        names = ["memory", "cpu,cpuacct", "pids", "name=systemd"]
        old = "".join(f"{number}:{name}:{path}\n" for number, name in enumerate(names, start=1))
        (base / "cgroup").write_text(f"0::{path}\n" if self.version == 2 else f"{old}0::/\n")

    def _make_net(self) -> None:
        net = self.proc / "100/net"
        net.mkdir()
        (net / "dev").write_text("Inter-|   Receive\n face |bytes\n    lo:       0       0\n")
        (net / "route").write_text("Iface\tDestination\tGateway\n")
        (net / "ipv6_route").write_text(f"{'0' * 32} 00 {'0' * 32} 00 00200200       lo\n")

    def _make_groups(self) -> None:
        (self.proc / "self").mkdir()
        if self.version == 2:
            mounts = {"": f"31 23 0:28 / {self.groups} rw - cgroup2 cgroup2 rw\n"}
            self._write("", {"memory.max": str(MEMORY), "memory.swap.max": "0", "cpu.max": "500000 1000000"})
            self._write("", {"pids.max": "64", "cgroup.procs": "100\n101"})
        else:
            mounts = {
                name: f"31 23 0:28 / {self.groups}/{name} rw - cgroup cgroup rw,{options}\n"
                for name, options in (("memory", "memory"), ("cpu", "cpu,cpuacct"), ("pids", "pids"))
            }
            both = {"memory.limit_in_bytes": str(MEMORY), "memory.memsw.limit_in_bytes": str(MEMORY)}
            self._write("memory", both)
            self._write("cpu", {"cpu.cfs_quota_us": "500000", "cpu.cfs_period_us": "1000000"})
            self._write("pids", {"pids.max": "64", "cgroup.procs": "100\n101"})
        (self.proc / "self/mountinfo").write_text("".join(mounts.values()))

    def group(self, controller: str) -> Path:
        """Return the folder of the container's group for this controller."""
        folder = self.groups if self.version == 2 else self.groups / controller
        return folder / "docker" / CONTAINER

    def _write(self, controller: str, files: dict[str, str]) -> None:
        folder = self.group(controller)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(f"{text}\n")
