"""What only the triage desk does: the triage level, and finding a visit of today by whatever the patient shows."""

from __future__ import annotations

from collections.abc import Mapping

from his.chart import dictionary, machine, people, permission, queue, vital_signs, waiting
from his.chart.acting import Acting, Record
from his.chart.hospital import Operation
from his.chart.refusing import Refused

_LONGEST_NUMBER = 3
"""So many digits are a queue number; longer ones are numbers of people."""


def view_queue(act: Acting, *, desk: str, dept: str) -> list[Record]:
    """Show today's visits of a department, all if empty."""
    act.record("queue.view", data={"desk": desk})
    return queue.today(act, dept=dept or None)


def find(act: Acting, *, query: str, dept: str) -> list[Record]:
    """Find today's visits by card, ID, record number, phone, name or initials, or by a queue number of `dept`."""
    act.attempt("patient.search")
    permission.require(act, "patient.search")
    wanted = people.normalised(query)
    if wanted.isdecimal() and len(wanted) <= _LONGEST_NUMBER:
        kind, people_found = "number", set[str]()
        found = [each for each in queue.today(act, dept=dept or None) if each["queue_no"] == int(wanted)]
    else:
        kind, hits = people.search(act, query)
        people_found = {each["id"] for each in hits}
        found = [each for each in queue.today(act) if each["patient"] in people_found]
    act.record("patient.search", data={"kind": kind, "hits": len(found)})
    return found


def triage(act: Acting, *, encounter: str, triage: str, complaint: str = "", version: int | None = None) -> None:
    """Give an emergency patient a level I to IV, once the signs that tell it have been measured.

    Raises Refused E-GEN-03 outside the emergency department or without them, E-GEN-06 for an unknown level.
    """
    record = act.fetch("encounter", encounter)
    edge = machine.enter(act, "encounter", "triage", record, version=version, data={"triage": triage or None})
    if not waiting.is_emergency(act, record["dept"]):
        raise Refused("E-GEN-03", hint_zh="仅急诊患者分诊分级", hint_en="Only emergency patients get a level")
    dictionary.require_code(act, "triage", triage)
    missing = vital_signs.missing_for_triage(act, encounter)
    if missing:
        raise Refused(
            "E-GEN-03",
            hint_zh=f"请先测量：{'、'.join(each['name_zh'] for each in missing)}",
            hint_en=f"Measure first: {', '.join(each['name_en'] for each in missing)}",
        )
    values = {"triage": triage, "chief_complaint": complaint.strip() or None}
    machine.move(act, edge, record, values, data={"triage": triage})


ACTIONS: Mapping[str, Operation] = {"encounter.triage": triage}
