"""Being asked to leave: SIGTERM and its like, told to a thread of its own."""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterable


def when_asked(numbers: Iterable[signal.Signals], leave: Callable[[], None]) -> None:
    """Call `leave` once the process gets one of these signals, and again for each further one.

    Not in the handler: that runs in the middle of whatever the main thread does, also inside `Event.wait` while it
    holds the event's lock, and `Event.set` would then wait for ever. Putting into a `SimpleQueue` takes no lock.
    To be called by the main thread.
    """
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()
    threading.Thread(target=_tell, args=(asked, leave), name="leaving", daemon=True).start()
    for number in numbers:
        signal.signal(number, lambda got, _frame: asked.put(got))


def _tell(asked: queue.SimpleQueue[int], leave: Callable[[], None]) -> None:
    while True:
        asked.get()
        leave()
