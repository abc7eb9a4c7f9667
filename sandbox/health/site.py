"""Every concern of a site, in the order in which things depend on each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.config import Settings
from sandbox.health import records, running, supply, work
from sandbox.health.model import Finding, Tone
from sandbox.health.ports import Stores
from sandbox.health.seen import Seen
from sandbox.scheduling import calendar

LATELY = timedelta(days=14)
"""An older night is no news."""


def look(stores: Stores, settings: Settings, *, now: datetime) -> Seen:
    """Read what the site is judged by; rows only, nothing that takes time."""
    zone = ZoneInfo(settings.schedule.timezone)
    today = now.astimezone(zone).date()
    hours = calendar.Site(zone=zone, default_at=settings.schedule.nightly_at)
    recent = calendar.nights(stores, hours, first=today - LATELY, last=today, now=now)
    return Seen(
        isolated=settings.cell.driver == "docker",
        lease_s=settings.worker.lease_s,
        pool_wanted=settings.pool.ready,
        zone=zone,
        vitals=stores.overview.vitals(),
        supply=stores.vitals.latest(),
        image=stores.images.latest(),
        dataset=stores.goldens.by_name("base"),
        checkups=stores.checkups.all(),
        last_night=recent[-1] if recent else None,
    )


def judge(seen: Seen, *, now: datetime) -> list[Finding]:
    """Return one finding per concern."""
    return [
        running.isolation(seen),
        running.worker(seen, now),
        running.engine(seen),
        running.image(seen),
        supply.pool(seen),
        supply.capacity(seen, now),
        running.queue(seen, now),
        work.grading(seen, now),
        work.evidence(seen),
        work.troubles(seen),
        work.night(seen),
        records.archives(seen, now),
        records.database(seen, now),
        records.audit(seen, now),
        records.clock(seen),
    ]


def worst(findings: Iterable[Finding]) -> Tone:
    """Return the worst colour."""
    tones = {one.tone for one in findings}
    return "bad" if "bad" in tones else "warn" if "warn" in tones else "good"
