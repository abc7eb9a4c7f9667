"""What the worker found when it looked, and which cells' logs people asked for."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment
from sandbox.adapters.db.tables.registry import metadata

checkup = sa.Table(
    "checkup",
    metadata,
    sa.Column("concern", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
)

log_wish = sa.Table(
    "log_wish",
    metadata,
    sa.Column("cell", sa.ForeignKey("cell.id", name="fk_log_wish_cell"), primary_key=True),
    sa.Column("wished_at", Moment, nullable=False),
    sa.Column("kept_at", Moment),
    sa.Column("trouble", sa.Text, nullable=False),
)
