"""The records desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.records import merging, pages
from his.shell.desks import Desk, Tab


def _flagged(act: Acting) -> int:
    return len(merging.candidates(act))


DESK = Desk(
    name="records",
    blueprints=(pages.bp,),
    folder=Path(__file__).parent,
    tabs=(Tab(name="duplicates", endpoint="records.duplicates", key=1, roles=frozenset({"MRC"}), waiting=_flagged),),
)
