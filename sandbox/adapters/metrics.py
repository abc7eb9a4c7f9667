"""Figures in Prometheus' text format: each process keeps its own registry and leaves its text where the panel may read.

Nobody listens on a port for it. Names end in their unit; labels are few and take few values.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, write_to_textfile

from sandbox.provisioning.measuring import Kind

WRITE_EVERY_S = 5.0
LAUNCH_BUCKETS = (0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.4, 0.6, 0.8, 1.2, 2, 4, 8, 15, 30, 60, 120)
STEP_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
ROUND_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5)


class WorkerFigures:
    """Fulfils provisioning.measuring.Meter, and times the engine's calls."""

    def __init__(self, registry: CollectorRegistry, monotonic: Callable[[], float]) -> None:
        self.registry = registry
        self._monotonic = monotonic
        ProcessCollector(namespace="his_worker", registry=registry)
        self._steps = Histogram(
            "his_step_seconds", "Steps of the plan, by kind", ["action"], registry=registry, buckets=STEP_BUCKETS
        )
        self._outcomes = Counter(
            "his_steps", "Steps of the plan, by kind and outcome", ["action", "outcome"], registry=registry
        )
        self._opened = Histogram(
            "his_launch_seconds",
            "From the wish to the open hospital",
            ["kind"],
            registry=registry,
            buckets=LAUNCH_BUCKETS,
        )
        self._rounds = Histogram(
            "his_reconciler_round_seconds",
            "Looking at the engine, planning from rows",
            ["phase"],
            registry=registry,
            buckets=ROUND_BUCKETS,
        )
        self._refills = Counter("his_refill_failures", "New cells that could not be made", ["code"], registry=registry)
        self._target = Gauge("his_pool_target_cells", "Ready cells to keep", registry=registry)
        self._ready = Gauge("his_pool_ready_cells", "Ready cells of the present pool", registry=registry)
        self._fence = Gauge("his_lease_fence", "Fence of the worker that leads", registry=registry)
        self._engine = Histogram(
            "his_engine_call_seconds",
            "Calls of the container engine",
            ["outcome"],
            registry=registry,
            buckets=STEP_BUCKETS,
        )

    def step(self, action: str, outcome: str, seconds: float) -> None:
        self._outcomes.labels(action, outcome).inc()
        self._steps.labels(action).observe(seconds)

    def opened(self, kind: Kind, seconds: float) -> None:
        self._opened.labels(kind).observe(seconds)

    def round(self, phase: Literal["plan", "observe"], seconds: float) -> None:
        self._rounds.labels(phase).observe(seconds)

    def refill_failed(self, code: str) -> None:
        self._refills.labels(code).inc()

    def pool(self, *, target: int, ready: int) -> None:
        self._target.set(target)
        self._ready.set(ready)

    def leads(self, fence: int) -> None:
        self._fence.set(fence)

    def engine_call(self) -> Callable[[str], None]:
        """A call to the engine begins; tell what is returned of its end: '' or the code of its error."""
        begun = self._monotonic()
        return lambda code: self._engine.labels(code or "ok").observe(self._monotonic() - begun)


class Shelf:
    """Where a process leaves its figures. An errand of the worker; in the gateway a thread of its own runs it."""

    def __init__(self, registry: CollectorRegistry, file: Path, *, process: str, clock: Callable[[], float]) -> None:
        self._registry = registry
        self._file = file
        self._monotonic = clock
        self._due = 0.0
        self._written = Gauge(
            f"his_{process}_figures_written_timestamp_seconds", "When this was written", registry=registry
        )

    def tick(self) -> int:
        """Write if it is time; return 0, for nothing waits."""
        now = self._monotonic()
        if now >= self._due:
            self._due = now + WRITE_EVERY_S
            self._written.set_to_current_time()
            # A reader sees the old text or the new one, never half of either.
            write_to_textfile(str(self._file), self._registry)
            self._file.chmod(0o640)
        return 0

    def serve(self, stop: threading.Event) -> None:
        """Write until told to stop."""
        while not stop.wait(WRITE_EVERY_S):
            self.tick()
