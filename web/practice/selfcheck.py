"""Checking one's work 自查 on the workbench: what was asked last, and which state checks were full then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.attempts import checking
from sandbox.attempts.model import CheckRequest
from web import presenting
from web.practice.briefing import told
from web.wording import _


@dataclass(frozen=True, kw_only=True)
class CheckLine:
    title: str
    full: bool


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """What the workbench shows, and what its script polls."""

    waiting: bool
    wait_s: int
    """Until one may ask again."""
    said: str
    lines: tuple[CheckLine, ...]


def view(last: CheckRequest | None, *, now: datetime) -> CheckView:
    """Return the present answer; `last` is the newest question of this attempt."""
    if last is None:
        return CheckView(waiting=False, wait_s=0, said="", lines=())
    wait_s = max(0, -(-(last.asked_at + checking.EVERY - now) // timedelta(seconds=1)))
    if last.answered_at is None:
        return CheckView(waiting=True, wait_s=wait_s, said=_("Looking at your work…"), lines=())
    if last.trouble:
        said = _("Your work could not be looked at just now (%(code)s). Please ask again.", code=last.trouble)
        return CheckView(waiting=False, wait_s=wait_s, said=said, lines=())
    found = checking.read_answer(last)
    full = sum(one.full for one in found)
    return CheckView(
        waiting=False,
        wait_s=wait_s,
        said=_(
            "%(full)s of %(all)s full so far · %(time)s",
            full=full,
            all=len(found),
            time=presenting.clock(last.answered_at),
        ),
        lines=tuple(CheckLine(title=told(one.title), full=one.full) for one in found),
    )
