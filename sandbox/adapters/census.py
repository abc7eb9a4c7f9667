"""What the processes of this site use: processor time and memory by group, from /proc. Reads files only."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.config import Settings
from sandbox.rehearsal.model import Who

_ENGINE = ("dockerd", "containerd", "runc", "docker-init")
_SHIM = "containerd-shim"


@dataclass(frozen=True, kw_only=True)
class Member:
    """One process. `cpu_us` counts the children it has waited for too."""

    pid: int
    parent: int
    uid: int
    name: str
    command: str
    cpu_us: int


class Census:
    """Tells whose a process is by what this site's settings and rows say: other sites of the machine are `others`."""

    def __init__(
        self, settings: Settings, *, proc: Path = Path("/proc"), ticks: int = os.sysconf("SC_CLK_TCK")
    ) -> None:
        self._site = settings.site
        self._proc = proc
        self._ticks = ticks

    def processor_us(self, *, worker: int | None, cells: Iterable[int]) -> dict[Who, int]:
        """Return processor time by group; `cells` are the cells' uids, `worker` is the leader's pid."""
        used: dict[Who, int] = defaultdict(int)
        for who, one in self._grouped(worker, frozenset(cells)):
            used[who] += one.cpu_us
        return dict(used)

    def memory_kib(self, *, worker: int | None, cells: Iterable[int]) -> dict[Who, int]:
        """Return memory (PSS) by group, without the robots and what is not ours."""
        used: dict[Who, int] = defaultdict(int)
        for who, one in self._grouped(worker, frozenset(cells)):
            if who not in ("others", "robots"):
                used[who] += self._pss(one.pid)
        return dict(used)

    def cells_kib(self, cells: Mapping[int, str]) -> dict[int, int]:
        """Return memory (PSS) by uid of its processes and the shim that holds them; `cells`: uid -> engine id."""
        used: dict[int, int] = defaultdict(int)
        holders = {engine: uid for uid, engine in cells.items() if engine}
        for one in self.members():
            if one.uid in cells:
                used[one.uid] += self._pss(one.pid)
            elif one.name.startswith(_SHIM):
                held = next((uid for engine, uid in holders.items() if engine in one.command), None)
                if held is not None:
                    used[held] += self._pss(one.pid)
        return dict(used)

    def members(self) -> Iterator[Member]:
        """Return every process that is there."""
        for entry in os.listdir(self._proc):
            if entry.isdigit() and (found := self._member(entry)) is not None:
                yield found

    def _grouped(self, worker: int | None, cells: frozenset[int]) -> list[tuple[Who, Member]]:
        members = list(self.members())
        own = {one.pid: who for one in members if (who := self._named(one, worker, cells)) is not None}
        return [(own.get(one.pid) or own.get(one.parent) or "others", one) for one in members]

    def _named(self, one: Member, worker: int | None, cells: frozenset[int]) -> Who | None:
        """Return whose a process is by itself; its children are of the same group."""
        by_command: tuple[tuple[Who, str], ...] = (
            ("panel", str(self._site.panel_socket)),
            ("gateway", str(self._site.gateway_socket)),
            ("nginx", str(self._site.nginx_folder)),
        )
        if one.uid in cells:
            return "cells"
        if one.pid == worker:
            return "worker"
        if one.pid == os.getpid():
            return "robots"
        if one.name.startswith(_ENGINE):
            return "engine"
        return next((who for who, mark in by_command if mark in one.command), None)

    def _member(self, pid: str) -> Member | None:
        folder = self._proc / pid
        try:
            name, _, rest = (folder / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            uid = folder.stat().st_uid
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = rest.split()
        ticks = sum(int(each) for each in fields[11:15])
        cpu = ticks * 1_000_000 // self._ticks
        return Member(pid=int(pid), parent=int(fields[1]), uid=uid, name=name, command=command, cpu_us=cpu)

    def _pss(self, pid: int) -> int:
        try:
            lines = (self._proc / str(pid) / "smaps_rollup").read_text().splitlines()
        except (OSError, ValueError):
            # Gone meanwhile, or of the kernel.
            return 0
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
