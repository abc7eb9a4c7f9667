"""A worker that is stopped past its lease and goes on later: what it meant to write is refused, it leaves."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import threading
from contextlib import ExitStack, closing

import pytest

from sandbox.provisioning.model import CellState
from tests import engines, towns

LEASE_S = 18.0


def is_free(town: towns.Town) -> bool:
    """Say whether nobody is writing to the database."""
    with closing(sqlite3.connect(town.settings.site.state / "db" / "sandbox.db", timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def stop_between_writes(town: towns.Town, process: subprocess.Popen[bytes]) -> None:
    """Stop a worker that writes nothing: one stopped in a commit keeps everybody out, which is another fault."""
    while True:
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        if is_free(town):
            return
        process.send_signal(signal.SIGCONT)
        threading.Event().wait(0.05)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_paused_worker_finds_itself_replaced_and_leaves() -> None:
    with towns.prepared("process", lease_s=LEASE_S) as town, ExitStack() as stack:
        paused = stack.enter_context(town.start())
        stack.callback(paused.kill)
        key = town.launch()
        stop_between_writes(town, paused)
        refused = town.start()
        assert refused.wait(30) == 1
        # The lease runs out while its owner is alive and stopped: nobody may be sure that it is dead.
        threading.Event().wait(LEASE_S)
        with town.worker() as successor:
            paused.send_signal(signal.SIGCONT)
            assert paused.wait(60) == 1
            assert "no longer ours" in town.log() or "not the newest" in town.log()
            assert f" {successor.pid} " in town.leader()
            town.reset(key)
            assert town.health(town.cell(key)).epoch == 2
            town.close(key)
            last = town.cell(key)
            engines.until(lambda: town.state(last) is CellState.GONE, what="closed", patience_s=60)
