"""Pages of the cashier's desk: find the payer, collect, receipt."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.cashier import operations, views
from his.chart import people
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, strips
from his.shell.desks import Desk, Tab
from his.shell.frames import Page

bp = Blueprint("cashier", __name__, url_prefix="/cashier", template_folder="templates")

_NOT_AT_THE_WINDOW = ("INS", "ACC", "DEP")
"""Channels of settlements that this desk does not offer yet."""


def _waiting(act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "prescription" WHERE "status" = \'reviewed\'')
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="cashier",
    blueprints=(bp,),
    folder=Path(__file__).parent,
    tabs=(Tab(name="charge", endpoint="cashier.desk", key=1, roles=frozenset({"CAS"}), waiting=_waiting),),
)


@bp.get("/")
def desk() -> Response:
    """Show who waits for paying and what the chosen patient owes."""
    return _desk(request.args.get("patient", ""))


@bp.post("/prescriptions/<key>/charge")
def charge(key: str) -> Response:
    """Take the money for a prescription."""
    given = request.form.get("version", "")
    fields = {
        "channel": request.form.get("channel", "CASH"),
        "tendered": people.normalised(request.form.get("tendered", "")) or None,
        "version": int(given) if given.isdecimal() else None,
    }
    with keyboard.looking() as act:
        patient = str(act.fetch("prescription", key)["patient"])
    return doing.do(
        "prescription.charge",
        lambda: keyboard.perform(operations.charge, prescription=key, **fields),
        then=lambda invoice: url_for(".desk", patient=patient, invoice=invoice),
        again=lambda refused: _desk(patient, refused),
    )


@bp.get("/invoices/<key>")
def invoice(key: str) -> Response:
    """Show a receipt on paper."""
    with keyboard.looking() as act:
        record = act.fetch("invoice", key)
        shown = views.invoice(act, record)
        strip = strips.of(act, record["patient"])
        view = views.InvoiceView(
            document=f"invoice:{key}",
            patient=record["patient"],
            back=url_for(".desk", patient=record["patient"]),
            head=(
                ("invoice.number", shown.number),
                ("patient.name", strip.name),
                ("patient.mrn", strip.mrn),
                ("patient.insurance", strip.insurance),
            ),
            items=views.items_of_invoice(act, key),
            total=shown.total,
            foot=(("invoice.channel", shown.channel), ("invoice.by", shown.by), ("invoice.at", shown.at)),
        )
    page = Page(template="cashier/invoice.html", title="slip.invoice", tab="charge", view=view, keys=("F8=print",))
    return frames.show(page)


def _desk(patient: str, refusal: Refused | None = None) -> Response:
    query = request.args.get("q", "")
    found = keyboard.perform(operations.find_patient, query=query) if people.normalised(query) else []
    address = url_for(".desk")
    with keyboard.looking() as act:
        waiting = views.waiting(act, address=address)
        items, total = views.items(act, patient) if patient else ([], "0.00")
        invoices = [views.invoice(act, each) for each in operations.invoices(act, patient)] if patient else []
        view = views.DeskView(
            query=query,
            hits=[views.hit(each, address=address, query=query) for each in found],
            waiting=waiting,
            patient=patient,
            items=items,
            total=total,
            payable=[each for each in waiting if each.patient == patient],
            not_reviewed=views.not_reviewed(act, patient),
            channels=[
                each for each in keyboard.glossary().options("pay_channel") if each.value not in _NOT_AT_THE_WINDOW
            ],
            invoices=invoices,
            invoice=next((each for each in invoices if each.id == request.args.get("invoice")), None),
            short=refusal is not None and refusal.code == "E-GEN-06",
        )
        strip = strips.of(act, patient) if patient else None
    page = Page(
        template="cashier/desk.html",
        title="desk.cashier",
        tab="charge",
        view=view,
        strip=strip,
        keys=("F3=search", "F8=print", "F9=collect"),
        here=url_for(".desk", patient=patient) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)
