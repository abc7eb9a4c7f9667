"""This worker's hold on the lease: every write carries its fence, no engine call without time left on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, TypeVar

from sandbox.clock import Clock
from sandbox.errors import LeaseLostError, StoreBusyError
from sandbox.provisioning.ports import Stores

StoresT_co = TypeVar("StoresT_co", bound=Stores, covariant=True)

Begin = Callable[[], AbstractContextManager[Stores]]
"""Opens a transaction: commits at its end, rolls back on an error."""

ENGINE_MARGIN_S = 15.0
"""The engine cannot check a fence: a call may take 10 s and must end before anybody else could begin."""


class Leadership(Generic[StoresT_co]):
    """Taken once, renewed by a thread of its own, given back at the end."""

    def __init__(
        self, begin: Callable[[], AbstractContextManager[StoresT_co]], clock: Clock, *, owner: str, ttl_s: float
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._owner = owner
        self._ttl_s = ttl_s
        self._fence = 0
        self._deadline = 0.0
        self.lost = threading.Event()

    @property
    def fence(self) -> int:
        return self._fence

    @property
    def owner(self) -> str:
        return self._owner

    def take(self, is_dead: Callable[[str], bool]) -> None:
        """Become the one worker. Raises LeaseLostError if another one lives.

        An owner on this machine whose process is gone is succeeded at once.
        """
        asked = self._clock.monotonic()
        with self._begin() as stores:
            holder = stores.lease.holder()
            dead = holder if holder is not None and is_dead(holder) else None
            self._fence = stores.lease.take(self._owner, now=self._clock.now(), ttl_s=self._ttl_s, succeeding=dead)
        self._deadline = asked + self._ttl_s

    def renew(self) -> None:
        """Extend the lease. Raises LeaseLostError, StoreBusyError."""
        asked = self._clock.monotonic()
        with self._fenced() as stores:
            stores.lease.renew(self._fence, now=self._clock.now(), ttl_s=self._ttl_s)
        self._deadline = asked + self._ttl_s

    def release(self) -> None:
        """Give it back, so that the next worker need not wait."""
        with self._begin() as stores:
            stores.lease.release(self._fence)

    @contextmanager
    def transaction(self) -> Iterator[StoresT_co]:
        """Open a transaction that fails if another worker took over. Raises LeaseLostError."""
        with self._fenced() as stores:
            stores.lease.check(self._fence, now=self._clock.now())
            yield stores

    @contextmanager
    def _fenced(self) -> Iterator[StoresT_co]:
        if self.lost.is_set():
            raise LeaseLostError(f"fence {self._fence} is no longer ours")
        try:
            with self._begin() as stores:
                yield stores
        except LeaseLostError:
            self.lost.set()
            raise

    def require_engine_time(self) -> None:
        """Raise unless enough of the lease is left for one engine call."""
        if self.lost.is_set():
            raise LeaseLostError(f"fence {self._fence} is no longer ours")
        left = self._deadline - self._clock.monotonic()
        if left < ENGINE_MARGIN_S:
            raise StoreBusyError(f"{left:.0f} s of the lease left: no engine call")
