"""Durations and dates as exercises write them: `1h30m`, `today`, `-71y-40d`, `+3d 08:15`. Pure."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)
_DATE = re.compile(r"(today|(?:[+-]\d{1,5}(?:y|mo|w|d)){1,6})(?: ([01]\d|2[0-3]):([0-5]\d))?", re.ASCII)
_STEP = re.compile(r"([+-]\d+)(y|mo|w|d)", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)

EPOCH = date(2000, 1, 1)
"""An anchor where none matters."""
_FAR_YEARS = 500
"""Further away nothing happens in a hospital; whatever the anchor, the calendar does not end."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A hospital date, and a time of day if one was written."""

    day: date
    clock: time | None

    def iso(self) -> str:
        """Return `2026-11-22`, or `2026-11-22T08:15` if a time of day was written."""
        if self.clock is None:
            return self.day.isoformat()
        return datetime.combine(self.day, self.clock).isoformat(timespec="minutes")


def duration_ms(text: str) -> int:
    """Return milliseconds for `30s`, `10m`, `1h30m`, `2d`. Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        raise ValueError(f"{text!r} is not a duration such as 10m")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return 1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days)))


def clock_time(text: str) -> time:
    """Return the time of day for `08:30`. Raises ValueError for anything else."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a time of day such as 08:30")
    return time(int(found[1]), int(found[2]))


def is_date(text: str) -> bool:
    """Say whether the text is a relative date, not centuries away."""
    if _DATE.fullmatch(text) is None:
        return False
    try:
        return abs(resolve(text, EPOCH).day.year - EPOCH.year) <= _FAR_YEARS
    except ValueError:
        return False


def resolve(text: str, anchor: date) -> Moment:
    """Return the day that the text names, counted from the anchor. Steps apply in the order they are written.

    29 February minus years is 28 February. Raises ValueError for another form or a date beyond the calendar.
    """
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a date such as today, -34y, +3d 08:15")
    day = anchor
    try:
        for number, unit in _STEP.findall(found[1]):
            day = _moved(day, int(number), unit)
    except OverflowError as far:
        raise ValueError(f"{text!r} lies beyond the calendar") from far
    return Moment(day=day, clock=None if found[2] is None else time(int(found[2]), int(found[3])))


def _moved(day: date, number: int, unit: str) -> date:
    if unit in ("w", "d"):
        return day + timedelta(days=number * (7 if unit == "w" else 1))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
