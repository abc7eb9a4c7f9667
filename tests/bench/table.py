"""A row of the figures' table: ours beside the floor, the gate, the aim, and whether they are met."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What a figure must not exceed, or must reach (`least`). Only gates count as failures; aims are reported."""

    words: str
    value: float
    limit: float
    least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.least else self.value <= self.limit


@dataclass(frozen=True, kw_only=True)
class Samples:
    """One measured thing."""

    name: str
    values: tuple[float, ...]
    unit: str = "ms"

    @property
    def p50(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        return quantile(self.values, 0.95)

    @property
    def worst(self) -> float:
        return max(self.values)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the issue's table. The ratio is of figures taken in this run, alternating where they can."""

    key: str
    title: str
    measured: tuple[Samples, ...]
    """Ours first, then what it is compared with."""
    gates: tuple[Bound, ...] = ()
    aims: tuple[Bound, ...] = ()
    notes: tuple[str, ...] = ()


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share lies; the nearest one measured, never one in between."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def milliseconds(name: str, seconds: Iterable[float]) -> Samples:
    """Return seconds as samples in milliseconds."""
    return Samples(name=name, values=tuple(each * 1000 for each in seconds))


def ratio(words: str, ours: float, floor: float, limit: float) -> Bound:
    """Return the gate `ours / floor <= limit`."""
    return Bound(words=f"{words} ≤ {limit:g}", value=ours / floor, limit=limit)


def lines(row: Row) -> list[str]:
    """Return the row as it is printed."""
    said = [f"{row.key}: {row.title}"]
    for each in row.measured:
        numbers = f"p50 {each.p50:9.1f}  p95 {each.p95:9.1f}  max {each.worst:9.1f} {each.unit:5}  n={len(each.values)}"
        said.append(f"  {each.name:44} {numbers}")
    said += [f"  {'MET ' if one.met else 'MISSED'} must {one.words:50} {one.value:.3g}" for one in row.gates]
    said += [f"  {'met ' if one.met else 'missed'} aim  {one.words:50} {one.value:.3g}" for one in row.aims]
    return said + [f"  · {note}" for note in row.notes]


def machine() -> Mapping[str, Any]:
    """Return what the figures were taken on."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    return {
        "cores": os.cpu_count(),
        "memory_kib": int(memory.split()[1]),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load": os.getloadavg()[0],
    }


def to_json(rows: Sequence[Row], *, engine: str, failed: Mapping[str, str]) -> str:
    """Return everything with its raw samples."""
    told = {"machine": {**machine(), "engine": engine}, "rows": [_plain(row) for row in rows], "failed": dict(failed)}
    return json.dumps(told, ensure_ascii=False, indent=1)


def _plain(row: Row) -> dict[str, Any]:
    plain = asdict(row)
    for kind in ("gates", "aims"):
        plain[kind] = [{**asdict(one), "met": one.met} for one in getattr(row, kind)]
    return plain
