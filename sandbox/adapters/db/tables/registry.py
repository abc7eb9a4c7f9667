"""The one metadata, and the two habits of its tables: partial uniqueness and rows that are never changed."""

from __future__ import annotations

from typing import TypedDict

import sqlalchemy as sa

metadata = sa.MetaData()


class OnlyWhere(TypedDict):
    """The condition of a partial index, for either database."""

    sqlite_where: sa.TextClause
    postgresql_where: sa.TextClause


def only_where(condition: str) -> OnlyWhere:
    """Return the condition of a partial index."""
    return OnlyWhere(sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def append_only_triggers(table: str) -> list[str]:
    """Return the statements that make SQLite refuse UPDATE and DELETE on this table."""
    return [
        f"CREATE TRIGGER {table}_refuses_{deed.lower()} BEFORE {deed} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for deed in ("UPDATE", "DELETE")
    ]


def append_only(table: sa.Table) -> None:
    """Have the table refuse every change of a row, whoever asks."""
    for statement in append_only_triggers(table.name):
        made = sa.DDL(statement).execute_if(dialect="sqlite")  # type: ignore[no-untyped-call]
        sa.event.listen(table, "after_create", made)
