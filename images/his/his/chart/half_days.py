"""Half-days of a clinic 上午/下午/夜 on any day: who sits then, and how many visits of one are left.

The table `schedule` holds the clinics of every hospital day; a row of `clinic_day` says what is different on one.
"""

from __future__ import annotations

from datetime import date

from his.chart import dictionary
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.hospital_time import DAY_S

ORDER = ("AM", "PM", "NT")
SUSPENDED = "suspended"

_CLINICS = """
SELECT w.*, t."name" AS doctor_name, t."title", d."name_zh" AS dept_zh, d."name_en" AS dept_en,
  l."name_zh" AS level_zh, l."name_en" AS level_en, f."fee_code", f."price_cny" AS fee,
  w."quota" - (SELECT COUNT(*) FROM "registration" r WHERE r."visit_date" = :day AND r."doctor" = w."doctor"
    AND r."half_day" = w."half_day" AND r."status" NOT IN ('refunded', 'expired'))
  - (SELECT COUNT(*) FROM "appointment" a WHERE a."visit_date" = :day AND a."doctor" = w."doctor"
    AND a."half_day" = w."half_day" AND a."status" = 'booked') AS remaining
FROM (
  SELECT s."doctor", s."dept", s."half_day", COALESCE(c."level", s."level") AS "level",
    CAST(COALESCE(c."quota", s."quota") AS INTEGER) AS "quota", COALESCE(c."status", 'open') AS "status", c."id"
  FROM "schedule" s LEFT JOIN "clinic_day" c ON c."visit_date" = :day AND c."doctor" = s."doctor"
    AND c."dept" = s."dept" AND c."half_day" = s."half_day"
  UNION ALL
  SELECT c."doctor", c."dept", c."half_day", c."level", c."quota", c."status", c."id" FROM "clinic_day" c
  WHERE c."visit_date" = :day AND NOT EXISTS (SELECT 1 FROM "schedule" s WHERE s."doctor" = c."doctor"
    AND s."dept" = c."dept" AND s."half_day" = c."half_day")
) w
JOIN "staff" t ON t."id" = w."doctor" JOIN "departments" d ON d."dept_code" = w."dept"
JOIN "registration_levels" l ON l."code" = w."level" JOIN "fee_items" f ON f."fee_code" = l."fee_code"
ORDER BY w."dept", CASE w."half_day" WHEN 'AM' THEN 1 WHEN 'PM' THEN 2 ELSE 3 END, w."doctor"
"""


def current(act: Acting) -> str:
    """Return AM, PM or NT for the present hospital time."""
    minute = act.moment.second_of_day // 60
    if minute >= dictionary.limit(act, "night_starts_minute"):
        return "NT"
    return "PM" if minute >= dictionary.limit(act, "pm_starts_minute") else "AM"


def starts(act: Acting, day: int, half_day: str) -> int:
    """Return the hospital second at which the clinics of a half-day begin."""
    keys = {"AM": "am_starts_minute", "PM": "pm_starts_minute", "NT": "night_starts_minute"}
    return day * DAY_S + dictionary.limit(act, keys[half_day]) * 60


def is_over(act: Acting, registration: Record) -> bool:
    """Say whether the half-day a visit was sold for has ended."""
    return act.now >= ends(act, registration)


def ends(act: Acting, registration: Record) -> int:
    """Return the hospital second at which the half-day of a visit ends."""
    keys = {"AM": "pm_starts_minute", "PM": "night_starts_minute"}
    key = keys.get(registration["half_day"])
    within = DAY_S if key is None else dictionary.limit(act, key) * 60
    return int(registration["visit_date"]) * DAY_S + within


def day_of(act: Acting, given: object) -> int:
    """Return a day, given as such or as an ISO date, as days from the anchor; nothing is today. E-GEN-06 otherwise."""
    if given in (None, ""):
        return act.today
    if isinstance(given, int):
        return given
    try:
        return (date.fromisoformat(str(given)) - act.binding.anchor).days
    except ValueError as malformed:
        raise Refused("E-GEN-06") from malformed


def clinics(act: Acting, half_day: str | None = None, *, day: int | None = None) -> list[Record]:
    """Return the clinics of a day, today if none is named, that are not suspended.

    Each with doctor, department, level, fee, quota and what remains of it beside visits sold and booked.
    """
    return [each for each in planned(act, half_day, day=day) if each["status"] != SUSPENDED]


def planned(act: Acting, half_day: str | None = None, *, day: int | None = None) -> list[Record]:
    """Return the clinics of a day, the suspended ones among them."""
    found = act.connection.execute(_CLINICS, {"day": act.today if day is None else day})
    return [dict(each) for each in found if half_day in (None, each["half_day"])]


def clinic(act: Acting, *, dept: str, doctor: str, half_day: str, day: int | None = None) -> Record | None:
    """Return one clinic of a day, today if none is named; None if this doctor does not sit then."""
    wanted = (dept, doctor)
    return next((each for each in clinics(act, half_day, day=day) if (each["dept"], each["doctor"]) == wanted), None)
