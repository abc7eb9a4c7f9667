"""Cells as plain child processes, for machines without an engine. Isolates nothing, and says so.

Each runs `python -m his serve` as the worker's own user and outlives the worker. A record beside its sockets says
which process it is: pid and start time, since pids are used again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import select
import signal
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sandbox.adapters.drivers.folders import Folders
from sandbox.contract import CONTRACT_VERSION, layout
from sandbox.errors import ImageMissingError, OutcomeUnknownError, ProfileDriftError
from sandbox.provisioning.attestation import Attestation
from sandbox.provisioning.model import CellId, CellSpec, DriverFacts, Endpoint, SeenCell

log = logging.getLogger(__name__)

SPEC = hashlib.sha256(b"process, not isolated").hexdigest()[:16]
IMAGE_PREFIX = "process:"
RECORD = "process.json"
LOG_FILE = "log"


@dataclass(frozen=True, kw_only=True)
class Record:
    """What stands beside a cell's sockets. No pid = made, not started."""

    engine_id: str
    spec: str
    pid: int = 0
    started: int = 0
    """The process's start in clock ticks since boot, as /proc says."""


class ProcessDriver:
    """Fulfils provisioning.ports.Driver without an engine."""

    def __init__(self, *, folders: Folders, root: Path) -> None:
        """`root` is the checkout: the hospital's code lies in images/his, the contract in sandbox."""
        self._folders = replace(folders, private_mounts=False)
        self._root = root

    def facts(self) -> DriverFacts:
        return DriverFacts(name="process", isolates=False, survives_restart=True, profile=SPEC)

    def observe(self) -> Sequence[SeenCell]:
        if not self._folders.run_root.is_dir():
            return []
        cells = sorted(path.parent.name for path in self._folders.run_root.glob(f"*/{RECORD}"))
        return [self._seen(CellId(name), record) for name in cells if (record := self._record(CellId(name)))]

    def find(self, cell: CellId) -> SeenCell | None:
        record = self._record(cell)
        return self._seen(cell, record) if record else None

    def ensure(self, spec: CellSpec) -> SeenCell:
        if not (self._root / "images/his/his/__main__.py").is_file():
            raise ImageMissingError(f"no hospital below {self._root}", image=str(self._root / "images/his"))
        self._folders.make(spec.cell, os.geteuid())
        record = self._record(spec.cell)
        if record is None:
            record = Record(engine_id=f"process-{secrets.token_hex(8)}", spec=SPEC)
            self._write(spec.cell, record)
        else:
            log.debug("cell %s is already there", spec.cell)
        return self._seen(spec.cell, record)

    def start(self, cell: CellId) -> None:
        """Start it unless it runs. A process whose record was lost with the worker is found by its environment."""
        record = self._record(cell)
        if record is not None and _runs(record):
            return
        if record is None:
            record = Record(engine_id=f"process-{secrets.token_hex(8)}", spec=SPEC)
        self._folders.make(cell, os.geteuid())
        run = self._folders.run_folder(cell)
        pid = _serving_in(run) or self._spawn(cell, run)
        self._write(cell, replace(record, pid=pid, started=_start_of(pid)))

    def stage(self, cell: CellId, golden: Path) -> None:
        self._folders.stage(cell, golden)

    def place(self, cell: CellId, golden: Path) -> None:
        self._folders.place(cell, golden)

    def read_back(self, cell: CellId) -> str:
        return self._folders.read_back(cell)

    def stop(self, cell: CellId, grace_s: float) -> None:
        record = self._record(cell)
        if record is None or not _runs(record):
            log.debug("cell %s does not run", cell)
            return
        _end(record.pid, grace_s)

    def remove(self, seen: SeenCell) -> None:
        record = self._record(seen.cell)
        if record is not None and record.engine_id != seen.engine_id:
            log.debug("cell %s is another one by now", seen.cell)
            return
        self.stop(seen.cell, 0)
        self._folders.remove(seen.cell)

    def discard_folders(self, cell: CellId) -> None:
        self._folders.remove(cell)

    def endpoint(self, cell: CellId) -> Endpoint:
        return self._folders.endpoint(cell)

    def log_tail(self, cell: CellId, limit: int) -> bytes:
        try:
            with (self._folders.run_folder(cell) / LOG_FILE).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - limit))
                return file.read(limit)
        except FileNotFoundError:
            return b""

    def attest(self, cell: CellId) -> Attestation:
        """Nothing isolates a plain process, so there is nothing to read: the certificate says so."""
        record = self._record(cell)
        if record is None:
            raise OutcomeUnknownError(f"cell {cell} has no process at the moment")
        if record.spec != SPEC:
            raise ProfileDriftError(f"cell {cell} was made by another driver", fields="spec")
        return Attestation(
            isolates=False,
            container=record.engine_id,
            begun=f"{record.pid} {record.started}",
            uid=os.geteuid(),
            image=image_of(self._root),
            profile=SPEC,
            engine="none",
            kernel=os.uname().release,
        )

    def _seen(self, cell: CellId, record: Record) -> SeenCell:
        return SeenCell(
            cell=cell,
            engine_id=record.engine_id,
            running=_runs(record),
            spec_label=record.spec,
            folders=self._folders.complete(cell),
        )

    def _record(self, cell: CellId) -> Record | None:
        try:
            return Record(**json.loads((self._folders.run_folder(cell) / RECORD).read_text()))
        except FileNotFoundError:
            return None

    def _write(self, cell: CellId, record: Record) -> None:
        path = self._folders.run_folder(cell) / RECORD
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(record)))
        fresh.replace(path)

    def _spawn(self, cell: CellId, run: Path) -> int:
        environment = hospital_environment(self._root) | {
            layout.RUN_VARIABLE: str(run),
            layout.DATA_VARIABLE: str(self._folders.data_folder(cell)),
        }
        # A child that kept our streams would keep the caller's pipe open for ever.
        written = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        streams = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(run / LOG_FILE), written, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        command = [sys.executable, "-m", "his", "serve"]
        return os.posix_spawn(sys.executable, command, environment, file_actions=streams, setsid=True)


def hospital_environment(root: Path) -> dict[str, str]:
    """Return the environment in which this interpreter finds the hospital of a checkout."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([str(root / "images/his"), str(root)]),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def image_of(root: Path) -> str:
    """Return what stands for an image id: a name for the hospital's code as it is now, and its Python."""
    digest = hashlib.sha256(f"{sysconfig.get_python_version()} {CONTRACT_VERSION}".encode())
    for folder in (root / "images/his/his", root / "sandbox/contract"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{IMAGE_PREFIX}{digest.hexdigest()}"


def _facts_of(pid: int) -> tuple[str, int]:
    """Return state letter and start time; ('', 0) if there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    return fields[0], int(fields[19])


def _start_of(pid: int) -> int:
    return _facts_of(pid)[1]


def _runs(record: Record) -> bool:
    if not record.pid:
        return False
    state, started = _facts_of(record.pid)
    if state == "Z":
        _reap(record.pid)
    return state not in ("", "Z", "X") and started == record.started


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _end(pid: int, grace_s: float) -> None:
    """Ask, wait, then insist. The descriptor names this very process, even if its pid is given away meanwhile."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        waiting = select.poll()
        waiting.register(process, select.POLLIN)
        for number, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(process, number)
            if waiting.poll(patience_s * 1000):
                break
    finally:
        os.close(process)
    _reap(pid)


def _serving_in(run: Path) -> int:
    """Return the pid of our process whose sockets are in this folder, or 0."""
    mark = f"{layout.RUN_VARIABLE}={run}".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if path.stat().st_uid == os.geteuid() and mark in path.read_bytes().split(b"\0"):
                pid = int(path.parent.name)
                if _facts_of(pid)[0] not in ("", "Z", "X"):
                    return pid
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return 0
