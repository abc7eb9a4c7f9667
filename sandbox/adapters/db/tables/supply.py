"""What the worker tells of pool and machine: one row of the present, a ring of minutes."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, flag
from sandbox.adapters.db.tables.attempts import assignment
from sandbox.adapters.db.tables.provisioning import cell, instance, move
from sandbox.adapters.db.tables.registry import metadata, only_where

worker_vitals = sa.Table(
    "worker_vitals",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("lessons", sa.Integer, nullable=False),
    sa.Column("recent", sa.Integer, nullable=False),
    sa.Column("target", sa.Integer, nullable=False),
    sa.Column("occupied", sa.Integer, nullable=False),
    sa.Column("by_memory", sa.Integer, nullable=False),
    sa.Column("by_disk", sa.Integer, nullable=False),
    sa.Column("by_site", sa.Integer, nullable=False),
    sa.Column("pressure", sa.Integer, nullable=False),
    sa.Column("memory_total", sa.BigInteger, nullable=False),
    sa.Column("memory_available", sa.BigInteger, nullable=False),
    sa.Column("memory_reserve", sa.BigInteger, nullable=False),
    sa.Column("swap_used", sa.BigInteger, nullable=False),
    sa.Column("disk_free", sa.BigInteger, nullable=False),
    sa.Column("stalled", sa.Float),
    sa.Column("strict", flag("ck_worker_vitals_strict"), nullable=False),
    sa.Column("cell_bytes", sa.BigInteger, nullable=False),
    sa.Column("measured", sa.Integer, nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failing_since", Moment),
    sa.Column("resting_until", Moment),
    sa.CheckConstraint("name = 'worker'", name="ck_worker_vitals_one_row"),
    sa.CheckConstraint("target >= 0 AND target <= base + lessons + recent", name="ck_worker_vitals_target"),
    sa.CheckConstraint("pressure BETWEEN 0 AND 2", name="ck_worker_vitals_pressure"),
)

capacity_sample = sa.Table(
    "capacity_sample",
    metadata,
    sa.Column("minute", Moment, primary_key=True),
    sa.Column("occupied", sa.Integer, nullable=False),
    sa.Column("ready", sa.Integer, nullable=False),
    sa.Column("waiting", sa.Integer, nullable=False),
    sa.Column("target", sa.Integer, nullable=False),
    sa.Column("seats", sa.Integer, nullable=False),
    sa.Column("memory_total", sa.BigInteger, nullable=False),
    sa.Column("memory_available", sa.BigInteger, nullable=False),
    sa.Column("cell_bytes", sa.BigInteger, nullable=False),
)

# The worker asks every few seconds what was wanted lately and what opens soon: never a walk through all that ever was.
sa.Index("ix_instance_queued_at", instance.c.queued_at)
sa.Index("ix_move_created_at", move.c.created_at)
sa.Index("ix_move_open", move.c.created_at, **only_where("closed_at IS NULL"))
sa.Index("ix_assignment_opens", assignment.c.opens, **only_where("opens IS NOT NULL"))
sa.Index("ix_cell_ready_at", cell.c.ready_at, **only_where("ready_at IS NOT NULL"))
