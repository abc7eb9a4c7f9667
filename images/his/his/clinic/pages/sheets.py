"""Paper: the prescription and the record, as they are printed."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from werkzeug.wrappers import Response

from his.chart.acting import Acting, Record
from his.clinic import lists, screening, views
from his.clinic.operations import requesting, versions, visiting
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


@bp.get("/requests/<table>/<key>")
def request_slip(table: str, key: str) -> Response:
    """Show a request on paper, for the patient to take to the laboratory or the examination."""
    if table not in requesting.CATALOGUES:
        abort(404)
    record = _looked_at(table, key, "request")
    with keyboard.looking() as act:
        wanted = next(each for each in requesting.of_visit(act, record["encounter"], table) if each["id"] == key)
        visit = act.fetch("encounter", record["encounter"])
        when = (("slip.date", act.iso(record["requested_at"])[:16].replace("T", " ")), ("slip.request_no", key.upper()))
        view = views.SheetView(
            document=f"{table}:{key}",
            patient=record["patient"],
            back=_section(record["encounter"], "request"),
            head=[when, *_who(act, visit)],
            foot=(
                ("slip.doctor", _staff(act, record["requester"])),
                ("request.dept", keyboard.glossary().name("departments", wanted["exec_dept"])),
                ("slip.amount_due", money(wanted["price_cny"])),
            ),
            kind=keyboard.say(f"slip.kind.{table}"),
            parts=_asked_for(wanted, table),
        )
    return _sheet("clinic/request_sheet.html", "slip.request", view)


def _asked_for(wanted: Record, table: str) -> views.Facts:
    glossary = keyboard.glossary()
    shown = [("request.item", glossary.pick(wanted))]
    if wanted["stat"]:
        shown.append(("request.detail", keyboard.say("request.stat")))
    if table == requesting.LAB:
        shown.append(("request.specimen", glossary.name("specimen_types", wanted["specimen_type"])))
    elif wanted["laterality"] != screening.NOT_SIDED:
        shown.append(("request.laterality", glossary.name("laterality", wanted["laterality"])))
    told = [name for name in screening.QUESTIONS if wanted.get(name) is not None]
    shown += [(f"request.{name}", _answer(wanted[name])) for name in told]
    return [*shown, ("request.indication", wanted["indication"] or "")]


def _answer(value: object) -> str:
    known = {screening.YES: "request.yes", screening.NO: "request.no", 1: "request.yes", 0: "request.no"}
    return keyboard.say(known[value]) if value in known else str(value)


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
