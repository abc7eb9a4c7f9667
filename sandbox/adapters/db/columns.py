"""Column types: moments and states travel as our own values, so that a row needs no further reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored as UTC text of fixed width: sorts as it reads, to the microsecond."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"a moment without a zone: {value}")
        return value.astimezone(UTC).strftime(_FORMAT)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        if value is None:
            return None
        # Not strptime: every tick reads some moments of every cell, and it takes ten times as long.
        return datetime.fromisoformat(value)


class Names(TypeDecorator[tuple[str, ...]]):
    """A few names in their order, stored as a JSON list."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        return None if value is None else tuple(json.loads(value))


def states(kind: type[StrEnum], constraint: str) -> sa.Enum:
    """Return a column type for the values of `kind`, guarded by a CHECK of this name."""
    return sa.Enum(
        kind,
        name=constraint,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


def flag(constraint: str) -> sa.Boolean:
    """Return a yes-or-no column type, guarded by a CHECK of this name."""
    return sa.Boolean(create_constraint=True, name=constraint)
