"""Numbers and days as people type them into forms: cleaned, or refused with E-GEN-06."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation

from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.hospital_time import DAY_S, seconds_of

_MOST = 100_000
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def text(given: object) -> str:
    """Return what was typed with full-width forms folded and without outer spaces."""
    return unicodedata.normalize("NFKC", "" if given is None else str(given)).strip()


def whole(given: object, most: int = 999_999_999) -> int | None:
    """Return a whole number from 0 to `most`; None if it is no such number."""
    cleaned = text(given)
    # Its length first: Python refuses to read a number of 5,000 digits.
    if not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) <= len(str(most))):
        return None
    return int(cleaned) if int(cleaned) <= most else None


def count(given: object) -> int | None:
    """Return a whole number of packs, 0 included; None if it is no such number."""
    return whole(given, _MOST - 1)


def row_version(given: object) -> int | None:
    """Return the row version that a form was drawn from, None if it names none.

    What is no number is the version of no row: nothing is changed from a page of which that much is broken.
    """
    if not given:
        return None
    found = whole(given)
    return -1 if found is None else found


def money(given: object) -> Decimal:
    """Return a positive amount with at most two places. Raises Refused E-GEN-06."""
    try:
        found = Decimal(text(given))
    except InvalidOperation as malformed:
        raise Refused("E-GEN-06") from malformed
    if not found.is_finite() or not 0 < found < _MOST or found != found.quantize(Decimal("0.01")):
        raise Refused("E-GEN-06")
    return found.quantize(Decimal("0.01"))


def day(act: Acting, given: object) -> int | None:
    """Return a calendar day (ISO, 2027-05-31 or 20270531) as days from the anchor; None if it is none."""
    try:
        return (date.fromisoformat(text(given).replace("/", "-")) - act.binding.anchor).days
    except ValueError:
        return None


def moment(act: Acting, given: object) -> int | None:
    """Return a day with or without a time of day (2027-05-31 08:00) as hospital seconds; None if it is none."""
    on, _, clock = text(given).replace("T", " ").partition(" ")
    found = day(act, on)
    if found is None or (clock and not _CLOCK.fullmatch(clock)):
        return None
    return found * DAY_S + (seconds_of(clock) if clock else 0)
