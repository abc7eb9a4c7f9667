"""Place and expected time in the launch queue. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sandbox.provisioning.model import Desired, Instance, InstanceId, Observed

SEED_RATE = 4.0
"""Cold launches a second before any was measured. Source: provisioning.md §2, 3.7–6.4/s on 2 cores."""
REMEMBERED = 20
"""Cold launches in the moving average."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a queued launch stands. `soonest` and `latest` bound the wait: nobody can promise one number."""

    position: int
    soonest: timedelta
    latest: timedelta


def rate(durations: Sequence[timedelta], *, parallel: int = 1) -> float:
    """Return cold launches a second: the moving average of the newest, or the seed rate before the first."""
    newest = durations[-REMEMBERED:]
    total = sum((each.total_seconds() for each in newest), 0.0)
    if not newest or total <= 0:
        return SEED_RATE
    return parallel * len(newest) / total


def waiting(instances: Sequence[Instance]) -> list[Instance]:
    """Return the launches that wait, in the order in which they are served."""
    queued = [one for one in instances if one.observed is Observed.QUEUED and one.desired is Desired.OPEN]
    return sorted(queued, key=lambda one: (one.queued_at, one.id))


def place(
    instances: Sequence[Instance],
    key: InstanceId,
    *,
    ready: int,
    rate: float,
) -> Place | None:
    """Return the place of this launch, or None if it does not wait."""
    order = [one.id for one in waiting(instances)]
    if key not in order:
        return None
    position = order.index(key) + 1
    missing = max(0, position - ready)
    expected = missing / rate
    return Place(
        position=position,
        soonest=timedelta(seconds=math.floor(expected)),
        latest=timedelta(seconds=math.ceil(expected * 1.5)),
    )
