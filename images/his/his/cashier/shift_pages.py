"""One's own shift: open it, see what was taken, count the cash, close it, print the sheet."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from his.cashier import shift_views, shifts
from his.chart import billing, people, permission
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard
from his.shell.frames import Page

_COUNT = re.compile(r"[0-9]{1,5}")
_ROLES = frozenset({"CAS", "REG"})

bp = Blueprint("cashier_shift", __name__, url_prefix="/shift")


@dataclass(frozen=True, kw_only=True)
class Face:
    """A note or coin, and how many of it were typed in."""

    value: str
    label: str
    typed: str


@dataclass(frozen=True, kw_only=True)
class ShiftView:
    rows: Sequence[shift_views.Row]
    chosen: shift_views.Shift | None
    may_open: bool
    faces: Sequence[Face]
    wrong: str


@dataclass(frozen=True, kw_only=True)
class SheetView:
    document: str
    patient: str
    back: str
    shift: shift_views.Shift


@bp.get("", endpoint="shift")
def own() -> Response:
    """Show one's own shift."""
    return _draw(request.args.get("shift", ""))


@bp.post("/open")
def open_shift() -> Response:
    """Begin a shift."""
    return doing.do(
        "cashier_shift.open",
        lambda: keyboard.perform(shifts.open_shift),
        then=lambda key: url_for(".shift", shift=key),
        again=lambda refused: _draw("", refused),
    )


@bp.post("/<key>/close")
def close(key: str) -> Response:
    """Close a shift with the cash as counted."""
    fields = {"counted": counted(request.form), "note": request.form.get("note", ""), "version": doing.version()}
    return doing.do(
        "cashier_shift.close",
        lambda: keyboard.perform(shifts.close, cashier_shift=key, **fields),
        then=lambda _: url_for(".shift", shift=key),
        again=lambda refused: _draw(key, refused),
    )


@bp.get("/<key>/sheet")
def sheet(key: str) -> Response:
    """Show a shift's sheet 日结单 on paper."""
    with keyboard.looking() as act:
        record = act.fetch("cashier_shift", key)
        permission.require_own(act, record)
        view = SheetView(
            document=f"shift:{key}",
            patient="",
            back=url_for(".shift", shift=key),
            shift=shift_views.shift(act, record),
        )
    page = Page(template="cashier/shift_sheet.html", title="slip.shift", tab="shift", view=view, keys=("F8=print",))
    return frames.show(page)


def counted(form: MultiDict[str, str]) -> str:
    """Return the cash as typed; where only notes and coins were counted, their sum.

    What is no whole number of notes leaves nothing: the hospital asks for the count again.
    """
    typed = people.normalised(form.get("counted", ""))
    if typed:
        return typed
    pieces = [(value, people.normalised(form.get(f"face-{value}", ""))) for value in form.getlist("faces")]
    found = [(value, count) for value, count in pieces if count]
    known = {each.value for each in keyboard.glossary().options("cash_face")}
    if not found or any(value not in known or not _COUNT.fullmatch(count) for value, count in found):
        return ""
    return billing.money(sum((Decimal(value) * int(count) for value, count in found), Decimal(0)))


def _draw(key: str, refusal: Refused | None = None) -> Response:
    if keyboard.who().role not in _ROLES:
        return frames.show(Page(template="shell/refused.html", title="desk.shift", refusal=refusal))
    rows = keyboard.perform(shifts.view_own)
    with keyboard.looking() as act:
        key = key or (rows[0]["id"] if rows else "")
        chosen = next((each for each in rows if each["id"] == key), None)
        view = ShiftView(
            rows=[
                shift_views.row(act, each, href=url_for(".shift", shift=each["id"]), chosen=each["id"] == key)
                for each in rows
            ],
            chosen=None if chosen is None else shift_views.shift(act, chosen),
            may_open=all(each["status"] != "open" for each in rows),
            faces=_faces(request.form),
            wrong="" if refusal is None else refusal.code,
        )
    is_open = chosen is not None and chosen["status"] == "open"
    page = Page(
        template="cashier/shift.html",
        title="desk.shift",
        tab="shift",
        view=view,
        keys=("F9=close_shift",) if is_open else ("F8=print", "F9=open_shift") if view.may_open else ("F8=print",),
        here=url_for(".shift", shift=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _faces(typed: Mapping[str, str]) -> list[Face]:
    """Return notes and coins, the largest first."""
    faces = sorted(keyboard.glossary().options("cash_face"), key=lambda each: -Decimal(each.value))
    return [Face(value=each.value, label=each.label, typed=typed.get(f"face-{each.value}", "")) for each in faces]
