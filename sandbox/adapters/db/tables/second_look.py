"""Adjustments, voided attempts, regrades and papers."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, states
from sandbox.adapters.db.tables.registry import append_only, metadata, only_where
from sandbox.attempts.second_look import ItemOutcome, PaperState, RegradeState

adjustment = sa.Table(
    "adjustment",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_adjustment_attempt"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("points", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("number >= 1", name="ck_adjustment_number"),
    sa.CheckConstraint("kind IN ('mark', 'set', 'add', 'waive', 'withdraw')", name="ck_adjustment_kind"),
    sa.CheckConstraint("(points = '') = (kind IN ('waive', 'withdraw'))", name="ck_adjustment_points"),
    sa.CheckConstraint("reason <> '' OR kind = 'mark'", name="ck_adjustment_reason"),
)
append_only(adjustment)

attempt_void = sa.Table(
    "attempt_void",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_attempt_void_attempt"), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("reason <> ''", name="ck_attempt_void_reason"),
)
append_only(attempt_void)

regrade = sa.Table(
    "regrade",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("exercise", sa.Text),
    sa.Column("assignment", sa.Text),
    sa.Column("person", sa.Text),
    sa.Column("attempt", sa.Text),
    sa.Column("max_version", sa.Integer),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", Moment, nullable=False),
    sa.Column("state", states(RegradeState, "ck_regrade_state"), nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.CheckConstraint("reason <> ''", name="ck_regrade_reason"),
    sa.CheckConstraint("coalesce(exercise, assignment, person, attempt) IS NOT NULL", name="ck_regrade_scope"),
)

regrade_decision = sa.Table(
    "regrade_decision",
    metadata,
    sa.Column("regrade", sa.ForeignKey("regrade.id", name="fk_regrade_decision_regrade"), primary_key=True),
    sa.Column("choice", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("choice IN ('all', 'higher', 'discard')", name="ck_regrade_decision_choice"),
)
append_only(regrade_decision)

regrade_item = sa.Table(
    "regrade_item",
    metadata,
    sa.Column("regrade", sa.ForeignKey("regrade.id", name="fk_regrade_item_regrade"), primary_key=True),
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_regrade_item_attempt"), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("old_score", sa.Text, nullable=False),
    sa.Column("old_verdict", sa.Text, nullable=False),
    sa.Column("exercise_version", sa.Text, nullable=False),
    sa.Column("outcome", states(ItemOutcome, "ck_regrade_item_outcome"), nullable=False),
    sa.Column("new_score", sa.Text, nullable=False),
    sa.Column("new_score_to", sa.Text, nullable=False),
    sa.Column("new_verdict", sa.Text, nullable=False),
    sa.Column("new_report", sa.Text, nullable=False),
    sa.Column("grader", sa.Text, nullable=False),
    sa.Column("pending", sa.Integer, nullable=False),
    sa.Column("faults", sa.Integer, nullable=False),
    sa.Column("adjustments", sa.Integer, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.CheckConstraint("(new_report = '') = (outcome IN ('waiting', 'failed'))", name="ck_regrade_item_report"),
)
sa.Index("ix_regrade_item_outcome", regrade_item.c.regrade, regrade_item.c.outcome)

regrade_change = sa.Table(
    "regrade_change",
    metadata,
    sa.Column("regrade", sa.Text, primary_key=True),
    sa.Column("attempt", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("old", sa.Text, nullable=False),
    sa.Column("new", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(
        ["regrade", "attempt"], ["regrade_item.regrade", "regrade_item.attempt"], name="fk_regrade_change_item"
    ),
)
append_only(regrade_change)

paper = sa.Table(
    "paper",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_paper_attempt"), primary_key=True),
    sa.Column("report", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("audience", sa.Text, primary_key=True),
    sa.Column("state", states(PaperState, "ck_paper_state"), nullable=False),
    sa.Column("wanted_by", sa.Text, nullable=False),
    sa.Column("wanted_at", Moment, nullable=False),
    sa.Column("made_at", Moment),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.CheckConstraint("language IN ('zh', 'en')", name="ck_paper_language"),
    sa.CheckConstraint("audience IN ('trainee', 'trainer')", name="ck_paper_audience"),
    sa.CheckConstraint("(file <> '') = (state = 'made')", name="ck_paper_file"),
)
sa.Index("ix_paper_wanted", paper.c.wanted_at, **only_where("state = 'wanted'"))
