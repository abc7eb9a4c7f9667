"""The chart as a pharmacist sees it: diagnoses, record and earlier drugs of the person whose prescription is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import allergies, opening, relation, stock
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.pharmacy import views
from his.shell import allergy_forms, doing, frames, keyboard, sheets, strips
from his.shell.frames import Page
from his.shell.glossary import Option

bp = Blueprint("pharmacy_chart", __name__, url_prefix="/pharmacy")

_EARLIER = 12


@dataclass(frozen=True, kw_only=True)
class Earlier:
    rx_no: str
    signed_at: str
    status: str
    drugs: str


@dataclass(frozen=True, kw_only=True)
class ChartView:
    diagnosis: str
    record: Sequence[tuple[str, str]]
    allergies: allergy_forms.AllergiesView
    earlier: Sequence[Earlier]
    back: str


@bp.get("/prescriptions/<key>/chart")
def chart(key: str) -> Response:
    """Open the chart of the visit that a prescription belongs to: looking is an act of its own."""
    record = _prescription(key)
    try:
        keyboard.perform(opening.open_chart, encounter=record["encounter"])
    except Refused as refused:
        page = Page(template="shell/refused.html", title="desk.pharmacy", here=_back(), refusal=refused)
        return frames.show(page)
    return _draw(record)


@bp.post("/prescriptions/<key>/allergies")
def record_allergy(key: str) -> Response:
    """Record what the person told at the window, or what the pharmacist found out."""
    record = _prescription(key)
    patient = request.form.get("patient") or record["patient"]
    return doing.do(
        "allergy.record",
        lambda: keyboard.perform(allergies.record, patient=patient, **allergy_forms.given(request.form)),
        then=lambda _: url_for(".chart", key=key, back=_back()),
        again=lambda refused: _draw(record, refused),
    )


def _prescription(key: str) -> Record:
    with keyboard.looking() as act:
        return act.fetch("prescription", key)


def _back() -> str:
    return doing.own_address(request.values.get("back", ""), url_for("pharmacy.pick_list"))


def _draw(record: Record, refusal: Refused | None = None) -> Response:
    with keyboard.looking() as act:
        visit = act.fetch("encounter", record["encounter"])
        if relation.of(act, visit) == relation.NONE and refusal is not None:
            # Whoever has no way into the chart learns why, and nothing of what stands in it.
            raise refusal
        view = ChartView(
            diagnosis=strips.diagnoses(act, visit["id"]),
            record=views.record_of(act, visit["id"]),
            allergies=_allergies(act, record, refusal),
            earlier=_earlier(act, record["patient"]),
            back=_back(),
        )
        strip = strips.of(act, record["patient"], visit)
    return frames.show(
        Page(
            template="pharmacy/chart.html",
            title="desk.pharmacy",
            view=view,
            strip=strip,
            keys=("F2=record_allergy",),
            here=url_for(".chart", key=record["id"], back=view.back) if refusal else "",
            refusal=refusal,
        )
    )


def _allergies(act: Acting, record: Record, refusal: Refused | None) -> allergy_forms.AllergiesView:
    """Return the allergies, with the drugs of this prescription to choose from."""
    names = keyboard.glossary()
    own = [
        Option(value=each["drug"], label=names.name("drugs", each["drug"])) for each in stock.lines(act, record["id"])
    ]
    address = url_for(".record_allergy", key=record["id"], back=_back())
    return allergy_forms.view(act, record["patient"], refusal, record=address, drugs=own)


def _earlier(act: Acting, patient: str) -> list[Earlier]:
    found = act.rows(
        'SELECT * FROM "prescription" WHERE "patient" = ? AND "signed_at" IS NOT NULL '
        'ORDER BY "signed_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT ?',
        patient,
        _EARLIER,
    )
    return [
        Earlier(
            rx_no=each["rx_no"],
            signed_at=keyboard.when(each["signed_at"]),
            status=each["status"],
            drugs=sheets.drugs(act, each["id"]),
        )
        for each in found
    ]
