"""Isolation certificates, one row each time one is issued; requests to clear up what no row explains."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, flag
from sandbox.adapters.db.tables.registry import append_only, metadata

certificate = sa.Table(
    "certificate",
    metadata,
    sa.Column("cell", sa.ForeignKey("cell.id", name="fk_certificate_cell"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("instance", sa.Text),
    sa.Column("attempt", sa.Text),
    sa.Column("begun", sa.Text, nullable=False),
    sa.Column("isolated", flag("ck_certificate_isolated"), nullable=False),
    sa.Column("issued_at", Moment, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.CheckConstraint("number >= 1", name="ck_certificate_number"),
)
append_only(certificate)

prune_request = sa.Table(
    "prune_request",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("approved", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("answered_at", Moment),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
)
