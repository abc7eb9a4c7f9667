"""The real hospital lives behind the real walls: armed, killed, started again, sealed, read. It misses no call."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures import datasets
from sandbox.adapters.drivers.dockerd import DockerDriver
from sandbox.adapters.drivers.oneshot import ImageOneShot, ProcessProgram
from sandbox.contract import journal
from sandbox.contract.control import PRACTICE, Arm
from sandbox.contract.exercise_pack import FREE_PRACTICE
from sandbox.errors import WrongStateError
from sandbox.provisioning.model import CellSpec
from tests import engines

pytestmark = pytest.mark.docker

NONCE = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    one_shot = ImageOneShot(program=ProcessProgram(engines.CHECKOUT), scratch=folder)
    one_shot.seed("process", datasets.stream("small"), folder / "golden.db")
    return folder / "golden.db"


@pytest.fixture
def driver() -> Iterator[DockerDriver]:
    with engines.docker_driver() as made:
        yield made


def _armed(driver: DockerDriver, golden: Path) -> tuple[CellSpec, Arm]:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    driver.place(spec.cell, golden)
    command = Arm(
        instance="0123456789abcdef",
        epoch=1,
        attempt=PRACTICE,
        nonce=NONCE,
        trainee="学员甲",
        language="zh",
        anchor="2025-03-03",
        pack=FREE_PRACTICE,
    )
    engines.control.arm(driver.endpoint(spec.cell), command)
    return spec, command


def test_a_killed_cell_goes_on_where_it_was(driver: DockerDriver, golden: Path) -> None:
    spec, command = _armed(driver, golden)
    at = driver.endpoint(spec.cell)
    before = engines.control.health(at)
    os.kill(engines.serving_pid(at), signal.SIGKILL)
    engines.until(lambda: not engines.running(driver, spec.cell), what="the death is seen")
    driver.start(spec.cell)
    after = engines.answering(driver, spec.cell)
    assert (after.condition, after.instance, after.epoch) == ("armed", command.instance, 1)
    assert after.head == before.head
    assert engines.control.arm(at, command).head == before.head


def test_another_epoch_is_refused(driver: DockerDriver, golden: Path) -> None:
    spec, command = _armed(driver, golden)
    with pytest.raises(WrongStateError):
        engines.control.arm(driver.endpoint(spec.cell), Arm(**{**vars(command), "epoch": 2}))


def test_a_sealed_cell_is_read_whole(driver: DockerDriver, golden: Path) -> None:
    spec, _command = _armed(driver, golden)
    at = driver.endpoint(spec.cell)
    sealed = engines.control.seal(at)
    rows = engines.control.journal(at, 0).rows
    assert journal.broken_at(rows, attempt=PRACTICE, nonce=NONCE) is None
    assert rows[-1].hash == sealed.head.hash
    assert engines.control.state(at).tables["patient"]
    assert engines.control.seal(at) == sealed


def test_nothing_of_one_cell_is_in_the_next_one_of_its_uid(driver: DockerDriver, golden: Path) -> None:
    """Threat T42: the uid comes back only after the folders went."""
    spec, _command = _armed(driver, golden)
    [seen] = driver.observe()
    driver.remove(seen)
    assert not engines.folders_of(driver).data_folder(spec.cell).exists()
    fresh = engines.spec(driver, 1)
    driver.ensure(fresh)
    assert [path.stat().st_size for path in engines.folders_of(driver).data_folder(fresh.cell).iterdir()] == [0, 0, 0]


def test_a_cell_asked_to_stop_ends_by_itself(driver: DockerDriver, golden: Path) -> None:
    spec, _command = _armed(driver, golden)
    engines.control.stop(driver.endpoint(spec.cell))
    engines.until(lambda: not engines.running(driver, spec.cell), what="the cell ended", patience_s=5)
