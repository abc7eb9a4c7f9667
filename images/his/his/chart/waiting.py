"""Who waits for a clinic, in which order, and who may be called next.

Outpatients go by their numbers. Whoever comes late, or comes back after having been passed over, gets a `turn` behind
some of those who wait, and a sign. Emergency patients go by triage level, then by arrival; without a level last.
"""

from __future__ import annotations

from collections.abc import Iterable

from his.chart import dictionary, people
from his.chart.acting import Acting, Record
from his.hospital_time import DAY_S

EMERGENCY = "emergency"
"""Setting of a department whose visits are triaged and last by the hour, not by the half-day."""
_NO_LEVEL = "9"
_URGENT = ("1", "2")

LATE, URGENT, AGED, NO_TRIAGE = "late", "urgent", "aged", "no_triage"
"""Signs of a waiting patient, each with a wording key `sign.<name>`."""


def is_emergency(act: Acting, dept: str | None) -> bool:
    """Say whether a department takes emergencies."""
    found = act.one('SELECT "setting" FROM "departments" WHERE "dept_code" = ?', dept)
    return found is not None and found["setting"] == EMERGENCY


def emergency_until(act: Acting, registration: Record) -> int:
    """Return until which hospital second an emergency registration is valid: so many hours from its sale."""
    begun = registration["paid_at"] if registration["paid_at"] is not None else registration["created_at"]
    return int(begun or registration["visit_date"] * DAY_S) + dictionary.limit(act, "emergency_hours") * 3600


def in_order(rows: Iterable[Record]) -> list[Record]:
    """Return the waiting among rows of `queue.today`, first come first; clinics stay together."""
    waiting = [each for each in rows if each["status"] == "checked_in"]
    return sorted(waiting, key=lambda each: (door(each), place(each)))


def is_first(rows: Iterable[Record], registration: Record) -> bool:
    """Say whether nobody of the same clinic waits before this one; `rows` are those of `queue.today`."""
    of_clinic = [each for each in in_order(rows) if same_clinic(each, registration)]
    return not of_clinic or of_clinic[0]["id"] == registration["id"]


def same_clinic(one: Record, other: Record) -> bool:
    """Say whether two visits wait before the same door. In emergency the half-day makes no difference."""
    if one["dept"] != other["dept"] or one["doctor"] != other["doctor"]:
        return False
    emergency = EMERGENCY in (one.get("setting"), other.get("setting"))
    return emergency or (one["visit_date"], one["half_day"]) == (other["visit_date"], other["half_day"])


def turn_after_others(act: Acting, rows: Iterable[Record], registration: Record) -> int:
    """Return the turn of somebody who comes late or back: behind so many of those who wait for the same clinic."""
    others = [
        _turn(each) for each in in_order(rows) if same_clinic(each, registration) and each["id"] != registration["id"]
    ]
    behind = others[: dictionary.limit(act, "late_goes_behind")]
    return max([int(registration["queue_no"]), *behind[-1:]])


def comes_late(rows: Iterable[Record], registration: Record) -> bool:
    """Say whether a later number of the same clinic has been called before this one checks in."""
    return any(
        same_clinic(each, registration)
        and each["queue_no"] > registration["queue_no"]
        and each["status"] in ("called", "in_consult", "completed", "missed")
        for each in rows
    )


def minutes(act: Acting, row: Record) -> int | None:
    """Return for how many whole minutes of hospital time somebody has been waiting, None for who is not."""
    if row["status"] != "checked_in" or row["checked_in_at"] is None:
        return None
    return max(0, act.now - int(row["checked_in_at"])) // 60


def signs(act: Acting, row: Record) -> list[str]:
    """Return what makes a visit of `queue.today` special: LATE, URGENT, AGED, NO_TRIAGE."""
    found = []
    years, _, _ = people.age(act, row["birth_date"])
    if row["triage"] in _URGENT:
        found.append(URGENT)
    if row["setting"] == EMERGENCY and row["encounter_status"] == "arrived" and row["triage"] is None:
        found.append(NO_TRIAGE)
    if years is not None and years >= dictionary.limit(act, "aged_from_years"):
        found.append(AGED)
    if row["turn"] is not None:
        found.append(LATE)
    return found


def door(row: Record) -> tuple[str, str, str]:
    """Return what keeps clinics apart in a list. The emergency department is one: the worst off stand in front."""
    if row["setting"] == EMERGENCY:
        return (row["dept"], "", "")
    return (row["dept"], row["half_day"], row["doctor"] or "")


def place(row: Record) -> tuple[str, int, int, int]:
    """Return what orders the visits of one clinic: in emergency level and arrival, else turn and number."""
    if row["setting"] == EMERGENCY:
        return (row["triage"] or _NO_LEVEL, int(row["checked_in_at"] or 0), row["queue_no"], 0)
    # Of one turn the one who always had it goes first.
    return ("", _turn(row), row["turn"] is not None, int(row["checked_in_at"] or 0))


def _turn(row: Record) -> int:
    return int(row["queue_no"] if row["turn"] is None else row["turn"])
