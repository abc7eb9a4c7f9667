"""Place and expected time in the launch queue. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.provisioning.model import Desired, Instance, Observed

SEED_RATE = 4.0
"""Cold launches a second before any was measured. Source: provisioning.md §2, 3.7–6.4/s on 2 cores."""
LATE = 1.5
"""The far end of what is promised, over what is expected."""
REMEMBERED = 20
"""Cold launches in the moving average."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a queued launch stands. `soonest` and `latest` bound the wait: nobody can promise one number."""

    position: int
    soonest: timedelta
    latest: timedelta
    overtaken_by: int = 0
    """People who came later and go first, because their exam starts."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A cell that was begun and became ready."""

    begun: datetime
    ready: datetime


def rate(finished: Sequence[Finished]) -> float:
    """Return cold launches a second: the newest ones over the time in which any of them was under way.

    Pauses in which nobody waited count for nothing, so that a quiet morning does not look like a slow machine.
    """
    newest = sorted(finished, key=lambda one: one.ready)[-REMEMBERED:]
    busy, until = 0.0, datetime.min.replace(tzinfo=UTC)
    for one in newest:
        busy += max(0.0, (one.ready - max(one.begun, until)).total_seconds())
        until = max(until, one.ready)
    return len(newest) / busy if busy > 0 else SEED_RATE


def waiting(instances: Sequence[Instance]) -> list[Instance]:
    """Return the launches that wait, in the order in which they are served: exam starts, then by age."""
    queued = [one for one in instances if one.observed is Observed.QUEUED and one.desired is Desired.OPEN]
    return sorted(queued, key=_turn)


def _turn(one: Instance) -> tuple[int, datetime, str]:
    return one.urgency, one.queued_at, one.id


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Who is served before one launch."""

    total: int
    overtaking: int
    """Those of them who came later: an exam is starting."""


def ahead(instances: Sequence[Instance], one: Instance) -> Ahead:
    """Return who is served before this launch."""
    before = [other for other in waiting(instances) if _turn(other) < _turn(one)]
    later = [other for other in before if (other.queued_at, other.id) > (one.queued_at, one.id)]
    return Ahead(total=len(before), overtaking=len(later))


def place(before: Ahead, *, ready: int, rate: float) -> Place:
    """Return the place of a launch with so many before it and so many cells ready; `rate` is cells a second."""
    position = before.total + 1
    expected = max(0, position - ready) / rate
    return Place(
        position=position,
        soonest=timedelta(seconds=math.floor(expected)),
        latest=timedelta(seconds=math.ceil(expected * LATE)),
        overtaken_by=before.overtaking,
    )
