"""Timers that only ring. What a ring means, and whether it was heard before, the job's ledger decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

_LATE_S = 3600
"""A ring that was slept through is still rung within the hour; the ledger makes it harmless."""


class Timers:
    """APScheduler with its jobs in memory, in the one process that holds the lease."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._scheduler = BackgroundScheduler(timezone=zone)

    def every_day(self, name: str, at: time, ring: Callable[[], object]) -> None:
        """Ring at this local time each day; a later call with the same name moves it."""
        trigger = CronTrigger(hour=at.hour, minute=at.minute, timezone=self._zone)
        self._add(name, trigger, ring)

    def every(self, name: str, seconds: float, ring: Callable[[], object]) -> None:
        """Ring again and again: for what waits, and for clocks that step."""
        self._add(name, IntervalTrigger(seconds=seconds, timezone=self._zone), ring)

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _add(self, name: str, trigger: CronTrigger | IntervalTrigger, ring: Callable[[], object]) -> None:
        self._scheduler.add_job(
            ring, trigger, id=name, replace_existing=True, coalesce=True, max_instances=1, misfire_grace_time=_LATE_S
        )
