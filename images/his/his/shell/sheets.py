"""Words that several desks put on screen and paper: how a drug is taken, what identifies a person."""

from __future__ import annotations

from his.chart.acting import Record
from his.shell import keyboard


def usage(item: Record) -> str:
    """Return how a drug is taken: dose, frequency, route, days."""
    glossary = keyboard.glossary()
    return keyboard.say(
        "slip.usage",
        dose=item["dose"],
        unit=item["dose_unit"],
        freq=glossary.name("frequencies", item["freq"]),
        route=glossary.name("routes", item["route"]),
        days=item["days"],
    )


def identifiers(person: Record) -> list[tuple[str, str, str]]:
    """Return what can be compared with the patient: key, wording key, value. `person` as `people.shown` gives him."""
    columns = {
        "name": "name",
        "birth": "birth_date",
        "mrn": "mrn",
        "card": "card_no",
        "id_no": "id_no",
        "phone": "phone",
    }
    return [(key, f"ident.{key}", person[column]) for key, column in columns.items() if person[column]]
