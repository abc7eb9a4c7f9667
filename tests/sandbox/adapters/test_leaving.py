"""A process that is asked to leave does, whatever its main thread is in the middle of."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests import engines

IN_THE_MIDDLE = """
import signal, threading
from sandbox.adapters import leaving
stop, inside = threading.Event(), threading.Lock()
def leave():
    with inside:
        stop.set()
leaving.when_asked((signal.SIGTERM,), leave)
with inside:
    # What is asked for now must wait until the lock is free, and may not keep it from becoming free.
    signal.raise_signal(signal.SIGTERM)
assert stop.wait(10)
"""
SPINNING = """
import signal, threading
from sandbox.adapters import leaving
stop = threading.Event()
leaving.when_asked((signal.SIGTERM,), stop.set)
print("up", flush=True)
while not stop.is_set():
    stop.wait(0)
"""


def test_asking_waits_for_no_lock_of_the_main_thread() -> None:
    subprocess.run([sys.executable, "-c", IN_THE_MIDDLE], cwd=engines.CHECKOUT, timeout=30, check=True)


@pytest.mark.parametrize("time", range(8))
def test_a_thread_that_waits_all_the_time_leaves(time: int) -> None:
    """With the event set in the handler about half of these never end."""
    with subprocess.Popen([sys.executable, "-c", SPINNING], cwd=engines.CHECKOUT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(20) == 0, time
        finally:
            process.kill()
