"""The triage desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.chart import queue
from his.chart.acting import Acting
from his.shell.desks import Desk, Tab


def _waiting(act: Acting) -> int:
    return sum(each["status"] == "checked_in" for each in queue.today(act, dept=act.who.dept))


DESK = Desk(
    name="triage",
    pages=("his.triage.pages",),
    folder=Path(__file__).parent,
    tabs=(Tab(name="triage", endpoint="triage.desk", key=6, roles=frozenset({"NUR"}), waiting=_waiting),),
)
