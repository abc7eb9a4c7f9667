"""The ledger 台账: the batches of a drug, what moved them; packs to the pharmacy 调拨, a wrong count undone 冲销."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import stock
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, naming, seconds
from his.shell.frames import Page
from his.shell.glossary import Option
from his.store import ledger, views

bp = Blueprint("store_ledger", __name__, url_prefix="/store/ledger")


@dataclass(frozen=True, kw_only=True)
class Moved:
    id: str
    at: str
    type: str
    quantity: str
    left: int
    """What the book held afterwards."""
    by: str
    second: str
    why: str
    mark: str
    """Wording key of what became of it; '' = nothing."""
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class LedgerView:
    rooms: Sequence[views.Room]
    query: str
    unknown: bool
    drug: str
    prices: Sequence[tuple[str, str, str]]
    """The drug's last notices of its price: wording key of what became of it, number, moment and price."""
    rows: Sequence[views.Batch]
    chosen: views.Batch | None
    moved: Sequence[Moved]
    movement: Moved | None
    """The movement picked in the list, if it may be reversed."""
    sends: bool
    """Whether the batch lies in the store and may go to the pharmacy."""
    reasons: Sequence[Option]
    seconds: Sequence[Option]
    wrong: str


@bp.get("", endpoint="ledger")
def show() -> Response:
    """Show the batches of a drug and what moved the chosen one."""
    return _draw()


@bp.post("/<key>/transfer")
def transfer(key: str) -> Response:
    """Send packs to the pharmacy."""
    fields = {"quantity": request.form.get("quantity", ""), "version": doing.version()}
    return _do(key, ledger.transfer, stock_batch=key, **fields)


@bp.post("/<key>/reverse/<movement>")
def reverse(key: str, movement: str) -> Response:
    """Undo a count."""
    fields = {"reason": request.form.get("reason") or None, "note": request.form.get("note", "")}
    return _do(key, ledger.reverse, movement=movement, **fields, **seconds.given())


def _do(key: str, operation: Callable[..., Any], **fields: Any) -> Response:
    query = request.form.get("q", "").strip()
    return doing.do(
        ledger.ACTION,
        lambda: keyboard.perform(operation, **fields),
        then=lambda _: url_for(".ledger", q=query or None, batch=key),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("batch", "")
    asked = naming.asked_drug(request.values.get("q", "").strip())
    query = asked.query
    rows = [] if asked.code is None else _look(asked.code, refusal)
    with keyboard.looking() as act:
        chosen = next((each for each in rows if each["id"] == key), None)
        moved = [] if chosen is None else _moved(act, chosen, query)
        view = LedgerView(
            rooms=views.rooms("ledger"),
            query=query,
            unknown=asked.unknown,
            drug=asked.name,
            prices=[] if asked.code is None else views.notices(act, asked.code),
            rows=[views.batch(act, each, href=_href(query, each["id"]), chosen=each is chosen) for each in rows],
            chosen=None if chosen is None else views.batch(act, chosen),
            moved=moved,
            movement=next((each for each in moved if each.chosen), None),
            sends=chosen is not None and chosen["place"] == stock.STORE and not stock.is_unusable(act, chosen),
            reasons=keyboard.glossary().options("stock_reason"),
            seconds=seconds.choices(act),
            wrong="" if refusal is None else refusal.code,
        )
    return frames.show(
        Page(
            template="store/ledger.html",
            title="desk.store",
            tab="store",
            view=view,
            keys=("F3=find_drug", "F7=next_room", "F9=confirm")
            if view.sends or view.movement
            else ("F3=find_drug", "F7=next_room"),
            here=_href(query, key) if refusal else "",
            refusal=refusal,
        )
    )


def _look(drug: str, refusal: Refused | None) -> list[Record]:
    """Return the batches of a drug; looking is journaled, drawing a refused form again is no second look."""
    if refusal is None:
        return keyboard.perform(view_drug, drug=drug)
    with keyboard.looking() as act:
        return stock.everywhere(act, drug)


def view_drug(act: Acting, *, drug: str) -> list[Record]:
    """Show the batches of a drug in pharmacy and store."""
    act.record("stock.view", data={"drug": drug})
    return stock.everywhere(act, drug)


def _href(query: str, batch: str, movement: str | None = None) -> str:
    return url_for(".ledger", q=query or None, batch=batch or None, movement=movement)


def _moved(act: Acting, batch: Record, query: str) -> list[Moved]:
    glossary = keyboard.glossary()
    picked = (request.view_args or {}).get("movement") or request.args.get("movement", "")
    left = batch["quantity"]
    found = []
    for each in ledger.movements(act, batch["id"]):
        open_count = ledger.is_reversible(act, each)
        mark = "ledger.undone" if each["undone"] else "ledger.undoes" if each["reversal_of"] else ""
        found.append(
            Moved(
                id=each["id"],
                at=keyboard.when(each["posted_at"]),
                type=glossary.name("stock_move", each["type"]),
                quantity=f"{each['quantity']:+d}",
                left=left,
                by=views.staff(act, each["posted_by"]),
                second=views.staff(act, each["second"]),
                why=" ".join(filter(None, (glossary.name("stock_reason", each["reason"]), each["note"]))),
                mark=mark,
                href=_href(query, batch["id"], each["id"]) if open_count else "",
                chosen=open_count and each["id"] == picked,
            )
        )
        left -= each["quantity"]
    return found
