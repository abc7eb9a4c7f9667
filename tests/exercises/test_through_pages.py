"""Every self-test once more through the hospital's own pages: same journal as in memory, same grade."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.authoring import agreement, selftest
from sandbox.contract import codec
from sandbox.contract.control import Arm, HospitalState
from sandbox.contract.replay import Replayed, Script
from sandbox.contract.seats import account_name, initial_password
from sandbox.exercises import scripts
from sandbox.exercises.loader import Loaded
from sandbox.robot.client import Client
from sandbox.robot.hospital import Hospital, hospital_of
from sandbox.robot.trainee import SeatCard
from tests.exercises.test_shipped_exercises import ANCHOR, content, loaded, outcomes, replays
from tests.his.cell import Cell

__all__ = ["content", "loaded", "outcomes", "replays"]


@pytest.fixture
def cell(tmp_path: Path, golden: Path) -> Iterator[Cell]:
    made = Cell(tmp_path)
    made.place(golden)
    made.start()
    yield made
    made.close()


def lived(cell: Cell, script: Script, loaded: Loaded, name: str) -> Replayed:
    """Let the robot do one test on the pages of an armed cell and return what the sealed cell hands out."""
    command = Arm(
        instance="0" * 16,
        epoch=1,
        attempt=script.attempt,
        nonce=script.nonce,
        trainee="机器人",
        language="zh",
        anchor=script.anchor,
        pack=script.pack,
        clock="test",
    )
    assert cell.arm(command)[0] == 200
    robot = visitor(cell, script, loaded)
    test = next(each for each in loaded.exercise.tests if each.name == name)
    for act in scripts.resolve(loaded.exercise, test):
        robot.perform(act)
    assert cell.ask("POST", "/seal")[0] == 200
    _, state = cell.ask("GET", "/state")
    return Replayed(name=name, rows=cell.journal(), state=codec.from_json(HospitalState, state))


def visitor(cell: Cell, script: Script, loaded: Loaded) -> Hospital:
    seats = {
        seat.name: SeatCard(
            name=seat.name, account=account_name(seat.name), password=initial_password(script.nonce, seat.name)
        )
        for seat in script.pack.seats
    }
    window = Client(unix=cell.run / "h" / "http.sock")
    return hospital_of(loaded.exercise, window, home="http://hospital.localhost/", seats=seats, test_clock=True)


def names(loaded: Loaded) -> list[str]:
    return [test.name for test in loaded.exercise.tests]


@pytest.mark.parametrize("number", range(9))
def test_pages_and_memory_write_the_same_journal(
    cell: Cell,
    content: bytes,
    loaded: Loaded,
    replays: list[Replayed],
    outcomes: dict[str, selftest.Outcome],
    number: int,
) -> None:
    name = names(loaded)[number]
    real = lived(cell, selftest.build(loaded, anchor=ANCHOR)[0], loaded, name)
    memory = next(run for run in replays if run.name == name)
    assert agreement.differences(memory.rows, real.rows, agreement.named(loaded)) == []
    by_name = {run.name: run for run in replays} | {name: real}
    proved = next(each for each in selftest.prove(content, loaded, by_name.values()) if each.test == name)
    assert proved.wrong == ()
    assert (proved.report.score, proved.report.result) == (outcomes[name].report.score, outcomes[name].report.result)


def test_every_self_test_is_tried(loaded: Loaded) -> None:
    assert len(names(loaded)) == 9
