"""The worker: one leader by lease. Loops that look, plan and act; timers; a clean leave that ends no cell.

Threads: the main loop plans and hands steps to lanes; one renews the lease, one observes the engine, one does the
chores of attempts and timers, and each errand has its own. A launch never waits for the engine: it needs rows, a ready
cell and its socket.
"""

from __future__ import annotations

import functools
import logging
import signal
import sys
import threading
from collections.abc import Callable

from sandbox.adapters import leaving, logs, poke
from sandbox.assembling import Parts, assemble
from sandbox.authoring.errand import Prove
from sandbox.bootstrap import WorkerServices
from sandbox.errands import Errand
from sandbox.errors import LeaseLostError, TemporaryError
from sandbox.pacing import PACING, Pacing
from sandbox.provisioning import folders, succession
from sandbox.provisioning.golden import RecordSource
from sandbox.provisioning.lanes import Lanes
from sandbox.scheduling import jobs
from sandbox.scheduling.jobs import NIGHTLY_RESET

log = logging.getLogger(__name__)

RING_AGAIN_S = 60.0
"""How often deferred resets, missed nights and a changed time of day are looked at."""
AFTER_THE_BLINK_S = 0.05
"""Errands begin this long after a poke: most pokes are launches, and those must not share the interpreter with them."""
LONGEST_BLINDNESS_S = 10.0
"""An engine under load answers late. That must not keep us from looking again, or who waits waits for minutes."""
LEAVING_PATIENCE_S = 15.0
"""Longer than any engine call: a step that has begun is finished."""


def run(
    services: WorkerServices,
    *,
    source: RecordSource,
    gate_of: Callable[[WorkerServices, threading.Event], Prove] | None = None,
) -> int:
    """Work until SIGTERM or SIGINT, then return 0. Raises LeaseLostError if another worker lives, or took over.

    `gate_of` returns what proves drafts; it is told when the worker leaves.
    """
    logs.configure("worker")
    stop = threading.Event()

    def leave() -> None:
        stop.set()
        poke.send(services.settings.site.poke_socket)

    leaving.when_asked((signal.SIGTERM, signal.SIGINT), leave)
    prove = None if gate_of is None else gate_of(services, stop)
    Worker(assemble(services, source=source, stop=stop, prove=prove), stop).run(succession.is_dead)
    return 0


class Worker:
    """Runs until it is told to stop or loses the lease."""

    def __init__(self, parts: Parts, stop: threading.Event, pacing: Pacing = PACING) -> None:
        self._parts = parts
        self._pacing = pacing
        self._stop = stop
        self._chores_wanted = threading.Event()
        self._errands_wanted = {name: threading.Event() for name in parts.errands}
        self._rung = threading.Event()
        self._nightly_at = ""
        self._fault: Exception | None = None
        self._lanes = Lanes(
            parts.lanes,
            parts.reconciler.perform,
            is_free=parts.means.watch.is_free,
            done=self._step_ended,
            widest={"build": parts.starts.in_a_rush},
        )

    def run(self, is_dead: Callable[[str], bool]) -> None:
        """Take the lease and work. Raises LeaseLostError if another worker lives, or took over; what ended a loop."""
        parts = self._parts
        parts.leadership.take(is_dead)
        log.info("leading with fence %d", parts.leadership.fence)
        parts.means.meter.leads(parts.leadership.fence)
        threads = [
            threading.Thread(target=self._guarded, args=(loop,), name=name)
            for name, loop in (("lease", self._renew), ("observer", self._observe), ("chores", self._chores))
        ] + [
            threading.Thread(target=self._guarded, args=(functools.partial(self._run_errand, name, errand),), name=name)
            for name, errand in parts.errands.items()
        ]
        with poke.Listener(parts.poke_socket) as listener:
            parts.reconciler.observe()
            self._start_timers()
            for thread in threads:
                thread.start()
            try:
                self._plan(listener)
            finally:
                self._leave(threads)
        if parts.leadership.lost.is_set():
            raise LeaseLostError(f"fence {parts.leadership.fence} is no longer ours")
        parts.leadership.release()
        if self._fault is not None:
            raise self._fault

    def _plan(self, listener: poke.Listener) -> None:
        """The main loop: rows in, steps out to the lanes that have room, most urgent first."""
        parts = self._parts
        while not self._stop.is_set():
            for wanted in self._errands_wanted.values():
                wanted.set()
            try:
                begun = parts.means.clock.monotonic()
                steps = parts.reconciler.decide()
                served = parts.reconciler.served
                sys.setswitchinterval(self._pacing.switch_interval_s(served))
                self._lanes.resize("build", parts.starts.at_once(served.waiting))
                self._lanes.follow(steps)
                took = parts.means.clock.monotonic() - begun
                parts.means.meter.round("plan", took)
                self._rest(self._pacing.after_planning(served, parts.starts) * took)
            except TemporaryError as busy:
                log.warning("cannot plan: %s", busy)
            retry = parts.means.watch.next_retry_in()
            listener.wait(min(parts.tick_s, max(0.01, retry)) if retry is not None else parts.tick_s)

    def _step_ended(self, error: Exception | None) -> None:
        if isinstance(error, LeaseLostError):
            self._stop.set()
        self._chores_wanted.set()
        poke.send(self._parts.poke_socket)

    def _renew(self) -> None:
        while not self._stop.wait(self._parts.renew_s):
            try:
                self._parts.leadership.renew()
            except TemporaryError as busy:
                log.warning("lease not renewed yet: %s", busy)

    def _observe(self) -> None:
        clock = self._parts.means.clock
        attested = clock.monotonic()
        pause = self._parts.tick_s
        while not self._stop.wait(pause):
            begun = clock.monotonic()
            try:
                answered = self._parts.reconciler.observe()
                took = clock.monotonic() - begun
                self._parts.means.meter.round("observe", took)
                # What an engine let us wait for in vain cost nobody anything: it is looked at again at once.
                rest = min(LONGEST_BLINDNESS_S, self._pacing.observing * took) if answered else 0.0
                pause = max(self._parts.tick_s, rest)
                if begun - attested >= self._parts.attest_s:
                    attested = begun
                    self._parts.reconciler.attest()
            except TemporaryError as busy:
                log.warning("cannot observe: %s", busy)
            poke.send(self._parts.poke_socket)

    def _chores(self) -> None:
        """Attempts after every step and tick, the nightly reset when a timer rang."""
        monotonic = self._parts.means.clock.monotonic
        while not self._stop.is_set():
            self._chores_wanted.wait(self._parts.tick_s)
            self._chores_wanted.clear()
            begun = monotonic()
            # Each by itself: a report that cannot be stored keeps nobody's night from being kept.
            self._do_chore(lambda: bool(self._parts.attempts.tick()))
            self._do_chore(self._keep_night)
            self._rest(self._pacing.chores * (monotonic() - begun))

    def _do_chore(self, chore: Callable[[], bool]) -> None:
        try:
            if chore():
                poke.send(self._parts.poke_socket)
        except TemporaryError as busy:
            log.warning("chores wait: %s", busy)
        except LeaseLostError:
            raise
        except Exception:
            # A fault in one chore must not take everybody's hospitals with it; the next tick tries again.
            log.exception("a chore failed in an unforeseen way")

    def _rest(self, seconds: float) -> None:
        """Leave cores and database to the launches that woke us."""
        self._stop.wait(min(self._parts.tick_s, seconds))

    def _keep_night(self) -> bool:
        if not self._rung.is_set():
            return bool(self._parts.nightly.go_on())
        self._rung.clear()
        self._on_ring()
        return False

    def _run_errand(self, name: str, errand: Errand) -> None:
        """One slice after the other while there is work, else asleep until the next tick or poke."""
        wanted, monotonic = self._errands_wanted[name], self._parts.means.clock.monotonic
        while not self._stop.is_set():
            wanted.clear()
            begun = monotonic()
            try:
                if errand.tick():
                    continue
            except TemporaryError as busy:
                log.warning("%s waits: %s", name, busy)
            except LeaseLostError:
                raise
            except Exception:
                # As with chores: what fails for one request must not end the hospitals of all.
                log.exception("%s failed in an unforeseen way", name)
            self._rest(self._pacing.errands * (monotonic() - begun))
            if wanted.wait(self._parts.tick_s):
                self._stop.wait(AFTER_THE_BLINK_S)

    def _on_ring(self) -> None:
        self._set_nightly_timer()
        outcome = self._parts.nightly.run()
        if outcome.reset:
            log.info("nightly reset of %s: %d begun, %d wait", outcome.local_date, outcome.reset, outcome.deferred)
            poke.send(self._parts.poke_socket)
        # Last: a folder that cannot be deleted must not cost anybody the night.
        means = self._parts.means
        with means.leadership.transaction() as stores:
            stores.tickets.discard_expired(now=means.now())
        for name in folders.discard_old(means.places, now=means.now()):
            log.warning("deleted %s, set aside a week ago", name)

    def _start_timers(self) -> None:
        self._set_nightly_timer()
        self._parts.timers.every("look again", RING_AGAIN_S, self._ring)
        self._parts.timers.start()
        self._ring()

    def _set_nightly_timer(self) -> None:
        at = self._parts.nightly.local_time()
        if at != self._nightly_at:
            self._nightly_at = at
            self._parts.timers.every_day(NIGHTLY_RESET.name, jobs.local_time(at), self._ring)

    def _ring(self) -> None:
        self._rung.set()
        self._chores_wanted.set()

    def _guarded(self, loop: Callable[[], None]) -> None:
        """A loop that ends in an error ends the worker: a half-dead leader would keep others from leading."""
        try:
            loop()
        except LeaseLostError as lost:
            log.error("%s ends: %s", threading.current_thread().name, lost)  # noqa: TRY400 - known
        except Exception as wrong:
            # Told to whoever started us: a worker that ends in a fault must be started again.
            log.exception("%s ends", threading.current_thread().name)
            self._fault = wrong
        finally:
            self._stop.set()
            poke.send(self._parts.poke_socket)

    def _leave(self, threads: list[threading.Thread]) -> None:
        """Finish what has begun; cells go on running."""
        self._stop.set()
        self._chores_wanted.set()
        for wanted in self._errands_wanted.values():
            wanted.set()
        self._parts.timers.stop()
        self._lanes.close()
        for thread in threads:
            thread.join(LEAVING_PATIENCE_S)
