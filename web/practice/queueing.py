"""Where somebody stands in the queue, in words with numbers: a few counted rows, whatever else is going on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from sandbox.overview import Stores
from sandbox.provisioning import queue
from sandbox.provisioning.model import Instance
from sandbox.provisioning.queue import Place
from sandbox.scheduling import advice
from sandbox.scheduling.vitals import Vitals
from web import presenting
from web.access import now
from web.wording import _, _n

CLOCK_FROM = timedelta(seconds=30)
"""Longer waits are told as a time of day too."""
SOONEST_AGAIN_S, LATEST_AGAIN_S = 1, 30
"""Bounds of what a client is asked to wait before it asks again."""


@dataclass(frozen=True, kw_only=True)
class Told:
    sentence: str
    note: str
    """Why the place has risen, or ''."""
    again_s: int
    """Seconds until a client may ask again."""


def tell(stores: Stores, instance: Instance) -> Told:
    """Return what somebody who waits is told."""
    vitals = stores.vitals.latest()
    ready = stores.demand.ready()
    rate = vitals.rate if vitals is not None else queue.SEED_RATE
    place = queue.place(stores.demand.ahead(instance), ready=ready, rate=rate)
    if place.position <= ready:
        return Told(sentence=_("Preparing…"), note="", again_s=SOONEST_AGAIN_S)
    full = vitals is not None and not vitals.free and not advice.is_stale(vitals, now=now())
    sentence = _full(stores, vitals, place) if full and vitals is not None else _expected(place)
    again = math.ceil(place.soonest.total_seconds()) if not full else LATEST_AGAIN_S
    return Told(sentence=sentence, note=_note(place), again_s=min(LATEST_AGAIN_S, max(SOONEST_AGAIN_S, again)))


def _expected(place: Place) -> str:
    sentence = _("Queue: place %(place)s, %(time)s", place=place.position, time=_span(place))
    if place.latest < CLOCK_FROM:
        return sentence
    return _(
        "%(sentence)s, ready between %(soonest)s and %(latest)s",
        sentence=sentence,
        soonest=_minute(place.soonest),
        latest=_minute(place.latest),
    )


def _minute(span: timedelta) -> str:
    return presenting.clock(now() + span)


def _span(place: Place) -> str:
    """Return the bounds of the wait; a wait of a second or two has none worth telling."""
    soonest, latest = (max(1, round(each.total_seconds())) for each in (place.soonest, place.latest))
    if latest <= soonest + 1:
        return _("about %(time)s", time=presenting.seconds(latest))
    if latest < 100:
        return _("%(soonest)s to %(latest)s seconds", soonest=soonest, latest=latest)
    return _n(
        "%(soonest)s to %(n)s minute",
        "%(soonest)s to %(n)s minutes",
        math.ceil(latest / 60),
        soonest=max(1, soonest // 60),
    )


def _full(stores: Stores, vitals: Vitals, place: Place) -> str:
    expiry = stores.demand.next_expiry()
    numbers = {"place": place.position, "used": vitals.occupied, "seats": vitals.capacity.seats}
    if expiry is None:
        return _("Queue: place %(place)s. %(used)s of %(seats)s seats are in use.", **numbers)
    return _(
        "Queue: place %(place)s. %(used)s of %(seats)s seats are in use, the next expires at %(time)s.",
        **numbers,
        time=presenting.clock(expiry),
    )


def _note(place: Place) -> str:
    if not place.overtaken_by:
        return ""
    return _n(
        "An exam is starting: %(n)s person goes first.",
        "An exam is starting: %(n)s people go first.",
        place.overtaken_by,
    )
