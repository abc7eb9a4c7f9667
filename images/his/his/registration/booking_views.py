"""What the pages of appointments show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from his.chart import half_days, people
from his.chart.acting import Acting, Record
from his.hospital_time import iso_day
from his.shell import keyboard, naming, sheets
from his.shell.glossary import Option, money

SHOWN: Mapping[str, tuple[str, ...]] = {
    "open": ("requested", "waitlisted"),
    "booked": ("booked",),
    "past": ("fulfilled", "cancelled", "no_show"),
}
"""What a list holds: to be decided, booked, done with."""
MOST = 200
"""A list holds so many; a search by name finds the others."""

_LIST = """
SELECT a.*, p."name", p."sex", p."birth_date", p."mrn", t."name" AS doctor_name FROM "appointment" a
JOIN "patient" p ON p."id" = a."patient" LEFT JOIN "staff" t ON t."id" = a."doctor"
WHERE a."status" IN (:one, :two, :three) AND (:dept IS NULL OR a."dept" = :dept)
AND (:text = '' OR p."name" LIKE :text || '%' OR p."mrn" = :text OR p."pinyin_initials" LIKE LOWER(:text) || '%')
ORDER BY a."visit_date", a."half_day", a."doctor", LENGTH(a."id"), a."id" LIMIT :most
"""


@dataclass(frozen=True, kw_only=True)
class Appointment:
    id: str
    version: int
    patient: str
    name: str
    sex: str
    age: str
    mrn: str
    dept: str
    doctor: str
    dept_name: str
    doctor_name: str
    level_name: str
    day: str
    half_day: str
    half_name: str
    source: str
    status: str
    is_today: bool
    href: str


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """A half-day that may be booked; `key` is doctor:department:half-day."""

    key: str
    dept: str
    doctor: str
    half_day: str
    dept_name: str
    doctor_name: str
    level_name: str
    half_name: str
    fee: str
    remaining: int
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class BookingView:
    """`may` holds the events the person's role has at this desk."""

    show: str
    query: str
    rows: Sequence[Appointment]
    may: frozenset[str]
    find: str
    """What was searched for in the patient index."""
    hits: Sequence[naming.Hit]
    patient: str
    day: str
    depts: Sequence[Option]
    dept: str
    clinics: Sequence[Clinic]
    chosen_clinic: Clinic | None
    chosen: Appointment | None
    identifiers: Sequence[tuple[str, str, str]]
    ticked: Sequence[str]
    insurances: Sequence[Option]
    insurance: str
    reasons: Sequence[Option]
    sources: Sequence[Option]
    wrong: str
    """The deed that was refused for its fields, so that they are marked."""


def appointments(act: Acting, *, show: str, query: str, dept: str | None) -> list[Appointment]:
    """Return the appointments of a list, soonest first; of one department only if it is named."""
    one, two, three = (*SHOWN[show], "", "")[:3]
    given = {"one": one, "two": two, "three": three, "dept": dept, "text": query, "most": MOST}
    return [_appointment(act, dict(each), show, query) for each in act.connection.execute(_LIST, given)]


def appointment(act: Acting, key: str, show: str, query: str) -> Appointment | None:
    """Return one appointment, None if there is no such."""
    found = act.one(
        'SELECT a.*, p."name", p."sex", p."birth_date", p."mrn", t."name" AS doctor_name FROM "appointment" a '
        'JOIN "patient" p ON p."id" = a."patient" LEFT JOIN "staff" t ON t."id" = a."doctor" WHERE a."id" = ?',
        key,
    )
    return None if found is None else _appointment(act, found, show, query)


def clinics(act: Acting, day: int, *, dept: str, patient: str, chosen: str, find: str) -> list[Clinic]:
    """Return the clinics of a day that have not begun, of one department if it is named."""
    rows = [each for each in half_days.clinics(act, day=day) if dept in ("", each["dept"])]
    ahead = [each for each in rows if act.now < half_days.starts(act, day, each["half_day"])]
    return [_clinic(act, each, day, dept=dept, patient=patient, chosen=chosen, find=find) for each in ahead]


def identifiers(act: Acting, patient: str) -> list[tuple[str, str, str]]:
    """Return what can be compared with a person who comes for his ticket."""
    return sheets.identifiers(people.shown(act, act.fetch("patient", patient)))


def _clinic(act: Acting, row: Record, day: int, *, dept: str, patient: str, chosen: str, find: str) -> Clinic:
    key = f"{row['doctor']}:{row['dept']}:{row['half_day']}"
    return Clinic(
        **naming.clinic(row),
        key=key,
        dept=row["dept"],
        doctor=row["doctor"],
        half_day=row["half_day"],
        level_name=keyboard.glossary().name("registration_levels", row["level"]),
        fee=money(row["fee"]),
        remaining=max(row["remaining"], 0),
        href=url_for(
            "registration_booking.bookings",
            patient=patient,
            day=iso_day(act.binding.anchor, day),
            dept=dept or None,
            clinic=key,
            find=find or None,
        ),
        chosen=key == chosen,
    )


def _appointment(act: Acting, row: Record, show: str, query: str) -> Appointment:
    glossary = keyboard.glossary()
    return Appointment(
        **naming.person(act, row),
        **naming.clinic(row),
        id=row["id"],
        version=row["version"],
        patient=row["patient"],
        mrn=row["mrn"],
        dept=row["dept"],
        doctor=row["doctor"],
        level_name=glossary.name("registration_levels", row["level"]),
        day=iso_day(act.binding.anchor, row["visit_date"]),
        half_day=row["half_day"],
        source=glossary.name("visit_source", row["source"]),
        status=row["status"],
        is_today=row["visit_date"] == act.today,
        href=url_for("registration_booking.bookings", show=show, q=query or None, appointment=row["id"]),
    )
