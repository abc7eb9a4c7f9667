"""The refund slip 退费单: what went back of which invoice, why, and through whose hands; for charges and for visits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from his.cashier import capitals, refund_views, shift_views
from his.chart import permission
from his.chart.acting import Acting, Record
from his.chart.billing import Refund
from his.chart.refusing import Refused
from his.shell import frames, keyboard, strips
from his.shell.frames import Page
from his.shell.glossary import money

bp = Blueprint("refund_slips", __name__, url_prefix="/refund-slips")


@dataclass(frozen=True, kw_only=True)
class SlipView:
    document: str
    patient: str
    back: str
    head: Sequence[tuple[str, str]]
    lines: Sequence[refund_views.Line]
    total: str
    capitals: str
    reason: str
    hands: Sequence[tuple[str, str, str]]
    """Wording key of each step, who took it, when."""
    channel: str


@bp.get("/<key>", endpoint="slip")
def show(key: str) -> Response:
    """Show the slip of a refund that was paid out, named by its red-letter invoice."""
    with keyboard.looking() as act:
        red = act.fetch("invoice", key)
        if Decimal(red["total"]) >= 0:
            raise Refused("E-GEN-06")
        if act.who.role != "CAS":
            permission.require_own(act, red)
        view = _view(act, red)
    page = Page(template="cashier/refund_slip.html", title="slip.refund", tab="refunds", view=view, keys=("F8=print",))
    return frames.show(page)


def _view(act: Acting, red: Record) -> SlipView:
    strip, items = strips.of(act, red["patient"]), _items(act, red)
    refunds = [Refund(item=each, quantity=each["refund_qty"] or each["quantity"]) for each in items]
    deed = _deed(act, red)
    total = sum((each.amount for each in refunds), Decimal(0)) if refunds else -Decimal(red["total"])
    original = None if red["reverses"] is None else act.fetch("invoice", red["reverses"])
    glossary = keyboard.glossary()
    visit = bool(items and items[0]["registration"])
    return SlipView(
        document=f"refund_slip:{red['id']}",
        patient=red["patient"],
        back=url_for("registration_refund.refunds") if visit else url_for("refunds.refunds"),
        head=(
            ("slip.red_number", red["number"]),
            ("chain.invoice", "" if original is None else original["number"]),
            ("patient.name", strip.name),
            ("patient.sex", strip.sex),
            ("patient.age", strip.age),
            ("patient.mrn", strip.mrn),
        ),
        lines=[refund_views.line(each) for each in refunds],
        total=money(str(total)),
        capitals=capitals.of(total),
        reason=glossary.name("refund_reason", (items[0]["refund_reason"] if items else None) or deed.get("reason")),
        hands=_hands(act, red, items, deed),
        channel=glossary.name("pay_channel", red["channel"]),
    )


def _items(act: Acting, red: Record) -> list[Record]:
    """Return the charges that went back with a red-letter invoice: those of the invoice it reverses."""
    return act.rows(
        'SELECT * FROM "charge_item" WHERE "patient" = ? AND "status" = \'refunded\' AND "invoice" = ? '
        'ORDER BY LENGTH("id"), "id"',
        red["patient"],
        red["reverses"],
    )


def _deed(act: Acting, red: Record) -> Record:
    """Return what the journal keeps of the act that paid it out; nothing for one of the start data."""
    found = act.one(
        'SELECT d."data" FROM "journal" i JOIN "journal" d ON d."seq" = json_extract(i."data", \'$.cause\') '
        'WHERE i."action" = \'invoice.issue\' AND i."target" = ?',
        red["id"],
    )
    return {} if found is None else json.loads(found["data"])


def _hands(act: Acting, red: Record, items: Sequence[Record], deed: Record) -> list[tuple[str, str, str]]:
    hands = refund_views.chain(act, items[0]) if items and items[0]["applicant"] else []
    if not hands:
        hands = [("chain.executed", shift_views.staff(act, red["cashier"]), keyboard.when(red["issued_at"]))]
    second = _second(act, deed.get("second"))
    return [*hands, *((("second.who", second, ""),) if second else ())]


def _second(act: Acting, named: str | None) -> str:
    """Return the name of a second person as the journal names him: a seat, a staff number, or the colleague."""
    if named == "colleague":
        return keyboard.say("second.colleague")
    found = act.one(
        'SELECT s."name" FROM "staff" s LEFT JOIN "account" a ON a."staff" = s."id" '
        'WHERE a."seat" = ? OR s."staff_no" = ? LIMIT 1',
        named,
        named,
    )
    return "" if found is None else str(found["name"])
