"""The page of goods 入库验收: a delivery note is entered, packs are read off and accepted or rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from his.chart import dictionary, typed
from his.chart.refusing import Refused
from his.hospital_time import DAY_S
from his.shell import doing, frames, keyboard, seconds
from his.shell.frames import Page
from his.shell.glossary import Option
from his.store import receiving, views

bp = Blueprint("store_goods", __name__, url_prefix="/store")

_NOTE = ("drug", "batch_no", "expiry", "quantity", "supplier", "delivery_no", "cost")


@dataclass(frozen=True, kw_only=True)
class GoodsView:
    rooms: Sequence[views.Room]
    waiting: Sequence[views.Batch]
    settled: Sequence[views.Batch]
    chosen: views.Batch | None
    mine: bool
    """Whether the person at the keyboard took the chosen goods in: another one has to accept them."""
    note: Mapping[str, str]
    """The delivery note as typed so far; drug_text names the drug."""
    problems: Mapping[str, bool]
    seconds: Sequence[Option]
    reasons: Sequence[Option]
    ticked: frozenset[str]
    wrong: str
    least_days: int


@bp.get("")
def goods() -> Response:
    """Show the goods that wait, and the form for a delivery note."""
    return _draw()


@bp.get("/_drugs")
def drugs() -> str:
    """Answer a short code with the drugs it may mean."""
    with keyboard.looking() as act:
        rows = views.candidates(dictionary.find_drugs(act, request.args.get("q", "")))
    return render_template("store/_drugs.html", rows=rows)


@bp.post("/receive")
def receive() -> Response:
    """Take goods in as the delivery note says."""
    fields = {name: request.form.get(name, "").strip() for name in _NOTE}
    return doing.do(
        "stock_batch.receive",
        lambda: keyboard.perform(receiving.receive, **{**fields, "drug": fields["drug"] or None}),
        then=lambda key: url_for(".goods", batch=key),
        again=lambda refused: _draw(refusal=refused),
    )


@bp.post("/<key>/accept")
def accept(key: str) -> Response:
    """Accept goods that were read and counted."""
    form = request.form
    fields = {name: form.get(name, "").strip() for name in ("batch_no", "expiry", "quantity")}
    ticks = {name: name in form for name in ("licence", "cold_log")}
    return _do("stock_batch.accept", receiving.accept, key, **fields, **ticks, **seconds.given())


@bp.post("/<key>/reject")
def reject(key: str) -> Response:
    """Send goods back."""
    fields = {"reason": request.form.get("reason") or None, "note": request.form.get("note", "")}
    return _do("stock_batch.reject", receiving.reject, key, **fields)


def _do(deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, stock_batch=key, version=version, **fields),
        then=lambda _: url_for(".goods"),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("batch", "")
    entering = refusal is not None and request.path.endswith("/receive")
    form = request.form if entering else MultiDict[str, str]()
    with keyboard.looking() as act:
        waiting = receiving.awaited(act)
        chosen = next((each for each in waiting if each["id"] == key), None)
        view = GoodsView(
            rooms=views.rooms("goods"),
            waiting=[
                views.batch(act, each, href=url_for(".goods", batch=each["id"]), chosen=each["id"] == key)
                for each in waiting
            ],
            settled=[views.batch(act, each) for each in receiving.settled_today(act, act.today * DAY_S)],
            chosen=None if chosen is None else views.batch(act, chosen),
            mine=chosen is not None and chosen["received_by"] == act.who.staff,
            note={name: form.get(name, "") for name in (*_NOTE, "drug_text")},
            problems={name: entering and not typed.text(form.get(name)) for name in _NOTE},
            seconds=seconds.choices(act),
            reasons=keyboard.glossary().options("receive_refusal"),
            ticked=frozenset(name for name in ("licence", "cold_log") if name in request.form),
            wrong="" if refusal is None else refusal.code,
            least_days=dictionary.limit(act, "receive_min_days"),
        )
    return frames.show(
        Page(
            template="store/goods.html",
            title="desk.store",
            tab="store",
            view=view,
            keys=("F7=next_room", "F4=reject_goods", "F9=accept_goods") if chosen else ("F7=next_room", "F9=receive"),
            here=url_for(".goods", batch=key or None) if refusal else "",
            refusal=refusal,
        )
    )
