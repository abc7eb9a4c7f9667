"""Appointments 预约: asked for, confirmed or made to wait, moved, cancelled, turned into a ticket, missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import dictionary, half_days, machine, people, permission, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.chart.storing import upcoming_id
from his.hospital_time import iso_day
from his.registration import operations

IDENTIFIERS_NEEDED = 2
NOT_RELEASED = "候补未释放号源"
"""Why the hospital itself cancels who still waits when the half-day begins."""

_CLINIC = ("doctor", "dept", "half_day")


def request(
    act: Acting,
    *,
    patient: str,
    doctor: str,
    dept: str,
    half_day: str,
    visit_date: Any = None,
    source: str = "WIN",
) -> str:
    """Ask for a visit on a later day or half-day; return the appointment's id.

    Doctors ask for their own department only. E-GEN-03 where nobody sits then or the day is too far ahead.
    """
    act.attempt("appointment.request", patient=patient)
    person = act.fetch("patient", patient)
    day = half_days.day_of(act, visit_date)
    clinic = {"doctor": doctor, "dept": dept, "half_day": half_day}
    data = {**clinic, "visit_date": iso_day(act.binding.anchor, day), "source": source}
    edge = machine.enter(act, "appointment", "request", patient=patient, data=data)
    if permission.scope(act, "appointment.book") == permission.OWN:
        permission.require_own(act, {"doctor": doctor, "dept": dept})
    people.require_living(act, person)
    dictionary.require_code(act, "visit_source", source)
    found = _clinic(act, clinic, day)
    operations.require_suits(act, person, found)
    values = {"patient": patient, **clinic, "visit_date": day, "level": found["level"], "source": source}
    return machine.create(act, edge, values, data=data)[0]


def confirm(act: Acting, *, appointment: str, version: int | None = None) -> None:
    """Book what was asked for. E-APT-03 if the quota is used up or the patient has another booking then."""
    record = act.fetch("appointment", appointment)
    edge = machine.enter(act, "appointment", "confirm", record, version=version)
    _require_living(act, record)
    clinic = _clinic(act, record, record["visit_date"])
    if _misses_too_often(act, record):
        raise Refused("E-GEN-03", hint_zh="该患者近期多次爽约，暂停预约", hint_en="Too many missed appointments lately")
    if clinic["remaining"] <= 0 or _clash(act, record, record):
        waiting = record["status"] == "waitlisted"
        raise _not_free() if waiting else Refused("E-APT-03")
    machine.move(act, edge, record)


def waitlist(act: Acting, *, appointment: str, version: int | None = None) -> None:
    """Put a request on the waiting list, once the quota is used up. E-GEN-03 while places are left."""
    record = act.fetch("appointment", appointment)
    edge = machine.enter(act, "appointment", "waitlist", record, version=version)
    if _clinic(act, record, record["visit_date"])["remaining"] > 0:
        raise Refused("E-GEN-03", hint_zh="仍有号源，请直接确认预约", hint_en="Places are left: confirm it")
    machine.move(act, edge, record)


def cancel(act: Acting, *, appointment: str, reason: str | None = None, version: int | None = None) -> None:
    """Cancel for a coded reason. E-APT-02 for a booked one past the hospital's limit."""
    record = act.fetch("appointment", appointment)
    data = {"reason": reason}
    edge = machine.enter(act, "appointment", "cancel", record, version=version, data=data)
    dictionary.require_code(act, "cancel_reason", reason)
    begins = half_days.starts(act, record["visit_date"], record["half_day"])
    if record["status"] == "booked" and act.now > begins - dictionary.limit(act, "appointment_cancel_minutes") * 60:
        raise Refused("E-APT-02")
    machine.move(act, edge, record, data=data)


def reschedule(
    act: Acting,
    *,
    appointment: str,
    half_day: str,
    visit_date: Any = None,
    doctor: str | None = None,
    dept: str | None = None,
    version: int | None = None,
) -> None:
    """Move a booked appointment to another clinic: the old place is free as soon as the new one is taken."""
    record = act.fetch("appointment", appointment)
    act.attempt("appointment.reschedule", patient=record["patient"], target=appointment)
    day = half_days.day_of(act, visit_date)
    to = {"doctor": doctor or record["doctor"], "dept": dept or record["dept"], "half_day": half_day}
    data = {"doctor": to["doctor"], "visit_date": iso_day(act.binding.anchor, day), "half_day": half_day}
    edge = machine.enter(act, "appointment", "reschedule", record, version=version, data=data)
    clinic = _clinic(act, to, day)
    operations.require_suits(act, _require_living(act, record), clinic)
    if all(record[name] == value for name, value in {**to, "visit_date": day}.items()):
        raise Refused("E-GEN-06", hint_zh="请选择另一个时段", hint_en="Choose another clinic")
    if clinic["remaining"] <= 0 or _clash(act, record, {**to, "visit_date": day}):
        raise _not_free()
    machine.move(act, edge, record, {**to, "visit_date": day, "level": clinic["level"]}, data=data)


def take_ticket(
    act: Acting,
    *,
    appointment: str,
    identifiers: Any = 0,
    insurance_type: str | None = None,
    version: int | None = None,
) -> str:
    """Turn today's appointment into a registration whose fee is due; return the registration's id.

    E-APT-01 once cancelled, E-GEN-06 with fewer than two identifiers, E-GEN-03 on another day or after the half-day.
    """
    record = act.fetch("appointment", appointment)
    compared = typed.whole(identifiers) or 0
    data = {"identifiers": compared}
    edge = machine.enter(act, "appointment", "take_ticket", record, version=version, data=data)
    person = _require_living(act, record)
    if compared < IDENTIFIERS_NEEDED:
        raise Refused("E-GEN-06", hint_zh="请核对两项身份标识", hint_en="Check two identifiers")
    if record["visit_date"] != act.today or half_days.is_over(act, record):
        raise Refused("E-GEN-03", hint_zh="不在就诊日期或时段", hint_en="Not the day or half-day of the visit")
    clinic = half_days.clinic(act, **{name: record[name] for name in _CLINIC})
    if clinic is None:
        raise Refused("E-GEN-03", hint_zh="该医生此时段停诊", hint_en="This clinic is suspended")
    operations.require_first(act, person, clinic)
    insurance = insurance_type or person["insurance_type"]
    dictionary.require_row(act, "insurance_types", "code", insurance)
    # The ticket's id is known before its row is written: the appointment names it.
    cause = machine.move(act, edge, record, {"registration": upcoming_id(act.connection, "registration")}, data=data)
    return operations.sell_following(act, person, clinic, insurance=insurance, source=record["source"], cause=cause)


def expire(act: Acting) -> None:
    """Note who did not come once a half-day is over, and cancel who still waits for a place when it begins."""
    for record in act.rows(
        'SELECT * FROM "appointment" WHERE "status" IN (\'booked\', \'waitlisted\') AND "visit_date" <= ? '
        'ORDER BY "visit_date", LENGTH("id"), "id"',
        act.today,
    ):
        day, half = record["visit_date"], record["half_day"]
        if record["status"] == "booked" and half_days.is_over(act, record):
            machine.follow(act, "appointment", "miss", record, None)
        elif record["status"] == "waitlisted" and act.now >= half_days.starts(act, day, half):
            machine.follow(act, "appointment", "cancel", record, None, data={"reason": NOT_RELEASED})


def _not_free() -> Refused:
    zh, en = "号源已满或与本人其他预约冲突", "The quota is full, or the patient has another booking then"
    return Refused("E-GEN-03", hint_zh=zh, hint_en=en)


def _clinic(act: Acting, about: Record, day: int) -> Record:
    """Return the clinic of an appointment. E-GEN-03 if it is past, too far ahead, suspended or does not exist."""
    dictionary.require_code(act, "half_day", about["half_day"])
    if act.now >= half_days.starts(act, day, about["half_day"]):
        raise Refused("E-GEN-03", hint_zh="该时段已开诊，请现场挂号", hint_en="It has begun: register at the window")
    if day > act.today + dictionary.limit(act, "booking_days"):
        raise Refused("E-GEN-03", hint_zh="超出可预约天数", hint_en="Too far ahead")
    found = half_days.clinic(act, **{name: about[name] for name in _CLINIC}, day=day)
    if found is None:
        raise Refused("E-GEN-03", hint_zh="该医生此时段不出诊", hint_en="This doctor has no such clinic then")
    return found


def _require_living(act: Acting, record: Record) -> Record:
    return people.require_living(act, act.fetch("patient", record["patient"]))


def _clash(act: Acting, record: Record, at: Record) -> bool:
    """Say whether the patient has another booking or visit in the half-day of `at`."""
    when = (record["patient"], at["visit_date"], at["half_day"])
    booked = act.one(
        'SELECT 1 FROM "appointment" WHERE "patient" = ? AND "visit_date" = ? AND "half_day" = ? AND "id" != ? '
        "AND \"status\" = 'booked'",
        *when,
        record["id"],
    )
    sold = act.one(
        'SELECT 1 FROM "registration" WHERE "patient" = ? AND "visit_date" = ? AND "half_day" = ? '
        "AND \"status\" NOT IN ('refunded', 'expired')",
        *when,
    )
    return booked is not None or sold is not None


def _misses_too_often(act: Acting, record: Record) -> bool:
    found = act.one(
        'SELECT COUNT(*) AS n FROM "appointment" WHERE "patient" = ? AND "status" = \'no_show\' AND "visit_date" >= ?',
        record["patient"],
        act.today - dictionary.limit(act, "no_show_days"),
    )
    return int((found or {"n": 0})["n"]) >= dictionary.limit(act, "no_show_max")


ACTIONS: Mapping[str, Operation] = {
    "appointment.request": request,
    "appointment.confirm": confirm,
    "appointment.waitlist": waitlist,
    "appointment.cancel": cancel,
    "appointment.reschedule": reschedule,
    "appointment.take_ticket": take_ticket,
}
