"""Start data of an exercise: people and records that are there before the trainee comes. Never evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from his import start_pharmacy
from his.chart import dictionary, half_days, people, queue, relation, storing
from his.chart.acting import Acting
from his.hospital_time import DAY_S
from sandbox.contract import identity, machines, moments
from sandbox.contract.exercise_pack import StartRow, StartSet
from sandbox.contract.state import TABLES

Names = Mapping[str, list[str]]

_MACHINES = {"patient": "patient_index"}
_FIRST_STATE = {"diagnosis": "active", "rx_item": "active", "mail": "new", "incident": "received"}
_VISIT_STATES = {"unpaid": "planned", "registered": "planned", "in_consult": "in_progress", "completed": "finished"}
"""State of the visit that goes with a registration; any other registration has arrived."""
_ARRIVED = ("checked_in", "called", "missed", "in_consult", "completed")
_INSURANCE = "310"
_ADDRESS = f"{identity.PROVINCE}{identity.CITY}练习区模拟路1号"
_SERIALS = 400


def add_person(act: Acting, table: str, columns: Mapping[str, Any]) -> str:
    """Add a person of the cast; numbers that are not given come from the synthetic rules."""
    values = {name: _stored(act, table, name, value, {}) for name, value in columns.items()}
    if table == "patient":
        values = {**_synthetic(act, values), **values, "status": values.get("status", "active")}
    else:
        values = {"staff_no": storing.upcoming_id(act.connection, "staff").upper(), **values}
    return act.insert(table, values)


def add(act: Acting, row: StartRow, names: Names) -> str:
    """Add one start row; columns the author left out take the hospital's usual values."""
    unknown = set(row.row) - set(TABLES.get(row.table, ()))
    if unknown:
        raise LookupError(f"table {row.table} has no column {', '.join(sorted(unknown))}")
    values = {name: _stored(act, row.table, name, value, names) for name, value in row.row.items()}
    if row.table == "patient":
        return act.insert("patient", {**_synthetic(act, values), **values, "status": values.get("status", "active")})
    if row.table == "stock_batch":
        return act.insert(row.table, {**start_pharmacy.usual(act, row.table, values), **values})
    if "status" in TABLES[row.table]:
        values.setdefault("status", _first_state(row.table))
    if row.table == "registration":
        return _registration(act, values)
    return act.insert(row.table, {**_usual(act, row.table, values), **values})


def change(act: Acting, wanted: StartSet, names: Names) -> int:
    """Change every record that matches and return how many there were."""
    where = {name: _stored(act, wanted.table, name, value, names) for name, value in wanted.where.items()}
    to = {name: _stored(act, wanted.table, name, value, names) for name, value in wanted.to.items()}
    condition = " AND ".join(f'"{name}" IS ?' for name in where) or "1 = 1"
    found = act.rows(f'SELECT * FROM "{wanted.table}" WHERE {condition}', *where.values())  # noqa: S608 checked names
    for each in found:
        act.update(wanted.table, each, to)
    return len(found)


def _registration(act: Acting, given: dict[str, Any]) -> str:
    level = dictionary.require_row(act, "registration_levels", "code", given.get("level") or "GEN")
    person = act.fetch("patient", given["patient"])
    values: dict[str, Any] = {
        "visit_date": act.today,
        "half_day": half_days.current(act),
        "level": level["code"],
        "fee": str(dictionary.price(act, level["fee_code"])),
        "source": "WIN",
        "insurance_type": person["insurance_type"],
        "paid_at": None if given["status"] == "unpaid" else act.now,
        "checked_in_at": act.now if given["status"] in _ARRIVED else None,
        **given,
    }
    values.setdefault(
        "queue_no", queue.next_place(act, {"doctor": values.get("doctor"), "half_day": values["half_day"]})
    )
    if values.get("encounter") is not None:
        key = act.insert("registration", values)
        act.update("encounter", act.fetch("encounter", values["encounter"]), {"registration": key})
        return key
    key = act.insert("registration", {**values, "encounter": storing.upcoming_id(act.connection, "encounter")})
    state = _VISIT_STATES.get(values["status"], "arrived")
    act.insert(
        "encounter",
        {
            "patient": values["patient"],
            "registration": key,
            "dept": values.get("dept"),
            "attending": values.get("doctor"),
            "started_at": act.now if state in ("in_progress", "finished") else None,
            "finished_at": act.now if state == "finished" else None,
            "status": state,
        },
    )
    return key


def _usual(act: Acting, table: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if table == "appointment":
        return _appointment(act, given)
    if table == "allergy":
        return {"source": "SELF", "recorded_at": act.now}
    visit = relation.latest(act, given.get("patient")) or {}
    if table == "diagnosis":
        seen = {"encounter": visit.get("id"), "added_by": visit.get("attending")}
        return {"dx_type": "1", "rank": 1, "certainty": "C", "added_at": act.now, **seen}
    if table in start_pharmacy.TABLES:
        return start_pharmacy.usual(act, table, given)
    if table == "medical_record":
        seen = {"encounter": visit.get("id"), "author": visit.get("attending")}
        return {"type": "OPR", "version_no": 1, "signed_at": None if given["status"] == "draft" else act.now, **seen}
    if table in ("lab_request", "imaging_request"):
        return {"encounter": visit.get("id"), "requester": visit.get("attending"), "requested_at": act.now, "stat": 0}
    if table == "mail":
        return {"delivered_at": act.now, "lure": "none"}
    return {}


def _appointment(act: Acting, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the usual values: asked for from home, tomorrow morning, at the doctor's own clinic."""
    sitting = act.one(
        'SELECT * FROM "schedule" WHERE "doctor" = ? ORDER BY ("half_day" = ?) DESC, "half_day" LIMIT 1',
        given.get("doctor"),
        given.get("half_day") or "AM",
    )
    if sitting is None:
        raise LookupError("appointment in start.add needs a doctor who has clinics")
    half = given.get("half_day") or sitting["half_day"]
    return {
        "dept": sitting["dept"],
        "half_day": half,
        "level": sitting["level"],
        "source": "APP",
        "visit_date": act.today + 1,
    }


def _synthetic(act: Acting, given: Mapping[str, Any]) -> dict[str, Any]:
    number = storing.next_number(act.connection, "start.person")
    born = str(given.get("birth_date") or act.binding.anchor.replace(year=act.binding.anchor.year - 40, day=1))
    sex = str(given.get("sex") or "1")
    return {
        "mrn": storing.next_code(act.connection, "patient", "mrn"),
        "card_no": people.next_card(act),
        "pinyin_initials": people.initials(act, str(given.get("name", ""))),
        "sex": sex,
        "birth_date": born,
        "id_type": "01",
        "id_no": _free_number(act, date.fromisoformat(born), sex),
        "phone": identity.phone_number(99_000_000 + number),
        "address": _ADDRESS,
        "insurance_type": _INSURANCE,
        "insurance_no": f"PRAC{number:012d}",
    }


def _free_number(act: Acting, born: date, sex: str) -> str:
    for serial in range(_SERIALS):
        number = identity.citizen_number(next(iter(identity.DISTRICTS)), born, sex, serial)
        if act.one('SELECT 1 FROM "patient" WHERE "id_no" = ?', number) is None:
            return number
    raise LookupError("no citizen number is free for this birth date")


def _first_state(table: str) -> str:
    if table in _FIRST_STATE:
        return _FIRST_STATE[table]
    entity = _MACHINES.get(table, table)
    return next(each.target for each in machines.TRANSITIONS if each.entity == entity and each.source == "-")


def _stored(act: Acting, table: str, column: str, value: Any, names: Names) -> Any:
    """Return an author's value as the database keeps it: $names and seats as ids, relative dates as numbers."""
    kind = TABLES[table].get(column, "text")
    if isinstance(value, str) and (value.startswith("$") or (kind == "ref:staff" and value in names)):
        found = names.get(value.removeprefix("$"), [])
        if not found:
            raise LookupError(f"{value} is nobody yet")
        return found[0]
    if kind in ("date", "day", "time") and isinstance(value, str) and moments.is_date(value):
        moment = moments.resolve(value, act.binding.anchor)
        days = (moment.day - act.binding.anchor).days
        clock = 0 if moment.clock is None else moment.clock.hour * 3600 + moment.clock.minute * 60
        return {"date": moment.day.isoformat(), "day": days, "time": days * DAY_S + clock}[kind]
    if kind == "int" and isinstance(value, str):
        return int(value)
    return int(value) if isinstance(value, bool) else value
