"""Visits of the day as every desk of the queue sees them, and how a registration lapses."""

from __future__ import annotations

from his.chart import machine, waiting
from his.chart.acting import Acting, Record


def today(act: Acting, *, dept: str | None = None, doctor: str | None = None) -> list[Record]:
    """Return today's visits in order of their numbers, with the patient's name, sex and age-giving birth date.

    Emergency visits of yesterday that have not ended stand among them: their day has 24 hours.
    """
    return act.rows(
        'SELECT r.*, p."name", p."sex", p."birth_date", p."mrn", e."status" AS encounter_status, '
        'e."triage", d."setting", '
        't."name" AS doctor_name, d."name_zh" AS dept_zh, d."name_en" AS dept_en FROM "registration" r '
        'JOIN "patient" p ON p."id" = r."patient" LEFT JOIN "encounter" e ON e."id" = r."encounter" '
        'LEFT JOIN "staff" t ON t."id" = r."doctor" LEFT JOIN "departments" d ON d."dept_code" = r."dept" '
        'WHERE r."visit_date" >= ? AND r."visit_date" <= ? AND (r."visit_date" = ? OR (d."setting" = ? '
        "AND r.\"status\" IN ('registered', 'checked_in', 'called', 'missed', 'in_consult'))) "
        'AND (? IS NULL OR r."dept" = ?) AND (? IS NULL OR r."doctor" = ?) '
        'ORDER BY r."half_day", r."doctor", r."queue_no", r."id"',
        act.today - 1,
        act.today,
        act.today,
        waiting.EMERGENCY,
        dept,
        dept,
        doctor,
        doctor,
    )


def next_place(act: Acting, clinic: Record) -> int:
    """Return the next queue number of a doctor's half-day; numbers of refunded visits are not used again."""
    found = act.one(
        'SELECT COALESCE(MAX("queue_no"), 0) + 1 AS place FROM "registration" '
        'WHERE "visit_date" = ? AND "doctor" = ? AND "half_day" = ?',
        act.today,
        clinic["doctor"],
        clinic["half_day"],
    )
    return 1 if found is None else int(found["place"])


def expire(act: Acting, registration: Record) -> None:
    """Let one registration lapse: its visit is cancelled, its unpaid fee voided."""
    cause = machine.follow(act, "registration", "expire", registration, None)
    cancel_visit(act, registration, cause)
    for item in act.rows(
        'SELECT * FROM "charge_item" WHERE "registration" = ? AND "status" IN (\'planned\', \'billable\')',
        registration["id"],
    ):
        machine.follow(act, "charge_item", "void", item, cause)


def cancel_visit(act: Acting, registration: Record, cause: int) -> None:
    """Cancel the visit of a registration that lapsed or was given back, if nobody has begun it."""
    visit = act.one('SELECT * FROM "encounter" WHERE "id" = ?', registration["encounter"])
    if visit is not None and visit["status"] in ("planned", "arrived", "triaged"):
        machine.follow(act, "encounter", "cancel", visit, cause)
