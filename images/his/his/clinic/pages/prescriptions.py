"""The prescription grid's forms: sign, revise, go back from an alert, cancel; and what drops down while typing."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import accounts
from his.chart.refusing import Refused
from his.clinic import drawing, forms
from his.clinic.operations import prescribing
from his.clinic.pages import grid
from his.shell import doing, keyboard

bp = Blueprint("clinic_rx", __name__, url_prefix="/clinic/prescriptions")


@bp.get("/_drugs")
def drugs() -> str:
    """Answer a short code with the drugs it may mean."""
    with keyboard.looking() as act:
        rows = grid.candidates(act, request.args.get("q", ""))
    return render_template("clinic/_drugs.html", rows=rows)


@bp.get("/_quantity")
def quantity() -> Response:
    """Answer packs and amount of a row."""
    with keyboard.looking() as act:
        packs, amount = grid.derived(act, request.args)
    return jsonify(quantity=packs, amount=amount)


@bp.post("/of/<encounter>")
def sign(encounter: str) -> Response:
    """Sign a new prescription; alerts come back to be answered."""
    signing = forms.signing(request.form, identified=_identified())
    return doing.do(
        "prescription.sign",
        lambda: prescribing.issue(
            keyboard.hospital(),
            keyboard.who(),
            encounter=encounter,
            draft=request.form.get("prescription") or None,
            type=request.form.get("type") or None,
            **signing,
        ),
        then=lambda _: _section(encounter),
        again=lambda refused: _draw(encounter, refused),
    )


@bp.post("/<key>/revise")
def revise(key: str) -> Response:
    """Sign a rejected prescription anew."""
    signing = forms.signing(request.form, identified=_identified())
    encounter = _encounter_of(key)
    return doing.do(
        "prescription.revise",
        lambda: keyboard.perform(prescribing.revise, prescription=key, **signing),
        then=lambda _: _section(encounter),
        again=lambda refused: _draw(encounter, refused, key),
    )


@bp.post("/of/<encounter>/heed")
def heed(encounter: str) -> Response:
    """Go back to the grid as it was typed; heeding an alert is an act of its own."""
    rules = [each for each in request.form.getlist("alert") if each]
    items = [each["drug"] for each in forms.rows(request.form) if each["drug"]]
    for rule in rules:
        keyboard.perform(prescribing.heed, encounter=encounter, rule=rule, items=items)
    revising = request.form.get("prescription", "")
    return drawing.draw(encounter, "prescription", grid.build, note="alert.heeded", revising=revising)


@bp.post("/<key>/extend")
def extend(key: str) -> Response:
    """Let a prescription be paid a day longer."""
    encounter = _encounter_of(key)
    version = doing.version()
    return doing.do(
        "prescription.extend",
        lambda: keyboard.perform(prescribing.extend, prescription=key, version=version),
        then=lambda _: _section(encounter),
        again=lambda refused: _draw(encounter, refused),
    )


@bp.post("/<key>/cancel")
def cancel(key: str) -> Response:
    """Cancel a prescription nobody has paid."""
    encounter = _encounter_of(key)
    reason = request.form.get("reason") or None
    return doing.do(
        "prescription.cancel",
        lambda: keyboard.perform(prescribing.cancel, prescription=key, reason=reason),
        then=lambda _: _section(encounter),
        again=lambda refused: _draw(encounter, refused),
    )


def _identified() -> bool:
    password = request.form.get("password", "")
    return bool(password) and accounts.confirms(keyboard.hospital(), keyboard.who().staff, password)


def _section(encounter: str) -> str:
    return url_for("clinic_chart.section", encounter=encounter, name="prescription")


def _draw(encounter: str, refused: Refused, revising: str = "") -> Response:
    return drawing.draw(encounter, "prescription", grid.build, refused, revising=revising)


def _encounter_of(key: str) -> str:
    with keyboard.looking() as act:
        return str(act.fetch("prescription", key)["encounter"])
