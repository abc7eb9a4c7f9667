"""Charges that no ticket and no prescription brings: services posted at the window or by a nurse, paid here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from his.chart import billing, dictionary, machine, posting, till
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused


def owed(act: Acting, patient: str) -> list[Record]:
    """Return the billable charges of a patient that are paid at the window one by one."""
    return act.rows(
        f'SELECT * FROM "charge_item" WHERE "patient" = ? AND "status" = \'billable\' AND {posting.ALONE} '  # noqa: S608
        'ORDER BY LENGTH("id"), "id"',
        patient,
    )


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
    if not all(posting.is_alone(each) for each in chosen):
        raise Refused(
            "E-GEN-03", hint_zh="处方、挂号费和申请单须整单收取", hint_en="Tickets, drugs and requests are paid whole"
        )
    if any(each["status"] != "billable" or each["patient"] != record["patient"] for each in chosen):
        raise Refused("E-GEN-03", hint_zh="所选项目已变化,请刷新", hint_en="What was chosen has changed")
    dictionary.require_code(act, "pay_channel", channel)
    billing.change_for(channel, billing.total_of(chosen), tendered)
    return billing.settle_directly(act, edge, chosen, channel=channel, tendered=tendered)


ACTIONS: Mapping[str, Operation] = {
    "charge_item.post": posting.post,
    "charge_item.void": posting.void,
    "charge_item.pay": pay,
}
