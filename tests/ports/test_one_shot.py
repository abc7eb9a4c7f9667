"""One suite over both ways to run the image as a program: golden datasets and scripted runs."""

from __future__ import annotations

import functools
import json
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures import datasets
from sandbox.adapters.drivers import profile
from sandbox.adapters.drivers.engine import Engine
from sandbox.adapters.drivers.oneshot import DockerProgram, ImageOneShot, OneShotFailedError, ProcessProgram
from sandbox.contract import canonical, codec, journal
from sandbox.contract.exercise_pack import FREE_PRACTICE
from sandbox.contract.replay import Replays, Run, Script
from sandbox.errors import ImageMissingError
from tests import engines


@functools.cache
def records() -> tuple[bytes, ...]:
    return tuple(datasets.stream("small"))


@pytest.fixture
def process_programs(tmp_path: Path) -> ImageOneShot:
    return ImageOneShot(program=ProcessProgram(engines.CHECKOUT), scratch=tmp_path / "scratch")


@pytest.fixture
def docker_programs(tmp_path: Path) -> Iterator[ImageOneShot]:
    engine = Engine(engines.ENGINE_URL)
    program = DockerProgram(site=secrets.token_hex(4), engine=engine, uid=engines.FIRST_UID)
    yield ImageOneShot(program=program, scratch=tmp_path / "scratch")
    engine.close()


@pytest.fixture(params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def programs(request: pytest.FixtureRequest) -> tuple[ImageOneShot, str]:
    image = engines.image() if request.param == "docker" else "process"
    return request.getfixturevalue(f"{request.param}_programs"), image


def test_a_dataset_is_seeded_whole_and_its_digest_recorded(programs: tuple[ImageOneShot, str], tmp_path: Path) -> None:
    one_shot, image = programs
    golden = tmp_path / "golden.db"
    digest = one_shot.seed(image, records(), golden)
    db = sqlite3.connect(f"file:{golden}?mode=ro&immutable=1", uri=True)
    try:
        assert db.execute("SELECT value FROM meta WHERE key = 'dataset_digest'").fetchone() == (digest,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        db.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["golden.db", "scratch"]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_both_ways_build_the_same_file(
    process_programs: ImageOneShot, tmp_path: Path, programs: tuple[ImageOneShot, str]
) -> None:
    one_shot, image = programs
    assert one_shot.seed(image, records(), tmp_path / "a.db") == process_programs.seed(
        "process", records(), tmp_path / "b.db"
    )


def test_what_is_no_dataset_leaves_nothing_behind(programs: tuple[ImageOneShot, str], tmp_path: Path) -> None:
    one_shot, image = programs
    with pytest.raises(OneShotFailedError, match="seed ended with 2"):
        one_shot.seed(image, [b"{}"], tmp_path / "golden.db")
    assert not (tmp_path / "golden.db").exists()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_script_is_replayed_on_a_copy(programs: tuple[ImageOneShot, str], tmp_path: Path) -> None:
    one_shot, image = programs
    golden = tmp_path / "golden.db"
    one_shot.seed(image, records(), golden)
    before = golden.read_bytes()
    script = Script(
        anchor="2025-03-03", attempt="a" * 16, nonce="b" * 32, pack=FREE_PRACTICE, runs=(Run(name="idle", steps=()),)
    )
    replays = codec.from_json(
        Replays, json.loads(one_shot.replay(image, golden, canonical.dumps(codec.to_json(script)).encode()))
    )
    assert [run.name for run in replays.runs] == ["idle"]
    assert journal.broken_at(replays.runs[0].rows, attempt="a" * 16, nonce="b" * 32) is None
    assert golden.read_bytes() == before


def test_a_script_that_is_none_is_refused(programs: tuple[ImageOneShot, str], tmp_path: Path) -> None:
    one_shot, image = programs
    with pytest.raises(OneShotFailedError, match="replay ended with 2"):
        one_shot.replay(image, engines.golden_file(tmp_path, "x"), b"{}")


def test_a_killed_run_is_swept_by_the_next_and_a_running_one_left_alone(
    programs: tuple[ImageOneShot, str], tmp_path: Path
) -> None:
    one_shot, image = programs
    left = tmp_path / "scratch" / "0123456789ab"
    left.mkdir(parents=True)
    if isinstance(one_shot.program, DockerProgram):
        name = one_shot.program._name(left)
        body = profile.one_shot(one_shot.program._site, image=image, uid=engines.FIRST_UID, command=[], folder=left)
        with one_shot.program._engine.call() as client:
            client.create_container_from_config(body, name)
    with one_shot._folder() as running:
        one_shot.sweep()
        assert list((tmp_path / "scratch").iterdir()) == [running]
    if isinstance(one_shot.program, DockerProgram):
        with one_shot.program._engine.call() as client:
            assert client.containers(all=True, filters={"name": name}) == []


@pytest.mark.docker
def test_a_missing_image_is_told(docker_programs: ImageOneShot, tmp_path: Path) -> None:
    with pytest.raises(ImageMissingError):
        docker_programs.seed("sha256:" + "0" * 64, [b"{}"], tmp_path / "golden.db")


@pytest.mark.docker
def test_no_container_is_left(docker_programs: ImageOneShot, tmp_path: Path) -> None:
    docker_programs.seed(engines.image(), records(), tmp_path / "golden.db")
    program = docker_programs.program
    assert isinstance(program, DockerProgram)
    with program._engine.call() as client:
        label = f"{profile.ONE_SHOT_LABEL}={program._site}"
        assert client.containers(all=True, filters={"label": label}) == []
