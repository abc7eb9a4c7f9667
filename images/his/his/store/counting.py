"""What a count goes through: rows of shelves, their batches, when each was counted last."""

from __future__ import annotations

from collections import Counter

from his.chart.acting import Acting, Record
from his.store import ledger

_MARKS = ", ".join("?" for _ in ledger.COUNTABLE)


def view_shelf(act: Acting, *, shelf: str = "") -> None:
    """Note that somebody looks at the stock of a row of shelves."""
    found = on_shelf(act, shelf)
    act.record("stock.view", data={"drug": None, "place": found[0]["place"] if found else None})


def shelves(act: Acting) -> list[tuple[str, int]]:
    """Return the rows of shelves, pharmacy first, with how many batches lie there."""
    found = act.rows(
        f'SELECT "place", "location" FROM "stock_batch" WHERE "status" IN ({_MARKS}) AND "location" IS NOT NULL',  # noqa: S608 only marks
        *ledger.COUNTABLE,
    )
    counted = Counter((each["place"], shelf_of(each["location"])) for each in found)
    return [(name, counted[place, name]) for place, name in sorted(counted)]


def on_shelf(act: Acting, shelf: str) -> list[Record]:
    """Return the batches of a row of shelves in the order in which one walks along it."""
    found = act.rows(
        f'SELECT * FROM "stock_batch" WHERE "status" IN ({_MARKS}) AND "location" LIKE ? '  # noqa: S608 only marks
        'ORDER BY "location", "drug", "expiry", LENGTH("id"), "id"',
        *ledger.COUNTABLE,
        f"{shelf}%",
    )
    return [each for each in found if shelf and shelf_of(each["location"]) == shelf]


def shelf_of(location: str) -> str:
    """Return the row of shelves a place on it belongs to."""
    return location.rpartition("-")[0] or location


def counted_at(act: Acting, batch: str) -> int | None:
    """Return when a batch was counted last."""
    found = act.one(
        'SELECT MAX("posted_at") AS at FROM "stock_movement" WHERE "batch" = ? AND "type" = \'COUNT\' '
        'AND "reversal_of" IS NULL',
        batch,
    )
    return None if found is None else found["at"]
