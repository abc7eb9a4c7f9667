"""The doctor's desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.chart import queue
from his.chart.acting import Acting
from his.shell.desks import Desk, Listed, Tab


def _waiting(act: Acting) -> int:
    mine = [each for each in queue.today(act, dept=act.who.dept) if each["doctor"] in (None, act.who.staff)]
    rows = mine if act.who.role == "OPD" else queue.today(act, dept=act.who.dept)
    return sum(each["status"] == "checked_in" for each in rows)


DESK = Desk(
    name="clinic",
    pages=(
        "his.clinic.pages.queue",
        "his.clinic.pages.sections",
        "his.clinic.pages.record",
        "his.clinic.pages.trace",
        "his.clinic.pages.countersign",
        "his.clinic.pages.prescriptions",
        "his.clinic.pages.requests",
        "his.clinic.pages.returns",
        "his.clinic.pages.sheets",
    ),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="queue", endpoint="clinic.queue", key=7, roles=frozenset({"OPD", "NUR"}), waiting=_waiting),
        Tab(
            name="countersign",
            endpoint="clinic_countersign.waiting",
            key=7,
            roles=frozenset({"HOD"}),
            waiting=Listed(module="his.clinic.operations.countersigning", function="waiting"),
        ),
    ),
)
