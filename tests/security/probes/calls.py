import ctypes
import json
import platform

X86, ARM = 0, 1
NUMBERS = {
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "ptrace": (101, 117),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "userfaultfd": (323, 282),
    "process_vm_readv": (310, 270),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "kexec_load": (246, 104),
    "symlinkat": (266, 36),
    "linkat": (265, 37),
    "mknodat": (259, 33),
    "fchownat": (260, 54),
    "setuid": (105, 146),
    "settimeofday": (164, 170),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "memfd_create": (319, 279),
    "pidfd_getfd": (438, 438),
    "fsopen": (430, 430),
    "move_mount": (429, 429),
    "personality": (135, 92),
    "connect": (42, 203),
    "clone3": (435, 435),
    "execveat": (322, 281),
    "add_key": (248, 217),
    "init_module": (175, 105),
    "quotactl": (179, 60),
    "swapon": (167, 224),
}
libc = ctypes.CDLL(None, use_errno=True)
column = ARM if platform.machine() == "aarch64" else X86
answers = {}
for name, numbers in NUMBERS.items():
    ctypes.set_errno(0)
    libc.syscall(numbers[column], 0, 0, 0, 0, 0)
    answers[name] = ctypes.get_errno()
# A new user namespace through clone itself: the exit signal plus CLONE_NEWUSER.
ctypes.set_errno(0)
libc.syscall((56, 220)[column], 0x10000000 | 17, 0, 0, 0, 0)
answers["clone into a namespace"] = ctypes.get_errno()
print(json.dumps(answers))
