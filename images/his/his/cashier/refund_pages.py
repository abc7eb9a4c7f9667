"""The refunds 退费: apply, approve or reject, pay out; each post sees what waits for it and does its own step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.cashier import asking, pages, refund_views, refunding
from his.chart import people, permission
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, seconds, strips
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("refunds", __name__, url_prefix="/refunds")

ROLES = frozenset({"CAS", "FIN", "HOD", "OPD", "PHA"})
_KEYS = {
    "CAS": ("F3=find_invoice", "F4=ask_colleague", "F6=refund_slip", "F8=print", "F9=refund_step"),
    "FIN": ("F4=reject_refund", "F9=approve_refund"),
    "HOD": ("F4=reject_refund", "F9=approve_refund"),
}


@dataclass(frozen=True, kw_only=True)
class RefundsView:
    role: str
    query: str
    rows: Sequence[refund_views.Row]
    chosen: refund_views.Case | None
    reasons: Sequence[Option]
    channels: Sequence[Option]
    channel: str
    seconds: Sequence[Option]
    red: str
    """Id of the red-letter invoice that was issued a moment ago."""
    deed: str
    """What was refused, so that its fields are marked."""
    wrong: str


@bp.get("", endpoint="refunds")
def list_refunds() -> Response:
    """Show the refunds that wait for this post, or what a search finds."""
    return _draw(request.args.get("item", ""))


@bp.post("/<key>/apply")
def apply(key: str) -> Response:
    """Apply for a refund."""
    fields = {"reason": request.form.get("reason") or None, "note": request.form.get("note", "")}
    return _do("charge_item.apply_refund", refunding.apply, key, charge_item=key, **fields)


@bp.post("/<key>/ask")
def ask(key: str) -> Response:
    """Ask the colleague who has to apply, or finance to approve."""
    fields = {"step": request.form.get("step", ""), "reason": request.form.get("reason") or None}
    with keyboard.looking() as act:
        act.fetch("charge_item", key)
    return doing.do(
        "colleague.ask",
        lambda: keyboard.perform(asking.ask, charge_item=key, **fields),
        then=lambda _: url_for(".refunds", item=key),
        again=lambda refused: _draw(key, refused, deed="colleague.ask"),
    )


@bp.post("/<key>/approve")
def approve(key: str) -> Response:
    """Approve an application."""
    return _do("charge_item.approve", refunding.approve, key, charge_item=key)


@bp.post("/<key>/reject")
def reject(key: str) -> Response:
    """Reject an application."""
    return _do("charge_item.reject", refunding.reject, key, charge_item=key, reason=request.form.get("reason", ""))


@bp.post("/<key>/refund")
def refund(key: str) -> Response:
    """Pay an approved refund back: of a charge posted at the window."""
    return _pay_out("charge_item.refund", refunding.refund_item, key, charge_item=key)


@bp.post("/<any(prescription, lab_request, imaging_request):entity>/<key>/refund")
def refund_whole(entity: str, key: str) -> Response:
    """Pay back what came back of a prescription, or a request that was not carried out."""
    deed = f"{entity}.refund"
    return _pay_out(deed, refunding.ACTIONS[deed], request.form.get("item", ""), **{entity: key})


def _pay_out(deed: str, operation: Callable[..., Any], item: str, **about: str) -> Response:
    fields = {"channel": request.form.get("channel") or None, **seconds.given()}
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, version=version, **about, **fields),
        then=lambda red: url_for(".refunds", item=item or None, red=red),
        again=lambda refused: _draw(item, refused, deed=deed),
    )


def _do(deed: str, operation: Callable[..., Any], item: str, **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, version=version, **fields),
        then=lambda _: url_for(".refunds", item=item),
        again=lambda refused: _draw(item, refused, deed=deed),
    )


def view_refunds(act: Acting) -> list[Record]:
    """Show the refunds that wait for the acting person's post."""
    act.attempt("queue.view", data={"desk": "refunds"})
    act.record("queue.view", data={"desk": "refunds"})
    return refund_views.waiting(act)


def _draw(key: str, refusal: Refused | None = None, deed: str = "") -> Response:
    if keyboard.who().role not in ROLES:
        return frames.show(Page(template="shell/refused.html", title="desk.refunds", refusal=refusal))
    query = request.values.get("q", "").strip() if keyboard.who().role == "CAS" else ""
    waiting = keyboard.perform(view_refunds)
    people_found = refund_views.people_of(query)
    with keyboard.looking() as act:
        found = refund_views.found_by(act, query, people_found) if people.normalised(query) else waiting
        chosen = _chosen(act, key or (str(found[0]["id"]) if query and len(found) == 1 else ""), found)
        view = RefundsView(
            role=keyboard.who().role,
            query=query,
            rows=refund_views.rows(
                act,
                found,
                hrefs={each["id"]: url_for(".refunds", item=each["id"], q=query or None) for each in found},
                key="" if chosen is None else chosen["id"],
            ),
            chosen=None if chosen is None else refund_views.case(act, chosen),
            reasons=keyboard.glossary().options("refund_reason"),
            channels=[
                each for each in keyboard.glossary().options("pay_channel") if each.value not in pages.NOT_AT_THE_WINDOW
            ],
            channel="" if chosen is None else chosen["channel"] or "",
            seconds=seconds.choices(act),
            red=request.args.get("red", ""),
            deed=deed,
            wrong="" if refusal is None else refusal.code,
        )
        strip = None if chosen is None else strips.of(act, chosen["patient"])
    page = Page(
        template="cashier/refunds.html",
        title="desk.refunds",
        tab="refunds",
        view=view,
        strip=strip,
        keys=_KEYS.get(keyboard.who().role, ("F9=apply_refund",)),
        here=url_for(".refunds", item=key or None) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _chosen(act: Acting, key: str, found: Sequence[Record]) -> Record | None:
    """Return the refund that is looked at: any of the list; the cashier may come from an invoice."""
    listed = next((each for each in found if each["id"] == key), None)
    if listed is not None or not key:
        return listed
    wanted = refund_views.lead(act, key)
    if wanted is None or not _may_see(act, wanted):
        return None
    return next((each for each in found if each["prescription"] == wanted["prescription"] is not None), wanted)


def _may_see(act: Acting, item: Record) -> bool:
    """Say whether a charge outside the list may be looked at: one's own application, or anything at the window."""
    return permission.scope(act, "charge.refund_exec") != permission.NEVER or act.who.staff in (
        item["applicant"],
        item["approver"],
    )
