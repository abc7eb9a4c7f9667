"""The gradable tables of money, in the form of `sandbox.contract.state`: charges, invoices, shifts and their totals."""

from __future__ import annotations

from collections.abc import Mapping

TABLES: Mapping[str, Mapping[str, str]] = {
    "charge_item": {
        "id": "text",
        "patient": "ref:patient",
        "encounter": "ref:encounter",
        "prescription": "ref:prescription",
        "registration": "ref:registration",
        "lab_request": "ref:lab_request",
        "imaging_request": "ref:imaging_request",
        "item": "text",
        "quantity": "int",
        "price": "decimal",
        "amount": "decimal",
        "invoice": "ref:invoice",
        "refund_qty": "int",
        "refund_reason": "code:refund_reason",
        "applicant": "ref:staff",
        "approver": "ref:staff",
        "status": "state:charge_item",
    },
    "invoice": {
        "id": "text",
        "patient": "ref:patient",
        "number": "text",
        "channel": "code:pay_channel",
        "total": "decimal",
        "cashier": "ref:staff",
        "issued_at": "time",
        "tendered": "decimal",
        "reverses": "ref:invoice",
        "shift": "ref:cashier_shift",
        "reprints": "int",
        "status": "state:invoice",
    },
    "cashier_shift": {
        "id": "text",
        "cashier": "ref:staff",
        "opened_at": "time",
        "closed_at": "time",
        "total": "decimal",
        "cash": "decimal",
        "counted": "decimal",
        "difference": "decimal",
        "note": "text",
        "reconciler": "ref:staff",
        "remark": "text",
        "status": "state:cashier_shift",
    },
    "shift_total": {
        "id": "text",
        "shift": "ref:cashier_shift",
        "channel": "code:pay_channel",
        "invoices": "int",
        "total": "decimal",
    },
}
