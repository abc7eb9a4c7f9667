"""The nightly reset as a page shows it: the time, and what became of every night."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from web import presenting
from web.wording import _

Entry = tuple[date, str, str, datetime, datetime | None]
"""A row of the job ledger: date, subject, outcome, begun, finished."""


@dataclass(frozen=True, kw_only=True)
class NightDetail:
    subject: str
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Night:
    date: str
    outcome: str
    tone: str
    done: int
    other: int
    begun: datetime
    took: str
    details: tuple[NightDetail, ...]


@dataclass(frozen=True, kw_only=True)
class NightlyView:
    at: str
    next: str
    open: int
    nights: tuple[Night, ...]


def nightly(
    at: str, following: datetime, entries: Iterable[Entry], names: Mapping[str, str], *, open_now: int
) -> NightlyView:
    """Return the page of the nightly reset; `names` are the owners of instances."""
    by_date: dict[date, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_date[entry[0]].append(entry)
    return NightlyView(
        at=at,
        next=_("Next: %(time)s.", time=presenting.due(following)),
        open=open_now,
        nights=tuple(_night(day, rows, names) for day, rows in sorted(by_date.items(), reverse=True)),
    )


def failures(entries: Iterable[Entry]) -> tuple[str, int]:
    """Return the newest recorded night and how many of its instances failed."""
    rows = list(entries)
    if not rows:
        return "", 0
    newest = max(row[0] for row in rows)
    return newest.isoformat(), sum(row[0] == newest and row[2] == "failed" for row in rows)


def _night(day: date, rows: Sequence[Entry], names: Mapping[str, str]) -> Night:
    done_count = sum(row[2] == "reset" for row in rows)
    running = any(row[2] == "" for row in rows)
    failed = any(row[2] == "failed" for row in rows)
    begun = min(row[3] for row in rows)
    ends = [row[4] for row in rows if row[4] is not None]
    words = _("running") if running else _("with failures") if failed else _("done")
    others = [row for row in rows if row[2] != "reset"]
    return Night(
        date=day.isoformat(),
        outcome=words,
        tone="accent" if running else "bad" if failed else "good",
        done=done_count,
        other=len(others),
        begun=begun,
        took="–" if running or not ends else presenting.seconds(max(1.0, (max(ends) - begun).total_seconds())),
        details=tuple(NightDetail(subject=names.get(row[1], row[1]), outcome=_outcome(row[2])) for row in others),
    )


def _outcome(outcome: str) -> str:
    if outcome == "":
        return _("running")
    if outcome == "failed":
        return _("failed")
    return outcome.replace("skipped", _("skipped"))
