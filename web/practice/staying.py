"""How long a hospital stays awake, and stays at all; what its person may do about it: wake, keep longer, be there."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sandbox.attempts import staying
from sandbox.attempts.model import Attempt
from sandbox.errors import QuotaError
from sandbox.provisioning.model import Desired, Instance, InstanceId
from sandbox.scheduling import lifetimes
from web import access, failing
from web.access import actor, needs, now, services

bp = Blueprint("staying", __name__)


class Moments(TypedDict):
    """As in `status.Status`."""

    now: int
    expires: int | None
    sleeps: int | None
    may_extend: bool


def moments(instance: Instance, attempt: Attempt | None) -> Moments:
    """Return when this hospital goes to sleep and when it ends."""
    lifetime = services().settings.lifetime
    live = instance.desired is not Desired.CLOSED
    expires = instance.expires_at if live else None
    return Moments(
        now=_milliseconds(now()),
        expires=None if expires is None else _milliseconds(expires),
        sleeps=_maybe(lifetimes.sleeps_at(instance, attempt, lifetime)),
        may_extend=expires is not None and expires < staying.longest(instance, lifetime),
    )


@bp.post("/practice/<instance>/wake")
@needs("instance.wake")
def wake(instance: str) -> Response:
    """Want a sleeping hospital open again."""
    with services().database.transaction() as stores:
        staying.wake(stores, actor(), InstanceId(instance), now=now())
    services().poke()
    return redirect(url_for("practice.workbench", instance=instance), 303)


@bp.post("/practice/<instance>/extend")
@needs("instance.extend")
def extend(instance: str) -> Response:
    """Keep the hospital longer."""
    try:
        with services().database.transaction() as stores:
            staying.extend(stores, actor(), InstanceId(instance), now=now(), lifetime=services().settings.lifetime)
    except QuotaError as refused:
        if access.wants_json():
            raise
        failing.notice(refused)
    return _back(instance)


@bp.post("/practice/<instance>/here")
@needs("instance.enter")
def here(instance: str) -> Response:
    """Note that its person is still there."""
    with services().database.transaction() as stores:
        staying.stay(stores, actor(), InstanceId(instance), now=now())
    return _back(instance)


def _back(instance: str) -> Response:
    """Lead a script to the status, a person to the workbench."""
    where = "practice.status" if access.wants_json() else "practice.workbench"
    return redirect(url_for(where, instance=instance), 303)


def _maybe(at: datetime | None) -> int | None:
    return None if at is None else _milliseconds(at)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
