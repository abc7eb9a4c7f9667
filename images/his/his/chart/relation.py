"""The treatment relationship: why this person may see this patient's chart. Computed, never claimed."""

from __future__ import annotations

from his.chart import dictionary, waiting
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.hospital_time import DAY_S

NONE = "none"
BROKEN = "break_glass"

_DEAD_REGISTRATIONS = ("unpaid", "refunded", "expired")
_OPEN_PRESCRIPTIONS = ("issued", "reviewed", "charged", "dispensing", "checked", "return_requested")


def of(act: Acting, encounter: Record) -> str:
    """Return own, department, request, author7d or none for one visit."""
    who = act.who
    if _is_current(act, encounter):
        if who.role in ("OPD", "HOD") and who.staff in (encounter["attending"], _registered_doctor(act, encounter)):
            return "own"
        if who.role in ("OPD", "HOD", "NUR") and encounter["dept"] == who.dept:
            return "department"
    if who.role == "PHA" and _has_open_prescription(act, encounter):
        return "request"
    if who.role == "HOD" and encounter["dept"] == who.dept and _awaits_countersignature(act, encounter):
        return "request"
    if encounter["attending"] == who.staff and _ended_lately(act, encounter):
        return "author7d"
    return NONE


def best(act: Acting, patient: str) -> tuple[Record | None, str]:
    """Return the visit of this patient that gives the strongest relation; the latest visit if there is none."""
    visits = act.rows('SELECT * FROM "encounter" WHERE "patient" = ? ORDER BY "created_at" DESC, "id" DESC', patient)
    ranked = {name: place for place, name in enumerate(("own", "department", "request", "author7d", NONE))}
    judged = [(ranked[found], place, found) for place, found in enumerate(of(act, each) for each in visits)]
    if not judged:
        return None, NONE
    _, place, found = min(judged)
    return visits[place], found


def latest(act: Acting, patient: str | None) -> Record | None:
    """Return the visit of this patient that was begun last."""
    return act.one(
        'SELECT * FROM "encounter" WHERE "patient" = ? '
        'ORDER BY "created_at" DESC, LENGTH("id") DESC, "id" DESC LIMIT 1',
        patient,
    )


def require(act: Acting, patient: str, encounter: Record | None = None) -> str:
    """Return the relation. Raises Refused E-PRV-01 without one: a broken glass lets see, not write."""
    found = best(act, patient)[1] if encounter is None else of(act, encounter)
    if found == NONE:
        raise Refused("E-PRV-01")
    return found


def glass_broken(act: Acting, patient: str) -> bool:
    """Say whether this person has broken the glass for this patient today."""
    return (
        act.one(
            'SELECT 1 FROM "glass_broken" WHERE "staff" = ? AND "patient" = ? AND "at" >= ?',
            act.who.staff,
            patient,
            act.today * DAY_S,
        )
        is not None
    )


def _is_current(act: Acting, encounter: Record) -> bool:
    if encounter["status"] in ("in_progress", "on_leave"):
        return True
    if encounter["status"] == "cancelled" or encounter["registration"] is None:
        return False
    found = act.one('SELECT "visit_date", "status" FROM "registration" WHERE "id" = ?', encounter["registration"])
    if found is None or found["status"] in _DEAD_REGISTRATIONS:
        return False
    if found["visit_date"] == act.today:
        return True
    # An emergency patient who has not been seen yet does not lose his nurse at midnight.
    open_still = found["status"] != "completed" and found["visit_date"] == act.today - 1
    return open_still and waiting.is_emergency(act, encounter["dept"])


def _registered_doctor(act: Acting, encounter: Record) -> str | None:
    found = act.one('SELECT "doctor" FROM "registration" WHERE "id" = ?', encounter["registration"])
    return None if found is None else found["doctor"]


def _has_open_prescription(act: Acting, encounter: Record) -> bool:
    marks = ", ".join("?" for _ in _OPEN_PRESCRIPTIONS)
    return (
        act.one(
            f'SELECT 1 FROM "prescription" WHERE "encounter" = ? AND "status" IN ({marks})',  # noqa: S608 only marks
            encounter["id"],
            *_OPEN_PRESCRIPTIONS,
        )
        is not None
    )


def _awaits_countersignature(act: Acting, encounter: Record) -> bool:
    return (
        act.one(
            'SELECT 1 FROM "medical_record" WHERE "encounter" = ? AND "status" = \'pending_countersign\'',
            encounter["id"],
        )
        is not None
    )


def _ended_lately(act: Acting, encounter: Record) -> bool:
    ended = encounter["finished_at"]
    return ended is not None and act.now - ended < dictionary.limit(act, "author_days") * DAY_S
