"""Nights: when jobs rang, what became of every subject, what was verified of cells given out at night."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, states
from sandbox.adapters.db.tables.registry import metadata, only_where
from sandbox.scheduling.model import Fate, Reason

job_ring = sa.Table(
    "job_ring",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("rung_at", Moment, nullable=False),
)

night = sa.Table(
    "night",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("local_date", sa.Date, primary_key=True),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("begun_at", Moment),
    sa.Column("silent_since", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("took_ms", sa.Integer),
    sa.CheckConstraint("ended_at IS NULL OR begun_at IS NOT NULL", name="ck_night_ends_after_it_began"),
)

job_ledger = sa.Table(
    "job_ledger",
    metadata,
    sa.Column("job", sa.Text, primary_key=True),
    sa.Column("local_date", sa.Date, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("fate", states(Fate, "ck_job_ledger_fate"), nullable=False),
    sa.Column("reason", states(Reason, "ck_job_ledger_reason"), nullable=False),
    sa.Column("until", Moment),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("enrolled_at", Moment, nullable=False),
    sa.Column("begun_at", Moment),
    sa.Column("finished_at", Moment),
    sa.Column("took_ms", sa.Integer),
    sa.Column("epoch", sa.Integer),
    sa.Column("cell", sa.Text),
    sa.Column("copy_sha256", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("archive_sha256", sa.Text, nullable=False),
)
sa.Index(
    "ix_job_ledger_unfinished",
    job_ledger.c.job,
    **only_where("fate IN ('waiting', 'deferred', 'running')"),
)

cell_verification = sa.Table(
    "cell_verification",
    metadata,
    sa.Column("cell", sa.ForeignKey("cell.id", name="fk_cell_verification_cell"), primary_key=True),
    sa.Column("copy_sha256", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("verified_at", Moment, nullable=False),
)
