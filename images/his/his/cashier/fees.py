"""Charges that no ticket and no prescription brings: a service posted at the window, paid or voided there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from his.chart import billing, dictionary, machine, permission, till, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_MOST = 99


def is_posted_here(item: Record) -> bool:
    """Say whether a charge was posted by itself: no ticket, prescription or request brought it."""
    return all(item[name] is None for name in ("prescription", "registration", "lab_request", "imaging_request"))


def owed(act: Acting, patient: str) -> list[Record]:
    """Return the billable charges of a patient that are paid at the window one by one."""
    return act.rows(
        'SELECT * FROM "charge_item" WHERE "patient" = ? AND "status" = \'billable\' AND "prescription" IS NULL '
        'AND "registration" IS NULL AND "lab_request" IS NULL AND "imaging_request" IS NULL '
        'ORDER BY LENGTH("id"), "id"',
        patient,
    )


def post(
    act: Acting, *, patient: str | None = None, charge_item: str | None = None, item: str = "", quantity: Any = 1
) -> str:
    """Post a service 记账: of the list of fees for a patient, or one that is planned; return its id.

    Refused with E-GEN-06 for an unknown fee or quantity, E-GEN-03 for a drug: drugs become billable by their review.
    """
    if charge_item is not None:
        record = act.fetch("charge_item", charge_item)
        edge = machine.enter(act, "charge_item", "post", record)
        if record["prescription"] is not None:
            raise Refused("E-GEN-03", hint_zh="药品费由审方通过后记账", hint_en="Drugs are posted by their review")
        machine.move(act, edge, record)
        return charge_item
    data = {"item": item or None, "quantity": _count(quantity)}
    act.attempt("charge_item.post", patient=patient, data=data)
    permission.require(act, "charge.create")
    person = act.fetch("patient", str(patient))
    fee = dictionary.require_row(act, "fee_items", "fee_code", item)
    count = _count(quantity)
    if count is None:
        raise Refused("E-GEN-06", hint_zh="请填写数量", hint_en="Enter the quantity")
    key = _plan(act, person["id"], fee, count)
    record = act.fetch("charge_item", key)
    machine.move(act, machine.enter(act, "charge_item", "post", record, data=data), record, data=data)
    return key


def void(act: Acting, *, charge_item: str, reason: str = "", version: int | None = None) -> None:
    """Take a charge back that oneself has posted, before it is paid, in the same shift, for a written reason.

    Refused with E-CHG-01 once it is paid, E-GEN-02 for somebody else's, E-GEN-03 for one of an earlier shift.
    """
    record = act.fetch("charge_item", charge_item)
    data = {"reason": reason.strip() or None}
    edge = machine.enter(act, "charge_item", "void", record, version=version, data=data)
    if record["created_by"] != act.who.staff:
        raise Refused("E-GEN-02", hint_zh="只能作废本人记账的项目", hint_en="Only what you have posted yourself")
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请填写作废原因", hint_en="Write why it is voided")
    shift = till.latest_shift(act, act.who.staff)
    if shift is not None and (shift["status"] != "open" or record["created_at"] < shift["opened_at"]):
        raise Refused("E-GEN-03", hint_zh="已跨班次,不能作废", hint_en="It was posted in another shift")
    machine.move(act, edge, record, data=data)


def pay(
    act: Acting,
    *,
    charge_item: str,
    also: Sequence[str] = (),
    channel: str = "CASH",
    tendered: str | None = None,
    version: int | None = None,
) -> str:
    """Take the money for charges posted at the window, on one invoice; return the invoice's id.

    Refused with E-GEN-03 for what belongs to a ticket or a prescription: those are paid as a whole.
    """
    record = act.fetch("charge_item", charge_item)
    edge = machine.enter(act, "charge_item", "pay", record, version=version, data={"channel": channel})
    till.require_not_closed(act)
    chosen = [record, *(act.fetch("charge_item", each) for each in dict.fromkeys(also) if each != charge_item)]
    if not all(is_posted_here(each) for each in chosen):
        raise Refused(
            "E-GEN-03", hint_zh="处方、挂号费和申请单须整单收取", hint_en="Tickets, drugs and requests are paid whole"
        )
    if any(each["status"] != "billable" or each["patient"] != record["patient"] for each in chosen):
        raise Refused("E-GEN-03", hint_zh="所选项目已变化,请刷新", hint_en="What was chosen has changed")
    dictionary.require_code(act, "pay_channel", channel)
    billing.change_for(channel, billing.total_of(chosen), tendered)
    return billing.settle_directly(act, edge, chosen, channel=channel, tendered=tendered)


def _plan(act: Acting, patient: str, fee: Record, count: int) -> str:
    values = {
        "patient": patient,
        "item": fee["fee_code"],
        "quantity": count,
        "price": fee["price_cny"],
        "amount": billing.money(billing.amount(fee["price_cny"]) * count),
        "status": "planned",
    }
    key = act.insert("charge_item", values)
    # Planned by the hospital for the posting that follows: no row comes before it that could be its cause.
    act.record("charge_item.plan", system=True, patient=patient, target=key)
    return key


def _count(quantity: object) -> int | None:
    return typed.whole(quantity, _MOST) or None


ACTIONS: Mapping[str, Operation] = {
    "charge_item.post": post,
    "charge_item.void": void,
    "charge_item.pay": pay,
}
