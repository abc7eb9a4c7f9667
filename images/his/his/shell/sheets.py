"""Words of several desks for screen and paper: how a drug is taken, what a service costs, who a person is."""

from __future__ import annotations

import re

from his.chart import posting, stock
from his.chart.acting import Acting, Record
from his.shell import keyboard
from his.shell.glossary import Option, money


def unit(code: str) -> str:
    """Return the name of a pack or dose unit; units of measure have none and stay as they are."""
    return keyboard.glossary().name("unit", code)


def spec(drug: Record) -> str:
    """Return strength and pack of a drug, with the units' names of the page's language."""
    return measure(f"{drug['strength']} {drug['pack_spec']}")


def measure(text: str) -> str:
    """Return a strength or a pack with the units' names of the page's language."""
    if keyboard.language() == "zh":
        return text
    for each in keyboard.glossary().options("unit"):
        text = re.sub(rf"(?<=\d){each.value}", f" {each.label}", text).replace(each.value, each.label)
    return text


def shelf(location: str | None) -> str:
    """Return where a batch lies: the kind of shelf by its name, the number as it is; '' if nobody noted it."""
    text = location or ""
    if keyboard.language() == "zh":
        return text
    for each in keyboard.glossary().options("shelf"):
        text = text.replace(each.value, f"{each.label} ")
    return text.strip()


def insurance_class(code: str | None) -> str:
    """Return how the insurance counts an item, as bills say it: 甲, in English Class A; '' if nobody knows."""
    if keyboard.language() == "zh" or not code:
        return code or ""
    return keyboard.glossary().name("insurance_class", code).partition(":")[0]


def services(act: Acting) -> list[Option]:
    """Return the services that are posted by themselves, each with its price."""
    glossary = keyboard.glossary()
    return [
        Option(value=each["fee_code"], label=f"{glossary.pick(each)} {money(each['price_cny'])}")
        for each in posting.services(act)
    ]


def usage(item: Record) -> str:
    """Return how a drug is taken: dose, frequency, route, days."""
    glossary = keyboard.glossary()
    return keyboard.say(
        "slip.usage",
        dose=item["dose"],
        unit=unit(item["dose_unit"]),
        freq=glossary.name("frequencies", item["freq"]),
        route=glossary.name("routes", item["route"]),
        days=item["days"],
    )


def drugs(act: Acting, prescription: str) -> str:
    """Return the drugs of a prescription in one line."""
    glossary = keyboard.glossary()
    lines = stock.lines(act, prescription)
    return "; ".join(f"{glossary.pick(each, 'generic')} ×{each['quantity']}" for each in lines)


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
