"""What rehearsals measured."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment
from sandbox.adapters.db.tables.registry import append_only, metadata

rehearsal = sa.Table(
    "rehearsal",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("begun_at", Moment, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("figures", sa.Text, nullable=False),
    sa.CheckConstraint("seats >= 1", name="ck_rehearsal_seats"),
)
sa.Index("ix_rehearsal_begun_at", rehearsal.c.begun_at)
append_only(rehearsal)
