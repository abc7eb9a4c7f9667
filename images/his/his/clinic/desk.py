"""The doctor's desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.chart import queue
from his.chart.acting import Acting
from his.clinic.pages import prescriptions, returns, sections, sheets
from his.clinic.pages import queue as queue_pages
from his.shell.desks import Desk, Tab


def _waiting(act: Acting) -> int:
    mine = [each for each in queue.today(act, dept=act.who.dept) if each["doctor"] in (None, act.who.staff)]
    rows = mine if act.who.role == "OPD" else queue.today(act, dept=act.who.dept)
    return sum(each["status"] == "checked_in" for each in rows)


DESK = Desk(
    name="clinic",
    blueprints=(queue_pages.bp, sections.bp, prescriptions.bp, returns.bp, sheets.bp),
    folder=Path(__file__).parent,
    tabs=(Tab(name="queue", endpoint="clinic.queue", key=7, roles=frozenset({"OPD", "NUR"}), waiting=_waiting),),
)
