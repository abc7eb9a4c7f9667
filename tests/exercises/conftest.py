"""The golden dataset, seeded once by the image's own program, for runs in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures import datasets, specification
from sandbox.authoring import selftest
from sandbox.contract import codec
from sandbox.contract.replay import Replayed, Replays, Script, whole
from sandbox.exercises import loader
from sandbox.exercises.loader import Loaded
from sandbox.exercises.vocabulary import Vocabulary, from_records

ROOT = Path(__file__).parents[2]

FILES = sorted((ROOT / "fixtures" / "exercises").glob("*.yaml"))
ANCHOR = "2026-03-02"

Replay = Callable[[Script], Replays]


def run_his(*arguments: str, given: bytes) -> bytes:
    """Run the mock HIS as a program: the core may not import it."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'images' / 'his'}"}
    done = subprocess.run(
        [sys.executable, "-m", "his", *arguments], input=given, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="session")
def dataset() -> datasets.Dataset:
    return datasets.build(specification.named("base"))


@pytest.fixture(scope="session")
def vocabulary(dataset: datasets.Dataset) -> Vocabulary:
    return from_records((table, row) for table, rows in dataset.tables.items() for row in rows)


@pytest.fixture(scope="session")
def golden(dataset: datasets.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("golden") / "base.db"
    run_his("seed", "--into", str(file), given=b"".join(line.rstrip(b"\n") + b"\n" for line in datasets.lines(dataset)))
    return file


@pytest.fixture(scope="session")
def replay(golden: Path) -> Replay:
    def run(script: Script) -> Replays:
        answer = run_his("replay", "--golden", str(golden), given=json.dumps(codec.to_json(script)).encode())
        return codec.from_json(Replays, json.loads(answer))

    return run


@pytest.fixture(scope="session", params=FILES, ids=lambda path: path.stem)
def content(request: pytest.FixtureRequest) -> bytes:
    path: Path = request.param
    return path.read_bytes()


@pytest.fixture(scope="session")
def loaded(content: bytes, vocabulary: Vocabulary) -> Loaded:
    return loader.load(content, vocabulary=vocabulary)


@pytest.fixture(scope="session")
def replays(loaded: Loaded, replay: Replay) -> list[Replayed]:
    return [run for script in selftest.build(loaded, anchor=ANCHOR) for run in whole(replay(script))]


@pytest.fixture(scope="session")
def outcomes(loaded: Loaded, replays: list[Replayed]) -> dict[str, selftest.Outcome]:
    return {each.test: each for each in selftest.prove(loaded, replays)}
