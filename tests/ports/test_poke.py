"""Pokes wake, pile up to one, and may be lost."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

from sandbox.adapters import poke


def test_a_poke_ends_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "run" / "poke.sock"
    with poke.Listener(path) as listener:
        threading.Timer(0.05, poke.send, (path,)).start()
        began = time.monotonic()
        assert listener.wait(10)
        assert time.monotonic() - began < 5


def test_the_folders_group_may_poke_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with poke.Listener(tmp_path / "poke.sock"):
            assert stat.S_IMODE((tmp_path / "poke.sock").stat().st_mode) == 0o660
    finally:
        os.umask(before)


def test_nobody_poking_is_a_time_out(tmp_path: Path) -> None:
    with poke.Listener(tmp_path / "poke.sock") as listener:
        assert not listener.wait(0.01)


def test_pokes_from_before_the_wait_count_as_one(tmp_path: Path) -> None:
    path = tmp_path / "poke.sock"
    with poke.Listener(path) as listener:
        for _ in range(5):
            poke.send(path)
        assert listener.wait(10)
        assert not listener.wait(0.01)


def test_a_poke_that_nobody_hears_or_has_room_for_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "poke.sock"
    poke.send(path)
    with poke.Listener(path) as listener:
        for _ in range(5000):
            poke.send(path)
        assert listener.wait(0)
    poke.send(path)


def test_a_socket_left_by_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "poke.sock"
    left = poke.Listener(path)
    with poke.Listener(path) as listener:
        poke.send(path)
        assert listener.wait(10)
    left.close()
    assert not path.exists()
