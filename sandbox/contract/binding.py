"""Which record ids a $name stands for. Row 1 binds what was there at the start; absent people bind as they appear.

Row 1 (`attempt.begin`) carries data["bindings"]: {name: [id…]} for every cast member and start row with `as`, and
data["seats"]: {seat: staff id}. A seat's name is bound to its staff id, so it may stand in a staff column.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sandbox.contract import moments
from sandbox.contract.exercise_pack import CastMember
from sandbox.contract.journal import Row
from sandbox.contract.state import TABLES

CREATES = "patient_index.create"
"""The action under which absent people appear: patients, for nothing creates staff."""


def at_start(first: Row) -> dict[str, list[str]]:
    """Return the bindings of row 1, seats included. Raises ValueError if they do not have the form above."""
    bindings, seats = first.data.get("bindings", {}), first.data.get("seats", {})
    lists = list(bindings.values()) if isinstance(bindings, dict) else [None]
    fits = all(isinstance(ids, list) and all(isinstance(one, str) for one in ids) for ids in lists)
    if not fits or not isinstance(seats, dict):
        raise ValueError("row 1 does not bind names to lists of ids and seats to people")
    return {**{seat: [str(staff)] for seat, staff in seats.items()}, **{name: [*ids] for name, ids in bindings.items()}}


def bind(names: dict[str, list[str]], row: Row, absent: Iterable[CastMember], anchor: date) -> None:
    """Add to `names` the record this row created, under every absent person whose identity it shows."""
    if row.outcome != "ok" or row.action != CREATES:
        return
    created = _created(row)
    for person in absent:
        for key, columns in created.items() if person.kind == "patient" else ():
            if all(columns.get(column) == _wanted(person, column, anchor) for column in person.identity):
                known = names.setdefault(person.name, [])
                if key not in known:
                    known.append(key)


def _created(row: Row) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for change in row.changes:
        if change.table == "patient" and change.before is None:
            found.setdefault(change.id, {})[change.column] = change.after
    return found


def _wanted(person: CastMember, column: str, anchor: date) -> Any:
    value = person.columns.get(column)
    if TABLES["patient"].get(column) == "date" and isinstance(value, str):
        return moments.resolve(value, anchor).iso()
    return value
