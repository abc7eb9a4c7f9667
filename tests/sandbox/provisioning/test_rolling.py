"""Nightly moves are worked on a few at a time, and never before people's."""

from __future__ import annotations

from typing import Literal

from sandbox.provisioning import rolling
from sandbox.provisioning.model import CellId, Instance, InstanceId, Move, Observed
from tests.builders import NOON, make_instance


def hospital(name: str, *, epoch: int = 1, observed: Observed = Observed.OPEN) -> Instance:
    return make_instance(id=InstanceId(name), observed=observed, epoch=epoch, cell=CellId(f"cell {name}"))


def move(name: str, kind: Literal["reset", "nightly"] = "nightly") -> Move:
    return Move(instance=InstanceId(name), epoch=1, kind=kind, actor="worker", created_at=NOON, closed_at=None)


def names(instances: list[Instance], moves: list[Move], *, at_once: int = 2) -> list[str]:
    return [str(each.instance) for each in rolling.admitted(instances, moves, at_once=at_once)]


def test_the_oldest_go_first_and_no_more_than_have_room() -> None:
    house = [hospital(name) for name in "abcd"]
    assert names(house, [move(name) for name in "abcd"]) == ["a", "b"]


def test_one_in_work_takes_room_until_its_old_cell_is_gone() -> None:
    house = [hospital("a", observed=Observed.REPLACING), hospital("b", epoch=2), hospital("c")]
    moves = [move(name) for name in "abc"]
    assert names(house, moves) == ["a", "b"]
    assert names(house, moves[1:]) == ["b", "c"]


def test_one_that_failed_holds_nobody_up() -> None:
    house = [hospital("a", observed=Observed.FAILED), hospital("b"), hospital("c")]
    assert names(house, [move(name) for name in "abc"]) == ["a", "b", "c"]


def test_while_somebody_waits_for_a_reset_no_further_one_begins() -> None:
    house = [hospital("a", observed=Observed.REPLACING), hospital("b"), hospital("c")]
    assert names(house, [move("a"), move("b"), move("c", "reset")]) == ["a", "c"]


def test_while_somebody_waits_for_a_launch_no_further_one_begins() -> None:
    house = [hospital("a"), make_instance(id=InstanceId("q"), owner="q")]
    assert names(house, [move("a")]) == []
