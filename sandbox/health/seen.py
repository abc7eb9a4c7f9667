"""All that a site is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.health.model import Checkup
from sandbox.overview import Vitals
from sandbox.provisioning.model import GoldenDataset, Image
from sandbox.scheduling.calendar import Day
from sandbox.scheduling.vitals import Vitals as Supply

CHECKUP_PATIENCE = timedelta(hours=3)
"""A checkup older than this says nothing about now."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """All that a site is judged by."""

    isolated: bool
    lease_s: float
    pool_wanted: int
    """Before the worker says otherwise."""
    zone: ZoneInfo
    vitals: Vitals
    supply: Supply | None
    """Pool and capacity as the worker last saw them."""
    image: Image | None
    dataset: GoldenDataset | None
    checkups: Mapping[str, Checkup]
    last_night: Day | None
    """The newest of the last two weeks."""

    def clock(self, at: datetime) -> str:
        """Return a moment as people of the site read it."""
        return f"{at.astimezone(self.zone):%m-%d %H:%M}"

    def fresh(self, concern: str, now: datetime) -> Checkup | None:
        """Return what the worker found of this concern, unless that was long ago."""
        told = self.checkups.get(concern)
        return told if told is not None and now - told.at <= CHECKUP_PATIENCE else None
