"""Draws the sections of an open chart, fresh or with what was typed into a refused form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from his.chart import people, relation
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.clinic import forms, lists, views
from his.clinic.operations import charting
from his.shell import frames, keyboard, strips
from his.shell.frames import Page
from his.shell.glossary import Option

RECORD_TYPE = "OPR"
_OPEN = ("in_progress", "on_leave")
_DOCTORS = ("OPD", "IPD", "HOD")
_ROWS = {"complaint": 1, "present": 3, "past": 2, "examination": 2, "plan": 2}
_KEYS = {
    "overview": ("F9=finish",),
    "allergy": ("F2=record_allergy",),
    "diagnosis": ("F2=add",),
    "record": ("F2=save", "F8=print", "F9=sign"),
    "prescription": ("F7=row", "F9=sign"),
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
    """Draw one section of a visit's chart around the view that `build` makes."""
    with keyboard.looking() as act:
        visit = act.fetch("encounter", encounter)
        section = Section(act=act, visit=visit, common=_common(act, visit, name), refusal=refusal, also=also)
        view = build(section)
        strip = strips.of(act, visit["patient"], visit)
    page = Page(
        template=f"clinic/{name}.html",
        title="desk.clinic",
        tab="queue",
        view=view,
        strip=strip,
        keys=_KEYS[name],
        here=url_for("clinic_chart.section", encounter=encounter, name=name) if request.method == "POST" else "",
        # Alerts have a box of their own; it says more than the refusal's.
        refusal=None if refusal is not None and refusal.alerts else refusal,
    )
    response = frames.show(page)
    if refusal is not None:
        response.status_code = frames.REFUSED_STATUS
    return response


def overview(section: Section) -> views.OverviewView:
    """Build the overview: the visit, what stands in it, and earlier ones."""
    act, visit = section.act, section.visit
    glossary = keyboard.glossary()
    doctor = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', visit["attending"])
    record = charting.current_record(act, visit["id"], RECORD_TYPE)
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
        may_finish=visit["status"] in _OPEN and act.who.role == "OPD",
    )


def allergy(section: Section) -> views.AllergyView:
    """Build the allergies, and the form that records one."""
    act, glossary = section.act, keyboard.glossary()
    classes = [each for each in glossary.table("allergy_classes") if each.value != strips.NO_KNOWN_ALLERGY]
    return views.AllergyView(
        **section.common,
        entries=[_allergy_row(act, each) for each in people.allergies(act, section.visit["patient"])],
        classes=classes,
        severities=glossary.options("allergy_severity"),
        sources=glossary.options("allergy_source"),
        may_retract=act.who.role in _DOCTORS,
        problems=forms.allergy_problems(request.form) if _is_malformed(section) else {},
    )


def diagnosis(section: Section) -> views.DiagnosisView:
    """Build the diagnoses, and the form that adds one."""
    glossary = keyboard.glossary()
    no_code = _is_malformed(section) and not request.form.get("diagnosis")
    return views.DiagnosisView(
        **section.common,
        entries=lists.diagnoses(section.act, section.visit),
        certainties=[each for each in glossary.options("certainty") if each.value != "X"],
        types=[each for each in glossary.options("dx_type") if each.value == "1"],
        may_write=section.act.who.role in _DOCTORS,
        problems={"code": "diagnosis.code_first"} if no_code else {},
    )


def record(section: Section) -> views.RecordView:
    """Build the visit's record: a form while it is a draft or being amended, else its text."""
    act, visit = section.act, section.visit
    found = charting.current_record(act, visit["id"], RECORD_TYPE)
    status = "" if found is None else str(found["status"])
    amending = status in ("signed", "amended") and bool(request.args.get("amend") or section.also.get("amending"))
    writing = visit["status"] in _OPEN and status in ("", "draft") and act.who.role in ("OPD", "HOD")
    template = request.args.get("template", "")
    editing = amending or writing
    missing = forms.missing_sections(request.form) if section.refusal and section.refusal.code in _UNFIT else set()
    texts = _texts(act, found, template)
    target = "amend_record" if amending else "sign_record"
    return views.RecordView(
        **section.common,
        record="" if found is None else found["id"],
        status=status,
        state_words=_state_words(act, found),
        editing=editing,
        amending=amending,
        may_amend=status in ("signed", "amended") and found is not None and found["author"] == act.who.staff,
        sign_to=url_for(f"clinic_chart.{target}", encounter=visit["id"]),
        parts=[
            views.RecordPart(
                name=name, text=texts[name], rows=_ROWS[name], must=name in charting.MANDATORY, wrong=name in missing
            )
            for name in charting.SECTIONS
        ],
        reason_wrong=bool(section.refusal) and not request.form.get("reason", "").strip(),
        templates=_templates(act, visit["dept"]),
        template=template,
    )


_UNFIT = ("E-MR-05", "E-GEN-06")


def _common(act: Acting, visit: Record, name: str) -> dict[str, Any]:
    found = relation.of(act, visit)
    if found == relation.NONE and relation.glass_broken(act, visit["patient"]):
        found = relation.BROKEN
    return {
        "encounter": visit["id"],
        "patient": visit["patient"],
        "registration": visit["registration"] or "",
        "relation": found,
        "queue": lists.short_queue(act, visit["id"]),
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


def _allergy_row(act: Acting, entry: Record) -> views.AllergyRow:
    glossary = keyboard.glossary()
    by = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', entry["recorded_by"])
    return views.AllergyRow(
        id=entry["id"],
        class_name=glossary.name("allergy_classes", entry["class"]),
        nka=entry["class"] == strips.NO_KNOWN_ALLERGY,
        drug=glossary.name("drugs", entry["drug"]),
        reaction=entry["reaction"] or "",
        severity=glossary.name("allergy_severity", entry["severity"]),
        source=glossary.name("allergy_source", entry["source"]),
        at=keyboard.when(entry["recorded_at"]),
        by="" if by is None else by["name"],
    )


def _texts(act: Acting, found: Record | None, template: str) -> dict[str, str]:
    if request.method == "POST":
        return {name: request.form.get(name, (found or {}).get(name) or "") for name in charting.SECTIONS}
    stored = {name: (found or {}).get(name) or "" for name in charting.SECTIONS}
    row = act.one('SELECT * FROM "record_templates" WHERE "key" = ?', template) if template else None
    # A template fills only what is still empty: nothing written is lost.
    return stored if row is None else {name: text or row[name] for name, text in stored.items()}


def _templates(act: Acting, dept: str) -> list[Option]:
    rows = act.rows('SELECT * FROM "record_templates" ORDER BY ("dept_code" = ?) DESC, "key"', dept)
    return [Option(value=each["key"], label=keyboard.glossary().pick(each)) for each in rows]


def _state_words(act: Acting, found: Record | None) -> str:
    if found is None:
        return ""
    if found["status"] == "draft":
        return keyboard.say("record.draft", at=keyboard.when(found["updated_at"]))
    author = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', found["author"])
    version = keyboard.say("record.version", n=found["version_no"])
    name = "" if author is None else author["name"]
    return f"{keyboard.say('record.signed_by')} {name} {keyboard.when(found['signed_at'])} · {version}"


def _is_malformed(section: Section) -> bool:
    return section.refusal is not None and section.refusal.code == "E-GEN-06"
