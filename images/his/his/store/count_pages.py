"""The page of the count 盘点: a blind sheet for one row of shelves, what differs with its reason, the second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import typed
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard, seconds, sheets
from his.shell.frames import Page
from his.shell.glossary import Option
from his.store import counting, ledger, views

bp = Blueprint("store_count", __name__, url_prefix="/store/count")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One batch of the sheet with what was typed. The book shows only where it differs from the count."""

    batch: views.Batch
    last: str
    """When it was counted last."""
    counted: str = ""
    reason: str = ""
    note: str = ""
    gap: int | None = None


@dataclass(frozen=True, kw_only=True)
class CountView:
    rooms: Sequence[views.Room]
    shelves: Sequence[tuple[str, str, int, bool]]
    """Name, address, batches, chosen."""
    shelf: str
    shelf_name: str
    lines: Sequence[Line]
    reasons: Sequence[Option]
    seconds: Sequence[Option]
    wrong: str
    document: str = ""
    patient: str = ""
    back: str = ""


@bp.get("")
def sheet() -> Response:
    """Show the sheet of one row of shelves."""
    return _draw()


@bp.get("/print")
def paper() -> Response:
    """Show the blank sheet on paper: no book quantity stands on it."""
    shelf = request.args.get("shelf", "")
    view = replace(_view(shelf, None), document=f"count_sheet:{shelf}", back=url_for(".sheet", shelf=shelf or None))
    return frames.show(
        Page(template="store/count_sheet.html", title="count.title", tab="store", view=view, keys=("F8=print",))
    )


@bp.post("")
def count() -> Response:
    """Enter what was counted."""
    lines = _typed()
    return doing.do(
        ledger.ACTION,
        lambda: keyboard.perform(ledger.count, lines=lines, **seconds.given()),
        then=lambda _: url_for(".sheet", shelf=request.form.get("shelf") or None),
        again=_draw,
    )


def _draw(refusal: Refused | None = None) -> Response:
    shelf = request.values.get("shelf", "")
    if refusal is None:
        keyboard.perform(counting.view_shelf, shelf=shelf)
    view = _view(shelf, refusal)
    return frames.show(
        Page(
            template="store/count.html",
            title="desk.store",
            tab="store",
            view=view,
            keys=("F7=next_room", "F8=print", "F9=post_count") if view.lines else ("F7=next_room",),
            here=url_for(".sheet", shelf=shelf or None) if refusal else "",
            refusal=refusal,
        )
    )


def _view(shelf: str, refusal: Refused | None) -> CountView:
    given = {str(each["stock_batch"]): each for each in _all_typed()} if refusal else {}
    with keyboard.looking() as act:
        return CountView(
            rooms=views.rooms("count"),
            shelves=[
                (sheets.shelf(name), url_for(".sheet", shelf=name), n, name == shelf)
                for name, n in counting.shelves(act)
            ],
            shelf=shelf,
            shelf_name=sheets.shelf(shelf),
            lines=[_line(act, each, given.get(each["id"], {})) for each in counting.on_shelf(act, shelf)],
            reasons=keyboard.glossary().options("stock_reason"),
            seconds=seconds.choices(act),
            wrong="" if refusal is None else refusal.code,
        )


def _line(act: Acting, record: Record, given: dict[str, Any]) -> Line:
    found = typed.count(given.get("counted"))
    return Line(
        batch=views.batch(act, record),
        last=keyboard.when(counting.counted_at(act, record["id"])),
        counted=str(given.get("counted") or ""),
        reason=str(given.get("reason") or ""),
        note=str(given.get("note") or ""),
        gap=None if found is None or found == record["quantity"] else found - record["quantity"],
    )


def _typed() -> list[dict[str, Any]]:
    """Return the lines that were counted; those left empty were not."""
    return [each for each in _all_typed() if each["counted"].strip()]


def _all_typed() -> list[dict[str, Any]]:
    form = request.form
    columns = [form.getlist(name) for name in ("stock_batch", "version", "counted", "reason", "note")]
    names = ("stock_batch", "version", "counted", "reason", "note")
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=False)]
