"""What people call tables and columns of charges, invoices and shifts, in zh and en."""

from __future__ import annotations

from collections.abc import Mapping

TABLES: Mapping[str, tuple[str, str]] = {
    "charge_item": ("收费项目", "charge item"),
    "invoice": ("发票", "invoice"),
    "cashier_shift": ("收费班次", "cashier's shift"),
    "shift_total": ("班次合计", "total of a shift"),
    "price_change": ("药品调价", "price change of a drug"),
}

COLUMNS: Mapping[str, tuple[str, str]] = {
    "invoice": ("票据", "invoice"),
    "refund_qty": ("申请退费数量", "quantity to refund"),
    "refund_reason": ("退费原因", "reason for the refund"),
    "applicant": ("退费申请人", "applied for by"),
    "approver": ("退费审批人", "approved by"),
    "tendered": ("实收", "received"),
    "reverses": ("冲红的原票据", "reverses invoice"),
    "shift": ("班次", "shift"),
    "reprints": ("补打次数", "reprints"),
    "closed_at": ("日结时间", "closed at"),
    "cash": ("应缴现金", "cash due"),
    "counted": ("实点金额", "counted"),
    "difference": ("长短款", "difference"),
    "reconciler": ("对账人", "reconciled by"),
    "remark": ("对账意见", "remark"),
    "invoices": ("票据张数", "invoices"),
    "notice": ("调价通知号", "number of the price notice"),
    "old_price": ("原价", "price before"),
    "new_price": ("新价", "new price"),
    "effective_at": ("生效时间", "in force from"),
    "issued_by": ("调价人", "issued by"),
    "issued_at": ("调价时间", "issued at"),
}
