"""A hospital with its rules: what falls due by the clock, and what follows from rows just written."""

from __future__ import annotations

from his import injects
from his.admin import accounts
from his.cashier import pricing
from his.chart import lapsing
from his.chart.hospital import Hospital
from his.clinic.operations import countersigning, prescribing
from his.database import Database
from his.hospital_time import Clock
from his.pharmacy import shelves
from his.registration import booking


def hospital(database: Database, clock: Clock) -> Hospital:
    """Return a hospital that nobody has entered yet."""
    return Hospital(
        database,
        clock,
        due=(
            lapsing.lapse,
            booking.expire,
            prescribing.expire,
            shelves.age,
            pricing.take_effect,
            accounts.train,
            countersigning.answer,
            injects.fire_due,
        ),
        after=(injects.follow,),
    )
