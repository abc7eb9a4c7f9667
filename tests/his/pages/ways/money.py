"""Money: fees posted, voided and paid at the window, refunds in three hands, receipts, shifts and finance's desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.contract.exercise_pack import StartRow
from tests.his import packs
from tests.his.pages.ways.walking_on import Way, bound, latest
from tests.his.stage import Stage

_DRUG, _OTHER = "M008", "M021"
_FEE = "F017"
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


def _visit(stage: Stage) -> str:
    return str(stage.one("registration", id=stage.bound("li_ticket"))["encounter"])


def _treatment(stage: Stage) -> str:
    return f"/treatment/fees?encounter={_visit(stage)}"


def _posted_by_nurse(stage: Stage) -> None:
    stage.does("nur", "charge_item.post", encounter=_visit(stage), item=_FEE, quantity=1)


def _applied(stage: Stage) -> None:
    stage.does("pha", "charge_item.apply_refund", target=_CHARGE(stage), reason="DRUGRET")


def _approved(stage: Stage) -> None:
    _applied(stage)
    stage.does("fin", "charge_item.approve", target=_CHARGE(stage))


def _printed(stage: Stage) -> None:
    stage.does("cas", "print.document", document=f"invoice:{_INVOICE(stage)}", purpose="patient")


def _open(seat: str) -> Callable[[Stage], None]:
    return lambda stage: stage.does(seat, "cashier_shift.open")


def _close(seat: str) -> Way:
    return Way(
        action="cashier_shift.close",
        source="open",
        seat=seat,
        before=_open(seat),
        page=lambda _: "/shift",
        record=_SHIFT,
        fields={"counted": "0"},
    )


def _closed(stage: Stage) -> None:
    _open("cas")(stage)
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


def _post(seat: str, page: Callable[[Stage], str], **wrong: str) -> Way:
    return Way(
        action="charge_item.post",
        source="planned",
        seat=seat,
        page=page,
        fields={"item": _FEE, "quantity": "1"},
        follows=(("charge_item.plan", "-"),),
        wrong=wrong,
    )


def _of_a_posted(deed: str, seat: str, **more: Any) -> Way:
    return Way(action=f"charge_item.{deed}", source="billable", seat=seat, record=_POSTED, **more)


WAYS = (
    _post("cas", _window),
    _post("nur", _treatment, nure="E-GEN-02"),
    _of_a_posted(
        "void", "nur", before=_posted_by_nurse, page=_treatment, fields={"reason": "录错"}, wrong={"cas": "E-GEN-02"}
    ),
    _of_a_posted("void", "cas", before=_posted, page=_window, fields={"reason": "录错"}, wrong={"cas2": "E-GEN-02"}),
    _of_a_posted(
        "pay",
        "cas",
        before=_posted,
        page=_window,
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
    _close("cas"),
    _close("reg"),
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
