"""The till of whoever takes money: the shift it is booked in, and the invoice numbers he was given."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from his.chart import dictionary, machine
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.hospital_time import DAY_S
from sandbox.contract.records import NUMBERS

CASH = "CASH"
"""The channel whose money lies in the drawer and is counted."""


def open_shift(act: Acting, staff: str) -> Record | None:
    """Return the shift in which a member of staff takes money now."""
    return act.one('SELECT * FROM "cashier_shift" WHERE "cashier" = ? AND "status" = \'open\'', staff)


def latest_shift(act: Acting, staff: str) -> Record | None:
    """Return the shift that a member of staff opened last."""
    return act.one(
        'SELECT * FROM "cashier_shift" WHERE "cashier" = ? '
        'ORDER BY "opened_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT 1',
        staff,
    )


def require_not_closed(act: Acting) -> None:
    """Refuse money with E-SHF-01 if the acting person has closed today's shift and opened no other."""
    last = latest_shift(act, act.who.staff)
    if last is not None and last["status"] != "open" and last["opened_at"] >= act.today * DAY_S:
        raise Refused("E-SHF-01")


def shift(act: Acting, cause: int) -> str:
    """Return the shift that money belongs to; the first money of a day opens it, as a consequence of `cause`."""
    require_not_closed(act)
    found = open_shift(act, act.who.staff)
    if found is not None:
        return str(found["id"])
    values = {"cashier": act.who.staff, "opened_at": act.now}
    key, _ = machine.create_following(act, "cashier_shift", "open", values, cause)
    return key


def next_number(act: Acting) -> str:
    """Return the next number of the acting person's own book of invoices; a full book is followed by a new one."""
    prefix, digits = NUMBERS["invoice", "number"]
    taken = act.connection.execute(
        'UPDATE "invoice_book" SET "next" = "next" + 1 WHERE "staff" = ? AND "next" <= "last" RETURNING "next"',
        (act.who.staff,),
    ).fetchone()
    if taken is not None:
        return f"{prefix}{taken['next'] - 1:0{digits}d}"
    size = dictionary.limit(act, "invoice_book")
    # Books begin behind every number ever issued, so that those of two people never meet.
    highest = act.one(
        'SELECT MAX((SELECT COALESCE(MAX("last"), 0) FROM "invoice_book"), '
        '(SELECT "last" FROM "sequence" WHERE "name" = \'invoice.number\')) AS number'
    )
    first = (0 if highest is None else -(-int(highest["number"]) // size) * size) + 1
    act.connection.execute(
        'INSERT INTO "invoice_book" ("first", "last", "next", "staff") VALUES (?, ?, ?, ?)',
        (first, first + size - 1, first + 1, act.who.staff),
    )
    return f"{prefix}{first:0{digits}d}"


def totals(act: Acting, shift_id: str) -> Mapping[str, tuple[int, Decimal]]:
    """Return channel -> (invoices, net total) of a shift; red-letter invoices count against what was taken."""
    found: dict[str, tuple[int, Decimal]] = {}
    for each in act.rows('SELECT "channel", "total" FROM "invoice" WHERE "shift" = ? ORDER BY "channel"', shift_id):
        count, total = found.get(each["channel"], (0, Decimal(0)))
        found[each["channel"]] = (count + 1, total + Decimal(each["total"]))
    return found
