"""One suite over every driver: what provisioning may rely on, whoever runs the cells."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.contract import layout
from sandbox.errors import ControlUnreachableError, ImageMissingError, PermanentError, ProfileDriftError
from sandbox.provisioning.folders import Places
from sandbox.provisioning.model import CellId, SeenCell
from sandbox.provisioning.ports import Driver
from tests import engines
from tests.fakes_provisioning import FakeDriver


@pytest.fixture
def process_driver() -> Iterator[Driver]:
    with engines.process_driver() as driver:
        yield driver


@pytest.fixture
def docker_driver() -> Iterator[Driver]:
    with engines.docker_driver() as driver:
        yield driver


@pytest.fixture
def fake_driver(tmp_path: Path) -> Driver:
    return FakeDriver(Places(run=tmp_path / "run", state=tmp_path))


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def driver(request: pytest.FixtureRequest) -> Driver:
    found: Driver = request.getfixturevalue(f"{request.param}_driver")
    return found


@pytest.fixture(params=["fake", "process", pytest.param("docker", marks=pytest.mark.docker)])
def any_driver(request: pytest.FixtureRequest) -> Driver:
    """The fake too, where nobody has to answer on a socket."""
    found: Driver = request.getfixturevalue(f"{request.param}_driver")
    return found


def test_a_new_cell_is_made_and_not_running(any_driver: Driver) -> None:
    spec = engines.spec(any_driver)
    seen = any_driver.ensure(spec)
    assert seen == SeenCell(
        cell=spec.cell,
        engine_id=seen.engine_id,
        running=False,
        spec_label=any_driver.facts().profile,
        folders=True,
    )
    assert any_driver.observe() == [seen]


def test_a_cell_is_found_by_its_id_as_it_is_observed(any_driver: Driver) -> None:
    spec = engines.spec(any_driver)
    assert any_driver.find(spec.cell) is None
    seen = any_driver.ensure(spec)
    assert any_driver.find(spec.cell) == seen == any_driver.observe()[0]
    any_driver.remove(seen)
    assert any_driver.find(spec.cell) is None


def test_ensuring_twice_is_one_cell(any_driver: Driver) -> None:
    spec = engines.spec(any_driver)
    first = any_driver.ensure(spec)
    assert any_driver.ensure(replace(spec, fence=2)) == first
    assert any_driver.observe() == [first]


def test_ensuring_at_once_is_one_cell(any_driver: Driver) -> None:
    spec = engines.spec(any_driver)
    any_driver.ensure(spec)
    with ThreadPoolExecutor(4) as threads:
        seen = {each.engine_id for each in threads.map(lambda _: any_driver.ensure(spec), range(4))}
    assert len(seen) == 1


def test_a_started_cell_answers_on_its_control_socket(driver: Driver) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.start(spec.cell)
    assert engines.answering(driver, spec.cell).condition == "ready"
    assert engines.running(driver, spec.cell)


def test_starting_twice_is_one_process(driver: Driver) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    before = engines.serving_pid(driver.endpoint(spec.cell))
    driver.start(spec.cell)
    assert engines.serving_pid(driver.endpoint(spec.cell)) == before


def test_a_fresh_cell_passes_attestation_before_and_after_its_start(driver: Driver) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.attest(spec.cell)
    driver.start(spec.cell)
    driver.attest(spec.cell)


def test_a_killed_cell_is_seen_and_starts_again_on_its_data(driver: Driver, tmp_path: Path) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    golden = engines.golden_file(tmp_path, "kept")
    driver.place(spec.cell, golden)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    os.kill(engines.serving_pid(driver.endpoint(spec.cell)), signal.SIGKILL)
    engines.until(lambda: not engines.running(driver, spec.cell), what="the death is seen")
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    assert _words(driver, spec.cell) == ["kept"]


def test_a_stopped_cell_keeps_its_data_and_starts_again(driver: Driver, tmp_path: Path) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.place(spec.cell, engines.golden_file(tmp_path, "kept"))
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    driver.stop(spec.cell, 2)
    assert not engines.running(driver, spec.cell)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    assert _words(driver, spec.cell) == ["kept"]


def test_stopping_what_is_not_there_is_success(any_driver: Driver) -> None:
    any_driver.stop(CellId("0123456789ab"), 1)


def test_removing_takes_container_and_folders_and_nothing_else(driver: Driver) -> None:
    spec, neighbour = engines.spec(driver), engines.spec(driver, 2)
    seen, other = driver.ensure(spec), driver.ensure(neighbour)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    driver.remove(seen)
    assert driver.observe() == [other]
    with pytest.raises(ControlUnreachableError):
        driver.endpoint(spec.cell)


def test_removing_twice_is_success(any_driver: Driver) -> None:
    seen = any_driver.ensure(engines.spec(any_driver))
    any_driver.remove(seen)
    any_driver.remove(seen)
    assert any_driver.observe() == []


def test_a_late_removal_does_not_hit_the_next_cell_of_that_name(any_driver: Driver) -> None:
    spec = engines.spec(any_driver)
    first = any_driver.ensure(spec)
    any_driver.remove(first)
    second = any_driver.ensure(spec)
    assert second.engine_id != first.engine_id
    any_driver.remove(first)
    assert second.folders
    assert any_driver.observe() == [second]


def test_discarding_folders_that_are_not_there_is_success(any_driver: Driver) -> None:
    any_driver.discard_folders(CellId("0123456789ab"))


def test_a_placed_dataset_replaces_the_old_one_whole(driver: Driver, tmp_path: Path) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.place(spec.cell, engines.golden_file(tmp_path, "first"))
    driver.place(spec.cell, engines.golden_file(tmp_path, "second"))
    folder = _data_folder(driver, spec.cell)
    assert _words(driver, spec.cell) == ["second"]
    assert not (folder / f"{layout.DATABASE}.new").exists()
    facts = (folder / layout.DATABASE).stat()
    assert stat.S_IMODE(facts.st_mode) == 0o600
    assert facts.st_uid == driver.endpoint(spec.cell).uid


def test_a_staged_dataset_is_the_workers_until_it_is_placed(driver: Driver, tmp_path: Path) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    golden = engines.golden_file(tmp_path, "staged")
    driver.stage(spec.cell, golden)
    driver.stage(spec.cell, golden)
    folder, mine = _data_folder(driver, spec.cell), driver.endpoint(spec.cell).uid
    [path] = folder.glob("staged-*")
    staged = path.stat()
    assert (staged.st_uid, stat.S_IMODE(staged.st_mode)) == (os.geteuid(), 0o600)
    assert (folder / layout.DATABASE).stat().st_size == 0
    driver.place(spec.cell, golden)
    placed = (folder / layout.DATABASE).stat()
    assert (placed.st_uid, stat.S_IMODE(placed.st_mode), placed.st_ino) == (mine, 0o600, staged.st_ino)
    assert _words(driver, spec.cell) == ["staged"]
    driver.place(spec.cell, golden)
    assert _words(driver, spec.cell) == ["staged"]


def test_what_was_staged_of_another_dataset_is_not_placed(driver: Driver, tmp_path: Path) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.stage(spec.cell, engines.golden_file(tmp_path, "yesterday"))
    driver.place(spec.cell, engines.golden_file(tmp_path, "today"))
    assert _words(driver, spec.cell) == ["today"]


def test_a_placed_dataset_is_not_changed_by_the_log_of_an_earlier_one(driver: Driver, tmp_path: Path) -> None:
    spec = engines.spec(driver)
    driver.ensure(spec)
    log = _data_folder(driver, spec.cell) / layout.DATABASE_FILES[1]
    log.write_bytes(b"left from an earlier try")
    driver.place(spec.cell, engines.golden_file(tmp_path, "new"))
    assert log.read_bytes() == b""


def test_a_cell_without_folders_has_no_endpoint(any_driver: Driver) -> None:
    with pytest.raises(ControlUnreachableError):
        any_driver.endpoint(CellId("0123456789ab"))


def test_what_is_no_cell_id_never_becomes_a_path(driver: Driver) -> None:
    for wrong in ("../../etc", "0123456789AB", "0123456789ab/..", "", "0123456789ab\n"):
        with pytest.raises(PermanentError):
            driver.discard_folders(CellId(wrong))


def test_cells_survive_the_worker(driver: Driver) -> None:
    """A driver made afresh, as after a restart, finds what the old one started."""
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    assert driver.facts().survives_restart
    again = engines.made_afresh(driver)
    assert again.observe() == driver.observe()
    again.stop(spec.cell, 2)
    assert not engines.running(driver, spec.cell)


def test_a_socket_path_that_the_kernel_would_cut_is_refused(driver: Driver) -> None:
    far = engines.moved(driver, run_root=Path("/tmp") / ("x" * 80))
    with pytest.raises(PermanentError, match="100 bytes"):
        far.ensure(engines.spec(driver))


def test_a_missing_image_is_told(driver: Driver, tmp_path: Path) -> None:
    if driver.facts().name == "docker":
        with pytest.raises(ImageMissingError):
            driver.ensure(replace(engines.spec(driver), image="sha256:" + "0" * 64))
    else:
        with pytest.raises(ImageMissingError):
            engines.moved(driver, root=tmp_path).ensure(engines.spec(driver))


@pytest.mark.docker
def test_a_name_instead_of_an_image_id_is_refused(docker_driver: Driver) -> None:
    with pytest.raises(ImageMissingError):
        docker_driver.ensure(replace(engines.spec(docker_driver), image="his-sandbox-his:latest"))


@pytest.mark.docker
def test_a_system_uid_is_refused(docker_driver: Driver) -> None:
    with pytest.raises(PermanentError):
        docker_driver.ensure(replace(engines.spec(docker_driver), uid=0))


@pytest.mark.docker
def test_a_container_made_by_another_profile_is_not_adopted(docker_driver: Driver) -> None:
    spec = engines.spec(docker_driver)
    with engines.foreign_container(docker_driver, spec), pytest.raises(ProfileDriftError):
        docker_driver.ensure(spec)


@pytest.mark.docker
def test_another_sites_cells_are_not_seen(docker_driver: Driver) -> None:
    docker_driver.ensure(engines.spec(docker_driver))
    with engines.docker_driver() as other:
        assert other.observe() == []


def _data_folder(driver: Driver, cell: CellId) -> Path:
    return engines.folders_of(driver).data_folder(cell)


def _words(driver: Driver, cell: CellId) -> list[str]:
    db = sqlite3.connect(f"file:{_data_folder(driver, cell) / layout.DATABASE}?mode=ro", uri=True)
    try:
        return [word for (word,) in db.execute("SELECT word FROM word")]
    finally:
        db.close()
