"""The profile once more, in the words of the kernel: what /proc and the control groups must say of a cell. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.adapters.drivers import profile
from sandbox.contract import layout
from sandbox.provisioning.attestation import MountRule, Walls

_QUIET = frozenset({"nosuid", "nodev", "noexec"})
_READ_ONLY = frozenset({"ro"})
# What the engine hides: the null device over a file, an empty folder over a folder.
_MASK_FILE = MountRule(kind="tmpfs", options=frozenset({"nosuid"}), root="/null")
_MASK_FOLDER = MountRule(kind="tmpfs", options=_READ_ONLY)

_MOUNTS: Mapping[str, Sequence[MountRule]] = {
    "/": (MountRule(options=_READ_ONLY, needed=True),),
    str(layout.RUN_MOUNT): (MountRule(kind="tmpfs", options=_QUIET | {"nosymfollow"}, size="size=256k", needed=True),),
    str(layout.DATA_MOUNT): (MountRule(needed=True),),
    "/tmp": (MountRule(kind="tmpfs", options=_QUIET, size="size=8192k", needed=True),),  # noqa: S108  (the cell's own)
    "/proc": (MountRule(kind="proc", options=_QUIET, needed=True),),
    "/dev": (MountRule(kind="tmpfs", options=frozenset({"nosuid"})),),
    "/dev/pts": (MountRule(kind="devpts", options=frozenset({"nosuid", "noexec"})),),
    "/dev/mqueue": (MountRule(kind="mqueue", options=_QUIET),),
    "/dev/shm": (MountRule(kind="tmpfs", options=_QUIET, size="size=1024k"),),  # noqa: S108
    "/sys": (MountRule(kind="sysfs", options=_READ_ONLY),),
    # The first kind of control groups hangs below a folder that belongs to root.
    "/sys/fs/cgroup": (MountRule(kind="cgroup2", options=_READ_ONLY), MountRule(kind="tmpfs", options=_QUIET)),
    "/etc/hostname": (MountRule(options=_READ_ONLY),),
    "/etc/hosts": (MountRule(options=_READ_ONLY),),
    "/etc/resolv.conf": (MountRule(options=_READ_ONLY),),
}
_BELOW: Mapping[str, Sequence[MountRule]] = {
    "/sys/fs/cgroup": (MountRule(kind="cgroup", options=_READ_ONLY),),
    "/proc": (MountRule(kind="proc", options=_READ_ONLY), _MASK_FILE, _MASK_FOLDER),
    "/sys": (_MASK_FOLDER,),
}


def of_cell(container: str, uid: int) -> Walls:
    """Return what must hold for the processes of this container."""
    return Walls(
        container=container,
        uid=uid,
        memory=profile.MEMORY_BYTES,
        memory_and_swap=profile.MEMORY_BYTES,
        cpu=f"{profile.CPU_QUOTA_US} {profile.CPU_PERIOD_US}",
        pids=profile.PROCESSES,
        oom_score_adj=profile.OOM_SCORE_ADJ,
        limits={
            "open files": f"{profile.OPEN_FILES} {profile.OPEN_FILES}",
            "core file size": "0 0",
            "file size": f"{profile.FILE_BYTES} {profile.FILE_BYTES}",
        },
        mounts=_MOUNTS,
        below=_BELOW,
    )
