"""Pages of the registration desk: find a person, sell a visit, take the fee, check in."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from his.chart import calling, people, queue
from his.chart.refusing import Refused
from his.registration import cards, drawing, operations, views
from his.shell import doing, frames, keyboard
from his.shell.frames import Page

bp = Blueprint("registration", __name__, url_prefix="/registration")


@bp.get("/")
def desk() -> Response:
    """Show the desk: search left, person and clinics right."""
    return drawing.desk()


@bp.get("/_hits")
def hits() -> str:
    """Answer search-as-you-type with the list of hits."""
    return render_template("registration/_hits.html", view=drawing.found_so_far(request.args.get("q", "")))


@bp.post("/patients/<patient>/id")
def view_id(patient: str) -> Response:
    """Show the full ID number once, as an act of its own."""
    try:
        number = keyboard.perform(people.view_id, patient=patient)
    except Refused as refused:
        return drawing.desk(patient=patient, refusal=refused)
    return drawing.desk(patient=patient, full_id=number)


@bp.post("/patients/<patient>/card")
def read_card(patient: str) -> Response:
    """Read the patient's insurance card and offer its type for the ticket."""
    try:
        insurance = keyboard.perform(cards.read, patient=patient)
    except Refused as refused:
        return drawing.desk(patient=patient, refusal=refused)
    return drawing.desk(patient=patient, card=insurance)


@bp.post("/patients/<patient>/flag")
def flag(patient: str) -> Response:
    """Mark two records as possibly one person."""
    return doing.do(
        "patient_index.flag_duplicate",
        lambda: keyboard.perform(operations.flag_duplicate, patient=patient, other=request.form.get("other", "")),
        then=lambda _: url_for(".desk", patient=patient),
        again=lambda refused: drawing.desk(patient=patient, refusal=refused),
    )


@bp.post("/registrations")
def register() -> Response:
    """Sell one visit."""
    names = ("patient", "dept", "doctor", "half_day", "level", "insurance_type", "second")
    fields = {name: request.form.get(name) or None for name in names}
    patient = request.form.get("patient", "")
    return doing.do(
        "registration.create",
        lambda: keyboard.perform(operations.register, **fields),
        then=lambda _: url_for(".desk", patient=patient),
        again=lambda refused: drawing.desk(patient=patient, refusal=refused),
    )


@bp.post("/registrations/<key>/pay")
def pay(key: str) -> Response:
    """Take the fee."""
    version = doing.version()
    fields = {"channel": request.form.get("channel", ""), "tendered": request.form.get("tendered", "").strip() or None}
    patient = _patient_of(key)
    return doing.do(
        "registration.pay",
        lambda: keyboard.perform(operations.pay, registration=key, version=version, **fields),
        then=lambda _: url_for(".desk", patient=patient),
        again=lambda refused: drawing.desk(patient=patient, refusal=refused),
    )


@bp.post("/registrations/<key>/check-in")
def check_in(key: str) -> Response:
    """Put a paid visit into the queue."""
    version = doing.version()
    to_desk = request.form.get("back") == "desk"
    patient = _patient_of(key)
    return doing.do(
        "registration.check_in",
        lambda: keyboard.perform(calling.check_in, registration=key, version=version),
        then=lambda _: url_for(".desk", patient=patient) if to_desk else url_for(".checkin"),
        again=lambda refused: (
            drawing.desk(patient=patient, refusal=refused) if to_desk else drawing.checkin(refusal=refused)
        ),
    )


@bp.get("/today")
def checkin() -> Response:
    """Show today's visits, for checking in."""
    return drawing.checkin()


@bp.get("/registrations/<key>/slip")
def slip(key: str) -> Response:
    """Show the ticket, ready to print."""
    with keyboard.looking() as act:
        record = act.fetch("registration", key)
        row = next(each for each in queue.today(act) if each["id"] == key)
        shown = views.visit(act, row)
    facts = (
        ("patient.name", f"{shown.name}　{shown.sex}　{shown.age}"),
        ("patient.mrn", shown.mrn),
        ("clinics.dept", shown.dept_name),
        ("clinics.doctor", shown.doctor_name),
        ("clinics.half", shown.half_name),
        ("slip.no", str(shown.queue_no)),
        ("clinics.fee", shown.fee),
        ("slip.time", keyboard.when(record["paid_at"])),
    )
    view = views.SlipView(
        document=f"registration:{key}",
        patient=shown.patient,
        facts=facts,
        back=url_for(".desk", patient=record["patient"]),
    )
    return frames.show(
        Page(template="registration/slip.html", title="slip.title", tab="register", view=view, keys=("F8=print",))
    )


def _patient_of(registration: str) -> str:
    with keyboard.looking() as act:
        return str(act.fetch("registration", registration)["patient"])
