"""Schedules and quotas 排班与号源: the head opens and suspends clinics, a doctor authorises visits beyond the quota."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from his.chart import colleague, dictionary, half_days, machine, people, permission, typed
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.hospital_time import iso_day

SUSPENDED_CLINIC = "停诊"
"""What a cancelled appointment of a suspended clinic says as its reason."""

_MOST_PLACES = 999


def view(act: Acting, *, day: int | None = None) -> list[Record]:
    """Show the clinics of the own department on one day, the suspended ones among them."""
    act.attempt("queue.view", data={"desk": "schedule"})
    permission.require(act, "schedule.add_on")
    act.record("queue.view", data={"desk": "schedule"})
    return [each for each in half_days.planned(act, day=day) if each["dept"] == act.who.dept]


def open_clinic(
    act: Acting,
    *,
    doctor: str,
    half_day: str,
    quota: Any,
    visit_date: Any = None,
    level: str | None = None,
) -> str:
    """Open a half-day of a doctor of the own department, or change its quota; return the id of the day's row.

    E-GEN-02 for another department, E-GEN-03 if the half-day is over or more visits are sold already.
    """
    act.attempt("schedule.open")
    day = half_days.day_of(act, visit_date)
    places = typed.whole(quota, _MOST_PLACES)
    data = {**_about(act, doctor, day, half_day), "quota": places}
    act.attempt("schedule.open", data=data)
    sitting = _managed(act, doctor)
    _require_ahead(act, day, half_day)
    if not places:
        raise Refused("E-GEN-06", hint_zh="号源数须为 1 至 999", hint_en="The quota is a number from 1 to 999")
    known = _planned(act, doctor, sitting["dept"], day, half_day)
    wanted = level or (known or {}).get("level") or "GEN"
    dictionary.require_row(act, "registration_levels", "code", wanted)
    if known is not None and places < known["quota"] - known["remaining"]:
        raise Refused("E-GEN-03", hint_zh="已挂出或预约的号多于此数", hint_en="More visits are sold or booked already")
    key = _write(act, known, doctor, sitting["dept"], day, half_day, level=wanted, quota=places, status="open")
    act.record("schedule.open", target=key, data=data)
    return key


def suspend(act: Acting, *, doctor: str, half_day: str, visit_date: Any = None, reason: str = "") -> None:
    """Suspend a half-day 停诊: nothing is sold any more, and its appointments are cancelled."""
    act.attempt("schedule.suspend")
    day = half_days.day_of(act, visit_date)
    data = {**_about(act, doctor, day, half_day), "reason": reason.strip() or None}
    act.attempt("schedule.suspend", data=data)
    sitting = _managed(act, doctor)
    _require_ahead(act, day, half_day)
    known = _planned(act, doctor, sitting["dept"], day, half_day)
    if known is None or known["status"] == half_days.SUSPENDED:
        raise Refused("E-GEN-03", hint_zh="该时段没有开诊", hint_en="There is no clinic to suspend")
    if not reason.strip():
        raise Refused("E-GEN-06", hint_zh="请填写停诊原因", hint_en="Write the reason")
    columns = {"level": known["level"], "quota": known["quota"], "status": half_days.SUSPENDED}
    key = _write(act, known, doctor, sitting["dept"], day, half_day, reason=reason.strip(), **columns)
    cause = act.record("schedule.suspend", target=key, data=data)
    for each in act.rows(
        'SELECT * FROM "appointment" WHERE "doctor" = ? AND "visit_date" = ? AND "half_day" = ? '
        'AND "status" IN (\'booked\', \'waitlisted\') ORDER BY LENGTH("id"), "id"',
        doctor,
        day,
        half_day,
    ):
        machine.follow(act, "appointment", "cancel", each, cause, data={"reason": SUSPENDED_CLINIC})


def authorise(act: Acting, *, patient: str, half_day: str, visit_date: Any = None, doctor: str | None = None) -> str:
    """Let one patient have a visit beyond the quota 加号; return the id of the authorisation.

    The doctor himself or the head of his department. E-GEN-03 beyond the hospital's limit for one half-day.
    """
    act.attempt("schedule.add_on", patient=patient)
    day = half_days.day_of(act, visit_date)
    whose = doctor or act.who.staff
    data = _about(act, whose, day, half_day)
    act.attempt("schedule.add_on", patient=patient, data=data)
    permission.require(act, "schedule.add_on")
    sitting = act.fetch("staff", whose)
    if act.who.staff != whose and not (act.who.role == "HOD" and sitting["dept"] == act.who.dept):
        raise Refused("E-GEN-02")
    people.require_living(act, act.fetch("patient", patient))
    _require_ahead(act, day, half_day)
    clinic = half_days.clinic(act, dept=sitting["dept"], doctor=whose, half_day=half_day, day=day)
    if clinic is None:
        raise Refused("E-GEN-03", hint_zh="该医生此时段不出诊", hint_en="This doctor has no such clinic then")
    zh, en = _too_many(act, clinic, day)
    if zh:
        raise Refused("E-GEN-03", hint_zh=zh, hint_en=en)
    if unused(act, patient, clinic, day) is not None:
        raise Refused("E-GEN-03", hint_zh="已为该患者加号，尚未使用", hint_en="This patient has an unused one already")
    return _add(act, patient, clinic, day, data, system=False)


def ask_doctor(act: Acting, patient: str, clinic: Record, day: int) -> Record | None:
    """Ask the simulated doctor by telephone for a visit beyond the quota; return his authorisation, None if he objects.

    Raises Refused E-REG-05 if the doctor is a seat of the exercise: then that seat authorises.
    """
    if act.one('SELECT 1 FROM "account" WHERE "staff" = ?', clinic["doctor"]) is not None:
        raise Refused("E-REG-05", hint_zh="请该医生在“排班号源”页加号授权", hint_en="That doctor's seat authorises it")
    about = {"patient": patient}
    objection, _ = _too_many(act, clinic, day)
    doctor = act.fetch("staff", clinic["doctor"])
    subject = f"{clinic['dept']} {clinic['half_day']}"
    if not colleague.ask(act, doctor, about, step="schedule.add_on", subject=subject, objection=objection):
        return None
    data = _about(act, clinic["doctor"], day, clinic["half_day"])
    return act.fetch("add_on", _add(act, patient, clinic, day, data, system=True))


def unused(act: Acting, patient: str, clinic: Record, day: int) -> Record | None:
    """Return the authorisation that a patient has for a clinic and has not used."""
    return act.one(
        'SELECT * FROM "add_on" WHERE "patient" = ? AND "doctor" = ? AND "visit_date" = ? AND "half_day" = ? '
        'AND "registration" IS NULL',
        patient,
        clinic["doctor"],
        day,
        clinic["half_day"],
    )


def _add(act: Acting, patient: str, clinic: Record, day: int, data: Mapping[str, Any], *, system: bool) -> str:
    values = {"patient": patient, "visit_date": day, **{name: clinic[name] for name in ("doctor", "dept", "half_day")}}
    key = act.insert("add_on", {**values, "authorised_by": clinic["doctor"] if system else act.who.staff})
    act.record("schedule.add_on", system=system, patient=patient, target=key, data=data)
    return key


def _too_many(act: Acting, clinic: Record, day: int) -> tuple[str, str]:
    found = act.one(
        'SELECT COUNT(*) AS n FROM "add_on" WHERE "doctor" = ? AND "visit_date" = ? AND "half_day" = ?',
        clinic["doctor"],
        day,
        clinic["half_day"],
    )
    if (found or {"n": 0})["n"] < dictionary.limit(act, "add_on_max"):
        return "", ""
    return "该时段加号已达上限", "This half-day has as many extra visits as allowed"


def _about(act: Acting, doctor: str, day: int, half_day: str) -> dict[str, Any]:
    return {"doctor": doctor, "visit_date": iso_day(act.binding.anchor, day), "half_day": half_day}


def _managed(act: Acting, doctor: str) -> Record:
    permission.require(act, "schedule.manage")
    found = act.fetch("staff", doctor)
    if found["dept"] != act.who.dept:
        raise Refused("E-GEN-02")
    if found["role"] not in ("OPD", "HOD"):
        raise Refused("E-GEN-06", hint_zh="只能为门诊医生排班", hint_en="Only outpatient doctors have clinics")
    return found


def _require_ahead(act: Acting, day: int, half_day: str) -> None:
    dictionary.require_code(act, "half_day", half_day)
    if half_days.is_over(act, {"visit_date": day, "half_day": half_day}):
        raise Refused("E-GEN-03", hint_zh="该时段已结束", hint_en="That half-day is over")


def _planned(act: Acting, doctor: str, dept: str, day: int, half_day: str) -> Record | None:
    wanted = (doctor, dept)
    return next((e for e in half_days.planned(act, half_day, day=day) if (e["doctor"], e["dept"]) == wanted), None)


def _write(act: Acting, known: Record | None, doctor: str, dept: str, day: int, half_day: str, **columns: Any) -> str:
    if known is not None and known["id"] is not None:
        act.update("clinic_day", act.fetch("clinic_day", known["id"]), columns)
        return str(known["id"])
    return act.insert(
        "clinic_day", {"doctor": doctor, "dept": dept, "visit_date": day, "half_day": half_day, **columns}
    )


ACTIONS: Mapping[str, Operation] = {
    "schedule.open": open_clinic,
    "schedule.suspend": suspend,
    "schedule.add_on": authorise,
}
