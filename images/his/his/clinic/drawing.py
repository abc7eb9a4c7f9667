"""Draws the sections of an open chart, fresh or with what was typed into a refused form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from his.chart import relation
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic import lists, views
from his.clinic.operations import recording
from his.shell import allergy_forms, frames, keyboard, strips
from his.shell.frames import Page
from his.shell.glossary import Option

RECORD_TYPE = "OPR"
OPEN = ("in_progress", "on_leave")
"""States of a visit in which something may be written."""
TAB_OF = {"HOD": "countersign"}
"""Tab that is in front while a chart is open, where it is not the queue."""
_DOCTORS = ("OPD", "IPD", "HOD")
_KEYS = {
    "overview": ("F9=finish",),
    "allergy": ("F2=record_allergy",),
    "diagnosis": ("F2=add",),
    "prescription": ("F7=row", "F9=sign"),
    "request": ("F9=send_request",),
}


@dataclass(frozen=True, kw_only=True)
class Section:
    """What is known when a section is drawn."""

    act: Acting
    visit: Record
    common: Mapping[str, Any]
    refusal: Refused | None
    also: Mapping[str, Any] = field(default_factory=dict)


def draw(
    encounter: str,
    name: str,
    build: Callable[[Section], views.ChartView],
    refusal: Refused | None = None,
    **also: Any,
) -> Response:
    """Draw one section of a visit's chart around the view that `build` makes; `also` is what else a form knows."""
    with keyboard.looking() as act:
        visit = act.fetch("encounter", encounter)
        section = Section(act=act, visit=visit, common=_common(act, visit, name), refusal=refusal, also=also)
        if refusal is not None:
            keep_out(act, visit, refusal)
        view = build(section)
        strip = strips.of(act, visit["patient"], visit)
    page = Page(
        template=f"clinic/{name}.html",
        title="desk.clinic",
        tab=TAB_OF.get(keyboard.who().role, "queue"),
        view=view,
        strip=strip,
        keys=view.keys or _KEYS.get(name, ()),
        here=url_for("clinic_chart.section", encounter=encounter, name=name) if request.method == "POST" else "",
        # Alerts have a box of their own; it says more than the refusal's.
        refusal=None if refusal is not None and refusal.alerts else refusal,
    )
    response = frames.show(page)
    if refusal is not None:
        response.status_code = frames.REFUSED_STATUS
    return response


def way_into(act: Acting, visit: Record) -> str:
    """Return the relation by which the person at the keyboard may look into the visit's chart, a broken glass too."""
    found = relation.of(act, visit)
    if found == relation.NONE and relation.glass_broken(act, visit["patient"]):
        return relation.BROKEN
    return found


def keep_out(act: Acting, visit: Record, refusal: Refused) -> None:
    """Raise the refusal to whoever has no way into the chart: he learns why, and nothing of what stands in it."""
    if way_into(act, visit) == relation.NONE:
        raise refusal


def overview(section: Section) -> views.OverviewView:
    """Build the overview: the visit, what stands in it, and earlier ones."""
    act, visit = section.act, section.visit
    glossary = keyboard.glossary()
    doctor = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', visit["attending"])
    record = recording.current_record(act, visit["id"], RECORD_TYPE)
    facts: tuple[tuple[str, str], ...] = (
        ("overview.dept", glossary.name("departments", visit["dept"])),
        ("overview.attending", "" if doctor is None else doctor["name"]),
        ("overview.status", keyboard.say(f"status.encounter.{visit['status']}")),
        ("overview.started", keyboard.when(visit["started_at"])),
        ("overview.finished", keyboard.when(visit["finished_at"])),
        ("overview.record", keyboard.say(f"status.medical_record.{record['status']}") if record else ""),
        ("overview.vitals", strips.vitals(act, visit["id"], act.fetch("patient", visit["patient"])["birth_date"])),
    )
    if visit["triage"] is not None:
        level = glossary.name("triage", visit["triage"])
        facts = (*facts, ("overview.triage", f"{level} {visit['chief_complaint'] or ''}".strip()))
    return views.OverviewView(
        **section.common,
        visit=facts,
        diagnoses=lists.diagnoses(act, visit),
        prescriptions=lists.prescriptions(act, visit["id"]),
        history=lists.history(act, visit),
        may_finish=visit["status"] in OPEN and act.who.role == "OPD",
    )


def allergy(section: Section) -> views.AllergyView:
    """Build the allergies, and the form that records one."""
    act, encounter = section.act, section.visit["id"]
    may_retract = act.who.role in _DOCTORS
    shown = allergy_forms.view(
        act,
        section.visit["patient"],
        section.refusal,
        record=url_for("clinic_chart.record_allergy", encounter=encounter),
        retract=url_for("clinic_chart.retract_allergy", encounter=encounter) if may_retract else "",
        suggests=url_for("clinic_rx.drugs"),
    )
    return views.AllergyView(**section.common, allergies=shown)


def diagnosis(section: Section) -> views.DiagnosisView:
    """Build the diagnoses, and the form that adds one."""
    glossary = keyboard.glossary()
    no_code = _is_malformed(section) and not request.form.get("diagnosis")
    return views.DiagnosisView(
        **section.common,
        entries=lists.diagnoses(section.act, section.visit),
        certainties=[each for each in glossary.options("certainty") if each.value != "X"],
        types=[each for each in glossary.options("dx_type") if each.value == "1"],
        ranks=[
            Option(value="", label=keyboard.say("diagnosis.last")),
            Option(value="1", label=keyboard.say("diagnosis.main")),
        ],
        may_write=section.act.who.role in _DOCTORS,
        problems={"code": "diagnosis.code_first"} if no_code else {},
    )


def _common(act: Acting, visit: Record, name: str) -> dict[str, Any]:
    found = way_into(act, visit)
    return {
        "encounter": visit["id"],
        "patient": visit["patient"],
        "registration": visit["registration"] or "",
        "relation": found,
        "queue": lists.short_queue(act, visit["id"]),
        "back": url_for("clinic_countersign.waiting" if act.who.role == "HOD" else "clinic.queue"),
        "tabs": [
            views.SectionTab(
                name=each,
                key=place,
                href=url_for("clinic_chart.section", encounter=visit["id"], name=each),
                current=each == name,
            )
            for place, each in enumerate(views.SECTIONS, start=1)
        ],
    }


def _is_malformed(section: Section) -> bool:
    return section.refusal is not None and section.refusal.code == "E-GEN-06"
