"""The shelves 药库: batches near their expiry, expired or locked; those of one drug; lock, release, scrap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.pharmacy import shelves
from his.shell import doing, frames, keyboard, naming, seconds, sheets
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("pharmacy_shelves", __name__, url_prefix="/pharmacy/shelves")

_TONES = {"available": "good", "near_expiry": "warned"}


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    id: str
    href: str
    drug: str
    batch_no: str
    expiry: str
    days: int
    """Days until it expires; negative: days since."""
    quantity: int
    free: int
    location: str
    status: str
    tone: str
    version: int
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class ShelvesView:
    query: str
    unknown: bool
    drug: str
    near_days: int
    """Near expiry begins so many days before."""
    rows: Sequence[BatchRow]
    chosen: BatchRow | None
    gone: bool
    lock_reasons: Sequence[Option]
    scrap_reasons: Sequence[Option]
    seconds: Sequence[Option]
    wrong: str
    """Code of the refusal, so that the fields it is about are marked."""


@bp.get("", endpoint="shelves")
def list_batches() -> Response:
    """Show the batches that need care, or all of one drug."""
    return _draw()


@bp.post("/<key>/quarantine")
def quarantine(key: str) -> Response:
    """Lock a batch."""
    fields = {"reason": request.form.get("reason") or None, "note": request.form.get("note", "").strip()}
    return _do("stock_batch.quarantine", shelves.quarantine, key, **fields)


@bp.post("/<key>/release")
def release(key: str) -> Response:
    """Let a locked batch be used again."""
    reason = request.form.get("basis", "").strip()
    return _do("stock_batch.release", shelves.release, key, reason=reason, **seconds.given())


@bp.post("/<key>/scrap")
def scrap(key: str) -> Response:
    """Take a batch out of the books."""
    fields = {"reason": request.form.get("reason") or None, "quantity": request.form.get("quantity", "").strip()}
    return _do("stock_batch.scrap", shelves.scrap, key, **fields, **seconds.given())


def _do(deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    version = doing.version()
    query = request.form.get("q", "").strip()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, stock_batch=key, version=version, **fields),
        then=lambda _: url_for(".shelves", q=query or None, batch=key),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("batch", "")
    asked = naming.asked_drug(request.values.get("q", "").strip())
    query = asked.query
    rows = keyboard.perform(shelves.view_stock, drug=asked.code)
    with keyboard.looking() as act:
        shown = [_row(act, each, query, key) for each in rows]
        view = ShelvesView(
            query=query,
            unknown=asked.unknown,
            drug=asked.name,
            near_days=dictionary.limit(act, "near_expiry_days"),
            rows=shown,
            chosen=next((each for each in shown if each.chosen), None),
            gone=bool(key) and not any(each.chosen for each in shown),
            lock_reasons=keyboard.glossary().options("quarantine_reason"),
            scrap_reasons=keyboard.glossary().options("scrap_reason"),
            seconds=seconds.choices(act),
            wrong="" if refusal is None else refusal.code,
        )
    return frames.show(
        Page(
            template="pharmacy/shelves.html",
            title="desk.pharmacy",
            tab="shelves",
            view=view,
            keys=("F3=find_drug", "F9=confirm") if _has_one_way(view.chosen) else ("F3=find_drug",),
            here=url_for(".shelves", q=query or None, batch=key) if refusal else "",
            refusal=refusal,
        )
    )


def _has_one_way(chosen: BatchRow | None) -> bool:
    """Say whether one deed is meant by the key: a locked batch may be scrapped or released, so that none is."""
    return chosen is not None and chosen.status != "quarantined"


def _row(act: Acting, batch: Record, query: str, key: str) -> BatchRow:
    return BatchRow(
        id=batch["id"],
        href=url_for(".shelves", q=query or None, batch=batch["id"]),
        drug=keyboard.glossary().name("drugs", batch["drug"]),
        batch_no=batch["batch_no"],
        expiry=(act.binding.anchor + timedelta(days=batch["expiry"])).isoformat(),
        days=batch["expiry"] - act.today,
        quantity=batch["quantity"],
        free=batch["free"],
        location=sheets.shelf(batch["location"]),
        status=batch["status"],
        tone=_TONES.get(batch["status"], "bad"),
        version=batch["version"],
        chosen=batch["id"] == key,
    )
