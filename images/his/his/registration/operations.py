"""Every write of the registration desk, and its journaled views."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from his.chart import billing, dictionary, half_days, machine, people, permission, queue, second_person, waiting
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused
from his.chart.storing import next_code, upcoming_id
from his.registration import schedules
from sandbox.contract import machines
from sandbox.contract.identity import check_digit
from sandbox.contract.machines import Transition

pay = billing.pay_ticket
"""Registration clerks and cashiers take the fee in the same way."""

DEMOGRAPHICS = ("name", "sex", "birth_date", "id_type", "id_no", "phone", "address", "insurance_type", "insurance_no")


def search(act: Acting, *, query: str) -> list[Record]:
    """Find people by name, initials, ID, card, phone or record number."""
    act.attempt("patient.search")
    permission.require(act, "patient.search")
    kind, hits = people.search(act, query)
    act.record("patient.search", data={"kind": kind, "hits": len(hits)})
    return hits


def create_patient(act: Acting, *, confirm: bool = False, **values: Any) -> str:
    """Create a record. Refused with E-PAT-02 for a known ID number; a likely duplicate needs `confirm`."""
    given = _demographics(values)
    same = people.duplicates(act, given)
    shown = bool(same)
    edge = machine.enter(act, "patient_index", "create", data={"name": given.get("name"), "duplicate_shown": shown})
    _require_demographics(act, given)
    if permission.scope(act, "patient.create") == permission.OWN:
        _require_without_papers(act, given)
    if given.get("id_no") and any(each["id_no"] == given["id_no"] for each in same):
        raise Refused("E-PAT-02")
    if same and not confirm:
        raise Refused(
            "E-GEN-03", hint_zh="同名同生日同电话的档案已存在", hint_en="Same name, birth date and phone exist"
        )
    full = {
        **given,
        "mrn": next_code(act.connection, "patient", "mrn"),
        "card_no": people.next_card(act),
        "pinyin_initials": people.initials(act, str(given["name"])),
    }
    key, _ = machine.create(act, edge, full, data={"name": given["name"], "duplicate_shown": shown})
    return key


def update_patient(
    act: Acting,
    *,
    patient: str,
    version: int | None = None,
    second: str | None = None,
    identified: bool = True,
    **values: Any,
) -> None:
    """Correct demographics; the old values stay in the journal. The records desk needs a second person."""
    record = act.fetch("patient", patient)
    data = {"second": second_person.named(act, second)} if second else {}
    edge = machine.enter(act, "patient_index", "update", record, version=version, data=data)
    together = permission.scope(act, "patient.update_demographics") == permission.SECOND
    if together:
        second_person.require(act, second, identified=identified)
    given = _demographics(values)
    _require_demographics(act, {**record, **given})
    others = [each for each in people.duplicates(act, {**record, **given}) if each["id"] != patient]
    if given.get("id_no") and any(each["id_no"] == given["id_no"] for each in others):
        raise Refused("E-PAT-02")
    if "name" in given:
        given = {**given, "pinyin_initials": people.initials(act, str(given["name"]))}
    if together:
        about = {"patient": patient, "target": patient}
        second_person.agree(act, about, second, step="patient_index.update", subject=record["mrn"], objection=("", ""))
    machine.move(act, edge, record, given, data=data)


def flag_duplicate(act: Acting, *, patient: str, other: str) -> None:
    """Mark two records as possibly one person, for the records desk to decide."""
    record = act.fetch("patient", patient)
    edge = machine.enter(act, "patient_index", "flag_duplicate", record, data={"other": other})
    if other == patient:
        raise Refused("E-GEN-06")
    people.require_living(act, act.fetch("patient", other))
    machine.move(act, edge, record, {"same_as": other}, data={"other": other})


def register(
    act: Acting,
    *,
    patient: str,
    dept: str,
    doctor: str,
    half_day: str | None = None,
    level: str | None = None,
    insurance_type: str | None = None,
    source: str = "WIN",
    second: str | None = None,
) -> str:
    """Sell one visit of today: the registration waits unpaid, its visit is planned and its fee is billable.

    Beyond the quota only with the doctor's authorisation 加号: one he gave before, or, with `second` colleague, one he
    gives when he is asked by telephone. E-REG-05 otherwise.
    """
    person = act.fetch("patient", patient)
    half = half_day or half_days.current(act)
    insurance = insurance_type or person["insurance_type"]
    data = {"dept": dept, "doctor": doctor, "level": level, "half_day": half, "insurance_type": insurance}
    data |= {"second": second} if second else {}
    edge = machine.enter(act, "registration", "create", patient=patient, data=data)
    people.require_living(act, person)
    clinic = half_days.clinic(act, dept=dept, doctor=doctor, half_day=half)
    if clinic is None or (level is not None and level != clinic["level"]):
        raise Refused("E-GEN-03", hint_zh="该医生此时段不出诊", hint_en="This doctor has no such clinic then")
    dictionary.require_row(act, "insurance_types", "code", insurance)
    dictionary.require_code(act, "visit_source", source)
    require_suits(act, person, clinic)
    require_first(act, person, clinic)
    extra = _require_place(act, person, clinic, second)
    data["level"] = clinic["level"]
    sold = {name: value for name, value in data.items() if name != "second"}
    key = upcoming_id(act.connection, "registration")
    if extra is not None:
        act.update("add_on", extra, {"registration": key})
    return _write_registration(act, edge, person, clinic, {**sold, "source": source}, data)


def view_queue(act: Acting, *, desk: str = "registration", dept: str | None = None) -> list[Record]:
    """Show today's visits, of one department or of all."""
    act.record("queue.view", data={"desk": desk})
    return queue.today(act, dept=dept)


def note_queue(act: Acting, *, desk: str) -> None:
    """Note that a list of people who come was looked at."""
    act.record("queue.view", data={"desk": desk})


def sell_following(
    act: Acting, person: Record, clinic: Record, *, insurance: str, source: str | None, cause: int
) -> str:
    """Write the ticket of an appointment that was kept, as a consequence of `cause`; return its id."""
    edge = machines.find("registration", machines.NOTHING, "create")
    if edge is None:
        raise LookupError("the machine of registrations has no beginning")
    data = {name: clinic[name] for name in ("dept", "doctor", "level", "half_day")} | {"insurance_type": insurance}
    return _write_registration(act, edge, person, clinic, {**data, "source": source}, data, cause=cause)


def _write_registration(
    act: Acting,
    edge: Transition,
    person: Record,
    clinic: Record,
    values: Mapping[str, Any],
    data: Record,
    *,
    cause: int | None = None,
) -> str:
    about = {"patient": person["id"], "dept": clinic["dept"]}
    # The visit's id is known before its row is written: the registration names it.
    visit = upcoming_id(act.connection, "encounter")
    full = {**about, **values, "visit_date": act.today, "queue_no": queue.next_place(act, clinic), "fee": clinic["fee"]}
    key, cause = machine.create(act, edge, {**full, "encounter": visit}, data=data, cause=cause)
    planned = {**about, "registration": key, "attending": clinic["doctor"]}
    machine.create_following(act, "encounter", "plan", planned, cause)
    billing.bill(
        act,
        {"patient": person["id"], "encounter": visit, "registration": key},
        item=clinic["fee_code"],
        quantity=1,
        price=clinic["fee"],
        cause=cause,
    )
    return key


def require_suits(act: Acting, person: Record, clinic: Record) -> None:
    """Raise Refused E-REG-06 if sex or age of a person does not fit the department of a clinic."""
    years, _, _ = people.age(act, person["birth_date"])
    women = dictionary.text_limit(act, "women_department")
    children = dictionary.text_limit(act, "children_department")
    too_old = years is not None and years > dictionary.limit(act, "child_max_years")
    if (clinic["dept"] == women and person["sex"] == "1") or (clinic["dept"] == children and too_old):
        raise Refused("E-REG-06")


def require_first(act: Acting, person: Record, clinic: Record) -> None:
    """Raise Refused E-REG-04 if the person has a visit of this doctor in this half-day of today already."""
    same = act.one(
        'SELECT 1 FROM "registration" WHERE "patient" = ? AND "doctor" = ? AND "visit_date" = ? AND "half_day" = ? '
        "AND \"status\" NOT IN ('refunded', 'expired')",
        person["id"],
        clinic["doctor"],
        act.today,
        clinic["half_day"],
    )
    if same is not None:
        raise Refused("E-REG-04")


def _require_place(act: Acting, person: Record, clinic: Record, second: str | None) -> Record | None:
    """Return the authorisation that is used up by this visit, None if the quota has a place. E-REG-05 without both."""
    if clinic["remaining"] > 0:
        return None
    extra = schedules.unused(act, person["id"], clinic, act.today)
    if extra is None and second == second_person.COLLEAGUE:
        extra = schedules.ask_doctor(act, person["id"], clinic, act.today)
    if extra is None:
        raise Refused("E-REG-05")
    return extra


def _demographics(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: people.normalised(str(values[key])) for key in DEMOGRAPHICS if values.get(key) not in (None, "")}
    unknown = set(values) - set(DEMOGRAPHICS)
    if unknown:
        raise Refused("E-GEN-06")
    return {key: value.upper() if key in ("id_no", "insurance_no") else value for key, value in given.items()}


def _require_without_papers(act: Acting, given: Mapping[str, Any]) -> None:
    """Raise Refused E-GEN-03 unless a nurse creates a newborn or an unknown emergency patient: neither has a number."""
    born = date.fromisoformat(str(given["birth_date"]))
    days = (act.binding.anchor + timedelta(days=act.today) - born).days
    newborn = 0 <= days < dictionary.limit(act, "newborn_days")
    if given.get("id_no") or not (newborn or waiting.is_emergency(act, act.who.dept)):
        raise Refused(
            "E-GEN-03",
            hint_zh="护士只可为新生儿或急诊无名患者建档，请到挂号窗口办理",
            hint_en="Nurses create newborns and unknown emergency patients only: the registration window does the rest",
        )


def _require_demographics(act: Acting, given: Mapping[str, Any]) -> None:
    if not given.get("name"):
        raise Refused("E-GEN-06")
    dictionary.require_code(act, "sex", given.get("sex"))
    if given.get("id_type"):
        dictionary.require_code(act, "id_doc", given["id_type"])
    if given.get("insurance_type"):
        dictionary.require_row(act, "insurance_types", "code", given["insurance_type"])
    try:
        date.fromisoformat(str(given.get("birth_date") or ""))
    except ValueError as malformed:
        raise Refused("E-GEN-06") from malformed
    number = given.get("id_no")
    if number and given.get("id_type", "01") == "01":
        valid = len(number) == 18 and number[:17].isdigit() and check_digit(number[:17]) == number[17]
        if not valid or number[6:14] != str(given["birth_date"]).replace("-", ""):
            raise Refused("E-GEN-06", hint_zh="证件号与出生日期或校验位不符", hint_en="ID number does not fit")


ACTIONS: Mapping[str, Operation] = {
    "patient.search": search,
    "patient.view_id": people.view_id,
    "patient_index.create": create_patient,
    "patient_index.update": update_patient,
    "patient_index.flag_duplicate": flag_duplicate,
    "registration.create": register,
    "registration.pay": pay,
    "queue.view": view_queue,
}
