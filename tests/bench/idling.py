"""What costs nothing to look at and memory to keep: 200 idle cells beside bare ones, the control plane, 500 live."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from pathlib import Path

from sandbox.adapters.census import Census
from sandbox.provisioning.model import CellState
from sandbox.rehearsal.model import CONTROL_PLANE
from sandbox.rehearsing import watching
from sandbox.robot.crowd import Crowd
from sandbox.robot.visitor import Visitor
from tests.bench import stage as stages
from tests.bench.bare import Bare
from tests.bench.stage import BenchError, Stage
from tests.bench.table import Bound, Row, Samples, milliseconds, ratio

IDLE_CELLS = 200
WATCHED_S = 60.0
LIVE = 500
AT_ONCE = 50


def idle(stage: Stage, cells: int = IDLE_CELLS, watched_s: float = WATCHED_S) -> tuple[Row, ...]:
    """Memory of so many ready cells beside as many bare ones; what the control plane takes meanwhile."""
    census = Census(stage.services.settings)
    with stage.serving(cells):
        time.sleep(stages.SETTLE_S)
        ours = _mebibytes(census, _of_rows(stage))
        cpu, memory = _control_plane(stage, census, watched_s)
    bare = Bare(stage.services, stage.prepared.image.id)
    try:
        bare.many(cells)
        time.sleep(stages.SETTLE_S)
        floor = _mebibytes(census, bare.holders())
    finally:
        bare.clear()
    return (
        Row(
            key="idle",
            title=f"memory of an idle cell with its shim (PSS), over {cells}",
            measured=(
                Samples(name="ready cell of the product", values=ours, unit="MiB"),
                Samples(name="bare instance of the same image", values=floor, unit="MiB"),
            ),
            gates=(ratio("mean ours / bare", statistics.mean(ours), statistics.mean(floor), 1.2),),
            aims=(Bound(words="mean ≤ 28 MiB", value=statistics.mean(ours), limit=28),),
        ),
        Row(
            key="control",
            title=f"control plane with {cells} idle cells, over {watched_s:.0f} s",
            measured=(
                Samples(name="share of a core", values=(sum(cpu.values()),), unit="%"),
                *(Samples(name=f"  {who}", values=(share,), unit="%") for who, share in sorted(cpu.items())),
                Samples(name="memory (PSS)", values=(sum(memory.values()),), unit="MiB"),
                *(Samples(name=f"  {who}", values=(used,), unit="MiB") for who, used in sorted(memory.items())),
            ),
            aims=(
                Bound(words="≤ 3 % of a core", value=sum(cpu.values()), limit=3.0),
                Bound(words="≤ 250 MiB", value=sum(memory.values()), limit=250.0),
            ),
        ),
    )


def live(stage: Stage, cells: int = LIVE) -> tuple[Row]:
    """So many hospitals open at once, each asked for its page; nothing swapped."""
    with stage.serving(cells):
        visitors = stage.visitors(cells)
        swapped = _swapped_out()
        inside: list[float] = []
        for begin in range(0, cells, AT_ONCE):
            group = Crowd(visitors[begin : begin + AT_ONCE])
            inside += stages.inside(group.together(Visitor.launch))
            # A thread of a browser is not what is measured here: so many kept connections would be.
            group.hang_up()
        answered = [_asked(visitor) for visitor in visitors]
        used = _mebibytes(Census(stage.services.settings), _of_rows(stage))
        free = _available_mib()
        swapped = _swapped_out() - swapped
    row = Row(
        key="live",
        title=f"{cells} hospitals open at once, all asked for their page",
        measured=(
            milliseconds("page of each, one after the other", answered),
            milliseconds(f"press → first page, {AT_ONCE} at once", inside),
            Samples(name="memory of an open hospital with its shim", values=used, unit="MiB"),
            Samples(name="memory left (MemAvailable)", values=(free,), unit="MiB"),
        ),
        gates=(
            Bound(words=f"all {cells} answer", value=len(answered), limit=cells, least=True),
            Bound(words="pages swapped out", value=swapped, limit=0),
        ),
    )
    return (row,)


def _asked(visitor: Visitor) -> float:
    took = visitor.first_page()
    visitor.hang_up()
    return took


def _of_rows(stage: Stage) -> dict[int, str]:
    """Return uid -> engine id of the cells that run."""
    running = (CellState.READY, CellState.ARMED)
    return {one.uid: one.engine_id or "" for one in watching.present(stage.services) if one.state in running}


def _mebibytes(census: Census, cells: Mapping[int, str]) -> tuple[float, ...]:
    found = census.cells_kib(cells)
    if len(found) != len(cells) or not cells:
        raise BenchError(f"{len(found)} of {len(cells)} cells have processes")
    return tuple(each / 1024 for each in found.values())


def _control_plane(stage: Stage, census: Census, watched_s: float) -> tuple[dict[str, float], dict[str, float]]:
    """Return percent of a core and MiB by process."""
    worker = watching.worker_pid(stage.services)
    cells = list(_of_rows(stage))
    before, begun = census.processor_us(worker=worker, cells=cells), time.monotonic()
    time.sleep(watched_s)
    after, passed = census.processor_us(worker=worker, cells=cells), time.monotonic() - begun
    memory = census.memory_kib(worker=worker, cells=cells)
    return (
        {who: 100 * (after.get(who, 0) - before.get(who, 0)) / 1_000_000 / passed for who in CONTROL_PLANE},
        {who: memory.get(who, 0) / 1024 for who in CONTROL_PLANE},
    )


def _swapped_out() -> int:
    lines = Path("/proc/vmstat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("pswpout "))


def _available_mib() -> float:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))
