"""Paper: the prescription and the record, as they are printed."""

from __future__ import annotations

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from his.chart.acting import Acting, Record
from his.clinic import lists, views
from his.clinic.operations import versions, visiting
from his.shell import frames, keyboard, strips
from his.shell.frames import Page
from his.shell.glossary import money

bp = Blueprint("clinic_sheets", __name__, url_prefix="/clinic/sheets")


@bp.get("/prescriptions/<key>")
def prescription(key: str) -> Response:
    """Show a prescription on paper: a look into the chart like any other."""
    record = _looked_at("prescription", key, "prescription")
    with keyboard.looking() as act:
        visit = act.fetch("encounter", record["encounter"])
        view = views.SheetView(
            document=f"prescription:{key}",
            patient=record["patient"],
            back=_section(record["encounter"], "prescription"),
            head=[(("slip.rx_no", record["rx_no"]), *_when(act, record)), *_who(act, visit)],
            foot=(
                ("slip.doctor", _staff(act, record["prescriber"])),
                ("slip.reviewer", _staff(act, record["reviewer"])),
                ("slip.picker", _staff(act, record["picker"])),
                ("slip.checker", _staff(act, record["checker"])),
                ("slip.amount", money(record["amount"])),
            ),
            type=record["type"],
            kind=keyboard.glossary().name("rx_type", record["type"]),
            drugs=lists.sheet_drugs(act, key),
        )
    return _sheet("clinic/rx_sheet.html", "slip.rx", view)


@bp.get("/records/<key>")
def record(key: str) -> Response:
    """Show a record on paper: a look into the chart like any other."""
    found = _looked_at("medical_record", key, "record")
    with keyboard.looking() as act:
        visit = act.fetch("encounter", found["encounter"])
        view = views.SheetView(
            document=f"medical_record:{key}",
            patient=found["patient"],
            back=_section(found["encounter"], "record"),
            head=[_when(act, found), *_who(act, visit)],
            foot=(
                ("record.signed_by", _staff(act, found["author"]) if found["signed_at"] is not None else ""),
                ("slip.countersigner", _staff(act, found["countersigner"])),
                ("slip.date", keyboard.when(found["signed_at"])),
                ("record.version_no", str(found["version_no"])),
            ),
            parts=[(name, found[name] or "") for name in versions.SECTIONS],
        )
    return _sheet("clinic/record_sheet.html", "slip.record", view)


def _looked_at(table: str, key: str, section: str) -> Record:
    """Return a record after its viewing was journaled. Raises Refused E-PRV-01 where the chart may not be open."""
    with keyboard.looking() as act:
        record = act.fetch(table, key)
    about = {"patient": record["patient"], "encounter": record["encounter"], "section": section}
    keyboard.perform(visiting.view_section, **about)
    return record


def _sheet(template: str, title: str, view: views.SheetView) -> Response:
    return frames.show(Page(template=template, title=title, tab="queue", view=view, keys=("F8=print",)))


def _who(act: Acting, visit: Record) -> list[views.Facts]:
    strip = strips.of(act, visit["patient"], visit)
    allergies = "; ".join(strip.allergies) or keyboard.say("strip.nka" if strip.nka else "strip.no_allergy_entry")
    return [
        (
            ("patient.name", strip.name),
            ("patient.sex", strip.sex),
            ("patient.age", strip.age),
            ("patient.mrn", strip.mrn),
            ("overview.dept", strip.visit),
            ("patient.insurance", strip.insurance),
        ),
        (("allergy.title", allergies), ("strip.diagnosis", strip.diagnosis)),
    ]


def _when(act: Acting, record: Record) -> views.Facts:
    signed = record["signed_at"]
    return (("slip.date", "" if signed is None else act.iso(signed)[:16].replace("T", " ")),)


def _staff(act: Acting, key: str | None) -> str:
    found = None if key is None else act.one('SELECT "name" FROM "staff" WHERE "id" = ?', key)
    return "" if found is None else str(found["name"])


def _section(encounter: str, name: str) -> str:
    return url_for("clinic_chart.section", encounter=encounter, name=name)
