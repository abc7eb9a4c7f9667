"""Advice of the capacity page in plain words: pressure, refills that fail, lessons that do not fit."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.provisioning.capacity import Pressure, Term
from sandbox.scheduling.advice import Shortfall
from sandbox.scheduling.vitals import Vitals
from web import presenting
from web.wording import _, _n


@dataclass(frozen=True, kw_only=True)
class Advice:
    tone: str
    words: str
    fix: str = ""


def trouble(vitals: Vitals) -> Advice | None:
    """Return why refills fail, since when and when they are tried again; None while they do not."""
    if not vitals.failures:
        return None
    since = presenting.clock(vitals.failing_since) if vitals.failing_since else "–"
    words = _n(
        "Making a cell has failed %(n)s time in a row since %(since)s: %(reason)s",
        "Making a cell has failed %(n)s times in a row since %(since)s: %(reason)s",
        vitals.failures,
        since=since,
        reason=presenting.trouble(vitals.trouble),
    )
    if vitals.resting_until is None:
        return Advice(tone="warn", words=words, fix=_("It is tried again at once."))
    return Advice(
        tone="bad",
        words=words,
        fix=_("Refills rest; the next try is at %(time)s.", time=presenting.stamp(vitals.resting_until)[11:]),
    )


def of_pressure(vitals: Vitals) -> list[Advice]:
    if vitals.swap_used and vitals.pressure is not Pressure.CALM:
        swapped = " " + _("%(size)s are swapped out.", size=presenting.megabytes(vitals.swap_used))
    else:
        swapped = ""
    if vitals.pressure is Pressure.TIGHT:
        return [
            Advice(tone="warn", words=_("Memory is tight: no ready cells are added.") + swapped, fix=remedy("memory"))
        ]
    if vitals.pressure is Pressure.SHORT:
        words = _("Memory is short: ready cells go, then the hospitals idle longest hibernate.")
        return [Advice(tone="bad", words=words + swapped, fix=remedy("memory"))]
    return []


def remedy(term: Term) -> str:
    """Return what helps against a shortage of this."""
    return {
        "memory": _("Add memory, or stop what else runs on this machine."),
        "disk": _("Free space below the state folder, or move it to a larger disk."),
        "site": _("Raise capacity.max_cells in the settings if the machine can hold more."),
    }[term]


def of_shortfall(one: Shortfall) -> Advice:
    words = _(
        "Seats needed %(time)s: %(wanted)s; %(seats)s fit.",
        time=presenting.due(one.at),
        wanted=one.wanted,
        seats=one.seats,
    )
    ways = []
    if one.missing_bytes:
        ways.append(_("add %(size)s of memory", size=presenting.megabytes(one.missing_bytes)))
    if one.move is not None:
        ways.append(
            _n(
                "move the class of %(n)s person at %(time)s",
                "move the class of %(n)s people at %(time)s",
                one.move.seats,
                time=presenting.due(one.move.start),
            )
        )
    if not ways:
        return Advice(tone="warn", words=words, fix=remedy(one.term))
    return Advice(tone="warn", words=words, fix=_("To make it fit: %(ways)s.", ways=_(", or ").join(ways)))
