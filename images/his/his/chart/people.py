"""Finding people and computing what is shown of them: search, masking, age, duplicates."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from his.chart import dictionary, permission
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.chart.storing import next_number
from sandbox.contract.identity import masked_id, masked_phone

_FEMALE = "2"
_COLUMNS_OF_KIND = {
    "id": ('"id_no" = ?',),
    "card": ('"card_no" = ?',),
    "phone": ('"phone" = ?',),
    "mrn": ('"mrn" = ?',),
    "name": ('"name" LIKE ?',),
    "initials": ('LOWER("pinyin_initials") LIKE ?',),
    "insurance": ('"insurance_no" = ?',),
}


def normalised(text: str) -> str:
    """Return the text with full-width forms folded and all spaces gone."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def kind_of(query: str) -> str:
    """Return what a normalised query looks like: id, phone, mrn, card, insurance, initials or name."""
    wanted = query.upper()
    if re.fullmatch(r"\d{17}[\dX]", wanted):
        return "id"
    if re.fullmatch(r"1\d{10}", wanted):
        return "phone"
    if re.fullmatch(r"9\d{9}", wanted):
        return "mrn"
    if re.fullmatch(r"PRAC\d+", wanted):
        return "insurance"
    if re.fullmatch(r"P\d+", wanted):
        return "card"
    return "initials" if re.fullmatch(r"[A-Z]+", wanted) else "name"


def is_read(query: str) -> bool:
    """Say whether a query is a number that a reader types: patient card, insurance card, or a record's bar code."""
    return kind_of(normalised(query)) in ("card", "insurance", "mrn")


def search(act: Acting, query: str) -> tuple[str, list[Record]]:
    """Return the kind of the query and the living records it finds, with masked numbers, best name match first."""
    wanted = normalised(query)
    if not wanted:
        return "name", []
    kind = kind_of(wanted)
    value = {"name": f"{wanted}%", "initials": f"{wanted.lower()}%"}.get(kind, wanted.upper())
    condition = _COLUMNS_OF_KIND[kind][0]
    found = act.rows(
        # What was merged is found by its own numbers and leads to the record that stays.
        'WITH RECURSIVE "found" ("id", "status", "same_as") AS '  # noqa: S608 conditions of our own
        f'(SELECT "id", "status", "same_as" FROM "patient" WHERE {condition} '
        'UNION SELECT p."id", p."status", p."same_as" FROM "patient" p '
        'JOIN "found" f ON f."status" = \'merged\' AND p."id" = f."same_as") '
        'SELECT * FROM "patient" WHERE "id" IN (SELECT "id" FROM "found" WHERE "status" != \'merged\') '
        'ORDER BY "name", "birth_date", "id" LIMIT ?',
        value,
        dictionary.limit(act, "search_hits"),
    )
    return kind, [shown(act, each) for each in found]


def find(act: Acting, *, query: str) -> list[Record]:
    """Find people as an act of its own, for every desk that may search the index."""
    act.attempt("patient.search")
    permission.require(act, "patient.search")
    kind, hits = search(act, query)
    act.record("patient.search", data={"kind": kind, "hits": len(hits)})
    return hits


def view_id(act: Acting, *, patient: str) -> str:
    """Show the full ID number of one person."""
    act.attempt("patient.view_id", patient=patient, target=patient)
    permission.require(act, "patient.view_id_unmasked")
    found = act.fetch("patient", patient)
    act.record("patient.view_id", patient=patient, target=patient)
    return str(found["id_no"] or "")


def surviving(act: Acting, patient: str) -> str:
    """Return the record in which a person lives on: itself, or what it was merged into."""
    record = act.one('SELECT "id", "status", "same_as" FROM "patient" WHERE "id" = ?', patient)
    while record is not None and record["status"] == "merged" and record["same_as"]:
        patient = str(record["same_as"])
        record = act.one('SELECT "id", "status", "same_as" FROM "patient" WHERE "id" = ?', patient)
    return patient


def require_living(act: Acting, person: Record) -> Record:
    """Return the person. Raises Refused E-PAT-01 for a merged record, naming the one that stays."""
    if person["status"] != "merged":
        return person
    stays = act.one('SELECT "name", "mrn" FROM "patient" WHERE "id" = ?', surviving(act, person["id"]))
    if stays is None or person["same_as"] is None:
        raise Refused("E-PAT-01")
    name = f"{stays['name']} {stays['mrn']}"
    raise Refused("E-PAT-01", hint_zh=f"主档案：{name}", hint_en=f"Surviving record: {name}")


def shown(act: Acting, patient: Record) -> dict[str, Any]:
    """Return a patient as hits and strips show him: masked numbers, age in words."""
    years, zh, en = age(act, patient["birth_date"])
    return {
        **patient,
        "id_no": masked_id(patient["id_no"] or ""),
        "phone": masked_phone(patient["phone"] or ""),
        "age_years": years,
        "age_zh": zh,
        "age_en": en,
    }


def age(act: Acting, birth_date: str | None) -> tuple[int | None, str, str]:
    """Return age in years and in words: under 28 days in days, under 1 in months, under 14 in years and months."""
    if not birth_date:
        return None, "", ""
    born = date.fromisoformat(birth_date)
    today = act.binding.anchor + timedelta(days=act.today)
    days = (today - born).days
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    years, rest = divmod(months, 12)
    if days < 28:
        return 0, f"{days}天", f"{days} d"
    if years < 1:
        return 0, f"{months}个月", f"{months} mo"
    if years < 14:
        return years, f"{years}岁{rest}个月", f"{years} y {rest} mo"
    return years, f"{years}岁", f"{years} y"


def duplicates(act: Acting, values: Record) -> list[Record]:
    """Return records with the same ID number, and living ones with the same name, birth date and phone."""
    return act.rows(
        'SELECT * FROM "patient" WHERE (? != \'\' AND "id_no" = ?) '
        'OR ("status" != \'merged\' AND "name" = ? AND "birth_date" = ? AND "phone" = ?) ORDER BY "id"',
        values.get("id_no") or "",
        values.get("id_no") or "",
        values.get("name"),
        values.get("birth_date"),
        values.get("phone"),
    )


def next_card(act: Acting) -> str:
    """Return a card number nobody has: the town's cards bear numbers in no order."""
    while True:
        card = f"P{next_number(act.connection, 'card'):08d}"
        if act.one('SELECT 1 FROM "patient" WHERE "card_no" = ?', card) is None:
            return card


def initials(act: Acting, name: str) -> str:
    """Return the pinyin initials of a name, from the dataset's table; letters and digits stand for themselves."""
    letters = []
    for each in normalised(name):
        found = act.one('SELECT "initial" FROM "pinyin" WHERE "han" = ?', each)
        letters.append(found["initial"] if found is not None else each if each.isascii() and each.isalnum() else "")
    return "".join(letters).lower()


def allergies(act: Acting, patient: str) -> list[Record]:
    """Return the active allergies, with the words of class and drug."""
    return act.rows(
        'SELECT a.*, c."name_zh" AS class_zh, c."name_en" AS class_en, d."generic_zh" AS drug_zh, '
        'd."generic_en" AS drug_en FROM "allergy" a '
        'LEFT JOIN "allergy_classes" c ON c."class_code" = a."class" '
        'LEFT JOIN "drugs" d ON d."drug_code" = a."drug" '
        'WHERE a."patient" = ? AND a."status" = \'active\' ORDER BY a."recorded_at", a."id"',
        patient,
    )


def is_of_childbearing_age(act: Acting, patient: Record) -> bool:
    """Say whether questions of pregnancy concern this person; an unknown age is asked."""
    years, _, _ = age(act, patient["birth_date"])
    least, most = dictionary.limit(act, "childbearing_min_years"), dictionary.limit(act, "childbearing_max_years")
    return patient["sex"] == _FEMALE and (years is None or least <= years <= most)
