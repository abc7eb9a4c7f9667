"""What the registration desk's pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from his.chart import half_days, people
from his.chart.acting import Acting, Record
from his.shell import keyboard, naming
from his.shell.glossary import Option, money

DEAD = ("refunded", "expired")


@dataclass(frozen=True, kw_only=True)
class Person:
    """The chosen patient; `facts` are (wording key, value)."""

    id: str
    status: str
    facts: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Clinic:
    dept: str
    dept_name: str
    doctor: str
    doctor_name: str
    level_name: str
    half_day: str
    half_name: str
    fee: str
    remaining: int
    href: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Card:
    """What the insurance card says, and whether the record says the same."""

    insurance: str
    number: str
    fits: bool


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """The registration about to be made."""

    dept: str = ""
    doctor: str = ""
    half_day: str = ""
    level: str = ""
    insurance_type: str = ""
    words: str = ""
    full: bool = False
    """Whether the quota is used up: then only the doctor can let one more come."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One registration of today."""

    id: str
    version: int
    patient: str
    name: str
    sex: str
    age: str
    mrn: str
    dept_name: str
    doctor_name: str
    half_name: str
    level_name: str
    queue_no: int
    fee: str
    status: str


@dataclass(frozen=True, kw_only=True)
class HitsView:
    """Who was found; a hit leads to `endpoint`."""

    query: str
    hits: Sequence[naming.Hit]
    more: bool
    endpoint: str = "registration.desk"
    live: str = "registration.hits"
    may_create: bool = True
    person: Person | None = None


@dataclass(frozen=True, kw_only=True)
class DeskView(HitsView):
    full_id: str | None
    card: Card | None
    led_from: str
    """Number of the merged record that was asked for."""
    namesakes: Sequence[naming.Hit]
    depts: Sequence[Option]
    dept: str
    halves: Sequence[Option]
    half: str
    clinics: Sequence[Clinic]
    ticket: Ticket
    insurances: Sequence[Option]
    channels: Sequence[Option]
    today: Sequence[Visit]

    @property
    def unpaid(self) -> list[Visit]:
        """Registrations whose fee is still to be taken."""
        return [each for each in self.today if each.status == "unpaid"]


@dataclass(frozen=True, kw_only=True)
class PatientView:
    """The form of a new or known person."""

    is_new: bool
    action: str
    back: str
    use: str
    """Endpoint that works with a record that is there already."""
    masked_id: str
    values: Mapping[str, Any]
    sexes: Sequence[Option]
    id_types: Sequence[Option]
    insurances: Sequence[Option]
    similar: Sequence[naming.Hit] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    ask_confirm: bool = False
    without_papers: bool = False
    """Whether only newborns and unknown emergency patients may be created."""
    seconds: Sequence[Option] = ()
    """Who may confirm, where nobody corrects alone."""
    wrong: str = ""
    """Code of the refusal, so that the fields it is about are marked."""
    patient: str = ""
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class SimilarView:
    similar: Sequence[naming.Hit]
    use: str


@dataclass(frozen=True, kw_only=True)
class CheckinView:
    rows: Sequence[Visit]
    depts: Sequence[Option]
    dept: str


@dataclass(frozen=True, kw_only=True)
class SlipView:
    document: str
    patient: str
    facts: Sequence[tuple[str, str]]
    back: str


def person(act: Acting, key: str) -> tuple[Record, Person]:
    """Return the record of the chosen patient and how it is shown."""
    record = act.fetch("patient", key)
    shown = people.shown(act, record)
    glossary = keyboard.glossary()
    facts = (
        ("patient.birth", shown["birth_date"] or ""),
        ("patient.id_no", shown["id_no"]),
        ("patient.phone", shown["phone"]),
        ("patient.insurance", glossary.name("insurance_types", shown["insurance_type"])),
        ("patient.insurance_no", shown["insurance_no"] or ""),
        ("patient.card", shown["card_no"] or ""),
        ("patient.address", shown["address"] or ""),
    )
    return record, Person(id=key, status=record["status"], facts=facts)


def namesakes(act: Acting, record: Record) -> list[naming.Hit]:
    """Return other living records with the same name or the same sound."""
    rows = act.rows(
        'SELECT * FROM "patient" WHERE "id" != ? AND "status" != \'merged\' AND ("name" = ? OR '
        '("pinyin_initials" = ? AND "birth_date" = ?)) ORDER BY "birth_date", "id" LIMIT 8',
        record["id"],
        record["name"],
        record["pinyin_initials"],
        record["birth_date"],
    )
    return [naming.hit(people.shown(act, each)) for each in rows]


def similar(act: Acting, form: Mapping[str, str], *, but: str = "") -> list[naming.Hit]:
    """Return living records like the one being typed, the surest duplicates first."""
    name, birth = people.normalised(form.get("name", "")), people.normalised(form.get("birth_date", ""))
    number, phone = people.normalised(form.get("id_no", "")).upper(), people.normalised(form.get("phone", ""))
    rows = act.rows(
        'SELECT * FROM "patient" WHERE "status" != \'merged\' AND "id" != ? AND ((? != \'\' AND "name" = ?) '
        'OR (? != \'\' AND "id_no" = ?) OR (? != \'\' AND "phone" = ?)) ORDER BY "id" LIMIT 20',
        but,
        name,
        name,
        number,
        number,
        phone,
        phone,
    )
    ranked = [(_why(each, name=name, birth=birth, number=number, phone=phone), each) for each in rows]
    order = ("same_id", "same_all", "same_birth", "same_name", "same_phone")
    return [
        naming.hit(people.shown(act, each), why) for why, each in sorted(ranked, key=lambda one: order.index(one[0]))
    ]


def _why(record: Record, *, name: str, birth: str, number: str, phone: str) -> str:
    if number and record["id_no"] == number:
        return "same_id"
    if name and record["name"] == name:
        if birth and record["birth_date"] == birth:
            return "same_all" if phone and record["phone"] == phone else "same_birth"
        return "same_name"
    return "same_phone"


def visit(act: Acting, row: Record) -> Visit:
    """Return one line of today's visits from `queue.today`."""
    return Visit(
        **naming.person(act, row),
        **naming.clinic(row),
        id=row["id"],
        version=row["version"],
        patient=row["patient"],
        mrn=row["mrn"],
        level_name=keyboard.glossary().name("registration_levels", row["level"]),
        queue_no=row["queue_no"],
        fee=money(row["fee"]),
        status=row["status"],
    )


def clinic(row: Record, *, address: str, query: Mapping[str, str], chosen: tuple[str, str]) -> Clinic:
    """Return one line of today's grid; without a patient it cannot be picked."""
    picked = {**query, "doctor": row["doctor"], "of": row["half_day"]}
    return Clinic(
        **naming.clinic(row),
        dept=row["dept"],
        doctor=row["doctor"],
        level_name=keyboard.glossary().name("registration_levels", row["level"]),
        half_day=row["half_day"],
        fee=money(row["fee"]),
        remaining=row["remaining"],
        href=f"{address}?{urlencode(picked)}" if query.get("patient") else "",
        chosen=(row["doctor"], row["half_day"]) == chosen,
    )


def half_options(act: Acting) -> tuple[str, list[Option]]:
    """Return the present half-day and the choice of half-days."""
    return half_days.current(act), keyboard.glossary().options("half_day")
