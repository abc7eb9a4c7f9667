"""The records desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.chart.acting import Acting
from his.shell.desks import Desk, Tab


def _flagged(act: Acting) -> int:
    found = act.one('SELECT COUNT(*) AS n FROM "patient" WHERE "status" = \'merge_candidate\'')
    return 0 if found is None else int(found["n"])


DESK = Desk(
    name="records",
    pages=("his.records.pages",),
    folder=Path(__file__).parent,
    tabs=(Tab(name="duplicates", endpoint="records.duplicates", key=1, roles=frozenset({"MRC"}), waiting=_flagged),),
)
