"""The host reboots: containers are stopped, what lay in memory is gone. Everybody's work comes back by itself."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.provisioning.model import CellId, CellState, InstanceId, Observed
from tests import engines, towns
from tests.towns import Town

QUIET_S = 3.0
"""What the engine was asked for in the worker's last moment has begun by then. A machine that is off asks nothing."""


def power_off(town: Town) -> None:
    """Kill every cell's first process and empty the folder of the sockets, mounts and all."""
    driver = town.services.driver
    assert isinstance(driver, DockerDriver)
    killed: set[str] = set()
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET_S:
        for key in [one.engine_id for one in driver.observe() if one.running and one.engine_id not in killed]:
            quiet_since = time.monotonic()
            killed.add(key)
            with driver._engine.call() as client:
                client.kill(key, signal.SIGKILL)
        time.sleep(0.1)
    run = town.settings.site.run
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in [each for each in mounts if each.startswith(f"{run}/")]:
        subprocess.run(["umount", "--lazy", mount], check=True)
    shutil.rmtree(run)


@pytest.mark.docker
@pytest.mark.timeout(400)
@pytest.mark.parametrize("people", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_after_a_reboot_every_hospital_is_there_with_its_work(people: int) -> None:
    with towns.prepared("docker") as town:
        worker = town.start()
        keys = [town.launch() for _ in range(people)]
        cells = {key: town.cell(key) for key in keys}
        before = {key: town.health(cells[key]).head for key in keys}
        worker.kill()
        worker.wait(30)
        power_off(town)
        assert not any(seen.running for seen in town.services.driver.observe())
        with town.worker():
            engines.until(lambda: _are_back(town, cells), what="everybody is back", patience_s=90)
            for key in keys:
                assert town.cell(key) == cells[key]
                health = town.health(cells[key])
                assert (health.instance, health.epoch) == (key, 1)
                assert health.head.seq >= before[key].seq
            town.close(keys[0])
            engines.until(lambda: town.state(cells[keys[0]]) is CellState.GONE, what="closed", patience_s=60)
            assert town.chain(cells[keys[0]]) == ""


def _are_back(town: Town, cells: dict[InstanceId, CellId]) -> bool:
    running = {seen.cell for seen in town.services.driver.observe() if seen.running}
    return all(town.instance(key).observed is Observed.OPEN and cell in running for key, cell in cells.items())
