"""The records desk as the shell knows it."""

from __future__ import annotations

from pathlib import Path

from his.shell.desks import Desk, Listed, Tab

_FLAGGED = Listed(module="his.records.merging", function="candidates")

DESK = Desk(
    name="records",
    pages=("his.records.pages",),
    folder=Path(__file__).parent,
    tabs=(Tab(name="duplicates", endpoint="records.duplicates", key=1, roles=frozenset({"MRC"}), waiting=_FLAGGED),),
)
