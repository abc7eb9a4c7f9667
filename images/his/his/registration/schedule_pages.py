"""Schedules and quotas 排班号源: the department's clinics of a day; quota, suspension, visits beyond the quota."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from his.chart import half_days, people
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.hospital_time import iso_day
from his.registration import operations, schedules
from his.shell import doing, frames, keyboard, naming
from his.shell.frames import Page
from his.shell.glossary import Option

_FARTHEST_DAYS = 366
"""How far from today the page turns."""

bp = Blueprint("registration_schedule", __name__, url_prefix="/registration/schedules")


@dataclass(frozen=True, kw_only=True)
class ClinicDay:
    """One half-day of one doctor. `taken` are visits sold and booked, `waiting` who hopes for a place."""

    key: str
    doctor: str
    doctor_name: str
    half_day: str
    half_name: str
    level: str
    level_name: str
    quota: int
    taken: int
    waiting: int
    remaining: int
    suspended: bool
    href: str
    mine: bool


@dataclass(frozen=True, kw_only=True)
class SchedulesView:
    day: str
    previous: str
    next: str
    manages: bool
    """Whether the person may open and suspend; a doctor only authorises visits beyond the quota."""
    rows: Sequence[ClinicDay]
    chosen: ClinicDay | None
    doctors: Sequence[Option]
    halves: Sequence[Option]
    levels: Sequence[Option]
    query: str
    hits: Sequence[naming.Hit]
    wrong: str
    """The deed that was refused, so that its fields are marked."""


@bp.get("", endpoint="schedules")
def list_clinics() -> Response:
    """Show the clinics of one day."""
    return _draw()


@bp.post("/open")
def open_clinic() -> Response:
    """Open a clinic, or change its quota."""
    fields = {name: request.form.get(name) or None for name in ("level", "quota")}
    return _do("schedule.open", schedules.open_clinic, **fields)


@bp.post("/suspend")
def suspend() -> Response:
    """Suspend a clinic."""
    return _do("schedule.suspend", schedules.suspend, reason=request.form.get("reason", ""))


@bp.post("/add-on")
def add_on() -> Response:
    """Authorise one visit beyond the quota."""
    return _do("schedule.add_on", schedules.authorise, patient=request.form.get("patient", ""))


def _do(deed: str, operation: Callable[..., Any], **fields: Any) -> Response:
    day, doctor, half = (request.form.get(name, "") for name in ("visit_date", "doctor", "half_day"))
    return doing.do(
        deed,
        lambda: keyboard.perform(operation, visit_date=day, doctor=doctor, half_day=half, **fields),
        then=lambda _: url_for(".schedules", day=day, clinic=f"{doctor}:{half}"),
        again=lambda refused: _draw(refused, deed),
    )


def _draw(refusal: Refused | None = None, deed: str = "") -> Response:
    asked = request.form.get("visit_date") or request.args.get("day", "")
    typed = f"{request.form.get('doctor', '')}:{request.form.get('half_day', '')}"
    key = request.args.get("clinic", "") or typed
    query = request.args.get("q", "").strip()
    day = _day(asked)
    rows = keyboard.perform(schedules.view, day=day)
    hits = keyboard.perform(operations.search, query=query) if people.normalised(query) else []
    glossary = keyboard.glossary()
    with keyboard.looking() as act:
        shown = [_row(act, each, day, query) for each in rows]
        view = SchedulesView(
            day=iso_day(act.binding.anchor, day),
            previous=iso_day(act.binding.anchor, day - 1),
            next=iso_day(act.binding.anchor, day + 1),
            manages=act.who.role == "HOD",
            rows=shown,
            chosen=next((each for each in shown if each.key == key), None),
            doctors=_doctors(act),
            halves=glossary.options("half_day"),
            levels=glossary.table("registration_levels"),
            query=query,
            hits=[naming.hit(each) for each in hits],
            wrong=deed if refusal is not None and refusal.code == "E-GEN-06" else "",
        )
    page = Page(
        template="registration/schedules.html",
        title="desk.schedule",
        tab="schedules",
        view=view,
        keys=_keys(view),
        here=url_for(".schedules", day=view.day, clinic=key) if refusal else "",
        refusal=refusal,
    )
    return frames.show(page)


def _keys(view: SchedulesView) -> tuple[str, ...]:
    if view.chosen is None:
        return ()
    authorises = ("F3=search", *(("F9=add_on",) if view.hits else ())) if view.chosen.mine else ()
    return ("F2=save", *authorises) if view.manages else authorises


def _day(asked: str) -> int:
    """Return the day that was asked for; what is no date or far away is today: the address line is nobody's form."""
    with keyboard.looking() as act:
        try:
            day = half_days.day_of(act, asked)
        except Refused:
            return act.today
        return day if abs(day - act.today) <= _FARTHEST_DAYS else act.today


def _row(act: Acting, row: Record, day: int, query: str) -> ClinicDay:
    glossary = keyboard.glossary()
    key = f"{row['doctor']}:{row['half_day']}"
    waiting = act.one(
        'SELECT COUNT(*) AS n FROM "appointment" WHERE "visit_date" = ? AND "doctor" = ? AND "half_day" = ? '
        "AND \"status\" IN ('requested', 'waitlisted')",
        day,
        row["doctor"],
        row["half_day"],
    )
    return ClinicDay(
        key=key,
        doctor=row["doctor"],
        doctor_name=row["doctor_name"],
        half_day=row["half_day"],
        half_name=glossary.name("half_day", row["half_day"]),
        level=row["level"],
        level_name=glossary.name("registration_levels", row["level"]),
        quota=row["quota"],
        taken=row["quota"] - row["remaining"],
        waiting=(waiting or {"n": 0})["n"],
        remaining=max(row["remaining"], 0),
        suspended=row["status"] == half_days.SUSPENDED,
        href=url_for(".schedules", day=iso_day(act.binding.anchor, day), clinic=key, q=query or None),
        mine=act.who.role == "HOD" or row["doctor"] == act.who.staff,
    )


def _doctors(act: Acting) -> list[Option]:
    found = act.rows(
        'SELECT "id", "name", "title" FROM "staff" WHERE "dept" = ? AND "role" = \'OPD\' ORDER BY "staff_no"',
        act.who.dept,
    )
    title = keyboard.glossary().name
    return [Option(value=each["id"], label=f"{each['name']} {title('title', each['title'])}") for each in found]
