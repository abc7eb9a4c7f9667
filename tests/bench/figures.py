"""The end-to-end issue's figures in one run, side by side: floor, cold and warm launch, memory, golden build.

Run as root on an otherwise idle machine, after `make hospital`: `.venv/bin/python -m tests.bench.figures`.
Figures are printed, never asserted: machines differ. `usable` = the log-in page of the hospital, through nginx.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sandbox import bootstrap, config, installing
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.attempts import operations as attempts
from sandbox.bootstrap import WorkerServices
from sandbox.demo import draining, preparing, serving, site
from sandbox.demo.preparing import Prepared
from sandbox.demo.processes import Supervisor
from sandbox.errors import ControlUnreachableError
from sandbox.people.model import Actor
from sandbox.provisioning.model import CellId, CellSpec, CellState
from sandbox.robot.trainee import Trainee
from tests.engines import until

T = TypeVar("T")
ROUNDS = 20
IDLE_CELLS = 30
FLOOR_CELL = "f100000000"


def main() -> None:
    """Print the table."""
    with site.alone():
        prepared = preparing.prepare()
        services = bootstrap.worker_services(prepared.services.settings)
        cold, floor = _with_pool(prepared, 0, lambda: _cold_and_floor(prepared, services))
        warm = _with_pool(prepared, 3, lambda: _warm(prepared, services))
        memory = _with_pool(prepared, IDLE_CELLS, lambda: _memory_of_idle(services))
        built = _golden(services, prepared)
    print(json.dumps({"floor": floor, "cold": cold, "warm": warm, "memory": memory, "golden": built}))
    _row("floor: create + start + first answer", floor)
    _row("cold launch: press to usable", cold)
    _row("warm launch: press to usable", warm)
    print(f"cold / floor (medians)  {statistics.median(cold) / statistics.median(floor):.2f}")
    print(f"MiB per idle cell with shim (PSS)  {statistics.mean(memory):.1f}   n={len(memory)}")
    print(f"golden build  {built:.2f} s")


def _with_pool(prepared: Prepared, ready: int, measure: Callable[[], T]) -> T:
    os.environ["HIS_SANDBOX_POOL__READY"] = str(ready)
    supervisor = Supervisor()
    try:
        serving.serve(supervisor, prepared.site, config.load())
        return measure()
    finally:
        supervisor.stop()
        draining.drain(prepared.services)


def _cold_and_floor(prepared: Prepared, services: WorkerServices) -> tuple[list[float], list[float]]:
    cold, floor = [], []
    for number in range(ROUNDS):
        floor.append(_floor(services, prepared.image.id, number))
        cold.append(_launch(prepared, services))
    return cold, floor


def _floor(services: WorkerServices, image: str, number: int) -> float:
    """Return the seconds of a bare create, start and first answer of the same image under the same profile."""
    spec = CellSpec(cell=CellId(f"{FLOOR_CELL}{number:02d}"), uid=1_800_000 + number, image=image, fence=0)
    begun = time.perf_counter()
    seen = services.driver.ensure(spec)
    services.driver.start(spec.cell)
    while not _answers(services, spec.cell):
        time.sleep(0.005)
    took = time.perf_counter() - begun
    services.driver.remove(seen)
    return took


def _answers(services: WorkerServices, cell: CellId) -> bool:
    try:
        services.control.health(services.driver.endpoint(cell))
    except ControlUnreachableError:
        return False
    return True


def _memory_of_idle(services: WorkerServices) -> list[float]:
    _until_ready(services, IDLE_CELLS)
    time.sleep(2)  # let the machine settle before memory is read
    return _idle_memory(services)


def _warm(prepared: Prepared, services: WorkerServices) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        _until_ready(services, 3)
        times.append(_launch(prepared, services))
    return times


def _launch(prepared: Prepared, services: WorkerServices) -> float:
    """Return the seconds from the press of the button to the hospital's first page, then put the hospital away."""
    robot = Trainee(panel=prepared.site.panel_origin, look_again_s=0.005)
    robot.log_in("robot", prepared.passwords["robot"])
    begun = time.perf_counter()
    robot.start("free-practice")
    page = robot.enter().seen()
    took = time.perf_counter() - begun
    if page.form("auth.login") is None:
        raise SystemExit(f"not the hospital: {page.url} {page.status}")
    with services.database.transaction() as stores:
        person = stores.people.by_login("robot")
        if person is None:
            raise SystemExit("no robot")
        actor = Actor(id=person.id, roles=person.roles)
        mine = stores.instances.live_of(person.id)
        for one in mine:
            attempts.close_instance(stores, actor, one.id, now=services.clock.now())
    services.poke()
    until(lambda: _gone(services, [one.cell for one in mine if one.cell]), what="the hospital's end", patience_s=30)
    return took


def _gone(services: WorkerServices, cells: list[CellId]) -> bool:
    with services.database.reading() as stores:
        return all(stores.cells.get(cell).state is CellState.GONE for cell in cells)


def _until_ready(services: WorkerServices, count: int) -> None:
    def ready() -> bool:
        with services.database.reading() as stores:
            return sum(cell.state is CellState.READY for cell in stores.cells.present()) >= count

    until(ready, what="ready cells", patience_s=60)


def _idle_memory(services: WorkerServices) -> list[float]:
    """Return MiB (PSS) of each ready cell: its processes and the shim that holds it."""
    assert isinstance(services.driver, DockerDriver)
    return [_pss_of_tree(_shim_of(each.engine_id)) for each in services.driver.observe() if each.running]


def _shim_of(engine_id: str) -> int:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            command = (folder / "cmdline").read_bytes() if (folder / "cmdline").exists() else b""
            if b"containerd-shim" in command and engine_id.encode() in command:
                return int(folder.name)
    raise SystemExit(f"no shim of {engine_id}")


def _pss_of_tree(pid: int) -> float:
    kib = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            kib += int(line.split()[1])
    children = Path(f"/proc/{pid}/task").glob("*/children")
    inner = sum(_pss_of_tree(int(child)) for file in children for child in file.read_text().split())
    return kib / 1024 + inner


def _golden(services: WorkerServices, prepared: Prepared) -> float:
    folder = services.settings.site.state / "scratch" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    services.one_shot.seed(prepared.image.id, installing.records("base").stream(), folder / "golden.db")
    took = time.perf_counter() - begun
    (folder / "golden.db").unlink()
    return took


def _row(name: str, seconds: list[float]) -> None:
    milliseconds = sorted(each * 1000 for each in seconds)
    p95 = milliseconds[min(len(milliseconds) - 1, round(0.95 * (len(milliseconds) - 1)))]
    print(f"{name:40}  p50 {statistics.median(milliseconds):6.0f} ms   p95 {p95:6.0f} ms   n={len(milliseconds)}")


if __name__ == "__main__":
    main()
