"""Frozen value <-> row, and the conditional UPDATE that every change of state is."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from sandbox.errors import LostRaceError, NotFoundError, WrongStateError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value")
State = TypeVar("State")


def to_row(value: DataclassInstance) -> dict[str, Any]:
    """Return the value's fields under the names of the columns, which are the same."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def one(connection: sa.Connection, kind: type[Value], found: sa.Select[Any], **given: object) -> Value | None:
    """Return the first row found as a value, or None. `given` are the values of the query's parameters."""
    result = connection.execute(found, given)
    row = result.first()
    return None if row is None else kind(**dict(zip(result.keys(), row, strict=True)))


def existing(connection: sa.Connection, kind: type[Value], found: sa.Select[Any], what: str, **given: object) -> Value:
    """Return the first row found as a value. Raises NotFoundError naming `what` was looked for."""
    value = one(connection, kind, found, **given)
    if value is None:
        raise NotFoundError(f"no {what}")
    return value


def many(connection: sa.Connection, kind: type[Value], found: sa.Select[Any], **given: object) -> list[Value]:
    """Return all rows found as values."""
    result = connection.execute(found, given)
    # All at once and not by mappings: a plan reads two hundred rows, and that takes three times as long.
    names = tuple(result.keys())
    return [kind(**dict(zip(names, row, strict=True))) for row in result.all()]


def check_move(moves: Mapping[State, Container[State]], old: State, new: State, what: str) -> None:
    """Raise WrongStateError unless the table of moves has this one."""
    if new not in moves[old]:
        raise WrongStateError(f"{what} cannot go from {old} to {new}")


def change_one(connection: sa.Connection, changed: sa.Update, what: str, **given: object) -> None:
    """Execute a conditional UPDATE. Raises LostRaceError unless it changed exactly one row."""
    if connection.execute(changed, given).rowcount != 1:
        raise LostRaceError(f"{what} is no longer as expected")
