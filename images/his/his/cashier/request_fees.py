"""What a laboratory or imaging request costs: taken for the request as a whole, which may then be carried out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from his.chart import billing, dictionary, machine, storing, till
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

LAB, IMAGING = "lab_request", "imaging_request"
REQUESTS = (LAB, IMAGING)


def owed(act: Acting, table: str, key: str) -> list[Record]:
    """Return the billable charges of a request."""
    return act.rows(
        f'SELECT * FROM "charge_item" WHERE "{table}" = ? AND "status" = \'billable\' ORDER BY LENGTH("id"), "id"',  # noqa: S608
        key,
    )


def waiting(act: Acting, table: str) -> list[Record]:
    """Return the requests whose fee may be taken now, oldest first, with `item`, `amount` and whose they are."""
    return act.rows(
        'SELECT r.*, c."item", c."amount", p."name", p."sex", p."birth_date" '  # noqa: S608 names of our own
        f'FROM "{table}" r JOIN "charge_item" c ON c."{table}" = r."id" JOIN "patient" p ON p."id" = r."patient" '
        "WHERE r.\"status\" = 'requested' AND c.\"status\" = 'billable' "
        'ORDER BY r."requested_at", LENGTH(r."id"), r."id"'
    )


def charge_lab(
    act: Acting,
    *,
    lab_request: str,
    channel: str = "CASH",
    tendered: str | None = None,
    version: int | None = None,
) -> str:
    """Take the money for a laboratory request, from then on the specimen may be taken; return the invoice's id."""
    return _charge(act, LAB, act.fetch(LAB, lab_request), channel, tendered, version)


def charge_imaging(
    act: Acting,
    *,
    imaging_request: str,
    channel: str = "CASH",
    tendered: str | None = None,
    version: int | None = None,
) -> str:
    """Take the money for an imaging request, from then on it may be scheduled; return the invoice's id."""
    return _charge(act, IMAGING, act.fetch(IMAGING, imaging_request), channel, tendered, version)


def _charge(act: Acting, table: str, record: Record, channel: str, tendered: str | None, version: int | None) -> str:
    items = owed(act, table, record["id"])
    total = billing.total_of(items)
    data = {"invoice": storing.upcoming_id(act.connection, "invoice"), "amount": billing.money(total)}
    edge = machine.enter(act, table, "charge", record, version=version, data={"amount": data["amount"]})
    till.require_not_closed(act)
    dictionary.require_code(act, "pay_channel", channel)
    if not items:
        raise Refused("E-GEN-03", hint_zh="该申请没有待收费用", hint_en="Nothing is owed for this request")
    billing.change_for(channel, Decimal(total), tendered)
    cause = machine.move(act, edge, record, data=data)
    return billing.settle(act, record["patient"], items, channel=channel, tendered=tendered, cause=cause)


ACTIONS: Mapping[str, Operation] = {"lab_request.charge": charge_lab, "imaging_request.charge": charge_imaging}
