"""Pages of appointments 预约: who asks, who is booked, who waits; a new one by patient, day and clinic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import half_days, people
from his.chart.acting import Acting
from his.chart.refusing import Refused
from his.hospital_time import iso_day
from his.registration import booking, booking_views, operations
from his.registration.booking_views import Appointment, BookingView, Clinic
from his.shell import doing, frames, keyboard, naming, strips, ticking
from his.shell.frames import Page
from sandbox.contract import machines

bp = Blueprint("registration_booking", __name__, url_prefix="/registration/bookings")


@bp.get("", endpoint="bookings")
def list_bookings() -> Response:
    """Show appointments, the chosen one, or the way to a new one."""
    return _draw()


@bp.post("")
def ask() -> Response:
    """Ask for an appointment."""
    fields = {name: request.form.get(name, "") for name in ("patient", "doctor", "dept", "half_day", "visit_date")}
    source = request.form.get("source") or "WIN"
    return doing.do(
        "appointment.request",
        lambda: keyboard.perform(booking.request, source=source, **fields),
        then=lambda key: url_for(".bookings", appointment=key),
        again=lambda refused: _draw(refused=refused, deed="appointment.request"),
    )


@bp.post("/<key>/confirm")
def confirm(key: str) -> Response:
    """Book what was asked for."""
    return _do("appointment.confirm", booking.confirm, key, show="booked")


@bp.post("/<key>/waitlist")
def waitlist(key: str) -> Response:
    """Let a request wait for a place."""
    return _do("appointment.waitlist", booking.waitlist, key)


@bp.post("/<key>/cancel")
def cancel(key: str) -> Response:
    """Cancel an appointment."""
    return _do("appointment.cancel", booking.cancel, key, reason=request.form.get("reason") or None)


@bp.post("/<key>/reschedule")
def reschedule(key: str) -> Response:
    """Move an appointment to another clinic."""
    doctor, dept, half = (*request.form.get("clinic", "").split(":"), "", "", "")[:3]
    fields = {"doctor": doctor, "dept": dept, "half_day": half, "visit_date": request.form.get("visit_date", "")}
    return _do("appointment.reschedule", booking.reschedule, key, show="booked", **fields)


@bp.post("/<key>/ticket")
def take_ticket(key: str) -> Response:
    """Turn an appointment into a registration; its fee is taken at the window."""
    with keyboard.looking() as act:
        patient = str(act.fetch("appointment", key)["patient"])
    fields = {
        "identifiers": ticking.count(request.form, "identifiers"),
        "insurance_type": request.form.get("insurance_type") or None,
        "version": doing.version(),
    }
    return doing.do(
        "appointment.take_ticket",
        lambda: keyboard.perform(booking.take_ticket, appointment=key, **fields),
        then=lambda _: url_for("registration.desk", patient=patient),
        again=lambda refused: _draw(key, refused, "appointment.take_ticket"),
    )


def _do(deed: str, operation: Callable[..., Any], key: str, *, show: str = "open", **fields: Any) -> Response:
    version = doing.version()
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, appointment=key, version=version, **fields),
        then=lambda _: url_for(".bookings", show=show, appointment=key),
        again=lambda refused: _draw(key, refused, deed),
    )


def _draw(key: str = "", refused: Refused | None = None, deed: str = "") -> Response:
    key = key or request.args.get("appointment", "")
    find = request.args.get("find", "").strip()
    hits = keyboard.perform(operations.search, query=find) if people.normalised(find) else []
    keyboard.perform(operations.note_queue, desk="booking")
    with keyboard.looking() as act:
        view = _view(act, key, find, hits, deed if refused is not None and refused.code == "E-GEN-06" else "")
        about = view.chosen.patient if view.chosen else view.patient
        strip = strips.of(act, about) if about else None
    page = Page(
        template="registration/bookings.html",
        title="desk.booking",
        tab="booking",
        view=view,
        strip=strip,
        keys=("F3=search", *_main_key(view)),
        here=url_for(".bookings", show=view.show, appointment=key or None, patient=view.patient or None)
        if refused
        else "",
        refusal=refused,
    )
    return frames.show(page)


def _view(act: Acting, key: str, find: str, hits: list[Any], wrong: str) -> BookingView:
    glossary = keyboard.glossary()
    asked = request.args.get("show", "open")
    show = asked if asked in booking_views.SHOWN else "open"
    query = people.normalised(request.args.get("q", ""))
    own = act.who.dept if act.who.role != "REG" else ""
    chosen = booking_views.appointment(act, key, show, query) if key else None
    patient = "" if chosen else request.values.get("patient", "")
    day, dept, at = _asked_clinic(act, chosen, own)
    clinics = booking_views.clinics(act, day, dept=dept, patient=patient, chosen=at, find=find)
    return BookingView(
        show=show,
        query=query,
        rows=booking_views.appointments(act, show=show, query=query, dept=own or None),
        may=_may(act),
        find=find,
        hits=[naming.hit(each) for each in hits],
        patient=patient,
        day=iso_day(act.binding.anchor, day),
        depts=[] if own else [each for each in glossary.table("departments") if _sits(act, each.value)],
        dept=dept,
        clinics=clinics,
        chosen_clinic=next((each for each in clinics if each.chosen), None),
        chosen=chosen,
        identifiers=booking_views.identifiers(act, chosen.patient) if chosen else (),
        ticked=request.form.getlist("identifiers"),
        insurances=glossary.table("insurance_types"),
        insurance=_insurance(act, chosen),
        reasons=glossary.options("cancel_reason"),
        sources=glossary.options("visit_source"),
        wrong=wrong,
    )


def _asked_clinic(act: Acting, chosen: Appointment | None, own: str) -> tuple[int, str, str]:
    """Return day, department and clinic that the page is about: tomorrow, where nothing was said."""
    given = request.form if request.method == "POST" else request.args
    asked = given.get("visit_date") or request.args.get("day", "")
    try:
        day = half_days.day_of(act, asked) if asked else act.today + 1
    except Refused:
        # The address line is nobody's form.
        day = act.today + 1
    clinic = given.get("clinic", "") or ":".join(given.get(name, "") for name in ("doctor", "dept", "half_day"))
    dept = chosen.dept if chosen else own or request.args.get("dept", "")
    return day, dept, clinic


def _may(act: Acting) -> frozenset[str]:
    edges = [each for each in machines.TRANSITIONS if each.entity == "appointment"]
    return frozenset(each.event for each in edges if act.who.role in each.actors and _allowed(act, each.permission))


def _allowed(act: Acting, permission: str) -> bool:
    found = act.one('SELECT 1 FROM "permission" WHERE "permission" = ? AND "role" = ?', permission, act.who.role)
    return found is not None


def _sits(act: Acting, dept: str) -> bool:
    return act.one('SELECT 1 FROM "schedule" WHERE "dept" = ?', dept) is not None


def _insurance(act: Acting, chosen: Appointment | None) -> str:
    if chosen is None:
        return ""
    return str(act.fetch("patient", chosen.patient)["insurance_type"] or "")


def _main_key(view: BookingView) -> tuple[str, ...]:
    if view.chosen is None:
        ready: Clinic | None = view.chosen_clinic if view.patient else None
        return ("F9=book",) if ready else ()
    if view.chosen.status in booking_views.SHOWN["open"] and "confirm" in view.may:
        return ("F9=confirm_booking",)
    return ("F9=take_ticket",) if view.chosen.status == "booked" and view.chosen.is_today else ()
