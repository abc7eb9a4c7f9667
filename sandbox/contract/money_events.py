"""What rows about charges, invoices, shifts and prices carry, in the form of `sandbox.contract.events`."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.contract.action import Action

_TAKEN = {"invoice": "ref:invoice", "amount": "decimal"}
_PAID_OUT = {"amount": "decimal", "channel": "code:pay_channel", "invoice": "ref:invoice", "second": "text"}

ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "lab_request.charge": _TAKEN,
    "imaging_request.charge": _TAKEN,
    "lab_request.refund": _PAID_OUT,
    "imaging_request.refund": _PAID_OUT,
    "charge_item.pay": {"channel": "code:pay_channel", "invoice": "ref:invoice"},
    "charge_item.post": {"item": "text", "quantity": "int"},
    "charge_item.void": {"reason": "text"},
    "charge_item.apply_refund": {
        "reason": "code:refund_reason",
        "quantity": "int",
        "amount": "decimal",
        "note": "text",
    },
    "charge_item.reject": {"reason": "text"},
    "charge_item.refund": {
        "quantity": "int",
        "amount": "decimal",
        "channel": "code:pay_channel",
        "invoice": "ref:invoice",
        "second": "text",
    },
    "prescription.refund": _PAID_OUT,
    "invoice.issue": {"total": "decimal", "channel": "code:pay_channel", "reverses": "ref:invoice"},
    "invoice.reverse": {"red": "ref:invoice", "total": "decimal"},
    "invoice.reprint": {"second": "text", "count": "int"},
    "cashier_shift.close": {"counted": "decimal", "total": "decimal", "difference": "decimal", "note": "text"},
    "cashier_shift.reconcile": {"remark": "text"},
    "cashier_shift.reopen": {"reason": "text"},
}

PRICE_CHANGE = Action(
    "stock.price_change",
    "write",
    "药品调价",
    "Drug price changed",
    "price_change",
    {
        "drug": "code:drugs",
        "old": "decimal",
        "new": "decimal",
        "notice": "text",
        "effective_at": "time",
        "reason": "code:price_reason",
        "note": "text",
        "second": "text",
        "cause": "int",
    },
)
"""A notice, by finance; when its moment comes the hospital's own row of the same name, with the notice as its cause."""
