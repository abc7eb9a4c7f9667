"""Opening a chart: for whoever has a treatment relationship, or has broken the glass."""

from __future__ import annotations

from his.chart import permission, relation
from his.chart.acting import Acting, Record
from his.chart.refusing import Refused


def open_chart(act: Acting, *, patient: str | None = None, encounter: str | None = None) -> tuple[str | None, str]:
    """Open a chart; return the visit it opens at and the relation that allowed it. E-PRV-01 without one."""
    visit, person, found = chart(act, patient, encounter)
    key = None if visit is None else str(visit["id"])
    if found == relation.NONE and relation.glass_broken(act, person):
        found = relation.BROKEN
    act.attempt("chart.open", patient=person, encounter=key, target=key, data={"relation": found})
    permission.require(act, "encounter.open_chart")
    if found == relation.NONE:
        raise Refused("E-PRV-01")
    act.record("chart.open", patient=person, encounter=key, target=key, data={"relation": found})
    return key, found


def chart(act: Acting, patient: str | None, encounter: str | None) -> tuple[Record | None, str, str]:
    """Return the visit, the person and the relation of a chart named by its person or by one visit."""
    if encounter is not None:
        visit = act.fetch("encounter", encounter)
        return visit, str(visit["patient"]), relation.of(act, visit)
    if patient is None:
        raise Refused("E-GEN-06")
    found, name = relation.best(act, act.fetch("patient", patient)["id"])
    return found, patient, name
