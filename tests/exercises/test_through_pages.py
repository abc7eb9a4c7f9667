"""Every self-test once more in a real cell, through the hospital's own pages: same journal as in memory, same grade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.authoring import agreement, selftest
from sandbox.contract.control import Arm
from sandbox.contract.journal import Row
from sandbox.contract.replay import Replayed, Script
from sandbox.contract.seats import account_name, initial_password
from sandbox.exercises import loader, scripts
from sandbox.exercises.loader import Loaded
from sandbox.provisioning.model import Endpoint
from sandbox.provisioning.ports import Driver
from sandbox.robot.client import Client
from sandbox.robot.hospital import Hospital, hospital_of
from sandbox.robot.trainee import SeatCard
from tests import engines
from tests.exercises.conftest import ANCHOR, FILES

TESTS = [
    pytest.param(file, test.name, id=f"{file.stem}-{test.name}")
    for file in FILES
    for test in loader.load(file.read_bytes()).exercise.tests
]
"""A fresh cell for each test of each exercise, so that each can fail alone."""


@pytest.fixture(scope="module", params=["process", pytest.param("docker", marks=pytest.mark.docker)])
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    made = engines.docker_driver() if request.param == "docker" else engines.process_driver()
    with made as driver:
        yield driver


@pytest.fixture
def cell(driver: Driver, golden: Path) -> Iterator[Endpoint]:
    """A cell that answers, with the dataset placed, and gone afterwards."""
    spec = engines.spec(driver)
    driver.ensure(spec)
    driver.place(spec.cell, golden)
    driver.start(spec.cell)
    engines.answering(driver, spec.cell)
    yield driver.endpoint(spec.cell)
    engines.remove_all(driver)


def lived(cell: Endpoint, script: Script, loaded: Loaded, name: str) -> Replayed:
    """Let the robot do one test on the pages of an armed cell and return what the sealed cell hands out."""
    engines.control.arm(
        cell,
        Arm(
            instance="0" * 16,
            epoch=1,
            attempt=script.attempt,
            nonce=script.nonce,
            trainee="机器人",
            language="zh",
            anchor=script.anchor,
            pack=script.pack,
            clock="test",
        ),
    )
    robot = visitor(cell, script, loaded)
    test = next(each for each in loaded.exercise.tests if each.name == name)
    for act in scripts.resolve(loaded.exercise, test):
        robot.perform(act)
    engines.control.seal(cell)
    return Replayed(name=name, rows=journal(cell), state=engines.control.state(cell))


def visitor(cell: Endpoint, script: Script, loaded: Loaded) -> Hospital:
    """Return the robot at the cell's own socket, with the accounts the workbench would show."""
    seats = {
        seat.name: SeatCard(
            name=seat.name, account=account_name(seat.name), password=initial_password(script.nonce, seat.name)
        )
        for seat in script.pack.seats
    }
    window = Client(unix=cell.http_socket)
    return hospital_of(loaded.exercise, window, home="http://hospital.localhost/", seats=seats, test_clock=True)


def journal(cell: Endpoint) -> tuple[Row, ...]:
    rows: list[Row] = []
    while page := engines.control.journal(cell, after=len(rows)).rows:
        rows += page
    return tuple(rows)


@pytest.mark.parametrize(("content", "name"), TESTS, indirect=["content"], scope="session")
def test_pages_and_memory_write_the_same_journal(
    cell: Endpoint,
    loaded: Loaded,
    replays: list[Replayed],
    outcomes: dict[str, selftest.Outcome],
    name: str,
) -> None:
    scripts_of_all = selftest.build(loaded, anchor=ANCHOR)
    script = next(each for each in scripts_of_all if name in {run.name for run in each.runs})
    real = lived(cell, script, loaded, name)
    memory = next(run for run in replays if run.name == name)
    assert agreement.differences(memory.rows, real.rows, agreement.named(loaded)) == []
    by_name = {run.name: run for run in replays} | {name: real}
    proved = next(each for each in selftest.prove(loaded, by_name.values()) if each.test == name)
    assert proved.wrong == ()
    assert (proved.report.score, proved.report.result) == (outcomes[name].report.score, outcomes[name].report.result)
