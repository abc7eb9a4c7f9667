"""Money that follows an act: charge items, payment, invoices. Amounts are exact and rounded half up, once per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from his.chart import machine, storing
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

CENT = Decimal("0.01")


def money(value: Decimal) -> str:
    """Return an amount as canonical text, rounded half up to cents."""
    return str(value.quantize(CENT, ROUND_HALF_UP))


def bill(
    act: Acting,
    about: Mapping[str, Any],
    *,
    item: str,
    quantity: int,
    price: str,
    cause: int,
    post: bool = True,
) -> str:
    """Plan one charge item and, unless told otherwise, make it billable at once."""
    values = {**about, "item": item, "quantity": quantity, "price": price}
    values["amount"] = money(Decimal(price) * quantity)
    key, _ = machine.create_following(act, "charge_item", "plan", values, cause)
    if post:
        machine.follow(act, "charge_item", "post", act.fetch("charge_item", key), cause)
    return key


def settle(
    act: Acting,
    patient: str,
    items: Iterable[Record],
    *,
    channel: str,
    tendered: str | None,
    cause: int,
) -> str:
    """Pay billable items and issue their invoice, as consequences of `cause`; return the invoice's id."""
    chosen = list(items)
    total = sum((Decimal(each["amount"]) for each in chosen), Decimal(0))
    change_for(channel, total, tendered)
    invoice = storing.upcoming_id(act.connection, "invoice")
    for each in chosen:
        machine.follow(act, "charge_item", "pay", each, cause, data={"channel": channel, "invoice": invoice})
    values = {
        "patient": patient,
        "number": storing.next_code(act.connection, "invoice", "number"),
        "channel": channel,
        "total": money(total),
        "cashier": act.who.staff,
        "issued_at": act.now,
    }
    machine.create_following(act, "invoice", "issue", values, cause, total=money(total), channel=channel)
    return invoice


def change_for(channel: str, total: Decimal, tendered: str | None) -> Decimal:
    """Return the change 找零. Raises Refused E-GEN-06 if cash handed over is too little or no amount at all."""
    if channel != "CASH" or tendered in (None, ""):
        return Decimal(0)
    try:
        given = Decimal(str(tendered))
    except InvalidOperation as malformed:
        raise Refused("E-GEN-06") from malformed
    if not given.is_finite() or given < total:
        raise Refused("E-GEN-06")
    return given - total
