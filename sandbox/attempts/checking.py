"""Checking one's work 自查: a trainee asks, the worker looks into the hospital and tells which state checks are full.

Nothing is graded and nothing is kept but the answer. Practice always, a class if its trainer allows, an exam never.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.attempts import showing
from sandbox.attempts.model import Attempt, AttemptId, AttemptState, CheckRequest
from sandbox.attempts.ports import Stores
from sandbox.audit import operations as audit
from sandbox.contract import canonical, codec
from sandbox.errors import ForbiddenError, LostRaceError, NotYetError, SandboxError, WrongStateError
from sandbox.grading import glancing
from sandbox.grading.glancing import Glance
from sandbox.people import policy
from sandbox.people.model import Actor
from sandbox.provisioning import fetching
from sandbox.provisioning.model import Cell, CellId, Endpoint, Observed
from sandbox.provisioning.ports import ControlChannel, Files

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractContextManager[Stores]]
Draw = Callable[[int], str]
"""Returns so many random bytes as hex digits."""

EVERY = timedelta(seconds=30)
"""Between two questions of one attempt: each costs a read of the whole hospital."""
PATIENCE_S = 5.0
"""For the whole journal of one hospital: nobody else's question waits longer for a hospital that trickles."""
_ID_BYTES = 8


def ask(
    stores: Stores, actor: Actor, attempt_id: AttemptId, *, now: datetime, draw: Draw = secrets.token_hex
) -> CheckRequest:
    """Want an answer; asking again before it is there gives the same question.

    Raises ForbiddenError where the mode or the trainer does not allow it, WrongStateError unless the attempt is open,
    NotYetError within 30 seconds of the last question.
    """
    attempt = stores.attempts.get(attempt_id)
    policy.require(actor, "attempt.check", owner=attempt.person)
    if not allowed(stores, attempt):
        raise ForbiddenError(f"no checks in attempt {attempt_id}: {attempt.mode}")
    if attempt.state is not AttemptState.OPEN:
        raise WrongStateError(f"attempt {attempt_id} is {attempt.state}")
    last = stores.checks.newest(attempt_id)
    if last is not None and last.answered_at is None:
        return last
    if last is not None and now < last.asked_at + EVERY:
        seconds = -(-(last.asked_at + EVERY - now) // timedelta(seconds=1))
        raise NotYetError(f"attempt {attempt_id} has just been checked", next=f"{seconds} s")
    request = CheckRequest(
        id=draw(_ID_BYTES), attempt=attempt_id, asked_at=now, answered_at=None, answer="", trouble=""
    )
    stores.checks.add(request)
    audit.record(stores, actor, "attempt.check", attempt_id, at=now, facts={"request": request.id})
    return request


def allowed(stores: Stores, attempt: Attempt) -> bool:
    """Say whether this attempt's trainee may ask."""
    terms = stores.terms.of(attempt.assignment) if attempt.assignment is not None else None
    return showing.may_check(attempt.mode, allowed=terms is not None and terms.checks_allowed)


def read_answer(request: CheckRequest) -> tuple[Glance, ...]:
    """Return what the worker saw. Raises ValueError if there is no answer."""
    return tuple(codec.from_json(list[Glance], json.loads(request.answer)))


class Now(Protocol):
    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...


class CheckAnswerer:
    """Called at every tick by a thread of its own. Each question is tried once: the trainee may ask again."""

    def __init__(
        self,
        *,
        begin: Begin,
        reading: Begin,
        files: Files,
        control: ControlChannel,
        endpoint: Callable[[CellId], Endpoint],
        clock: Now,
    ) -> None:
        self._begin = begin
        self._reading = reading
        self._files = files
        self._control = control
        self._endpoint = endpoint
        self._clock = clock

    def tick(self) -> int:
        """Answer what is asked; return how many answers were given. Raises LeaseLostError, TemporaryError."""
        with self._reading() as stores:
            waiting = stores.checks.waiting()
        for request in waiting:
            answer, trouble = self._looked(request)
            try:
                with self._begin() as stores:
                    stores.checks.answer(request.id, answer=answer, trouble=trouble, at=self._clock.now())
            except LostRaceError as first:
                log.debug("check %s: %s", request.id, first)
        return len(waiting)

    def _looked(self, request: CheckRequest) -> tuple[str, str]:
        """Return the answer, or '' and the code of what kept us from looking."""
        try:
            found = self._glance(request)
        except SandboxError as wrong:
            log.info("check %s of attempt %s: %s %s", request.id, request.attempt, wrong.code, wrong)
            return "", wrong.code
        except Exception:
            # Whatever it is: all this comes out of a hostile cell, and one question must not hold up all others.
            log.exception("check %s of attempt %s failed in an unforeseen way", request.id, request.attempt)
            return "", SandboxError.code
        return canonical.dumps(codec.to_json(found)), ""

    def _glance(self, request: CheckRequest) -> tuple[Glance, ...]:
        with self._reading() as stores:
            attempt = stores.attempts.get(request.attempt)
            exercise = self._files.get(stores.exercises.get(attempt.exercise_version).sha256)
            cell = _cell_of(stores, attempt)
        at = self._endpoint(cell.id)
        head = self._control.health(at).head
        # The state first: all that stands in it is then in the journal, whatever happens meanwhile.
        state = self._control.state(at)
        rows = fetching.journal(self._control, at, head, monotonic=self._clock.monotonic, patience_s=PATIENCE_S)
        return tuple(
            one
            for one in glancing.glance(
                exercise, tuple(rows), state, variant=attempt.variant, attempt=attempt.id, nonce=cell.nonce
            )
            if showing.checks_line(one.show, attempt.mode)
        )


def _cell_of(stores: Stores, attempt: Attempt) -> Cell:
    instance = stores.instances.get(attempt.instance)
    if attempt.state is not AttemptState.OPEN or instance.observed is not Observed.OPEN or instance.cell is None:
        raise WrongStateError(f"attempt {attempt.id} is {attempt.state}, its instance {instance.observed}")
    return stores.cells.get(instance.cell)
