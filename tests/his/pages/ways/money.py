"""Money: fees posted, voided and paid at the window, refunds in three hands, receipts, shifts and finance's desk."""

from __future__ import annotations

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.pages.ways.walking_on import Way, bound, latest
from tests.his.stage import Stage

_DRUG, _OTHER = "M008", "M021"
_FEE = "F008"
_RETURNED = (
    packs.waiting("stranger", status="completed"),
    StartRow(
        table="prescription",
        alias="rx",
        row={"patient": "$stranger", "status": "returned", "return_reason": "ADR", "prescriber": "doc"},
    ),
    StartRow(
        table="rx_item",
        alias=None,
        row={"prescription": "$rx", "drug": _DRUG, "quantity": 3, "return_qty": 1, "returned_qty": 1},
    ),
    StartRow(table="rx_item", alias=None, row={"prescription": "$rx", "drug": _OTHER, "quantity": 1}),
)
"""Qin gave one of three packs back."""
_CHARGE = latest("charge_item", patient="$stranger", item=_DRUG)
_POSTED = latest("charge_item", patient="$li")
_INVOICE = latest("invoice", patient="$stranger", status="issued")
_SHIFT = latest("cashier_shift")


def _refunds(stage: Stage) -> str:
    return f"/refunds?item={_CHARGE(stage)}"


def _window(stage: Stage) -> str:
    return f"/cashier/?patient={stage.bound('li')}"


def _shift(stage: Stage) -> str:
    return f"/finance?shift={_SHIFT(stage)}"


def _invoice(stage: Stage) -> str:
    return f"/cashier/invoices/{_INVOICE(stage)}"


def _posted(stage: Stage) -> None:
    stage.does("cas", "charge_item.post", patient="$li", item=_FEE, quantity=1)


def _applied(stage: Stage) -> None:
    stage.does("pha", "charge_item.apply_refund", target=_CHARGE(stage), reason="DRUGRET")


def _approved(stage: Stage) -> None:
    _applied(stage)
    stage.does("fin", "charge_item.approve", target=_CHARGE(stage))


def _printed(stage: Stage) -> None:
    stage.does("cas", "print.document", document=f"invoice:{_INVOICE(stage)}", purpose="patient")


def _open(stage: Stage) -> None:
    stage.does("cas", "cashier_shift.open")


def _closed(stage: Stage) -> None:
    _open(stage)
    stage.does("cas", "cashier_shift.close", counted="0")


def _decision(deed: str, seat: str, **fields: str) -> Way:
    return Way(
        action=f"charge_item.{deed}",
        source="refund_requested",
        seat=seat,
        add=_RETURNED,
        before=_applied,
        page=_refunds,
        record=_CHARGE,
        fields=fields,
    )


def _application(seat: str) -> Way:
    return Way(
        action="charge_item.apply_refund",
        source="paid",
        seat=seat,
        add=_RETURNED,
        page=_refunds,
        record=_CHARGE,
        fields={"reason": "DRUGRET"},
    )


WAYS = (
    Way(
        action="charge_item.post",
        source="planned",
        seat="cas",
        page=_window,
        fields={"item": _FEE, "quantity": "1"},
        follows=(("charge_item.plan", "-"),),
    ),
    Way(
        action="charge_item.void",
        source="billable",
        seat="cas",
        before=_posted,
        page=_window,
        record=_POSTED,
        fields={"reason": "录错"},
        wrong={"cas2": "E-GEN-02"},
    ),
    Way(
        action="charge_item.pay",
        source="billable",
        seat="cas",
        before=_posted,
        page=_window,
        record=_POSTED,
        fields={"channel": "CASH", "tendered": "500"},
        follows=(("invoice.issue", "-"),),
    ),
    _application("doc"),
    _application("pha"),
    _application("cas"),
    _decision("approve", "fin"),
    _decision("approve", "hod"),
    _decision("reject", "fin", reason="请先核实"),
    _decision("reject", "hod", reason="请先核实"),
    Way(
        action="prescription.refund",
        source="returned",
        seat="cas",
        add=_RETURNED,
        before=_approved,
        page=_refunds,
        record=bound("rx"),
        fields={"channel": "WX"},
        follows=(("charge_item.refund", "refund_approved"), ("invoice.reverse", "issued"), ("invoice.issue", "-")),
    ),
    Way(
        action="invoice.reprint",
        source="issued",
        seat="cas",
        add=_RETURNED,
        before=_printed,
        page=_invoice,
        record=_INVOICE,
        fields={"second": "colleague"},
    ),
    Way(action="cashier_shift.open", source="-", seat="cas", page=lambda _: "/shift"),
    Way(action="cashier_shift.open", source="-", seat="reg", page=lambda _: "/shift"),
    Way(
        action="cashier_shift.close",
        source="open",
        seat="cas",
        before=_open,
        page=lambda _: "/shift",
        record=_SHIFT,
        fields={"counted": "0"},
    ),
    Way(
        action="cashier_shift.reconcile",
        source="closed",
        seat="fin",
        before=_closed,
        page=_shift,
        record=_SHIFT,
    ),
    Way(
        action="cashier_shift.reopen",
        source="closed",
        seat="fin",
        before=_closed,
        page=_shift,
        record=_SHIFT,
        fields={"reason": "漏收一笔"},
    ),
)
