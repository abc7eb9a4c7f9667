"""Tables of authoring: drafts, the gate's requests and verdicts, retired versions."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, Names, flag
from sandbox.adapters.db.tables.registry import append_only, metadata, only_where

exercise_draft = sa.Table(
    "exercise_draft",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("exercise", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("title_zh", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("library", sa.Text, nullable=False),
    sa.Column("roles", Names, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("saved_at", Moment, nullable=False),
    sa.CheckConstraint("length(content) <= 262144", name="ck_exercise_draft_content"),
)
append_only(exercise_draft)

gate_request = sa.Table(
    "gate_request",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("draft", sa.ForeignKey("exercise_draft.sha256", name="fk_gate_request_draft"), nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("answered_at", Moment),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.CheckConstraint("done BETWEEN 0 AND total", name="ck_gate_request_done"),
)
sa.Index(
    "uq_gate_request_one_waiting_per_draft",
    gate_request.c.draft,
    unique=True,
    **only_where("answered_at IS NULL"),
)

gate_report = sa.Table(
    "gate_report",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("draft", sa.ForeignKey("exercise_draft.sha256", name="fk_gate_report_draft"), nullable=False),
    sa.Column("image", sa.Text, nullable=False),
    sa.Column("findings", sa.Integer, nullable=False),
    sa.Column("releasable", flag("ck_gate_report_releasable"), nullable=False),
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("ran_at", Moment, nullable=False),
    sa.CheckConstraint("NOT releasable OR findings = 0", name="ck_gate_report_green_without_findings"),
)
sa.Index("ix_gate_report_draft", gate_report.c.draft, gate_report.c.ran_at)
append_only(gate_report)

exercise_retirement = sa.Table(
    "exercise_retirement",
    metadata,
    sa.Column("version", sa.ForeignKey("exercise_version.id", name="fk_exercise_retirement_version"), primary_key=True),
    sa.Column("retired_by", sa.Text, nullable=False),
    sa.Column("retired_at", Moment, nullable=False),
)
append_only(exercise_retirement)
