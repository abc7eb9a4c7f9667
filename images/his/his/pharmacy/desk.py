"""The pharmacy's desk as the shell knows it: the way of a prescription, what comes back, the shelves."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from his.chart import stock
from his.chart.acting import Acting
from his.pharmacy.stages import STAGES
from his.shell.desks import Desk, Tab

_ROLES = frozenset({"PHA"})


def _standing(state: str, act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "prescription" WHERE "status" = ?', state)
    return 0 if found is None else int(found["n"])


def _in_need_of_care(act: Acting) -> int:
    return len(stock.in_need_of_care(act))


DESK = Desk(
    name="pharmacy",
    pages=(
        "his.pharmacy.pages",
        "his.pharmacy.return_pages",
        "his.pharmacy.shelf_pages",
        "his.pharmacy.chart_page",
        "his.pharmacy.sheet_pages",
    ),
    folder=Path(__file__).parent,
    tabs=(
        *(
            Tab(
                name=stage,
                endpoint=f"pharmacy.{stage}_list",
                key=key,
                roles=_ROLES,
                waiting=partial(_standing, state),
            )
            for key, (stage, state) in enumerate(STAGES.items(), start=1)
        ),
        Tab(
            name="returns",
            endpoint="pharmacy_returns.returns",
            key=5,
            roles=_ROLES,
            waiting=partial(_standing, "return_requested"),
        ),
        Tab(name="shelves", endpoint="pharmacy_shelves.shelves", key=6, roles=_ROLES, waiting=_in_need_of_care),
    ),
)
