"""Nights by the month: a square per date, its colour and sign what kind of night it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names

from sandbox.scheduling import words
from sandbox.scheduling.calendar import Day
from sandbox.scheduling.model import Fate
from sandbox.scheduling.report import Report
from web import presenting, wording
from web.fleet.nights import SIGNS, TONES, fate_words, verdict_words
from web.wording import _

MONTHS = 3
EARLIEST_YEAR = 2000


@dataclass(frozen=True, kw_only=True)
class Square:
    """One date of a month; without a night if nothing is on record."""

    number: int
    date: str
    tone: str = ""
    sign: str = ""
    told: str = ""
    done: str = ""
    took: str = ""
    today: bool = False


@dataclass(frozen=True, kw_only=True)
class Month:
    name: str
    blank: int
    """Squares before the first."""
    squares: tuple[Square, ...]


@dataclass(frozen=True, kw_only=True)
class Legend:
    tone: str
    sign: str
    words: str


@dataclass(frozen=True, kw_only=True)
class CalendarView:
    at: str
    next: str
    open: int
    newest: str
    """Date of the newest night, or ''."""
    headline: str
    tone: str
    weekdays: tuple[str, ...]
    months: tuple[Month, ...]
    legend: tuple[Legend, ...]
    earlier: str
    later: str
    """Month to page to (YYYY-MM), '' at the end."""


def first_of(text: str, today: date) -> date:
    """Return the first date to show for a month given as YYYY-MM; anything else ends with the present month."""
    this_month = today.replace(day=1)
    try:
        last = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        last = this_month
    # Years before there were nights are nobody's, and the calendar itself ends at the year 1.
    return _months_before(min(last, this_month) if last.year >= EARLIEST_YEAR else this_month, MONTHS - 1)


def last_of(first: date) -> date:
    """Return the last date that a page beginning with this month shows."""
    return _months_before(first, -MONTHS) - timedelta(days=1)


def _months_before(day: date, count: int) -> date:
    number = day.year * 12 + day.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def calendar(
    days: Sequence[Day],
    newest: Report | None,
    *,
    at: str,
    following: datetime,
    first: date,
    open_now: int,
    zone: ZoneInfo,
) -> CalendarView:
    """Return the page of all nights. `days` are those of the months that begin with `first`."""
    known = {day.local_date: day for day in days}
    names = get_day_names("narrow", locale=wording.locale())
    this_month = presenting.today().replace(day=1)
    later = _months_before(first, -(2 * MONTHS - 1))
    return CalendarView(
        at=at,
        next=_("Next: %(time)s.", time=presenting.due(following)),
        open=open_now,
        newest=newest.local_date.isoformat() if newest is not None else "",
        headline=words.headline(newest, wording.language(), zone) if newest is not None else "",
        tone=TONES[newest.verdict] if newest is not None else "",
        weekdays=tuple(names[number] for number in range(7)),
        months=tuple(_month(_months_before(first, -shift), known) for shift in range(MONTHS)),
        legend=tuple(Legend(tone=TONES[each], sign=SIGNS[each], words=verdict_words(each)) for each in SIGNS),
        earlier=f"{_months_before(first, 1):%Y-%m}",
        later="" if _months_before(first, 1 - MONTHS) >= this_month else f"{min(later, this_month):%Y-%m}",
    )


def _month(first: date, known: Mapping[date, Day]) -> Month:
    length = (_months_before(first, -1) - first).days
    pattern = "y年M月" if wording.language() == "zh" else "MMMM y"
    days = [first + timedelta(days=shift) for shift in range(length)]
    return Month(
        name=format_date(first, pattern, locale=wording.locale()),
        blank=first.weekday(),
        squares=tuple(_square(day, known.get(day)) for day in days),
    )


def _square(day: date, night: Day | None) -> Square:
    today = day == presenting.today()
    if night is None:
        return Square(number=day.day, date=day.isoformat(), today=today)
    handled = sum(night.count(fate) for fate in (Fate.RESET, Fate.CLOSED, Fate.RETIRED))
    told = [day.isoformat(), verdict_words(night.verdict)]
    told += [_("caught up late")] if night.late else []
    told += [f"{fate_words(fate)} {count}" for fate, count in night.counts.items() if count]
    took = "" if night.total_s is None or not handled else short(night.total_s)
    return Square(
        number=day.day,
        date=day.isoformat(),
        tone=TONES[night.verdict] or "quiet",
        sign=SIGNS[night.verdict],
        told=" · ".join(told),
        done=str(handled) if handled else "",
        took=took,
        today=today,
    )


def short(seconds: float) -> str:
    """Return a duration for a small square: 34 s, 12 min, 2 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.0f} h"
