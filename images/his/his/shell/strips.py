"""The patient strip: who the page is about, with allergies where nobody can overlook them."""

from __future__ import annotations

from dataclasses import dataclass

from his.chart import allergies, people, vital_signs
from his.chart.acting import Acting, Record
from his.shell import keyboard


@dataclass(frozen=True, kw_only=True)
class Strip:
    patient: str
    name: str
    sex: str
    age: str
    mrn: str
    insurance: str
    visit: str
    diagnosis: str
    allergies: tuple[str, ...]
    nka: bool


def of(act: Acting, patient: str, encounter: Record | None = None) -> Strip:
    """Return the strip of a patient, with the diagnoses of the visit if there is one."""
    glossary = keyboard.glossary()
    found = people.shown(act, act.fetch("patient", patient))
    entries = people.allergies(act, patient)
    return Strip(
        patient=patient,
        name=found["name"],
        sex=keyboard.say(f"sex.{found['sex'] or '0'}"),
        age=age_of(found),
        mrn=found["mrn"],
        insurance=glossary.name("insurance_types", found["insurance_type"]),
        visit="" if encounter is None else glossary.name("departments", encounter["dept"]),
        diagnosis="" if encounter is None else diagnoses(act, encounter["id"]),
        allergies=tuple(allergy(each) for each in entries if each["class"] != allergies.NONE_KNOWN),
        nka=any(each["class"] == allergies.NONE_KNOWN for each in entries),
    )


def age_of(shown: Record) -> str:
    """Return the age in words of a patient as `people.shown` gives him."""
    return str(shown["age_en"] if keyboard.language() == "en" else shown["age_zh"])


def allergy(entry: Record) -> str:
    """Return one allergy in words: drug or class, reaction, severity."""
    glossary = keyboard.glossary()
    what = glossary.name("drugs", entry["drug"]) or glossary.name("allergy_classes", entry["class"])
    detail = [entry["reaction"] or "", glossary.name("allergy_severity", entry["severity"])]
    shown = " ".join(each for each in detail if each)
    return f"{what} ({shown})" if shown else what


def diagnoses(act: Acting, encounter: str) -> str:
    """Return the diagnoses of a visit in one line, the first one first."""
    glossary = keyboard.glossary()
    rows = act.rows(
        'SELECT "code" FROM "diagnosis" WHERE "encounter" = ? AND "status" = \'active\' ORDER BY "rank", "id"',
        encounter,
    )
    return "; ".join(glossary.name("icd10", each["code"]) for each in rows)


def vitals(act: Acting, encounter: str, birth_date: str | None) -> str:
    """Return the latest vital signs of a visit in one line with the time; arrows mark what is unusual in an adult."""
    sets = vital_signs.of_visit(act, encounter)
    if not sets:
        return ""
    glossary, latest = keyboard.glossary(), sets[0]
    arrows = {vital_signs.HIGH: "↑", vital_signs.LOW: "↓", vital_signs.USUAL: ""}
    found = [
        f"{glossary.pick(sign)} {latest[sign['code']]}"
        f"{arrows[vital_signs.judged(act, sign, latest[sign['code']], birth_date)]}"
        for sign in vital_signs.table(act)
        if latest[sign["code"]] is not None
    ]
    return f"{', '.join(found)} ({keyboard.when(latest['recorded_at'])})"
