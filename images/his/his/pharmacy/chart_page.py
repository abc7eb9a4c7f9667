"""The chart as a pharmacist sees it: diagnoses, record and earlier drugs of the person whose prescription is here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import opening
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.pharmacy import views
from his.shell import doing, frames, keyboard, sheets, strips
from his.shell.frames import Page

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
    earlier: Sequence[Earlier]
    back: str


@bp.get("/prescriptions/<key>/chart")
def chart(key: str) -> Response:
    """Open the chart of the visit that a prescription belongs to: looking is an act of its own."""
    back = doing.own_address(request.args.get("back", ""), url_for("pharmacy.pick_list"))
    with keyboard.looking() as act:
        record = act.fetch("prescription", key)
    try:
        keyboard.perform(opening.open_chart, encounter=record["encounter"])
    except Refused as refused:
        page = Page(template="shell/refused.html", title="desk.pharmacy", here=back, refusal=refused)
        return frames.show(page)
    with keyboard.looking() as act:
        visit = act.fetch("encounter", record["encounter"])
        view = ChartView(
            diagnosis=strips.diagnoses(act, visit["id"]),
            record=views.record_of(act, visit["id"]),
            earlier=_earlier(act, record["patient"]),
            back=back,
        )
        strip = strips.of(act, record["patient"], visit)
    return frames.show(Page(template="pharmacy/chart.html", title="desk.pharmacy", view=view, strip=strip))


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
