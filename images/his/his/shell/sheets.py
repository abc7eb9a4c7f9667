"""Words that stand on paper and in lists of drugs alike."""

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
