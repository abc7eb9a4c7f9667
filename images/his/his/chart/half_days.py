"""Half-days of a clinic 上午/下午/夜 and how many visits of one are left."""

from __future__ import annotations

from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.hospital_time import DAY_S


def current(act: Acting) -> str:
    """Return AM, PM or NT for the present hospital time."""
    minute = act.moment.second_of_day // 60
    if minute >= dictionary.limit(act, "night_starts_minute"):
        return "NT"
    return "PM" if minute >= dictionary.limit(act, "pm_starts_minute") else "AM"


def is_over(act: Acting, registration: Record) -> bool:
    """Say whether the half-day a visit was sold for has ended."""
    return act.now >= ends(act, registration)


def ends(act: Acting, registration: Record) -> int:
    """Return the hospital second at which the half-day of a visit ends."""
    keys = {"AM": "pm_starts_minute", "PM": "night_starts_minute"}
    key = keys.get(registration["half_day"])
    within = DAY_S if key is None else dictionary.limit(act, key) * 60
    return int(registration["visit_date"]) * DAY_S + within


def clinics(act: Acting, half_day: str | None = None) -> list[Record]:
    """Return today's clinics with doctor, department, level, fee, quota and what remains of it."""
    found = act.rows(
        'SELECT s.*, t."name" AS doctor_name, t."title", d."name_zh" AS dept_zh, d."name_en" AS dept_en, '
        'l."name_zh" AS level_zh, l."name_en" AS level_en, f."fee_code", f."price_cny" AS fee, '
        'CAST(s."quota" AS INTEGER) - (SELECT COUNT(*) FROM "registration" r WHERE r."visit_date" = ? '
        'AND r."doctor" = s."doctor" AND r."half_day" = s."half_day" '
        "AND r.\"status\" NOT IN ('refunded', 'expired')) AS remaining "
        'FROM "schedule" s JOIN "staff" t ON t."id" = s."doctor" '
        'JOIN "departments" d ON d."dept_code" = s."dept" '
        'JOIN "registration_levels" l ON l."code" = s."level" JOIN "fee_items" f ON f."fee_code" = l."fee_code" '
        'ORDER BY s."dept", s."half_day", s."doctor"',
        act.today,
    )
    return [each for each in found if half_day in (None, each["half_day"])]


def clinic(act: Acting, *, dept: str, doctor: str, half_day: str) -> Record | None:
    """Return one clinic of today, or None if this doctor does not sit then."""
    return next((each for each in clinics(act, half_day) if each["dept"] == dept and each["doctor"] == doctor), None)
