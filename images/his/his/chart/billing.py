"""Money that follows an act: charge items, payment, invoices. Amounts are exact and rounded half up, once per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from his.chart import machine, storing
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused

CENT = Decimal("0.01")
CASH = "CASH"


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


def give_back(
    act: Acting, patient: str, items: Iterable[Record], *, of: Record | None, channel: str, total: str, cause: int
) -> str:
    """Refund paid items as consequences of `cause`; return the red invoice's id 红字发票.

    Its total is below zero and belongs to whoever pays the money out, so that a shift's sums contain it; the invoice
    `of` the payment is reversed 冲红, if it is known.
    """
    for each in items:
        for event in ("apply_refund", "approve", "refund"):
            machine.follow(act, "charge_item", event, act.fetch("charge_item", each["id"]), cause)
    if of is not None:
        machine.follow(act, "invoice", "reverse", of, cause)
    values = {
        "patient": patient,
        "number": storing.next_code(act.connection, "invoice", "number"),
        "channel": channel,
        "total": money(-Decimal(total)),
        "cashier": act.who.staff,
        "issued_at": act.now,
        "reverses": None if of is None else of["id"],
    }
    key, _ = machine.create_following(act, "invoice", "issue", values, cause, total=values["total"], channel=channel)
    return key


def payment_of(act: Acting, registration: Record) -> tuple[str, Record | None]:
    """Return the channel by which a visit's fee was paid and its invoice; CASH and None if neither is known.

    What was paid in this hospital stands in the journal. A visit paid before the exercise began is found by its sum
    and the time of paying.
    """
    found = act.one(
        'SELECT i.* FROM "charge_item" c JOIN "journal" j ON j."target" = c."id" AND j."action" = \'charge_item.pay\' '
        'JOIN "invoice" i ON i."id" = json_extract(j."data", \'$.invoice\') WHERE c."registration" = ? '
        "AND i.\"status\" = 'issued'",
        registration["id"],
    ) or act.one(
        'SELECT * FROM "invoice" WHERE "patient" = ? AND "total" = ? AND "status" = \'issued\' AND "issued_at" = ?',
        registration["patient"],
        registration["fee"],
        registration["paid_at"],
    )
    return (CASH, None) if found is None else (str(found["channel"]), found)


def change_for(channel: str, total: Decimal, tendered: str | None) -> Decimal:
    """Return the change 找零. Raises Refused E-GEN-06 if cash handed over is too little or no amount at all."""
    if channel != CASH or tendered in (None, ""):
        return Decimal(0)
    try:
        given = Decimal(str(tendered))
    except InvalidOperation as malformed:
        raise Refused("E-GEN-06") from malformed
    if not given.is_finite() or given < total:
        raise Refused("E-GEN-06")
    return given - total
