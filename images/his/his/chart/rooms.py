"""Consulting rooms: which belong to a department, and in which one a doctor sits."""

from __future__ import annotations

from his.chart.acting import Acting, Record


def of_dept(act: Acting, dept: str | None) -> list[Record]:
    """Return the rooms of a department: code and two names."""
    return act.rows('SELECT * FROM "rooms" WHERE "dept_code" = ? ORDER BY "room"', dept)


def belongs(act: Acting, room: str, dept: str | None) -> bool:
    """Say whether a room is one of the department's."""
    return any(each["room"] == room for each in of_dept(act, dept))


def of_clinic(act: Acting, registration: Record) -> str | None:
    """Return the room a visit is called to: that of its doctor, of the acting one if it has none yet.

    The department's doctors sit in its rooms in the order in which they joined; None if there are more than rooms.
    """
    known = of_dept(act, registration["dept"])
    doctors = [
        each["doctor"]
        for each in act.rows(
            'SELECT DISTINCT "doctor" FROM "schedule" WHERE "dept" = ? ORDER BY LENGTH("doctor"), "doctor"',
            registration["dept"],
        )
    ]
    doctor = registration["doctor"] or act.who.staff
    place = doctors.index(doctor) if doctor in doctors else len(known)
    return str(known[place]["room"]) if place < len(known) else None
