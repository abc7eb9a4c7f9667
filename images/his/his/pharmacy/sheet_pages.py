"""Paper of the pharmacy: the slip 发药单 for the bag and one label 用药标签 for each pack, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from his.chart import controlled, dictionary, permission, relation, stock
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.pharmacy import views
from his.shell import frames, keyboard, sheets, strips
from his.shell.frames import Page
from his.shell.glossary import money

bp = Blueprint("pharmacy_sheets", __name__, url_prefix="/pharmacy/sheets")

_PICKED = ("dispensing", "checked")


@dataclass(frozen=True, kw_only=True)
class Label:
    name: str
    spec: str
    usage: str
    quantity: str
    batches: str
    storage: str
    caution: str
    high_alert: bool


@dataclass(frozen=True, kw_only=True)
class DispensingView:
    document: str
    patient: str
    back: str
    type: str
    kind: str
    head: Sequence[tuple[str, str]]
    who: str
    allergies: str
    labels: Sequence[Label]
    foot: Sequence[tuple[str, str]]
    kept_years: int


@bp.get("/<key>")
def dispensing(key: str) -> Response:
    """Show slip and labels of what is picked; nothing is printed before, for its batches are not known."""
    with keyboard.looking() as act:
        record = act.fetch("prescription", key)
        permission.require(act, "rx.dispense")
        relation.require(act, record["patient"], views.visit_of(act, record))
        if record["status"] not in _PICKED:
            raise Refused("E-GEN-01", hint_zh="调配后才能打印", hint_en="Pick it first")
        view = _view(act, record)
    return frames.show(
        Page(template="pharmacy/sheet.html", title="slip.dispensing", tab="dispense", view=view, keys=("F8=print",))
    )


def _view(act: Acting, record: Record) -> DispensingView:
    strip = strips.of(act, record["patient"], views.visit_of(act, record))
    stage = "check" if record["status"] == "dispensing" else "dispense"
    ordinary = dictionary.limit(act, "rx_kept_years")
    people = (("sheet.doctor", "prescriber"), ("sheet.reviewer", "reviewer"), ("sheet.picker", "picker"))
    return DispensingView(
        document=f"dispensing:{record['id']}",
        patient=record["patient"],
        back=url_for(f"pharmacy.{stage}_list", prescription=record["id"]),
        type=record["type"],
        kind=keyboard.glossary().name("rx_type", record["type"]),
        head=(
            ("sheet.no", record["rx_no"]),
            ("patient.name", strip.name),
            ("patient.sex", strip.sex),
            ("patient.age", strip.age),
            ("patient.mrn", strip.mrn),
            ("sheet.dept", strip.visit),
            ("slip.printed_at", keyboard.when(act.now)),
        ),
        who=f"{strip.name} {strip.sex} {strip.age}",
        allergies="; ".join(strip.allergies) or keyboard.say("strip.nka" if strip.nka else "strip.no_allergy_entry"),
        labels=[_label(act, record, each) for each in stock.lines(act, record["id"])],
        foot=(
            *((label, views.staff(act, record[column])) for label, column in people),
            ("sheet.checker", views.staff(act, record["checker"])),
            ("sheet.amount", money(record["amount"])),
        ),
        kept_years=controlled.kept_years(act, record, ordinary),
    )


def _label(act: Acting, record: Record, line: Record) -> Label:
    drug = dictionary.drug(act, line["drug"])
    glossary = keyboard.glossary()
    taken = [each for each in stock.reserved(act, record["id"]) if each["rx_item"] == line["id"]]
    return Label(
        name=glossary.pick(drug, "generic"),
        spec=sheets.spec(drug),
        usage=sheets.usage(line),
        quantity=f"{line['quantity']} {sheets.unit(drug['pack_unit_zh'])}",
        batches="; ".join(f"{each['batch_no']} × {each['taken']} ({views.day(act, each['expiry'])})" for each in taken),
        storage=glossary.name("storage", drug["storage"]),
        caution=drug["note_zh"] if keyboard.language() == "zh" else "",
        high_alert=drug["high_alert"] == "1",
    )
