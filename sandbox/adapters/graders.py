"""Grading in processes of its own: a regrade of thousands takes both cores and holds up no launch."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from sandbox.attempts.computing import Computed, Task, compute
from sandbox.errors import OutcomeUnknownError
from sandbox.provisioning.ports import Files

PROCESSES = 2
AT_ONCE = 5
"""Tasks sent to a process in one message."""
NICENESS = 10
"""Launches, grades and pages come first."""


class GradingProcesses:
    """Fulfils attempts.computing.Computing. Processes are started by the first task and ended by `close`."""

    def __init__(self, processes: int = PROCESSES) -> None:
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None

    def __call__(self, files: Files, tasks: Sequence[Task]) -> Iterable[Computed]:
        """Begin the tasks; iterating waits for what they gave, in their order. Raises OutcomeUnknownError."""
        if self._pool is None:
            # Spawned, not forked: the worker has threads, and a fork would copy their locks as they stand.
            self._pool = ProcessPoolExecutor(
                self._processes, mp_context=multiprocessing.get_context("spawn"), initializer=_yield_to_others
            )
        return self._awaited(self._pool.map(partial(compute, files), tasks, chunksize=AT_ONCE))

    def _awaited(self, found: Iterable[Computed]) -> Iterator[Computed]:
        try:
            yield from found
        except BrokenProcessPool as died:
            self.close()
            raise OutcomeUnknownError("a grading process died; the batch is done again") from died

    def close(self) -> None:
        """End the processes, if there are any; the next task starts new ones."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _yield_to_others() -> None:
    os.nice(NICENESS)
    # Ended by the worker when it has finished its slice, never by the terminal's Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
