"""Sections of an open chart; forms of allergies and diagnoses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import allergies, dictionary, relation, typed
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.clinic import drawing
from his.clinic.operations import charting, visiting
from his.clinic.pages import grid, record, requests
from his.shell import allergy_forms, doing, keyboard

bp = Blueprint("clinic_chart", __name__, url_prefix="/clinic/charts")

_BUILDERS = {
    "overview": drawing.overview,
    "allergy": drawing.allergy,
    "diagnosis": drawing.diagnosis,
    "record": record.build,
    "prescription": grid.build,
    "request": requests.build,
}


@bp.get("/<encounter>/<name>")
def section(encounter: str, name: str) -> Response:
    """Show one section; without a way into the chart the chart has to be opened first."""
    if name not in _BUILDERS:
        abort(404)
    with keyboard.looking() as act:
        visit = act.fetch("encounter", encounter)
        is_open = _is_open(act, visit)
    if not is_open:
        return redirect(url_for("clinic.chart", encounter=encounter), 303)
    keyboard.perform(visiting.view_section, patient=visit["patient"], encounter=encounter, section=name)
    return draw(encounter, name)


@bp.post("/<encounter>/allergies")
def record_allergy(encounter: str) -> Response:
    """Record an allergy, or that none is known."""
    patient = request.form.get("patient") or _patient_of(encounter)
    return _do(
        encounter,
        "allergy",
        "allergy.record",
        lambda: keyboard.perform(allergies.record, patient=patient, **allergy_forms.given(request.form)),
    )


@bp.post("/<encounter>/allergies/retract")
def retract_allergy(encounter: str) -> Response:
    """Withdraw an entry that was wrong."""
    fields = {"allergy": request.form.get("allergy", ""), "reason": request.form.get("reason", "").strip()}
    return _do(encounter, "allergy", "allergy.retract", lambda: keyboard.perform(allergies.retract, **fields))


@bp.post("/<encounter>/diagnoses")
def add_diagnosis(encounter: str) -> Response:
    """Add a diagnosis."""
    names = ("code", "dx_type", "certainty")
    fields = {name: request.form[name] for name in names if request.form.get(name)}
    fields.setdefault("code", request.form.get("text", "").strip().upper())
    rank = typed.whole(request.form.get("rank"))
    return _do(
        encounter,
        "diagnosis",
        "diagnosis.add",
        lambda: keyboard.perform(charting.add_diagnosis, encounter=encounter, rank=rank, **fields),
    )


@bp.post("/<encounter>/diagnoses/retract")
def retract_diagnosis(encounter: str) -> Response:
    """Withdraw a diagnosis."""
    fields = {"diagnosis": request.form.get("diagnosis", ""), "reason": request.form.get("reason", "").strip()}
    return _do(
        encounter, "diagnosis", "diagnosis.retract", lambda: keyboard.perform(charting.retract_diagnosis, **fields)
    )


@bp.get("/_diagnoses")
def diagnoses() -> str:
    """Answer a short code with the diagnoses it may mean."""
    with keyboard.looking() as act:
        rows = dictionary.find_diagnoses(act, request.args.get("q", ""))
    return render_template("clinic/_diagnoses.html", rows=rows, glossary=keyboard.glossary())


def draw(encounter: str, name: str, refusal: Refused | None = None, **also: Any) -> Response:
    """Draw a section of the chart."""
    return drawing.draw(encounter, name, _BUILDERS[name], refusal, **also)


def _do(encounter: str, name: str, deed: str, run: Any, **also: Any) -> Response:
    return doing.do(
        deed,
        run,
        then=lambda _: url_for(".section", encounter=encounter, name=name),
        again=lambda refused: draw(encounter, name, refused, **also),
    )


def _is_open(act: Acting, visit: Any) -> bool:
    return relation.of(act, visit) != relation.NONE or relation.glass_broken(act, visit["patient"])


def _patient_of(encounter: str) -> str:
    with keyboard.looking() as act:
        return str(act.fetch("encounter", encounter)["patient"])
