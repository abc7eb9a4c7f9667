"""The page of returns 退药: what is asked to come back, the packs as read and counted, take or refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import dictionary, stock
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.pharmacy import forms, returning, views
from his.shell import doing, frames, keyboard, sheets, strips
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("pharmacy_returns", __name__, url_prefix="/pharmacy/returns")


@dataclass(frozen=True, kw_only=True)
class Line:
    """Packs of one drug from one batch, as they were dispensed, with what was typed about the ones on the counter."""

    drug: str
    name: str
    spec: str
    cold: bool
    given: str
    wanted: int
    pack: str
    batch_no: str = ""
    quantity: str = ""
    intact: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    id: str
    version: int
    patient: str
    rx_no: str
    facts: Sequence[tuple[str, str]]
    lines: Sequence[Line]
    kept: Sequence[str]
    """Drugs of the prescription that stay with the patient."""


@dataclass(frozen=True, kw_only=True)
class ReturnsView:
    rows: Sequence[views.Row]
    chosen: Request | None
    gone: bool
    query: str
    reasons: Sequence[Option]
    reason_wrong: bool


@bp.get("")
def returns() -> Response:
    """Show what is asked to come back."""
    return _draw()


@bp.post("/<key>/accept")
def accept(key: str) -> Response:
    """Take the packs back."""
    return _do("prescription.accept_return", returning.accept, key, lines=forms.returned(request.form))


@bp.post("/<key>/refuse")
def refuse(key: str) -> Response:
    """Leave the packs with the patient."""
    fields = {"reason": request.form.get("reason") or None, "note": request.form.get("note", "").strip()}
    return _do("prescription.refuse_return", returning.refuse, key, **fields)


def _do(deed: str, operation: Callable[..., Any], key: str, **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, prescription=key, version=version, **fields),
        then=lambda _: url_for(".returns"),
        again=lambda refused: _draw(key, refused),
    )


def _draw(key: str = "", refusal: Refused | None = None) -> Response:
    key = key or request.args.get("prescription", "")
    query = request.values.get("q", "").strip()
    with keyboard.looking() as act:
        rows = [each for each in returning.requested(act) if not query or views.is_meant(each, query)]
        key = key or (str(rows[0]["id"]) if query and len(rows) == 1 else "")
        chosen = next((each for each in rows if each["id"] == key), None)
        view = ReturnsView(
            rows=[
                views.row(act, each, href=url_for(".returns", prescription=each["id"]), chosen=each["id"] == key)
                for each in rows
            ],
            chosen=None if chosen is None else _request(act, chosen),
            gone=bool(key) and chosen is None,
            query=query,
            reasons=keyboard.glossary().options("return_refusal"),
            reason_wrong=refusal is not None and refusal.code == "E-GEN-06" and request.path.endswith("/refuse"),
        )
        strip = None if chosen is None else strips.of(act, chosen["patient"], views.visit_of(act, chosen))
    return frames.show(
        Page(
            template="pharmacy/returns.html",
            title="desk.pharmacy",
            tab="returns",
            view=view,
            strip=strip,
            keys=("F3=scan", "F4=refuse_return", "F6=chart", "F9=accept_return"),
            here=url_for(".returns", prescription=key) if refusal else "",
            refusal=refusal,
        )
    )


def _request(act: Acting, record: Record) -> Request:
    lines = stock.lines(act, record["id"])
    gone = stock.dispensed(act, record["id"])
    first = gone[0] if gone else None
    facts = (
        ("return.reason", keyboard.glossary().name("drug_return_reason", record["return_reason"])),
        ("sheet.doctor", views.staff(act, record["prescriber"])),
        ("return.dispensed_at", keyboard.when(None if first is None else first["posted_at"])),
        ("return.dispensed_by", views.staff(act, None if first is None else first["posted_by"])),
    )
    return Request(
        id=record["id"],
        version=record["version"],
        patient=record["patient"],
        rx_no=record["rx_no"],
        facts=facts,
        lines=_typed([_line(act, each, gone) for each in lines if each["return_qty"]]),
        kept=[keyboard.glossary().pick(each, "generic") for each in lines if not each["return_qty"]],
    )


def _line(act: Acting, item: Record, gone: Sequence[Record]) -> Line:
    drug = dictionary.drug(act, item["drug"])
    given = [each for each in gone if each["drug"] == item["drug"]]
    return Line(
        drug=item["drug"],
        name=keyboard.glossary().pick(item, "generic"),
        spec=sheets.spec(drug),
        cold=dictionary.is_cold(drug),
        given="; ".join(f"{each['batch_no']} × {each['left']}" for each in given),
        wanted=item["return_qty"],
        pack=sheets.unit(item["pack_unit_zh"]),
    )


def _typed(lines: list[Line]) -> list[Line]:
    """Return the lines with what a refused form had in them."""
    form = request.form
    batches, quantities = form.getlist("batch_no"), form.getlist("quantity")
    if len(batches) != len(lines) or len(quantities) != len(lines):
        return lines
    ticked = set(form.getlist("intact"))
    return [
        Line(**{**each.__dict__, "batch_no": batch, "quantity": quantity, "intact": each.drug in ticked})
        for each, batch, quantity in zip(lines, batches, quantities, strict=True)
    ]
