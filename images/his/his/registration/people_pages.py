"""Pages of the patient index 患者主索引: find, create and correct a person, for the window and those beside it.

Clerks come from their own desk and go back to it. Emergency nurses create whoever has no papers yet, the records desk
corrects with a second person: both find people here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import machine, people, permission
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.registration import drawing, forms, operations, views
from his.shell import doing, frames, keyboard, seconds, strips
from his.shell.frames import Page

bp = Blueprint("registration_people", __name__, url_prefix="/registration/patients")

_WINDOW = "REG"
_CITIZEN, _OTHER_PAPERS = "01", "99"
"""Kinds of papers that a new person's form begins with: nurses create people without any."""


@bp.get("", endpoint="find")
def find_people() -> Response:
    """Show who is found, and the one picked."""
    patient = request.args.get("patient", "")
    hits = drawing.found(request.args.get("q", ""), endpoint=".find")
    if not patient and len(hits.hits) == 1 and people.is_read(hits.query):
        patient = hits.hits[0].id
    with keyboard.looking() as act:
        person = views.person(act, patient)[1] if patient else None
        may_create = permission.scope(act, "patient.create") != permission.NEVER
        view = dataclasses.replace(hits, live=".hits", person=person, may_create=may_create)
        strip = strips.of(act, patient) if patient else None
    keys = ("F3=search", *(("F4=new_patient",) if may_create else ()), *(("F9=correct",) if person else ()))
    return frames.show(_page("registration/people.html", view, strip=strip, keys=keys))


@bp.get("/_hits")
def hits() -> str:
    """Answer search-as-you-type with the list of hits."""
    view = drawing.found_so_far(request.args.get("q", ""), endpoint=".find")
    return render_template("registration/_hits.html", view=view)


@bp.get("/new")
def new_patient() -> Response:
    """Show the empty form; a name that was searched for is filled in."""
    query = people.normalised(request.args.get("q", ""))
    typed = {"name": query} if people.kind_of(query) == "name" else {"id_no": query} if len(query) == 18 else {}
    return _form(typed)


@bp.post("")
def create_patient() -> Response:
    """Create the record, unless the person seems to be there already."""
    confirm = {"confirm": True} if request.form.get("confirm") else {}
    return doing.do(
        "patient_index.create",
        lambda: keyboard.perform(operations.create_patient, **forms.demographics(request.form), **confirm),
        then=_home,
        again=lambda refused: _form(request.form, refusal=refused),
    )


@bp.get("/<patient>/edit")
def edit_patient(patient: str) -> Response:
    """Show the form of a known person."""
    return _form(None, patient=patient)


@bp.post("/<patient>")
def update_patient(patient: str) -> Response:
    """Correct a person's data."""
    fields = {"patient": patient, "version": doing.version(), **forms.demographics(request.form), **seconds.given()}
    return doing.do(
        "patient_index.update",
        lambda: keyboard.perform(operations.update_patient, **fields),
        then=lambda _: _home(patient),
        again=lambda refused: _form(request.form, patient=patient, refusal=refused),
    )


@bp.get("/_duplicates")
def duplicates() -> str:
    """Answer while a person is being typed: who is like this."""
    with keyboard.looking() as act:
        similar = views.similar(act, request.args, but=request.args.get("patient", ""))
    return render_template("registration/_duplicates.html", view=views.SimilarView(similar=similar, use=_desk()))


def _desk() -> str:
    """Return the endpoint at which a person's record is worked with."""
    return "registration.desk" if keyboard.who().role == _WINDOW else ".find"


def _home(patient: str) -> str:
    return url_for(_desk(), patient=patient)


def _form(values: Mapping[str, str] | None, *, patient: str = "", refusal: Refused | None = None) -> Response:
    """Draw the form of a new or known person, with what was typed."""
    with keyboard.looking() as act:
        view = _patient_view(act, values, patient, refusal)
        strip = strips.of(act, patient) if patient else None
    page = _page("registration/patient.html", view, strip=strip, keys=("F2=save",))
    return frames.show(dataclasses.replace(page, here=view.back if refusal else "", refusal=refusal))


def _patient_view(
    act: Acting, values: Mapping[str, str] | None, patient: str, refusal: Refused | None
) -> views.PatientView:
    glossary = keyboard.glossary()
    record = act.fetch("patient", patient) if patient else None
    if record and permission.scope(act, "patient.update_demographics") == permission.OWN:
        # The form shows more than a hit does: not to whom it would be refused anyway.
        machine.require_own_patient(act, record)
    # The number in full is an act of its own: it is typed anew or left as it is.
    shown: Mapping[str, Any] = {**(record or {}), "id_no": ""} if values is None else values
    compared: Mapping[str, Any] = record or {} if values is None else values
    similar = views.similar(act, {key: str(value or "") for key, value in compared.items()}, but=patient)
    together = bool(patient) and permission.scope(act, "patient.update_demographics") == permission.SECOND
    malformed = refusal is not None and refusal.code == "E-GEN-06"
    without_papers = not patient and permission.scope(act, "patient.create") == permission.OWN
    return views.PatientView(
        is_new=record is None,
        action=url_for(".update_patient", patient=patient) if patient else url_for(".create_patient"),
        back=_home(patient) if patient else url_for(_desk(), q=shown.get("name", "")),
        use=_desk(),
        values={"id_type": _OTHER_PAPERS if without_papers else _CITIZEN, **shown},
        masked_id=people.shown(act, record)["id_no"] if record else "",
        sexes=glossary.options("sex"),
        id_types=glossary.options("id_doc"),
        insurances=glossary.table("insurance_types"),
        similar=similar,
        problems=forms.problems(request.form) if malformed else {},
        ask_confirm=bool(similar),
        without_papers=without_papers,
        patient=patient,
        version=record["version"] if record else 0,
        seconds=seconds.choices(act) if together else (),
        wrong="" if refusal is None else refusal.code,
    )


def _page(template: str, view: object, *, strip: strips.Strip | None, keys: tuple[str, ...]) -> Page:
    at_window = keyboard.who().role == _WINDOW
    return Page(
        template=template,
        title="desk.registration" if at_window else "desk.people",
        tab="register" if at_window else "people",
        view=view,
        strip=strip,
        keys=keys,
    )
