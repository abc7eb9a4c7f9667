"""Whoever waits for a hospital is told at once; a lost word costs the wait, nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.adapters import flips
from sandbox.adapters.flips import Flips

ALICE, BOB = "a" * 16, "b" * 16
LONG_S = 20.0


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Flips]:
    made = Flips(tmp_path / "flips.sock")
    made.listen()
    yield made
    made.close()


def test_the_wait_ends_when_the_worker_says_so(panel: Flips, tmp_path: Path) -> None:
    with panel.expecting(ALICE) as told:
        threading.Timer(0.02, flips.announce, (tmp_path / "flips.sock", ALICE)).start()
        begun = time.monotonic()
        assert told(LONG_S)
        assert time.monotonic() - begun < LONG_S / 2


def test_what_was_said_before_the_wait_but_inside_the_block_counts(panel: Flips, tmp_path: Path) -> None:
    with panel.expecting(ALICE) as told:
        flips.announce(tmp_path / "flips.sock", ALICE)
        assert told(LONG_S)


def test_other_peoples_hospitals_wake_nobody(panel: Flips, tmp_path: Path) -> None:
    with panel.expecting(ALICE) as alice, panel.expecting(BOB) as bob:
        flips.announce(tmp_path / "flips.sock", BOB)
        assert bob(LONG_S)
        assert not alice(0)


def test_everybody_who_waits_for_the_same_hospital_is_told(panel: Flips, tmp_path: Path) -> None:
    with panel.expecting(ALICE) as one, panel.expecting(ALICE) as other:
        flips.announce(tmp_path / "flips.sock", ALICE)
        assert one(LONG_S)
        assert other(LONG_S)


@pytest.mark.parametrize("nonsense", ["", "x", "A" * 16, "a" * 17, "../" * 5])
def test_nonsense_is_not_heard(panel: Flips, tmp_path: Path, nonsense: str) -> None:
    with panel.expecting(ALICE) as told:
        if nonsense:
            flips.announce(tmp_path / "flips.sock", nonsense)
        flips.announce(tmp_path / "flips.sock", ALICE)
        assert told(LONG_S)


def test_without_a_panel_the_worker_goes_on(tmp_path: Path) -> None:
    flips.announce(tmp_path / "nobody.sock", ALICE)
    assert not (tmp_path / "nobody.sock").exists()


def test_a_panel_that_hears_nothing_waits_its_time(tmp_path: Path) -> None:
    with Flips(tmp_path / "flips.sock").expecting(ALICE) as told:
        assert not told(0.01)


def test_a_socket_left_by_a_killed_panel_is_replaced(panel: Flips, tmp_path: Path) -> None:
    again = Flips(tmp_path / "flips.sock")
    again.listen()
    with again.expecting(ALICE) as told:
        flips.announce(tmp_path / "flips.sock", ALICE)
        assert told(LONG_S)
    again.close()


def test_some_threads_are_always_left_for_people_who_do_not_wait(tmp_path: Path) -> None:
    panel = Flips(tmp_path / "flips.sock", waiters=2)
    with panel.seat() as first, panel.seat() as second, panel.seat() as third:
        assert (first, second, third) == (True, True, False)
    with panel.seat() as again:
        assert again
