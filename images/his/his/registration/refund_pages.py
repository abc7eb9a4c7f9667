"""Giving visits back 退号: today's paid visits on the left, the chosen one with its form on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import billing, people
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.registration import operations, refunding, views
from his.shell import doing, frames, keyboard, seconds, strips
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("registration_refund", __name__, url_prefix="/registration/refunds")


@dataclass(frozen=True, kw_only=True)
class RefundView:
    query: str
    rows: Sequence[views.Visit]
    chosen: views.Visit | None
    channel: str
    """How the fee was paid: that way it goes back."""
    limit: str
    """Wording key of the time until which the level may be given back."""
    red: str
    """Number of the red invoice that was written just now."""
    slip: str
    """Its id: what the refund slip is named by."""
    reasons: Sequence[Option]
    seconds: Sequence[Option]
    wrong: str
    """Code of the refusal, so that the fields it is about are marked."""


@bp.get("", endpoint="refunds")
def list_visits() -> Response:
    """Show today's paid visits."""
    return _draw(request.args.get("registration", ""))


@bp.post("/<key>")
def refund(key: str) -> Response:
    """Give one visit back."""
    fields = {"reason": request.form.get("reason") or None, "version": doing.version(), **seconds.given()}
    query = request.form.get("q", "").strip()
    return doing.do(
        "registration.refund",
        lambda: keyboard.perform(refunding.refund, registration=key, **fields),
        then=lambda red: url_for(".refunds", q=query or None, registration=key, red=red),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str, refusal: Refused | None = None) -> Response:
    query = people.normalised(request.values.get("q", ""))
    found = keyboard.perform(operations.view_queue, desk="refund")
    with keyboard.looking() as act:
        rows = [each for each in found if each["paid_at"] is not None and each["status"] != "expired"]
        shown = [views.visit(act, each) for each in rows if each["id"] == key or _fits(each, query)]
        chosen = next((each for each in shown if each.id == key), None)
        view = RefundView(
            query=query,
            rows=shown,
            chosen=chosen,
            **_facts(act, key if chosen else ""),
            red=_number(act, request.args.get("red", "")),
            slip=request.args.get("red", ""),
            reasons=keyboard.glossary().options("refund_reason"),
            seconds=seconds.choices(act),
            wrong="" if refusal is None else refusal.code,
        )
        strip = strips.of(act, chosen.patient) if chosen else None
    page = Page(
        template="registration/refunds.html",
        title="desk.registration",
        tab="refund",
        view=view,
        strip=strip,
        keys=("F3=find_visit", *(("F8=print",) if view.red else ()), *(("F9=refund",) if chosen else ())),
        here=url_for(".refunds", q=query or None, registration=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _fits(row: Record, query: str) -> bool:
    return not query or query in row["name"] or query == row["mrn"]


def _facts(act: Acting, key: str) -> dict[str, str]:
    if not key:
        return {"channel": "", "limit": ""}
    record = act.fetch("registration", key)
    channel, _ = billing.payment_of(act, record)
    level = act.one('SELECT "refund_until" FROM "registration_levels" WHERE "code" = ?', record["level"]) or {}
    limit = "refund.day_before" if level.get("refund_until") == refunding.DAY_BEFORE else "refund.consult_start"
    return {"channel": keyboard.glossary().name("pay_channel", channel), "limit": limit}


def _number(act: Acting, invoice: str) -> str:
    found = act.one('SELECT "number" FROM "invoice" WHERE "id" = ?', invoice)
    return "" if found is None else str(found["number"])
