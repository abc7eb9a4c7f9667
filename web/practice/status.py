"""Where a launch stands, in one sentence: for the button, the waiting page and the workbench."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from sandbox.attempts.model import Attempt, AttemptState
from sandbox.errors import ExpiredError
from sandbox.overview import Stores
from sandbox.provisioning.model import Desired, Instance, Observed
from web import presenting
from web.practice import queueing, staying
from web.wording import _

CLOSING = "closed"
HANDED_IN = frozenset({AttemptState.SUBMITTED, AttemptState.SEALED, AttemptState.GRADED})


@dataclass(frozen=True, kw_only=True)
class Status:
    """What the polling script reads. `leave` is where to go when there is nothing left to do here."""

    state: str
    sentence: str
    epoch: int
    page: str
    poll: str
    leave: str
    trouble: str
    reference: str
    note: str = ""
    """What else somebody who waits should know."""
    again_s: int = 1
    """Seconds until it is worth asking again."""
    now: int = 0
    """Moments are milliseconds since 1970, UTC, by the server's clock."""
    expires: int | None = None
    """When the hospital is closed unless somebody extends it."""
    sleeps: int | None = None
    """When it goes to sleep unless somebody uses it."""
    may_extend: bool = False


def of(stores: Stores, instance: Instance, attempt: Attempt | None) -> Status:
    """Return the status of one instance."""
    state = state_of(stores, instance)
    told = queueing.tell(stores, instance) if state == Observed.QUEUED else None
    return Status(
        state=state,
        sentence=told.sentence if told else _sentence(state),
        epoch=instance.epoch,
        page=url_for("practice.workbench", instance=instance.id),
        poll=url_for("practice.status", instance=instance.id, wait=1),
        leave=leave(instance, attempt) if state == CLOSING else "",
        trouble=_trouble(instance),
        # The worker's log names the instance, so this is what IT can look for.
        reference=f"{instance.trouble} · {instance.id}" if instance.trouble else "",
        note=told.note if told else "",
        again_s=told.again_s if told else 1,
        **staying.moments(instance, attempt),
    )


def leave(instance: Instance, attempt: Attempt | None) -> str:
    """Return where a closed instance leads: to the report, to why it was closed, else to My training."""
    if attempt is not None and attempt.state in HANDED_IN:
        return url_for("learning.report", attempt=attempt.id)
    if has_expired(instance):
        return url_for("practice.workbench", instance=instance.id)
    return url_for("practice.training")


def has_expired(instance: Instance) -> bool:
    """Say whether it was closed because its time was over."""
    return instance.trouble == ExpiredError.code


def state_of(stores: Stores, instance: Instance) -> str:
    """Return where an instance stands, without the words for it: what a launch that may be a blink away asks often."""
    if instance.desired is Desired.CLOSED or instance.observed is Observed.CLOSED:
        return CLOSING
    if instance.observed is Observed.OPEN and any(
        (move.instance, move.epoch) == (instance.id, instance.epoch) for move in stores.moves.open()
    ):
        # Wanted already, though the worker has not begun: the old hospital is no place to go on working in.
        return Observed.REPLACING.value
    if instance.observed is Observed.OPEN and instance.desired is Desired.HIBERNATED:
        return Observed.HIBERNATED.value
    if instance.observed is Observed.HIBERNATED and instance.desired is Desired.OPEN:
        return Observed.WAKING.value
    return instance.observed.value


def _sentence(state: str) -> str:
    return {
        CLOSING: _("Closed"),
        Observed.FAILED.value: _("Your practice hospital could not be opened."),
        Observed.LAUNCHING.value: _("Preparing…"),
        Observed.OPEN.value: _("Entering"),
        Observed.REPLACING.value: _("Setting up a fresh hospital…"),
        Observed.HIBERNATED.value: _("Your practice hospital sleeps. All you did is kept."),
        Observed.WAKING.value: _("Waking your practice hospital…"),
    }[state]


def _trouble(instance: Instance) -> str:
    """Return what delays a hospital that will come all the same; what is for IT stands on IT's pages."""
    return presenting.trouble(instance.trouble) if presenting.is_temporary(instance.trouble) else ""
