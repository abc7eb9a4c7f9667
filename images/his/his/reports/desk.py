"""The reports as the shell knows them."""

from __future__ import annotations

from pathlib import Path

from his.shell.desks import Desk, Tab

DESK = Desk(
    name="reports",
    pages=("his.reports.pages",),
    folder=Path(__file__).parent,
    tabs=(Tab(name="reports", endpoint="reports.report", key=5, roles=frozenset({"HOD", "MRC", "FIN"})),),
)
