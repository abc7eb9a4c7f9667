"""Money that follows an act: charge items, payment, invoices. Amounts are exact and rounded half up, once per line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from his.chart import dictionary, machine, storing, till
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from sandbox.contract.machines import Transition

CENT = Decimal("0.01")
_MOST = Decimal(10**9)
"""No amount typed at a window reaches this."""


@dataclass(frozen=True, kw_only=True)
class Refund:
    """What of one charge goes back: so many of its quantity, at the price it was charged with."""

    item: Record
    quantity: int

    @property
    def amount(self) -> Decimal:
        """The money that goes back for this line."""
        return (Decimal(self.item["price"]) * self.quantity).quantize(CENT, ROUND_HALF_UP)

    @property
    def kept(self) -> int:
        """What stays charged."""
        return int(self.item["quantity"]) - self.quantity


def money(value: Decimal) -> str:
    """Return an amount as canonical text, rounded half up to cents."""
    return str(value.quantize(CENT, ROUND_HALF_UP))


def total_of(items: Iterable[Record]) -> Decimal:
    """Return the sum of lines."""
    return sum((Decimal(each["amount"]) for each in items), Decimal(0))


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
    """Pay billable items and issue their invoice, as consequences of `cause`; return the invoice's id.

    Raises Refused E-SHF-01 if whoever takes the money has closed today's shift, E-GEN-06 for too little cash.
    """
    chosen = list(items)
    shift = till.shift(act, cause)
    receipt = _receipt(patient, chosen, channel=channel, tendered=tendered)
    _pay(act, chosen, channel, cause)
    return issue(act, {**receipt, "shift": shift}, cause)


def pay_ticket(
    act: Acting, *, registration: str, channel: str, tendered: str | None = None, version: int | None = None
) -> str:
    """Take the fee of a visit: receipt, paid item, and the registration is valid. Return the invoice's id."""
    record = act.fetch("registration", registration)
    data = {"channel": channel, "amount": record["fee"]}
    edge = machine.enter(act, "registration", "pay", record, version=version, data=data)
    dictionary.require_code(act, "pay_channel", channel)
    cause = machine.move(act, edge, record, {"paid_at": act.now}, data=data)
    items = act.rows('SELECT * FROM "charge_item" WHERE "registration" = ? AND "status" = \'billable\'', registration)
    return settle(act, record["patient"], items, channel=channel, tendered=tendered, cause=cause)


def settle_directly(
    act: Acting, edge: Transition, chosen: Sequence[Record], *, channel: str, tendered: str | None
) -> str:
    """Pay charges whose payment is the user's own deed along `edge`; return the id of their invoice."""
    first, *others = chosen
    receipt = _receipt(first["patient"], chosen, channel=channel, tendered=tendered)
    invoice = storing.upcoming_id(act.connection, "invoice")
    cause = machine.move(act, edge, first, {"invoice": invoice}, data={"channel": channel, "invoice": invoice})
    _pay(act, others, channel, cause)
    return issue(act, {**receipt, "shift": till.shift(act, cause)}, cause)


def issue(act: Acting, values: Mapping[str, Any], cause: int) -> str:
    """Issue one invoice from the acting person's own numbers, as a consequence; return its id."""
    full = {**values, "number": till.next_number(act), "cashier": act.who.staff, "issued_at": act.now, "reprints": 0}
    data = {"total": values["total"], "channel": values["channel"]}
    data |= {"reverses": values["reverses"]} if values.get("reverses") else {}
    key, _ = machine.create_following(act, "invoice", "issue", full, cause, **data)
    return key


def reverse(act: Acting, original: Record, refunds: Sequence[Refund], cause: int) -> str:
    """Reverse an invoice for what goes back and invoice the rest anew; return the id of the red-letter invoice.

    The charges of `refunds` have been refunded before. The red-letter invoice carries the whole of the original with
    a minus; what stays charged, lines and parts of lines, stands on a new one, at the same prices. Both are booked in
    the acting person's shift and through the original channel.
    """
    shift = till.shift(act, cause)
    gone = {each.item["id"] for each in refunds}
    kept = [
        each
        for each in act.rows(
            'SELECT * FROM "charge_item" WHERE "invoice" = ? ORDER BY LENGTH("id"), "id"', original["id"]
        )
        if each["id"] not in gone and each["status"] not in ("refunded", "voided")
    ]
    red = storing.upcoming_id(act.connection, "invoice")
    machine.follow(act, "invoice", "reverse", original, cause, data={"red": red, "total": original["total"]})
    about = {"patient": original["patient"], "channel": original["channel"], "shift": shift}
    issue(act, {**about, "total": money(-Decimal(original["total"])), "reverses": original["id"]}, cause)
    rest = [act.fetch("charge_item", _bill_rest(act, each, cause)) for each in refunds if each.kept]
    if kept or rest:
        _invoice_rest(act, about, kept, rest, cause)
    return red


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
    red = storing.upcoming_id(act.connection, "invoice")
    if of is not None:
        machine.follow(act, "invoice", "reverse", of, cause, data={"red": red, "total": of["total"]})
    values = {
        "patient": patient,
        "channel": channel,
        "total": money(-Decimal(total)),
        "reverses": None if of is None else of["id"],
        "shift": till.shift(act, cause),
    }
    return issue(act, values, cause)


def payment_of(act: Acting, registration: Record) -> tuple[str, Record | None]:
    """Return the channel by which a visit's fee was paid and its invoice; CASH and None if neither is known.

    A charge names its invoice. A visit that an exercise begins with has none: it is found by its sum and the time of
    paying.
    """
    found = act.one(
        'SELECT i.* FROM "charge_item" c JOIN "invoice" i ON i."id" = c."invoice" WHERE c."registration" = ? '
        "AND i.\"status\" = 'issued'",
        registration["id"],
    ) or act.one(
        'SELECT * FROM "invoice" WHERE "patient" = ? AND "total" = ? AND "status" = \'issued\' AND "issued_at" = ?',
        registration["patient"],
        registration["fee"],
        registration["paid_at"],
    )
    return (till.CASH, None) if found is None else (str(found["channel"]), found)


def change_for(channel: str, total: Decimal, tendered: str | None) -> Decimal:
    """Return the change 找零. Raises Refused E-GEN-06 if cash handed over is too little or no amount at all."""
    if channel != till.CASH or tendered in (None, ""):
        return Decimal(0)
    given = amount(tendered)
    if given < total:
        raise Refused("E-GEN-06")
    return given - total


def amount(text: object) -> Decimal:
    """Return what somebody typed as money. Raises Refused E-GEN-06 if it is none."""
    try:
        found = Decimal(str(text))
    except InvalidOperation as malformed:
        raise Refused("E-GEN-06") from malformed
    if not found.is_finite() or abs(found) >= _MOST:
        raise Refused("E-GEN-06")
    return found


def _pay(act: Acting, items: Iterable[Record], channel: str, cause: int) -> None:
    """Pay charges on the invoice that is issued next."""
    invoice = storing.upcoming_id(act.connection, "invoice")
    for each in items:
        data = {"channel": channel, "invoice": invoice}
        machine.follow(act, "charge_item", "pay", each, cause, {"invoice": invoice}, data=data)


def _receipt(patient: str, items: Iterable[Record], *, channel: str, tendered: str | None) -> dict[str, Any]:
    total = total_of(items)
    change_for(channel, total, tendered)
    received = money(amount(tendered)) if channel == till.CASH and tendered else None
    return {"patient": patient, "channel": channel, "total": money(total), "tendered": received}


def _bill_rest(act: Acting, refund: Refund, cause: int) -> str:
    old = refund.item
    about = {name: old[name] for name in ("patient", "encounter", "prescription", "registration")}
    return bill(act, about, item=old["item"], quantity=refund.kept, price=old["price"], cause=cause)


def _invoice_rest(
    act: Acting, about: Mapping[str, Any], kept: Sequence[Record], rest: Sequence[Record], cause: int
) -> None:
    invoice = storing.upcoming_id(act.connection, "invoice")
    _pay(act, rest, about["channel"], cause)
    for each in kept:
        act.update("charge_item", each, {"invoice": invoice})
    issue(act, {**about, "total": money(total_of([*kept, *rest]))}, cause)
