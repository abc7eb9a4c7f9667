"""What the machine itself says: room, memory, clock; and how it is made up, for `doctor`. Pure."""

from __future__ import annotations

import re

from sandbox.health.model import Build, Finding, Room, Tone, finding

GIB = 1 << 30
DISK_AMBER, DISK_RED = 5 * GIB, 1 * GIB
"""Free bytes. Source: provisioning.md §7, 5 GiB are kept free."""
INODES_AMBER = 50_000
"""A cell takes about ten and an archive two; an image layer thousands."""
PRESSURE_AMBER = 10.0
MEMORY_AMBER = 0.08
"""Share of memory that is still available. Below it the next class does not fit."""
OLDEST_KERNEL = (5, 10)
"""nosymfollow. Source: trust.md 5.2."""
NEEDED_CGROUPS = frozenset({"memory", "cpu", "pids"})
RUNC_FIXES = {
    "CVE-2024-21626": ((1, 1, 12),),
    "CVE-2025-31133": ((1, 2, 8), (1, 3, 3)),
    "CVE-2025-52565": ((1, 2, 8), (1, 3, 3)),
    "CVE-2025-52881": ((1, 2, 8), (1, 3, 3)),
}
"""First fixed releases, per series. Source: trust.md T39 and runc's advisories."""


def room(seen: Room) -> list[Finding]:
    """Return disk and memory: they change by the minute, so the page shows them too."""
    return [_disk(seen), _memory(seen)]


def build(seen: Build, machine: Room) -> list[Finding]:
    """Return how the machine is made up."""
    return [
        _kernel(seen),
        _nosymfollow(seen),
        _limits(seen),
        _runc(seen),
        _security_modules(seen),
        _user_namespaces(seen),
        _nginx(seen),
        _clock(machine),
    ]


def _disk(seen: Room) -> Finding:
    free, inodes = seen.disk_free, seen.inodes_free
    few = seen.inodes_total > 0 and inodes < INODES_AMBER
    tone: Tone = "bad" if free < DISK_RED else "warn" if free < DISK_AMBER or few else "good"
    return finding(
        "disk",
        ("磁盘", "Disk"),
        tone,
        (
            f"可用 {free / GIB:.1f} GiB、{inodes:,} 个 inode，用于数据库、存档和容器。",
            f"{free / GIB:.1f} GiB and {inodes:,} inodes free for databases, archives and cells.",
        ),
        (
            "清理状态目录所在的磁盘，或换到更大的磁盘。",
            "Free space below the state folder, or move it to a larger disk.",
        ),
    )


def _memory(seen: Room) -> Finding:
    title = ("内存", "Memory")
    if not seen.memory_total:
        return finding(
            "memory",
            title,
            "warn",
            ("本机没有提供内存数据。", "This machine does not tell."),
            ("检查 /proc/meminfo。", "See /proc/meminfo."),
        )
    free, swap = seen.memory_available / GIB, seen.swap_used / GIB
    short = seen.memory_available < MEMORY_AMBER * seen.memory_total
    pressed = (seen.memory_pressure or 0.0) >= PRESSURE_AMBER
    swapping = seen.swap_used > GIB // 16
    found = (
        f"可用 {free:.1f} GiB，交换区已用 {swap:.1f} GiB。",
        f"{free:.1f} GiB available, {swap:.1f} GiB swapped out.",
    )
    return finding(
        "memory",
        title,
        "bad" if pressed else "warn" if short or swapping else "good",
        found,
        (
            "关闭或休眠闲置的练习环境，减少备用容器；练习期间主机不应使用交换区。",
            "Close or hibernate idle hospitals, keep fewer ready cells; the host should not swap.",
        ),
        "instances",
    )


def _kernel(seen: Build) -> Finding:
    version = tuple(int(part) for part in re.findall(r"\d+", seen.kernel)[:2])
    return finding(
        "kernel",
        ("内核", "Kernel"),
        "good" if version >= OLDEST_KERNEL else "bad",
        (seen.kernel, seen.kernel),
        ("需要 Linux 5.10 或更新版本。", "Linux 5.10 or newer is needed."),
    )


def _nosymfollow(seen: Build) -> Finding:
    title = ("nosymfollow", "nosymfollow")
    if seen.nosymfollow is None:
        return finding(
            "nosymfollow", title, "warn",
            ("未检查：需要 root。", "Not tried: this takes root."),
            ("以 root 身份运行 his-sandbox doctor。", "Run his-sandbox doctor as root."),
        )  # fmt: skip
    return finding(
        "nosymfollow",
        title,
        "good" if seen.nosymfollow else "bad",
        ("可用", "works") if seen.nosymfollow else ("不可用", "refused"),
        (
            "需要 Linux 5.10 及挂载权限；容器内不能运行后台进程。",
            "Needs Linux 5.10 and the right to mount; the worker cannot run inside a container.",
        ),
    )


def _limits(seen: Build) -> Finding:
    lacking = sorted(NEEDED_CGROUPS - seen.cgroups)
    swap_limit = seen.engine.get("swap_limit")
    if swap_limit is False:
        lacking.append("swap")
    told = f"cgroup v{seen.cgroup_version}: {' '.join(sorted(NEEDED_CGROUPS & seen.cgroups))}"
    return finding(
        "limits",
        ("资源限制", "Limits"),
        "bad" if lacking else "good",
        (told, told),
        (
            f"内核缺少 {' '.join(lacking)} 控制器：在内核参数中加 cgroup_enable=memory swapaccount=1 并重启。",
            f"The kernel lacks {' '.join(lacking)}: boot it with cgroup_enable=memory swapaccount=1.",
        ),
    )


def _runc(seen: Build) -> Finding:
    title = ("runc", "runc")
    if not seen.runc:
        return finding(
            "runc", title, "bad", ("未安装", "not installed"), ("安装软件包 runc。", "Install the package runc.")
        )
    open_ones = " ".join(cve for cve in RUNC_FIXES if not is_fixed(cve, seen.runc, seen.runc_fixes))
    tone: Tone = "bad" if "CVE-2024-21626" in open_ones else "warn" if open_ones else "good"
    if not open_ones:
        return finding("runc", title, tone, (seen.runc, seen.runc))
    return finding(
        "runc",
        title,
        tone,
        (f"{seen.runc}；未修复：{open_ones}", f"{seen.runc}; open: {open_ones}"),
        ("更新：apt-get install --only-upgrade runc。", "Update it: apt-get install --only-upgrade runc."),
    )


def is_fixed(cve: str, version: str, named: frozenset[str]) -> bool:
    """Say whether this runc has the fix: by its package's changelog, or because its series has it."""
    if cve in named:
        return True
    number = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    fixed = RUNC_FIXES[cve]
    same_series = [first for first in fixed if first[:2] == number[:2]]
    if same_series:
        return number >= same_series[0]
    return number > max(fixed)


def _security_modules(seen: Build) -> Finding:
    there = " ".join(sorted(seen.security_modules))
    return finding(
        "lsm",
        ("AppArmor / SELinux", "AppArmor / SELinux"),
        "good" if there else "warn",
        (there or "都没有", there or "neither"),
        (
            "不是必需；若内核支持，启用 AppArmor 可多一道防线。",
            "Not required; where the kernel has it, AppArmor is one more wall.",
        ),
    )


def _user_namespaces(seen: Build) -> Finding:
    count = seen.user_namespaces
    told = "–" if count is None else str(count)
    return finding(
        "userns",
        ("用户命名空间", "User namespaces"),
        "good",
        (f"上限 {told}；容器内的 seccomp 不允许新建。", f"limit {told}; seccomp lets no cell make one."),
    )


def _nginx(seen: Build) -> Finding:
    return finding(
        "nginx",
        ("nginx", "nginx"),
        "good" if seen.nginx else "bad",
        (seen.nginx or "未安装", seen.nginx or "not installed"),
        ("安装软件包 nginx。", "Install the package nginx."),
    )


def _clock(seen: Room) -> Finding:
    title, synchronised = ("时间同步", "Time service"), seen.clock_synchronised
    if synchronised:
        return finding("ntp", title, "good", ("已同步", "synchronised"))
    return finding(
        "ntp",
        title,
        "warn",
        ("未同步", "not synchronised") if synchronised is False else ("未知", "unknown"),
        (
            "启用医院的时间服务（chrony 或 systemd-timesyncd）：夜间重置和考核截止时间以本机时钟为准。",
            "Enable the time service (chrony or systemd-timesyncd): the night and deadlines go by this clock.",
        ),
    )
