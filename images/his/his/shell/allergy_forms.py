"""A person's allergies on a page of any desk: the entries, and the form that records one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from werkzeug.datastructures import MultiDict

from his.chart import allergies, people
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused
from his.shell import keyboard
from his.shell.glossary import Option

Form = MultiDict[str, str]


@dataclass(frozen=True, kw_only=True)
class Entry:
    id: str
    class_name: str
    nka: bool
    drug: str
    reaction: str
    severity: str
    source: str
    at: str
    by: str


@dataclass(frozen=True, kw_only=True)
class AllergiesView:
    patient: str
    entries: Sequence[Entry]
    classes: Sequence[Option]
    severities: Sequence[Option]
    sources: Sequence[Option]
    record: str
    """Where the form goes."""
    retract: str
    """Where an entry is withdrawn; '' for whoever may not."""
    suggests: str
    """Where a short code is answered with drugs; '' where only `drugs` can be chosen."""
    drugs: Sequence[Option] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


def view(
    act: Acting,
    patient: str,
    refusal: Refused | None,
    *,
    record: str,
    retract: str = "",
    suggests: str = "",
    drugs: Sequence[Option] = (),
) -> AllergiesView:
    """Return entries and form; after a refusal with what is missing in it."""
    glossary = keyboard.glossary()
    malformed = refusal is not None and refusal.code == "E-GEN-06"
    return AllergiesView(
        patient=patient,
        entries=[_entry(act, each) for each in people.allergies(act, patient)],
        classes=[each for each in glossary.table("allergy_classes") if each.value != allergies.NONE_KNOWN],
        severities=glossary.options("allergy_severity"),
        sources=glossary.options("allergy_source"),
        record=record,
        retract=retract,
        suggests=suggests,
        drugs=drugs,
        problems=problems(request.form) if malformed else {},
    )


def given(form: Form) -> dict[str, str | None]:
    """Return the entry as typed; a drug needs no class."""
    names = ("class", "drug", "reaction", "severity", "source")
    return {name: form.get(name, "").strip() or None for name in names}


def problems(form: Form) -> dict[str, str]:
    """Return field -> wording key for what is missing in the entry."""
    found = {}
    if not form.get("class") and not form.get("drug"):
        found["class"] = "allergy.class_first"
    if not form.get("severity") and form.get("class") != allergies.NONE_KNOWN:
        found["severity"] = "allergy.severity_first"
    return found


def _entry(act: Acting, entry: Record) -> Entry:
    glossary = keyboard.glossary()
    by = act.one('SELECT "name" FROM "staff" WHERE "id" = ?', entry["recorded_by"])
    return Entry(
        id=entry["id"],
        class_name=glossary.name("allergy_classes", entry["class"]),
        nka=entry["class"] == allergies.NONE_KNOWN,
        drug=glossary.name("drugs", entry["drug"]),
        reaction=entry["reaction"] or "",
        severity=glossary.name("allergy_severity", entry["severity"]),
        source=glossary.name("allergy_source", entry["source"]),
        at=keyboard.when(entry["recorded_at"]),
        by="" if by is None else by["name"],
    )
