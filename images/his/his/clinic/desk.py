"""The doctor's desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.chart import queue
from his.chart.acting import Acting
from his.clinic.operations import countersigning
from his.clinic.pages import countersign, prescriptions, record, requests, returns, sections, sheets, trace
from his.clinic.pages import queue as queue_pages
from his.shell.desks import Desk, Tab


def _waiting(act: Acting) -> int:
    mine = [each for each in queue.today(act, dept=act.who.dept) if each["doctor"] in (None, act.who.staff)]
    rows = mine if act.who.role == "OPD" else queue.today(act, dept=act.who.dept)
    return sum(each["status"] == "checked_in" for each in rows)


def _to_countersign(act: Acting) -> int:
    return len(countersigning.waiting(act))


DESK = Desk(
    name="clinic",
    blueprints=(
        queue_pages.bp,
        sections.bp,
        record.bp,
        trace.bp,
        countersign.bp,
        prescriptions.bp,
        requests.bp,
        returns.bp,
        sheets.bp,
    ),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="queue", endpoint="clinic.queue", key=7, roles=frozenset({"OPD", "NUR"}), waiting=_waiting),
        Tab(
            name="countersign",
            endpoint="clinic_countersign.waiting",
            key=7,
            roles=frozenset({countersigning.HEAD}),
            waiting=_to_countersign,
        ),
    ),
)
