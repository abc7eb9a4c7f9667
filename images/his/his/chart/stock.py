"""Which batches serve which line: earliest valid expiry first, never more than is free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

USABLE = ("available", "near_expiry")
PHARMACY, STORE = "OP", "WH"
"""Where batches lie: only what lies in the pharmacy is handed out, the store behind it supplies the pharmacy."""

_BATCHES = (
    'SELECT b.*, b."quantity" - (SELECT COALESCE(SUM(r."quantity"), 0) FROM "reservation" r '
    'WHERE r."batch" = b."id") AS free FROM "stock_batch" b'
)
"""Batches with `free`: what nobody has reserved."""


def lines(act: Acting, prescription: str) -> list[Record]:
    """Return the standing lines of a prescription with what dispensing needs to know of each drug."""
    return act.rows(
        'SELECT i.*, d."generic_zh", d."generic_en", d."skin_test_required", d."high_alert", d."pack_unit_zh", '
        'd."storage", d."strength", d."pack_spec" '
        'FROM "rx_item" i JOIN "drugs" d ON d."drug_code" = i."drug" '
        'WHERE i."prescription" = ? AND i."status" = \'active\' ORDER BY LENGTH(i."id"), i."id"',
        prescription,
    )


def batches(act: Acting, drug: str) -> list[Record]:
    """Return the pharmacy's batches of a drug with `free`, what nobody has reserved; first expiring first."""
    return act.rows(
        f'{_BATCHES} WHERE b."drug" = ? AND b."place" = ? ORDER BY b."expiry", b."id"',
        drug,
        PHARMACY,
    )


def everywhere(act: Acting, drug: str) -> list[Record]:
    """Return the batches of a drug in pharmacy and store, whatever their state, with `free`; first expiring first."""
    return act.rows(
        f'{_BATCHES} WHERE b."drug" = ? ORDER BY b."place", b."expiry", LENGTH(b."id"), b."id"',
        drug,
    )


def reserved_of(act: Acting, batch: str) -> int:
    """Return how many packs of a batch are picked and not handed out yet."""
    found = act.one('SELECT COALESCE(SUM("quantity"), 0) AS n FROM "reservation" WHERE "batch" = ?', batch)
    return 0 if found is None else int(found["n"])


def reserved(act: Acting, prescription: str) -> list[Record]:
    """Return the batches reserved for a prescription, `taken` being the quantity."""
    return act.rows(
        'SELECT r."rx_item", r."batch", r."quantity" AS taken, b."drug", b."batch_no", b."expiry", b."status" '
        'FROM "reservation" r JOIN "stock_batch" b ON b."id" = r."batch" WHERE r."prescription" = ? '
        'ORDER BY LENGTH(r."rx_item"), r."rx_item", b."expiry", b."id"',
        prescription,
    )


def dispensed(act: Acting, prescription: str) -> list[Record]:
    """Return the movements with which drugs left; `given` packs, `left` those that have not come back."""
    return act.rows(
        'SELECT m.*, -m."quantity" AS given, -m."quantity" - (SELECT COALESCE(SUM(r."quantity"), 0) '
        'FROM "stock_movement" r WHERE r."reversal_of" = m."id") AS left, b."drug", b."batch_no", b."expiry", '
        'b."status" FROM "stock_movement" m JOIN "stock_batch" b ON b."id" = m."batch" '
        'WHERE m."prescription" = ? AND m."type" = \'DISPENSE\' ORDER BY LENGTH(m."id"), m."id"',
        prescription,
    )


def in_need_of_care(act: Acting) -> list[Record]:
    """Return the batches that are near their expiry, expired or locked and still hold packs; first expiring first."""
    return act.rows(
        f"{_BATCHES} WHERE b.\"status\" IN ('near_expiry', 'expired', 'quarantined') AND b.\"quantity\" > 0 "
        'ORDER BY b."expiry", b."drug", LENGTH(b."id"), b."id"'
    )


def reserve(act: Acting, prescription: str, taken: Mapping[str, Any]) -> None:
    """Keep the packs of {rx_item, batch, quantity} for a prescription until they are handed out or put back."""
    act.connection.execute(
        'INSERT INTO "reservation" ("prescription", "rx_item", "batch", "quantity") VALUES (?, ?, ?, ?)',
        (prescription, taken["rx_item"], taken["batch"], taken["quantity"]),
    )


def is_reserved(act: Acting, batch: str) -> bool:
    """Say whether packs of a batch are picked and not handed out yet."""
    return act.one('SELECT 1 FROM "reservation" WHERE "batch" = ?', batch) is not None


def is_fefo(act: Acting, wanted: Sequence[Record], taken: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether what was taken expires as early as valid stock allows. Look before the packs are reserved."""
    return _expiries(act, taken) == _expiries(act, choose(act, wanted, []))


def is_expired(act: Acting, batch: Record) -> bool:
    """Say whether a batch is past its day, whatever its state says."""
    return bool(batch["status"] == "expired" or batch["expiry"] < act.today)


def is_unusable(act: Acting, batch: Record) -> bool:
    """Say whether a batch must not be given out."""
    return is_expired(act, batch) or batch["status"] not in USABLE


def choose(act: Acting, wanted: Sequence[Record], named: list[str]) -> list[dict[str, Any]]:
    """Return {rx_item, batch, quantity} for every line. Refused E-STK-01, -02, -03."""
    taken: list[dict[str, Any]] = []
    given: dict[str, int] = {}
    for line in wanted:
        missing = int(line["quantity"])
        for batch in _candidates(act, line["drug"], named):
            part = min(missing, batch["free"] - given.get(batch["id"], 0))
            if part <= 0:
                continue
            taken.append({"rx_item": line["id"], "batch": batch["id"], "quantity": part})
            given[batch["id"]] = given.get(batch["id"], 0) + part
            missing -= part
            if missing == 0:
                break
        if missing:
            raise Refused("E-STK-03")
    return taken


def _candidates(act: Acting, drug: str, named: Sequence[str]) -> list[Record]:
    found = batches(act, drug)
    chosen = [each for key in named for each in found if each["id"] == key]
    if not chosen:
        return [each for each in found if not is_unusable(act, each)]
    for each in chosen:
        if is_expired(act, each):
            raise Refused("E-STK-01")
        if each["status"] not in USABLE:
            raise Refused("E-STK-02")
    return chosen


def _expiries(act: Acting, taken: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], int]:
    """Return (line, expiry) -> packs."""
    found: dict[tuple[str, int], int] = {}
    for each in taken:
        key = (each["rx_item"], act.fetch("stock_batch", each["batch"])["expiry"])
        found[key] = found.get(key, 0) + each["quantity"]
    return found
