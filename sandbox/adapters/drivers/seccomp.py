"""The system calls a cell may make: an allow-list written for this image, everything else answers EPERM. Pure.

Found with strace over boot, arming, pages, SQLite in WAL mode, sealing and stop; each group says what needs it, and
holds the variants that other C libraries use for the same deed. Names that a machine's architecture does not have are
ignored by the runtime, so one list serves x86-64 and aarch64. No architecture is named: the filter then accepts the
machine's native calls only and kills any other.

Absent on purpose: every network family but unix sockets and even connecting to those; io_uring, ptrace, process_vm,
userfaultfd, bpf, perf, keyrings, unshare, setns, mounting, handles, kexec, making links and device nodes, changing
owners or users, the clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

ENOSYS = 38
AF_UNIX = 1
NAMESPACE_FLAGS = 0x7E02_0000
"""CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID and NET. CLONE_NEWTIME does not fit into the flags of clone."""

GROUPS: Mapping[str, str] = {
    "the runtime's last steps between loading this list and the program, and the dynamic loader": (
        "execve arch_prctl set_tid_address set_robust_list rseq prlimit64 getrlimit ugetrlimit brk access faccessat "
        "faccessat2 getppid epoll_create1 epoll_ctl epoll_wait epoll_pwait tgkill sched_getaffinity fchdir"
    ),
    "memory": "mmap munmap mprotect mremap madvise",
    "threads, the tini that reaps them, and fork": (
        "futex exit exit_group wait4 waitid kill sched_yield getpid gettid getpgrp getpgid setpgid restart_syscall"
    ),
    "signals: SIGTERM must end a cell in time": (
        "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigpending sigaltstack pause"
    ),
    "time": "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time",
    "who am I, how big am I: asked by Python and SQLite": (
        "getuid geteuid getgid getegid getresuid getresgid getgroups uname sysinfo getrusage getrandom getcwd"
    ),
    "reading and writing files: code, his.db with its log, the small /tmp": (
        "open openat close close_range read write readv writev pread64 pwrite64 lseek dup dup2 dup3 "
        "fcntl fstat stat lstat newfstatat statx fstatfs statfs getdents64 readlink readlinkat chdir umask "
        "ftruncate fallocate fsync fdatasync mkdir mkdirat rmdir unlink unlinkat rename renameat "
        "renameat2 chmod fchmod fchmodat fchmodat2 utimensat"
    ),
    "pipes and waiting on descriptors: the server's loop": "pipe pipe2 poll ppoll select pselect6",
    "serving on the two unix sockets": (
        "bind listen accept accept4 getsockname getpeername setsockopt getsockopt shutdown sendto recvfrom sendmsg "
        "recvmsg"
    ),
}

TERMINAL_REQUESTS = {
    0x5401: "TCGETS: is this a terminal?",
    0x5410: "TIOCSPGRP: tini offers the foreground to its child and goes on when there is no terminal",
    0x5413: "TIOCGWINSZ: Python asks for the window's size",
    0x5421: "FIONBIO: non-blocking sockets",
    0x541B: "FIONREAD: bytes waiting",
    0x5450: "FIONCLEX: keep a descriptor over exec",
    0x5451: "FIOCLEX: close it on exec",
}


def rules() -> list[dict[str, Any]]:
    """Return the allowed calls in the engine's own form."""
    unix_only = [{"index": 0, "value": AF_UNIX, "op": "SCMP_CMP_EQ"}]
    no_namespaces = [{"index": 0, "value": NAMESPACE_FLAGS, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]
    allowed = [_allow(sorted(names.split())) for names in GROUPS.values()]
    allowed.append(_allow(["socket", "socketpair"], unix_only))
    allowed.append(_allow(["clone"], no_namespaces))
    # The C library falls back to clone, whose flags a filter can read, only if clone3 seems not to exist.
    allowed.append({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS})
    for request in TERMINAL_REQUESTS:
        allowed.append(_allow(["ioctl"], [{"index": 1, "value": request, "op": "SCMP_CMP_EQ"}]))
    return allowed


def profile_json() -> str:
    """Return the whole profile as the text that the engine's API takes."""
    return json.dumps({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": rules()}, sort_keys=True, separators=(",", ":"))


def _allow(names: list[str], args: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ALLOW", "args": args or []}
