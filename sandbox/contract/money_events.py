"""What rows about charges, invoices and shifts carry, in the form of `sandbox.contract.events`."""

from __future__ import annotations

from collections.abc import Mapping

ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
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
    "prescription.refund": {
        "amount": "decimal",
        "channel": "code:pay_channel",
        "invoice": "ref:invoice",
        "second": "text",
    },
    "invoice.issue": {"total": "decimal", "channel": "code:pay_channel", "reverses": "ref:invoice"},
    "invoice.reverse": {"red": "ref:invoice", "total": "decimal"},
    "invoice.reprint": {"second": "text", "count": "int"},
    "cashier_shift.close": {"counted": "decimal", "total": "decimal", "difference": "decimal", "note": "text"},
    "cashier_shift.reconcile": {"remark": "text"},
    "cashier_shift.reopen": {"reason": "text"},
}
