"""How values look on a page: moments, durations, scores, states. Filters only; nothing is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from flask import Flask, current_app, g
from markupsafe import Markup

from sandbox.errors import SandboxError, TemporaryError
from sandbox.exercises.model import ExerciseVersion, Keep, Mode
from web import wording
from web.wording import _, _n

SPRITE = "/static/vendor/icons.svg"
ZONE = "HIS_ZONE"


def register(app: Flask, *, zone: str) -> None:
    """Give every template the filters and functions of this module."""
    app.config[ZONE] = ZoneInfo(zone)
    app.jinja_env.filters.update(
        moment=moment, clock=clock, stamp=stamp, ago=ago, due=due, minutes=minutes, seconds=seconds, megabytes=megabytes
    )
    app.jinja_env.globals.update(icon=icon, _=_, _n=_n)


@cache
def icon(name: str) -> Markup:
    """Return the drawing of this name from the sprite, hidden from screen readers."""
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
        SPRITE, name
    )


def local(at: datetime) -> datetime:
    """Return the moment in the hospital's zone."""
    zone: ZoneInfo = current_app.config[ZONE]
    return at.astimezone(zone)


def today() -> date:
    """Return the hospital's date of this request."""
    return local(g.now).date()


def stamp(at: datetime) -> str:
    """Return date and time in full, for titles and print."""
    return local(at).strftime("%Y-%m-%d %H:%M:%S")


def clock(at: datetime) -> str:
    """Return the time of day today, else day and time."""
    here, present = local(at), today()
    if here.date() == present:
        return f"{here:%H:%M}"
    same_year = here.year == present.year
    day = _month_day(here) if same_year else format_date(here.date(), locale=wording.locale())
    return f"{day} {here:%H:%M}"


def _month_day(here: datetime) -> str:
    pattern = "M月d日" if wording.language() == "zh" else "d MMM"
    return format_datetime(here, pattern, locale=wording.locale())


def ago(at: datetime) -> str:
    """Return how long ago, or in how long, in words."""
    if abs(at - g.now) < timedelta(seconds=5):
        return _("just now")
    return _away(round((at - g.now).total_seconds()), wording.locale())


@lru_cache(maxsize=4096)
def _away(seconds: int, locale: Locale) -> str:
    """Return how far a moment lies from now. Kept: a page of fifty hospitals says some of it a hundred times."""
    return format_timedelta(timedelta(seconds=seconds), add_direction=True, locale=locale, threshold=1.2)


def moment(at: datetime | None) -> Markup:
    """Return "09:05 · 3 minutes ago" with the full stamp on hover; a dash for no moment."""
    if at is None:
        return Markup('<span class="faint">–</span>')
    return Markup('<time datetime="{}" title="{}">{} <span class="faint">· {}</span></time>').format(
        at.isoformat(), stamp(at), clock(at), ago(at)
    )


def due(at: datetime) -> str:
    """Return a deadline in words people use: today 18:00, tomorrow 18:00, Friday 18:00, or a date."""
    here = local(at)
    days = (here.date() - today()).days
    time = f"{here:%H:%M}"
    if days == 0:
        return _("today %(time)s", time=time)
    if days == 1:
        return _("tomorrow %(time)s", time=time)
    if 1 < days < 7:
        return f"{format_date(here.date(), 'EEEE', locale=wording.locale())} {time}"
    return clock(at)


def mode(of: Mode) -> str:
    """Return what an assignment or attempt is for."""
    return {Mode.PRACTICE: _("Practice"), Mode.CLASS: _("Class"), Mode.EXAM: _("Exam")}[of]


def keep(of: Keep) -> str:
    """Return which of several results counts."""
    return {
        Keep.BEST: _("the best result counts"),
        Keep.LAST: _("the last result counts"),
        Keep.FIRST: _("the first result counts"),
    }[of]


def minutes(count: int) -> str:
    """Return a number of minutes with its unit."""
    return _n("%(n)s minute", "%(n)s minutes", count)


def seconds(count: float) -> str:
    """Return a duration given in seconds, rounded to what matters."""
    return format_timedelta(timedelta(seconds=count), threshold=1.2, locale=wording.locale())


def minutes_and_seconds(count: int) -> str:
    """Return a working time as `12:05`, from an hour on `1:02:05`."""
    hours, rest = divmod(count, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def megabytes(count: int) -> str:
    """Return bytes as MiB or GiB."""
    mib = count / (1 << 20)
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{mib:.1f} MiB"


@dataclass(frozen=True)
class Fact:
    """A small fact with its drawing."""

    drawing: str
    words: str


@dataclass(frozen=True)
class Tag:
    """A pill: tone is '', accent, good, warn or bad."""

    tone: str
    words: str
    drawing: str = ""


class Titled(Protocol):
    """Anything with a title in both languages."""

    @property
    def title_zh(self) -> str | None: ...
    @property
    def title_en(self) -> str | None: ...


def title(of: Titled) -> str:
    """Return the title in this request's language; what has none is free practice."""
    return (of.title_zh if wording.language() == "zh" else of.title_en) or _("Free practice")


def goal(version: ExerciseVersion) -> str:
    """Return the goal of an exercise in this request's language."""
    return version.goal_zh if wording.language() == "zh" else version.goal_en


def trouble(code: str) -> str:
    """Return the sentence of an error code that holds something up; '' for no trouble."""
    kind = _errors().get(code)
    if kind is None:
        return code
    return kind().say(wording.language())


def is_temporary(code: str) -> bool:
    """Say whether the platform goes on trying by itself."""
    kind = _errors().get(code)
    return kind is not None and issubclass(kind, TemporaryError)


@cache
def _errors() -> dict[str, type[SandboxError]]:
    found: dict[str, type[SandboxError]] = {}
    waiting: list[type[SandboxError]] = [SandboxError]
    while waiting:
        kind = waiting.pop()
        found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found
