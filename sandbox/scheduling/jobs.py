"""The named jobs, and when the newest run of one was due. Pure.

A run is named by its local date: a clock set back or forward, or an hour that happens twice, cannot double it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.errors import SettingsInvalidError

PUNCTUAL = timedelta(hours=1)
"""A run that begins later than this is a catch-up: people may be at work, their attempts are left alone."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """`setting` names where its local time stands unless IT chose another one on the panel."""

    name: str
    zh: str
    en: str
    setting: str
    subject: str
    """What one ledger row is about."""
    catch_up: str


NIGHTLY_RESET = Job(
    name="nightly-reset",
    zh="夜间重置",
    en="Nightly reset",
    setting="schedule.nightly_at",
    subject="instance",
    catch_up="the newest missed date, once; instances with an open attempt wait for its end",
)
ALL = (NIGHTLY_RESET,)


@dataclass(frozen=True, kw_only=True)
class Due:
    """The newest run that should have begun."""

    local_date: date
    moment: datetime
    """UTC. The job rang, or should have rung, here."""

    def is_catch_up(self, now: datetime) -> bool:
        return now - self.moment > PUNCTUAL


def local_time(text: str) -> time:
    """Return HH:MM as a time. Raises SettingsInvalidError."""
    try:
        return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC).time()
    except ValueError as wrong:
        raise SettingsInvalidError(problems=f"{text!r} is not a time of day HH:MM") from wrong


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the one UTC moment at which a job of this local time rings on this date.

    A time that a clock change leaves out rings as much later; one that comes twice rings the first time.
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def due(now: datetime, at: time, zone: ZoneInfo) -> Due:
    """Return the newest date whose ring is not in the future."""
    today = now.astimezone(zone).date()
    # Tomorrow too: where a zone skips a whole date, its ring falls together with the next date's.
    dates = [today + timedelta(days=shift) for shift in (1, 0, -1)]
    for day in dates:
        moment = moment_of(day, at, zone)
        if moment <= now:
            return Due(local_date=day, moment=moment)
    day = today - timedelta(days=2)
    return Due(local_date=day, moment=moment_of(day, at, zone))


def exists(day: date, zone: ZoneInfo) -> bool:
    """Say whether this zone had the date at all: one that crosses the date line leaves one out."""
    noon = datetime.combine(day, time(12), tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def between(earlier: date, later: date, zone: ZoneInfo) -> list[date]:
    """Return the dates strictly between the two that this zone had."""
    days = (earlier + timedelta(days=shift) for shift in range(1, (later - earlier).days))
    return [day for day in days if exists(day, zone)]
