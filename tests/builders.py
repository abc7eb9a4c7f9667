"""Values that a test does not care about: each `make_…` fills in everything that is not said."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.attempts.model import Attempt, AttemptId, AttemptState
from sandbox.contract import CONTRACT_VERSION
from sandbox.exercises.model import ExerciseVersion, Keep, Mode, Per
from sandbox.provisioning.capacity import Pressure
from sandbox.provisioning.model import (
    Cell,
    CellArchive,
    CellId,
    CellState,
    Desired,
    GoldenDataset,
    Image,
    Instance,
    InstanceId,
    Observed,
    Rest,
)
from sandbox.rehearsal.model import Burden, Figures, Machine, Measured, Part, Rehearsal
from sandbox.scheduling.vitals import Sample, Vitals
from sandbox.training.model import Assignment

NOON = datetime(2030, 3, 4, 12, 0, tzinfo=UTC)
"""When every test begins."""
ZONE = ZoneInfo("Asia/Shanghai")
"""The hospital's."""

_numbers = itertools.count(1)


def make_instance(**said: Any) -> Instance:
    """Return an instance of Alice's, queued for free practice."""
    values: dict[str, Any] = {
        "id": InstanceId(f"{next(_numbers):016x}"),
        "owner": "alice",
        "exercise_version": None,
        "attempt": None,
        "desired": Desired.OPEN,
        "observed": Observed.QUEUED,
        "epoch": 0,
        "cell": None,
        "queued_at": NOON,
        "opened_at": None,
        "last_request_at": None,
        "trouble": "",
    }
    return Instance(**values | said)


def make_cell(**said: Any) -> Cell:
    """Return a ready cell with an uid of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "id": CellId(f"{number:012x}"),
        "state": CellState.READY,
        "instance": None,
        "epoch": None,
        "attempt": None,
        "uid": 1_000_000 + number,
        "image": "sha256:" + "1" * 64,
        "pool_key": "f" * 16,
        "engine_id": None,
        "nonce": f"{number:032x}",
        "dataset": None,
        "since": NOON,
        "failures": 0,
        "trouble": "",
    }
    return Cell(**values | said)


def make_archive(**said: Any) -> CellArchive:
    """Return the archive of a cell whose journal holds."""
    values: dict[str, Any] = {
        "cell": CellId(f"{next(_numbers):012x}"),
        "instance": InstanceId("0" * 16),
        "epoch": 1,
        "attempt": None,
        "journal_sha256": "a" * 64,
        "state_sha256": "b" * 64,
        "rows": 3,
        "chain": "",
        "archived_at": NOON,
    }
    return CellArchive(**values | said)


def make_rest(**said: Any) -> Rest:
    """Return what was archived of a cell that hibernates."""
    values: dict[str, Any] = {
        "cell": CellId(f"{next(_numbers):012x}"),
        "rested_at": NOON,
        "journal_sha256": "a" * 64,
        "state_sha256": "b" * 64,
        "rows": 3,
        "chain": "",
        "woken_at": None,
    }
    return Rest(**values | said)


def make_image(**said: Any) -> Image:
    """Return a registered image."""
    return Image(**{"id": "sha256:" + "1" * 64, "contract": CONTRACT_VERSION, "registered_at": NOON} | said)


def make_golden(**said: Any) -> GoldenDataset:
    """Return a golden dataset."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "inputs_key": f"{number:064x}",
        "name": "base",
        "sha256": "c" * 64,
        "digest": "d" * 64,
        "bytes": 4096,
        "built_at": NOON,
    }
    return GoldenDataset(**values | said)


def make_version(**said: Any) -> ExerciseVersion:
    """Return a released exercise of twenty minutes."""
    values: dict[str, Any] = {
        "id": "opd-basic@1",
        "exercise": "opd-basic",
        "version": 1,
        "sha256": "e" * 64,
        "title_zh": "门诊基础",
        "title_en": "Outpatient basics",
        "goal_zh": "开一张处方",
        "goal_en": "Write a prescription",
        "minutes": 20,
        "pass_score": 80,
        "released_at": NOON,
    }
    return ExerciseVersion(**values | said)


def make_attempt(**said: Any) -> Attempt:
    """Return Alice's attempt, just requested."""
    values: dict[str, Any] = {
        "id": AttemptId(f"{next(_numbers):016x}"),
        "person": "alice",
        "exercise_version": "opd-basic@1",
        "assignment": None,
        "instance": InstanceId(f"{next(_numbers):016x}"),
        "state": AttemptState.REQUESTED,
        "requested_at": NOON,
        "opened_at": None,
        "submitted_at": None,
        "closed_at": None,
        "mode": Mode.CLASS if said.get("assignment") else Mode.PRACTICE,
        "time_factor": 1,
        "untimed": False,
        "variant": 0,
    }
    return Attempt(**values | said)


def make_assignment(**said: Any) -> Assignment:
    """Return an assignment of that exercise to Alice in class, without limits, reports open."""
    values: dict[str, Any] = {
        "id": f"{next(_numbers):016x}",
        "exercise_version": "opd-basic@1",
        "person": "alice",
        "mode": Mode.CLASS,
        "opens": None,
        "due": None,
        "max_attempts": None,
        "per": Per.EVER,
        "keep": Keep.BEST,
        "wait_ms": 0,
        "checks_allowed": False,
        "reports_opened_at": NOON,
        "assigned_by": "bob",
        "assigned_at": NOON,
        "withdrawn_at": None,
    }
    return Assignment(**values | said)


def make_vitals(**said: Any) -> Vitals:
    """Return what a worker at ease tells: 50 seats, ten taken, two cells kept ready."""
    values: dict[str, Any] = {
        "fence": 1,
        "at": NOON,
        "base": 2,
        "lessons": 0,
        "recent": 0,
        "target": 2,
        "occupied": 10,
        "by_memory": 50,
        "by_disk": 400,
        "by_site": 600,
        "pressure": Pressure.CALM,
        "memory_total": 4 << 30,
        "memory_available": 2 << 30,
        "memory_reserve": 1 << 30,
        "swap_used": 0,
        "disk_free": 40 << 30,
        "stalled": 0.0,
        "strict": False,
        "cell_bytes": 26 << 20,
        "measured": 10,
        "rate": 4.0,
        "trouble": "",
        "failures": 0,
        "failing_since": None,
        "resting_until": None,
    }
    return Vitals(**values | said)


def make_sample(**said: Any) -> Sample:
    """Return one minute of that worker."""
    values: dict[str, Any] = {
        "minute": NOON,
        "occupied": 10,
        "ready": 2,
        "waiting": 0,
        "target": 2,
        "seats": 50,
        "memory_total": 4 << 30,
        "memory_available": 2 << 30,
        "cell_bytes": 26 << 20,
    }
    return Sample(**values | said)


def make_rehearsal(key: str = "", *, seats: int = 50, pool: int = 2, **figures: Any) -> Rehearsal:
    """A rehearsal in which everybody came inside after a second."""
    measured = {
        "launch": Measured(times=(1_000_000,) * seats),
        "reset": Measured(times=(200_000,)),
        "hibernate": Measured(),
        "wake": Measured(),
        "pages_idle": Measured(times=(9_000,)),
        "pages_busy": Measured(times=(20_000,)),
        "warm": pool,
        "spread_us": 99_000,
        "rush_us": 5_000_000,
        "slowest": 5,
        "parts": (Part(name="start", us=900_000), Part(name="page", us=100_000)),
        "burdens": (Burden(who="engine", cpu_us=1_000_000, kib=60_000), Burden(who="panel", cpu_us=1, kib=50_000)),
        "cell_kib": (25_000,) * seats,
    }
    return Rehearsal(
        id=key or f"{next(_numbers):016x}",
        begun_at=NOON,
        seats=seats,
        actor="cli",
        machine=Machine(cores=2, memory_kib=24 << 20, kernel="6.1", driver="docker", pool=pool),
        figures=Figures(**{**measured, **figures}),
    )
