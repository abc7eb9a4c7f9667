"""A worker that is stopped past its lease and goes on later: what it meant to write is refused, it leaves."""

from __future__ import annotations

import signal
import threading

import pytest

from sandbox.provisioning.model import CellState
from tests import engines, towns

LEASE_S = 18.0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_paused_worker_finds_itself_replaced_and_leaves() -> None:
    with towns.prepared("process", lease_s=LEASE_S) as town:
        paused = town.start()
        key = town.launch()
        paused.send_signal(signal.SIGSTOP)
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
