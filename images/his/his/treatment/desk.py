"""The treatment room as the shell knows it: skin tests."""

from __future__ import annotations

from pathlib import Path

from his.shell.desks import Desk, Later, Tab

_MISSING = Later(module="his.treatment.pages", function="count_missing")

DESK = Desk(
    name="treatment",
    pages=("his.treatment.pages",),
    folder=Path(__file__).parent,
    tabs=(Tab(name="skin", endpoint="treatment.tests", key=5, roles=frozenset({"NUR"}), waiting=_MISSING),),
)
