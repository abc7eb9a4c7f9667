"""The page of the treatment room's fees 治疗记账: what was done in a visit, posted by the nurse, paid at the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import people, posting, queue
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, naming, sheets, strips
from his.shell.frames import Page
from his.shell.glossary import Option, money

bp = Blueprint("treatment_fees", __name__, url_prefix="/treatment/fees")

_HERE = ("checked_in", "called", "missed", "in_consult", "completed")
"""Visits of people who have come: something may have been done."""


@dataclass(frozen=True, kw_only=True)
class VisitRow:
    id: str
    queue_no: int
    name: str
    sex: str
    age: str
    doctor_name: str
    status: str
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Posted:
    """One charge of the visit."""

    id: str
    name: str
    quantity: int
    price: str
    amount: str
    status: str
    version: int
    may_void: bool
    no_reason: bool
    """Whether it was to be voided without a reason."""


@dataclass(frozen=True, kw_only=True)
class FeesView:
    rows: Sequence[VisitRow]
    chosen: str
    charges: Sequence[Posted]
    services: Sequence[Option]
    wrong: bool
    """Whether service or quantity of the form were refused."""


@bp.get("", endpoint="fees")
def show() -> Response:
    """Show the department's visits, and what was posted for the one picked."""
    return _draw(request.args.get("encounter", ""))


@bp.post("/<encounter>")
def post(encounter: str) -> Response:
    """Post a service for the visit."""
    fields = {"item": request.form.get("item", ""), "quantity": people.normalised(request.form.get("quantity", ""))}
    return doing.do(
        "charge_item.post",
        lambda: keyboard.perform(posting.post, encounter=encounter, **fields),
        then=lambda _: url_for(".fees", encounter=encounter),
        again=lambda refused: _draw(encounter, refused),
    )


@bp.post("/charges/<key>/void")
def void(key: str) -> Response:
    """Take back what one has posted."""
    with keyboard.looking() as act:
        encounter = act.fetch("charge_item", key)["encounter"] or ""
    fields = {"reason": request.form.get("reason", "").strip(), "version": doing.version()}
    return doing.do(
        "charge_item.void",
        lambda: keyboard.perform(posting.void, charge_item=key, **fields),
        then=lambda _: url_for(".fees", encounter=encounter),
        again=lambda refused: _draw(encounter, refused, about=key),
    )


def view_queue(act: Acting) -> None:
    """Note that somebody looks who may have been treated."""
    act.record("queue.view", data={"desk": "treatment"})


def _draw(encounter: str, refusal: Refused | None = None, about: str = "") -> Response:
    if refusal is None:
        keyboard.perform(view_queue)
    malformed = refusal is not None and refusal.code == "E-GEN-06"
    with keyboard.looking() as act:
        visits = [each for each in queue.today(act, dept=act.who.dept) if each["status"] in _HERE]
        chosen = next((each for each in visits if each["encounter"] == encounter), None)
        view = FeesView(
            rows=[_row(act, each, encounter) for each in visits],
            chosen=encounter if chosen else "",
            charges=[_posted(act, each, about if malformed else "") for each in _charges(act, chosen)],
            services=sheets.services(act) if chosen else (),
            wrong=malformed and not about,
        )
        strip = strips.of(act, chosen["patient"], act.fetch("encounter", encounter)) if chosen else None
    return frames.show(
        Page(
            template="treatment/fees.html",
            title="desk.treatment",
            tab="fees",
            view=view,
            strip=strip,
            keys=("F9=post_service",) if chosen else (),
            here=url_for(".fees", encounter=encounter) if refusal else "",
            refusal=refusal,
        )
    )


def _charges(act: Acting, visit: Record | None) -> list[Record]:
    """Return what was posted for the visit by itself: tickets, drugs and requests have their own desks."""
    if visit is None:
        return []
    return act.rows(
        f'SELECT * FROM "charge_item" WHERE "encounter" = ? AND {posting.ALONE} ORDER BY LENGTH("id"), "id"',  # noqa: S608
        visit["encounter"],
    )


def _row(act: Acting, visit: Record, encounter: str) -> VisitRow:
    return VisitRow(
        **naming.person(act, visit),
        id=visit["encounter"],
        queue_no=visit["queue_no"],
        doctor_name=visit["doctor_name"] or "",
        status=visit["status"],
        href=url_for(".fees", encounter=visit["encounter"]),
        chosen=visit["encounter"] == encounter,
    )


def _posted(act: Acting, item: Record, no_reason: str) -> Posted:
    return Posted(
        id=item["id"],
        name=keyboard.glossary().name("fee_items", item["item"]),
        quantity=item["quantity"],
        price=money(item["price"]),
        amount=money(item["amount"]),
        status=item["status"],
        version=item["version"],
        may_void=item["status"] == "billable" and item["created_by"] == act.who.staff,
        no_reason=item["id"] == no_reason,
    )
