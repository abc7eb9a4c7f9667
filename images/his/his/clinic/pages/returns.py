"""The page on which a doctor applies for dispensed drugs to be given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import stock
from his.chart.refusing import Refused
from his.clinic import drawing
from his.clinic.operations import returning, visiting
from his.shell import doing, frames, keyboard, sheets, strips
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("clinic_returns", __name__, url_prefix="/clinic/returns")


@dataclass(frozen=True, kw_only=True)
class Line:
    drug: str
    name: str
    given: int
    pack: str
    quantity: str


@dataclass(frozen=True, kw_only=True)
class ReturnView:
    prescription: str
    version: int
    rx_no: str
    lines: Sequence[Line]
    reasons: Sequence[Option]
    wrong: bool
    back: str


@bp.get("/<key>")
def ask(key: str) -> Response:
    """Show what was dispensed, to say how much of it comes back: a look into the chart."""
    with keyboard.looking() as act:
        record = act.fetch("prescription", key)
    about = {"patient": record["patient"], "encounter": record["encounter"], "section": "prescription"}
    keyboard.perform(visiting.view_section, **about)
    return _draw(key)


@bp.post("/<key>")
def apply(key: str) -> Response:
    """Ask the pharmacy to take drugs back."""
    with keyboard.looking() as act:
        encounter = str(act.fetch("prescription", key)["encounter"])
    fields = {"reason": request.form.get("reason") or None, "items": _items()}
    return doing.do(
        "prescription.return_apply",
        lambda: keyboard.perform(returning.apply, prescription=key, version=doing.version(), **fields),
        then=lambda _: _section(encounter),
        again=lambda refused: _draw(key, refused),
    )


def _items() -> list[dict[str, str]]:
    pairs = zip(request.form.getlist("drug"), request.form.getlist("quantity"), strict=False)
    return [{"drug": drug, "quantity": quantity.strip()} for drug, quantity in pairs]


def _draw(key: str, refusal: Refused | None = None) -> Response:
    typed = {each["drug"]: each["quantity"] for each in _items()}
    with keyboard.looking() as act:
        record = act.fetch("prescription", key)
        visit = act.fetch("encounter", record["encounter"])
        if refusal is not None:
            drawing.keep_out(act, visit, refusal)
        view = ReturnView(
            prescription=key,
            version=record["version"],
            rx_no=record["rx_no"],
            lines=[
                Line(
                    drug=each["drug"],
                    name=keyboard.glossary().pick(each, "generic"),
                    given=each["quantity"],
                    pack=sheets.unit(each["pack_unit_zh"]),
                    quantity=typed.get(each["drug"], ""),
                )
                for each in stock.lines(act, key)
            ],
            reasons=keyboard.glossary().options("drug_return_reason"),
            wrong=refusal is not None and refusal.code == "E-GEN-06",
            back=_section(record["encounter"]),
        )
        strip = strips.of(act, record["patient"], visit)
    page = Page(
        template="clinic/return.html",
        title="desk.clinic",
        tab="queue",
        view=view,
        strip=strip,
        keys=("F9=return_apply",),
        here=url_for(".ask", key=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _section(encounter: str) -> str:
    return url_for("clinic_chart.section", encounter=encounter, name="prescription")
