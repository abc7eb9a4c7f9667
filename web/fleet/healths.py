"""Health as its page shows it: one line per concern in the reader's language, each with the way to its fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from sandbox.health import site
from sandbox.health.model import Finding
from sandbox.overview import Vitals
from sandbox.provisioning.model import CellState, Observed
from web import wording
from web.wording import _

_PAGES = {
    "health": "fleet.health",
    "instances": "fleet.instances",
    "nightly": "fleet.nightly",
    "capacity": "fleet.capacity_page",
}


@dataclass(frozen=True, kw_only=True)
class Tile:
    number: str
    words: str
    tone: str


@dataclass(frozen=True, kw_only=True)
class Concern:
    key: str
    title: str
    tone: str
    tone_words: str
    """The colour in words, for people who cannot see it."""
    finding: str
    fix: str
    href: str
    """The page on which it is put right, or ''."""


@dataclass(frozen=True, kw_only=True)
class HealthView:
    summary: str
    tiles: tuple[Tile, ...]
    concerns: tuple[Concern, ...]


def health(found: Sequence[Finding], vitals: Vitals) -> HealthView:
    """Return the page that answers whether everything is well."""
    summary = {
        "good": _("Everything is well."),
        "warn": _("Something needs attention."),
        "bad": _("Something is broken: start with the first red line."),
    }[site.worst(found)]
    return HealthView(summary=summary, tiles=_tiles(vitals), concerns=tuple(_concern(one) for one in found))


def _concern(one: Finding) -> Concern:
    language = wording.language()
    return Concern(
        key=one.key,
        title=one.title.say(language),
        tone=one.tone,
        tone_words={"good": _("fine"), "warn": _("needs attention"), "bad": _("broken")}[one.tone],
        finding=one.found.say(language),
        fix=one.fix.say(language) if one.fix else "",
        href=url_for(_PAGES[one.place]) if one.place else "",
    )


def _tiles(vitals: Vitals) -> tuple[Tile, ...]:
    instances, cells = vitals.instances, vitals.cells
    busy = instances.get(Observed.OPEN, 0) + instances.get(Observed.REPLACING, 0)
    waiting = instances.get(Observed.QUEUED, 0) + instances.get(Observed.LAUNCHING, 0)
    troubled = instances.get(Observed.FAILED, 0) + cells.get(CellState.QUARANTINED, 0)
    return (
        Tile(number=str(busy), words=_("hospitals open"), tone="accent"),
        Tile(number=str(waiting), words=_("waiting"), tone="warn" if waiting else ""),
        Tile(number=str(cells.get(CellState.READY, 0)), words=_("cells ready"), tone="good"),
        Tile(number=str(troubled), words=_("in trouble"), tone="bad" if troubled else ""),
    )
