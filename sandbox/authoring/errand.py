"""The worker's part of the gate: answers requests one after another, in a thread of its own."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from sandbox.authoring import operations
from sandbox.authoring.gate_report import GateReport
from sandbox.authoring.model import GateRequest
from sandbox.authoring.operations import Bytes
from sandbox.authoring.ports import Stores
from sandbox.errors import LeaseLostError, LostRaceError, NotReadyError, SandboxError, TemporaryError

log = logging.getLogger(__name__)

TRIES = 3
"""Of one request, if something that may pass is in the way; then people are told and may ask again."""

Begin = Callable[[], AbstractContextManager[Stores]]
Progress = Callable[[str, int, int], None]
Prove = Callable[[bytes, Progress], GateReport]
"""Runs everything the gate judges, and says how far it got. Raises SandboxError."""


class Now(Protocol):
    def now(self) -> datetime: ...


class Gatekeeper:
    """Fulfils assembling.Errand. A request whose run failed is answered with the error's code: people may ask again."""

    def __init__(self, *, begin: Begin, reading: Begin, files: Bytes, prove: Prove, clock: Now) -> None:
        self._begin = begin
        self._reading = reading
        self._files = files
        self._prove = prove
        self._clock = clock
        self._failed: Counter[str] = Counter()

    def tick(self) -> int:
        """Answer the oldest request; return how many were answered. Raises LeaseLostError, TemporaryError."""
        with self._reading() as stores:
            waiting = stores.gate.waiting()
            content = stores.drafts.get(waiting[0].draft).content if waiting else b""
        if not waiting:
            return 0
        request = waiting[0]
        report, trouble = self._proved(request, content)
        try:
            with self._begin() as stores:
                stores.gate.answer(request.id, trouble=trouble, at=self._clock.now())
                if report is not None:
                    operations.keep(stores, self._files, report, now=self._clock.now())
        except LostRaceError as first:
            log.debug("gate request %s: %s", request.id, first)
        return 1

    def _proved(self, request: GateRequest, content: bytes) -> tuple[GateReport | None, str]:
        def tell(stage: str, done: int, total: int) -> None:
            with self._begin() as stores:
                stores.gate.note(request.id, stage=stage, done=done, total=total)

        try:
            return self._prove(content, tell), ""
        except (LeaseLostError, NotReadyError):
            raise
        except TemporaryError as busy:
            self._failed[request.id] += 1
            if self._failed[request.id] < TRIES:
                raise
            return None, self._given_up(request, busy)
        except SandboxError as wrong:
            return None, self._given_up(request, wrong)
        except Exception:
            # Scripts, journals and pages come out of a hostile program: one draft must not hold up all others.
            log.exception("the gate failed on draft %s in an unforeseen way", request.draft[:12])
            return None, SandboxError.code

    def _given_up(self, request: GateRequest, wrong: SandboxError) -> str:
        log.warning("the gate could not run draft %s: %s %s", request.draft[:12], wrong.code, wrong)
        return wrong.code
