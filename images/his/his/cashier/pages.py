"""Pages of the window: find the payer, post a fee, collect, and what one may take back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.cashier import fees, operations, request_fees, views
from his.chart import billing, people, posting, till
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, sheets, strips
from his.shell.frames import Page

bp = Blueprint("cashier", __name__, url_prefix="/cashier")

NOT_AT_THE_WINDOW = ("INS", "ACC", "DEP")
"""Channels of settlements that this desk does not offer."""


@bp.get("/")
def desk() -> Response:
    """Show who waits for paying and what the chosen patient owes."""
    return _desk(request.args.get("patient", ""))


@bp.post("/patients/<patient>/id")
def view_id(patient: str) -> Response:
    """Show the full ID number once, as an act of its own: whoever wants money back is looked at closely."""
    try:
        number = keyboard.perform(people.view_id, patient=patient)
    except Refused as refused:
        return _desk(patient, refused)
    return _desk(patient, full_id=number)


@bp.post("/prescriptions/<key>/charge")
def charge(key: str) -> Response:
    """Take the money for a prescription."""
    return _collect("prescription.charge", operations.charge, "prescription", key)


@bp.post("/requests/<any(lab_request, imaging_request):entity>/<key>/charge")
def charge_request(entity: str, key: str) -> Response:
    """Take the fee of a laboratory or imaging request."""
    operation = request_fees.charge_lab if entity == request_fees.LAB else request_fees.charge_imaging
    return _collect(f"{entity}.charge", operation, entity, key)


@bp.post("/registrations/<key>/pay")
def pay_ticket(key: str) -> Response:
    """Take the fee of a visit."""
    return _collect("registration.pay", billing.pay_ticket, "registration", key)


@bp.post("/charges/<key>/pay")
def pay(key: str) -> Response:
    """Take the money for what was posted at the window."""
    return _collect("charge_item.pay", fees.pay, "charge_item", key, also=request.form.getlist("also"))


@bp.post("/patients/<patient>/fees")
def post(patient: str) -> Response:
    """Post a service for the patient."""
    fields = {"item": request.form.get("item", ""), "quantity": people.normalised(request.form.get("quantity", ""))}
    return doing.do(
        "charge_item.post",
        lambda: keyboard.perform(posting.post, patient=patient, **fields),
        then=lambda _: url_for(".desk", patient=patient),
        again=lambda refused: _desk(patient, refused),
    )


@bp.post("/charges/<key>/void")
def void(key: str) -> Response:
    """Take a posted charge back."""
    patient = _patient_of("charge_item", key)
    fields = {"reason": request.form.get("reason", "").strip(), "version": doing.version()}
    return doing.do(
        "charge_item.void",
        lambda: keyboard.perform(posting.void, charge_item=key, **fields),
        then=lambda _: url_for(".desk", patient=patient),
        again=lambda refused: _desk(patient, refused, about=key),
    )


def _collect(deed: str, operation: Callable[..., str], name: str, key: str, **more: Any) -> Response:
    fields = {
        name: key,
        "channel": request.form.get("channel", "CASH"),
        "tendered": people.normalised(request.form.get("tendered", "")) or None,
        "version": doing.version(),
        **more,
    }
    patient = _patient_of(name, key)
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, **fields),
        then=lambda invoice: url_for(".desk", patient=patient, invoice=invoice),
        again=lambda refused: _desk(patient, refused, about=key),
    )


def _patient_of(table: str, key: str) -> str:
    with keyboard.looking() as act:
        return str(act.fetch(table, key)["patient"])


def _desk(patient: str, refusal: Refused | None = None, about: str = "", *, full_id: str | None = None) -> Response:
    if keyboard.who().role != "CAS":
        return frames.show(Page(template="shell/refused.html", title="desk.cashier", refusal=refusal))
    query = request.args.get("q", "")
    found = keyboard.perform(operations.find_patient, query=query) if people.normalised(query) else []
    if not patient and len(found) == 1 and people.is_read(query):
        # A card that was read names one person: he stands at the window.
        patient = str(found[0]["id"])
    with keyboard.looking() as act:
        view = dataclasses.replace(_view(act, patient, query, found, refusal, about), full_id=full_id)
        strip = strips.of(act, patient) if patient else None
    page = Page(
        template="cashier/desk.html",
        title="desk.cashier",
        tab="charge",
        view=view,
        strip=strip,
        keys=("F3=search", "F4=post_fee", "F8=print", "F9=collect", "Num +=collect", "Num *=next_channel"),
        here=url_for(".desk", patient=patient) if refusal or full_id is not None else "",
        refusal=refusal,
    )
    return frames.show(page)


def _view(
    act: Acting, patient: str, query: str, found: list[Any], refusal: Refused | None, about: str
) -> views.DeskView:
    address = url_for(".desk")
    waiting = views.waiting(act, address=address)
    items, total = views.items(act, patient) if patient else ([], "0.00")
    rows = operations.invoices(act, patient) if patient else []
    paid = next((each for each in rows if each["id"] == request.args.get("invoice")), None)
    malformed = refusal is not None and refusal.code == "E-GEN-06"
    here = str(request.endpoint).rpartition(".")[2]
    shift = till.open_shift(act, keyboard.who().staff)
    return views.DeskView(
        query=query,
        hits=[views.hit(each, address=address, query=query) for each in found],
        waiting=waiting,
        patient=patient,
        items=items,
        total=total,
        payable=[each for each in waiting if each.patient == patient],
        not_reviewed=views.not_reviewed(act, patient) if patient else [],
        channels=[each for each in keyboard.glossary().options("pay_channel") if each.value not in NOT_AT_THE_WINDOW],
        fees=sheets.services(act) if patient else [],
        invoices=[views.invoice(act, each) for each in rows],
        invoice=None if paid is None else views.invoice(act, paid),
        change="" if paid is None else views.change_of(paid),
        short=about if malformed and here != "void" else "",
        wrong_fee=malformed and here == "post",
        no_reason=about if malformed and here == "void" else "",
        shift="" if shift is None else keyboard.when(shift["opened_at"]),
    )
