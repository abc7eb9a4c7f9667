"""The treatment room as the shell knows it: skin tests, and what is charged for treatments."""

from __future__ import annotations

from pathlib import Path

from his.shell.desks import Desk, Later, Tab

_MISSING = Later(module="his.treatment.pages", function="count_missing")

DESK = Desk(
    name="treatment",
    pages=("his.treatment.pages", "his.treatment.fee_pages"),
    folder=Path(__file__).parent,
    tabs=(
        Tab(name="skin", endpoint="treatment.tests", key=5, roles=frozenset({"NUR"}), waiting=_MISSING),
        Tab(name="fees", endpoint="treatment_fees.fees", key=3, roles=frozenset({"NUR"})),
    ),
)
