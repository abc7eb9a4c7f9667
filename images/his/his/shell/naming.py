"""Words that lists of several desks share: who a line is about, which clinic it is for, a person who was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from his.chart import dictionary, people
from his.chart.acting import Acting, Record
from his.shell import keyboard, strips


class Named(TypedDict):
    """The person of a line."""

    name: str
    sex: str
    age: str


class Clinic(TypedDict):
    """Where a visit or an appointment leads."""

    dept_name: str
    doctor_name: str
    half_name: str


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A person in a list, numbers masked; `why` names what makes him like somebody else."""

    id: str
    name: str
    sex: str
    age: str
    birth: str
    mrn: str
    id_no: str
    phone: str
    why: str = ""
    certain: bool = False


@dataclass(frozen=True, kw_only=True)
class AskedDrug:
    """The drug that a typed word means: its code, None without a word or a drug, and its name."""

    query: str
    code: str | None
    name: str

    @property
    def unknown(self) -> bool:
        """Whether something was typed that is no drug."""
        return bool(self.query) and self.code is None


def asked_drug(query: str) -> AskedDrug:
    """Return the drug that comes first for a word: code, initials or part of a name."""
    with keyboard.looking() as act:
        found = dictionary.find_drugs(act, query, 1) if query else []
    if not found:
        return AskedDrug(query=query, code=None, name="")
    return AskedDrug(query=query, code=found[0]["drug_code"], name=keyboard.glossary().pick(found[0], "generic"))


def person(act: Acting, row: Record) -> Named:
    """Return the words for the patient whose name, sex and birth date stand in a row."""
    shown = people.shown(act, {"id_no": "", "phone": "", **row})
    return {"name": row["name"], "sex": sex(row["sex"]), "age": strips.age_of(shown)}


def sex(code: str | None) -> str:
    """Return a sex in words; nothing known is said to be unknown."""
    return keyboard.say(f"sex.{code or '0'}")


def clinic(row: Record) -> Clinic:
    """Return the words for department, doctor and half-day of a row."""
    glossary = keyboard.glossary()
    return {
        "dept_name": glossary.name("departments", row["dept"]),
        "doctor_name": row["doctor_name"] or "",
        "half_name": glossary.name("half_day", row["half_day"]),
    }


def hit(shown: Record, why: str = "") -> Hit:
    """Return a person of `people.search` or `people.shown`."""
    return Hit(
        id=shown["id"],
        name=shown["name"],
        sex=sex(shown["sex"]),
        age=strips.age_of(shown),
        birth=shown["birth_date"] or "",
        mrn=shown["mrn"],
        id_no=shown["id_no"],
        phone=shown["phone"],
        why=why,
        certain=why in ("same_id", "same_all"),
    )
