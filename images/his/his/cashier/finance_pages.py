"""Finance's desk: the shifts of all cashiers, what is over or short, reconcile, open again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.cashier import shift_views, shifts
from his.chart.refusing import Refused
from his.shell import doing, frames, keyboard
from his.shell.frames import Page

bp = Blueprint("finance", __name__, url_prefix="/finance")


@dataclass(frozen=True, kw_only=True)
class FinanceView:
    rows: Sequence[shift_views.Row]
    only: str
    """Which shifts are listed: '' all, closed, or differing."""
    chosen: shift_views.Shift | None
    wrong: str
    deed: str
    """What was refused: reconcile or reopen."""


@bp.get("", endpoint="shifts")
def every() -> Response:
    """Show everybody's shifts."""
    return _draw(request.args.get("shift", ""))


@bp.post("/<key>/reconcile")
def reconcile(key: str) -> Response:
    """Accept a closed shift."""
    return _do("cashier_shift.reconcile", shifts.reconcile, key, remark=request.form.get("remark", ""))


@bp.post("/<key>/reopen")
def reopen(key: str) -> Response:
    """Open a closed shift again."""
    return _do("cashier_shift.reopen", shifts.reopen, key, reason=request.form.get("reason", ""))


def _do(deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, cashier_shift=key, version=version, **fields),
        then=lambda _: url_for(".shifts", shift=key),
        again=lambda refused: _draw(key, refused, deed=deed.rpartition(".")[2]),
    )


def _draw(key: str, refusal: Refused | None = None, deed: str = "") -> Response:
    if keyboard.who().role != "FIN":
        return frames.show(Page(template="shell/refused.html", title="desk.finance", refusal=refusal))
    only = request.args.get("only", "")
    rows = [each for each in keyboard.perform(shifts.view_all) if _is_listed(each, only)]
    with keyboard.looking() as act:
        chosen = next((each for each in rows if each["id"] == key), None)
        view = FinanceView(
            rows=[
                shift_views.row(
                    act,
                    each,
                    href=url_for(".shifts", shift=each["id"], only=only or None),
                    chosen=each["id"] == key,
                )
                for each in rows
            ],
            only=only,
            chosen=None if chosen is None else shift_views.shift(act, chosen),
            wrong="" if refusal is None else refusal.code,
            deed=deed,
        )
    page = Page(
        template="cashier/finance.html",
        title="desk.finance",
        tab="reconcile",
        view=view,
        keys=("F4=reopen_shift", "F9=reconcile") if chosen is not None and chosen["status"] == "closed" else (),
        here=url_for(".shifts", shift=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _is_listed(record: Any, only: str) -> bool:
    if only == "closed":
        return bool(record["status"] == "closed")
    return only != "differing" or bool(Decimal(record["difference"] or "0"))
