"""An invoice on paper: red-letter and reprinted ones say so; what was printed once is printed again by two people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.cashier import capitals, invoicing, views
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, seconds, strips
from his.shell.frames import Page
from his.shell.glossary import Option, money

bp = Blueprint("cashier_invoices", __name__, url_prefix="/cashier/invoices")


@dataclass(frozen=True, kw_only=True)
class InvoiceView:
    document: str
    patient: str
    back: str
    id: str
    version: int
    kind: str
    """plain, red or reversed."""
    linked: Sequence[tuple[str, str]]
    """Wording key and number of the invoices this one belongs to."""
    head: Sequence[tuple[str, str]]
    items: Sequence[views.Item]
    total: str
    capitals: str
    foot: Sequence[tuple[str, str]]
    reprints: int
    printed: bool
    print_now: bool
    seconds: Sequence[Option]
    wrong: str


@bp.get("/<key>", endpoint="invoice")
def show(key: str) -> Response:
    """Show an invoice on paper."""
    return _draw(key)


@bp.post("/<key>/reprint")
def reprint(key: str) -> Response:
    """Print an invoice again; the page prints itself when it comes back."""
    fields = {"version": doing.version(), **seconds.given()}
    return doing.do(
        "invoice.reprint",
        lambda: keyboard.perform(invoicing.reprint, invoice=key, **fields),
        then=lambda _: url_for(".invoice", key=key),
        again=lambda refused: _draw(key, refused),
    )


def lines(act: Acting, record: Record) -> list[views.Item]:
    """Return the lines of an invoice: of a red-letter one those of the invoice it reverses, with a minus.

    Lines that a later invoice carries on stand in the journal: a change names the invoice before it.
    """
    original = record["reverses"] or record["id"]
    rows = act.rows(
        'SELECT c.*, COALESCE(d."insurance_class", f."insurance_class") AS insurance_class, p."rx_no" '
        'FROM "charge_item" c LEFT JOIN "drugs" d ON d."drug_code" = c."item" '
        'LEFT JOIN "fee_items" f ON f."fee_code" = c."item" LEFT JOIN "prescription" p ON p."id" = c."prescription" '
        'WHERE c."patient" = ? AND (c."invoice" = ? OR c."id" IN (SELECT json_extract(h."value", \'$.id\') '
        'FROM "journal" j, json_each(j."changes") h WHERE j."patient" = c."patient" '
        "AND json_extract(h.\"value\", '$.table') = 'charge_item' "
        "AND json_extract(h.\"value\", '$.column') = 'invoice' "
        "AND ? IN (json_extract(h.\"value\", '$.before'), json_extract(h.\"value\", '$.after')))) "
        'ORDER BY LENGTH(c."id"), c."id"',
        record["patient"],
        original,
        original,
    )
    sign = -1 if record["reverses"] else 1
    return [
        views.item({**each, "quantity": sign * each["quantity"], "amount": str(sign * Decimal(each["amount"]))})
        for each in rows
    ]


def _draw(key: str, refusal: Refused | None = None) -> Response:
    if keyboard.who().role != "CAS":
        return frames.show(Page(template="shell/refused.html", title="slip.invoice", refusal=refusal))
    with keyboard.looking() as act:
        view = _view(act, act.fetch("invoice", key), refusal)
    page = Page(
        template="cashier/invoice.html",
        title="slip.invoice",
        tab="charge",
        view=view,
        keys=("F8=reprint" if view.printed else "F8=print",),
        here=url_for(".invoice", key=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _view(act: Acting, record: Record, refusal: Refused | None) -> InvoiceView:
    shown, strip = views.invoice(act, record), strips.of(act, record["patient"])
    change = views.change_of(record)
    cash = (("pay.received", money(record["tendered"])), ("pay.change", change)) if change else ()
    return InvoiceView(
        document=f"invoice:{record['id']}",
        patient=record["patient"],
        back=url_for("cashier.desk", patient=record["patient"]),
        id=record["id"],
        version=record["version"],
        kind="red" if shown.red else "reversed" if record["status"] == "reversed" else "plain",
        linked=_linked(act, record),
        head=(
            ("invoice.number", shown.number),
            ("patient.name", strip.name),
            ("patient.sex", strip.sex),
            ("patient.age", strip.age),
            ("patient.mrn", strip.mrn),
            ("patient.insurance", strip.insurance),
        ),
        items=lines(act, record),
        total=shown.total,
        capitals=capitals.of(Decimal(record["total"])),
        foot=(
            ("invoice.channel", shown.channel),
            *cash,
            ("invoice.by", shown.by),
            ("invoice.at", act.iso(record["issued_at"])[:16].replace("T", " ")),
        ),
        reprints=record["reprints"] or 0,
        printed=invoicing.was_printed(act, record["id"]),
        print_now=request.args.get("done") in ("print.document", "invoice.reprint"),
        seconds=seconds.choices(act),
        wrong="" if refusal is None else refusal.code,
    )


def _linked(act: Acting, record: Record) -> list[tuple[str, str]]:
    found = []
    if record["reverses"]:
        found.append(("invoice.reverses", act.fetch("invoice", record["reverses"])["number"]))
    red = act.one('SELECT "number" FROM "invoice" WHERE "reverses" = ?', record["id"])
    if red is not None:
        found.append(("invoice.reversed_by", red["number"]))
    return found
