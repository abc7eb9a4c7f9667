"""Many visitors at once, a thread each: they press within a tenth of a second, or open page after page."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox.robot.client import RobotError
from sandbox.robot.visitor import Visit, Visitor
from sandbox.robot.wire import WireError

Result = TypeVar("Result")
PRESS_WITHIN_S = 0.1
"""The first and the last press of a crowd are no further apart."""
ARRIVING_AT_ONCE = 4
"""Logging in is slow on purpose; more at once would only queue for the panel's two hashes at a time."""


@dataclass
class Crowd:
    """Visitors and the event that ends what they do: whoever sets it is waited for at most one request long."""

    visitors: Sequence[Visitor]
    stop: threading.Event = field(default_factory=threading.Event)

    def arrive(self, logins: Sequence[str], password: str, *, tell: Callable[[int], None] = lambda _: None) -> None:
        """Log everybody in. Raises RobotError, WireError, OSError."""
        with ThreadPoolExecutor(ARRIVING_AT_ONCE, "arriving") as threads:
            coming = [
                threads.submit(visitor.log_in, login, password)
                for visitor, login in zip(self.visitors, logins, strict=True)
            ]
            self._gather(coming, tell)

    def together(
        self, deed: Callable[[Visitor], Visit], *, tell: Callable[[int], None] = lambda _: None
    ) -> list[Visit]:
        """Have everybody do it at once; return what became of each, in the order of the visitors."""
        if not self.visitors:
            return []
        gate = threading.Barrier(len(self.visitors))

        def go(number: int) -> Visit:
            gate.wait()
            self.stop.wait(PRESS_WITHIN_S * number / len(self.visitors))
            return deed(self.visitors[number])

        with ThreadPoolExecutor(len(self.visitors), "visitor") as threads:
            going = [threads.submit(go, number) for number in range(len(self.visitors))]
            return self._gather(going, tell)

    def pause(self, seconds: float) -> None:
        """Wait as a page's script does. Raises RobotError once the crowd was told to stop."""
        if self.stop.wait(seconds):
            raise RobotError("told to stop")

    def hang_up(self) -> None:
        """Close all connections."""
        for visitor in self.visitors:
            visitor.hang_up()

    def _gather(self, futures: list[Future[Result]], tell: Callable[[int], None]) -> list[Result]:
        try:
            for done, future in enumerate(as_completed(futures), start=1):
                future.result()
                tell(done)
        except BaseException:
            # Ctrl-C or a failure: the others must not be waited for until their own patience ends.
            self.stop.set()
            raise
        return [future.result() for future in futures]


@dataclass
class PageTimes:
    """What people at other pages waited, in seconds, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def strolling(people: Sequence[Visitor], pages: Sequence[str], *, pause_s: float) -> Iterator[PageTimes]:
    """Have these people open page after page until the block ends, each a page every `pause_s`."""
    over, times = threading.Event(), PageTimes()

    def stroll(number: int) -> None:
        over.wait(pause_s * number / len(people))
        for path in itertools.islice(itertools.cycle(pages), number, None):
            if over.is_set():
                return
            try:
                times.seconds.append(people[number].look(path))
            except (RobotError, WireError, OSError) as wrong:
                times.failures.append(f"{path}: {wrong}")
            over.wait(pause_s)

    threads = [threading.Thread(target=stroll, args=(number,), name="stroller") for number in range(len(people))]
    for thread in threads:
        thread.start()
    try:
        yield times
    finally:
        over.set()
        for thread in threads:
            thread.join()
