"""Every write of the cashier's desk: what a patient owes, and taking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from his.cashier import asking, fees, invoicing, pricing, refunding, request_fees, shifts
from his.chart import billing, dictionary, machine, people, permission, storing, till
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused


def find_patient(act: Acting, *, query: str) -> list[Record]:
    """Find a payer by card, number or name."""
    act.attempt("patient.search")
    permission.require(act, "patient.search")
    kind, hits = people.search(act, query)
    act.record("patient.search", data={"kind": kind, "hits": len(hits)})
    return hits


def open_items(act: Acting, patient: str) -> list[Record]:
    """Return what this patient has to pay now, with the words of each item."""
    return act.rows(
        'SELECT c.*, COALESCE(d."generic_zh", f."name_zh", l."name_zh", m."name_zh") AS name_zh, '
        'COALESCE(d."generic_en", f."name_en", l."name_en", m."name_en") AS name_en, '
        'COALESCE(d."insurance_class", f."insurance_class") AS insurance_class, p."rx_no" FROM "charge_item" c '
        'LEFT JOIN "drugs" d ON d."drug_code" = c."item" LEFT JOIN "fee_items" f ON f."fee_code" = c."item" '
        'LEFT JOIN "lab_panels" l ON l."panel_code" = c."item" '
        'LEFT JOIN "imaging_exams" m ON m."exam_code" = c."item" '
        'LEFT JOIN "prescription" p ON p."id" = c."prescription" '
        'WHERE c."patient" = ? AND c."status" = \'billable\' ORDER BY c."created_at", LENGTH(c."id"), c."id"',
        patient,
    )


def total_of(items: Sequence[Record]) -> str:
    """Return the amount due 应收."""
    return billing.money(billing.total_of(items))


def charge(
    act: Acting,
    *,
    prescription: str,
    channel: str = "CASH",
    tendered: str | None = None,
    version: int | None = None,
) -> str:
    """Take the money for one reviewed prescription: paid items and an invoice; return the invoice's id."""
    record = act.fetch("prescription", prescription)
    invoice = storing.upcoming_id(act.connection, "invoice")
    data = {"invoice": invoice, "amount": record["amount"]}
    edge = machine.enter(act, "prescription", "charge", record, version=version, data={"amount": record["amount"]})
    till.require_not_closed(act)
    dictionary.require_code(act, "pay_channel", channel)
    items = act.rows(
        'SELECT * FROM "charge_item" WHERE "prescription" = ? AND "status" = \'billable\' ORDER BY LENGTH("id"), "id"',
        prescription,
    )
    if total_of(items) != record["amount"]:
        raise Refused("E-GEN-03")
    billing.change_for(channel, Decimal(record["amount"]), tendered)
    cause = machine.move(act, edge, record, data=data)
    return billing.settle(act, record["patient"], items, channel=channel, tendered=tendered, cause=cause)


def invoices(act: Acting, patient: str) -> list[Record]:
    """Return the patient's invoices, latest first."""
    return act.rows('SELECT * FROM "invoice" WHERE "patient" = ? ORDER BY "issued_at" DESC, "number" DESC', patient)


ACTIONS: Mapping[str, Operation] = {
    "prescription.charge": charge,
    **fees.ACTIONS,
    **request_fees.ACTIONS,
    **refunding.ACTIONS,
    **asking.ACTIONS,
    **invoicing.ACTIONS,
    **shifts.ACTIONS,
    **pricing.ACTIONS,
}
