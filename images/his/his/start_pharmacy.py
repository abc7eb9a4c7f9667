"""Prescriptions and batches of start data: usual values for what the author left out, and what goes with a state.

A prescription that begins as `charged` has been paid, one that is `checked` has its packs reserved, one that was
dispensed has left the shelf: as if people had done it before the trainee came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from his.chart import billing, dictionary, relation, stock, storing
from his.chart.acting import Acting, Record

_PICKED = ("dispensing", "checked", "dispensed", "return_requested", "returned")
_RESERVED = ("dispensing", "checked")
_CHARGES: Mapping[str, str] = {
    "issued": "planned",
    "reviewed": "billable",
    "charged": "paid",
    **dict.fromkeys(_PICKED, "paid"),
    "refunded": "refunded",
}
"""State of a prescription -> state of its charges; in other states there are none."""
_CHANNEL = "WX"


def usual(act: Acting, table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual values of a start row of the pharmacy's tables. LookupError for what must be said."""
    return _USUAL[table](act, given)


def complete(act: Acting, prescriptions: Iterable[str]) -> None:
    """Add what goes with the state of each start prescription; what the author wrote himself is left alone."""
    for key in prescriptions:
        record = act.fetch("prescription", key)
        lines = stock.lines(act, key)
        if not lines and record["status"] != "draft":
            raise LookupError(f"prescription {record['rx_no']} has no rx_item")
        amount = billing.money(sum((Decimal(each["amount"]) for each in lines), Decimal(0)))
        act.update("prescription", record, {"amount": amount, **_people(act, record)})
        _charge(act, record, lines, amount)
        if record["status"] in _RESERVED:
            _reserve(act, record, lines)
        elif record["status"] in _PICKED:
            _hand_out(act, record, lines)


def _prescription(act: Acting, given: Mapping[str, Any]) -> dict[str, Any]:
    key = given.get("encounter")
    visit = act.fetch("encounter", key) if key else relation.latest(act, given.get("patient"))
    if visit is None:
        raise LookupError("a prescription needs a visit: add a registration of its patient first")
    number = given.get("rx_no") or storing.next_code(act.connection, "prescription", "rx_no")
    return {
        "rx_no": number,
        "encounter": visit["id"],
        "prescriber": visit["attending"],
        "type": "W",
        "signed_at": None if given["status"] == "draft" else act.now,
        "amount": "0.00",
    }


def _rx_item(act: Acting, given: Mapping[str, Any]) -> dict[str, Any]:
    _require(given, "rx_item", "prescription", "drug", "quantity")
    drug = dictionary.drug(act, given["drug"])
    price = str(given.get("price") or drug["price_cny"])
    return {
        "patient": act.fetch("prescription", given["prescription"])["patient"],
        "dose": drug["usual_dose"],
        "dose_unit": drug["dose_unit"],
        "route": drug["route_code"],
        "freq": drug["freq_code"],
        "days": dictionary.limit(act, "rx_usual_days"),
        "price": price,
        "amount": billing.money(Decimal(price) * given["quantity"]),
    }


def _stock_batch(act: Acting, given: Mapping[str, Any]) -> dict[str, Any]:
    _require(given, "stock_batch", "drug", "expiry", "quantity")
    place = given.get("place") or stock.PHARMACY
    beside = act.one(
        'SELECT "location" FROM "stock_batch" WHERE "drug" = ? AND "place" = ? ORDER BY "id" LIMIT 1',
        given["drug"],
        place,
    )
    near = act.today + dictionary.limit(act, "near_expiry_days")
    by_date = "near_expiry" if given["expiry"] <= near else "available"
    return {
        "batch_no": f"PX{storing.next_number(act.connection, 'start.batch'):06d}",
        "place": place,
        "location": None if beside is None else beside["location"],
        "status": "expired" if given["expiry"] < act.today else by_date,
    }


def _stock_movement(act: Acting, given: Mapping[str, Any]) -> dict[str, Any]:
    _require(given, "stock_movement", "batch", "quantity", "type")
    return {"posted_at": act.now}


def _require(given: Mapping[str, Any], table: str, *columns: str) -> None:
    for name in columns:
        if given.get(name) is None:
            raise LookupError(f"{table} in start.add needs {name}")


def _people(act: Acting, record: Record) -> dict[str, Any]:
    """Return the pharmacists who have had the prescription in hand; the two who pick and check differ."""
    known = act.rows(
        'SELECT "id" FROM "staff" WHERE "role" = \'PHA\' '
        'AND "id" NOT IN (SELECT "staff" FROM "account" WHERE "seat" IS NOT NULL) '
        'ORDER BY "staff_no" LIMIT 3'
    )
    reviewer, picker, checker = (each["id"] for each in known)
    wanted = {
        "reviewer": reviewer if record["status"] in _CHARGES and record["status"] != "issued" else None,
        "picker": picker if record["status"] in _PICKED else None,
        "checker": checker if record["status"] in _PICKED[1:] else None,
    }
    return {name: value for name, value in wanted.items() if record[name] is None and value is not None}


def _charge(act: Acting, record: Record, lines: Iterable[Record], amount: str) -> None:
    state = _CHARGES.get(record["status"])
    if state is None or act.one('SELECT 1 FROM "charge_item" WHERE "prescription" = ?', record["id"]):
        return
    about = {"patient": record["patient"], "encounter": record["encounter"], "prescription": record["id"]}
    for each in lines:
        columns = {name: each[name] for name in ("quantity", "price", "amount")}
        act.insert("charge_item", {**about, "item": each["drug"], **columns, "status": state})
    if state in ("paid", "refunded"):
        invoice = storing.upcoming_id(act.connection, "invoice")
        for each in act.rows('SELECT * FROM "charge_item" WHERE "prescription" = ?', record["id"]):
            act.update("charge_item", each, {"invoice": invoice})
        number = storing.next_code(act.connection, "invoice", "number")
        cashier = act.one('SELECT "id" FROM "staff" WHERE "role" = \'CAS\' ORDER BY "staff_no" LIMIT 1') or {}
        act.insert(
            "invoice",
            {
                "patient": record["patient"],
                "number": number,
                "channel": _CHANNEL,
                "total": amount,
                "cashier": cashier.get("id"),
                "issued_at": record["signed_at"],
                "status": "issued" if state == "paid" else "reversed",
            },
        )


def _reserve(act: Acting, record: Record, lines: list[Record]) -> None:
    for each in stock.choose(act, lines, []):
        stock.reserve(act, record["id"], each)


def _hand_out(act: Acting, record: Record, lines: list[Record]) -> None:
    """Write the movements of what left before the start; the batches hold what was left of them."""
    checker = act.fetch("prescription", record["id"])["checker"]
    written = stock.dispensed(act, record["id"])
    for each in written:
        if each["posted_by"] is None:
            act.update("stock_movement", act.fetch("stock_movement", each["id"]), {"posted_by": checker})
    if written:
        return
    for each in stock.choose(act, lines, []):
        act.insert(
            "stock_movement",
            {
                "batch": each["batch"],
                "type": "DISPENSE",
                "quantity": -each["quantity"],
                "prescription": record["id"],
                "posted_by": checker,
                "posted_at": record["signed_at"],
            },
        )


_USUAL = {
    "prescription": _prescription,
    "rx_item": _rx_item,
    "stock_batch": _stock_batch,
    "stock_movement": _stock_movement,
}
TABLES = frozenset(_USUAL)
"""The tables whose start rows are completed here."""
