"""Released exercises, who is to do them, attempts, evidence and results."""

from __future__ import annotations

import sqlalchemy as sa

from sandbox.adapters.db.columns import Moment, Names, flag, states
from sandbox.adapters.db.tables.registry import append_only, metadata, only_where
from sandbox.attempts.model import AttemptState
from sandbox.exercises.model import Keep, Mode, Per

exercise_version = sa.Table(
    "exercise_version",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("exercise", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("title_zh", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("goal_zh", sa.Text, nullable=False),
    sa.Column("goal_en", sa.Text, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("pass_score", sa.Integer, nullable=False),
    sa.Column("modes", Names, nullable=False),
    sa.Column("exam_attempts", sa.Integer, nullable=False),
    sa.Column("exam_per", states(Per, "ck_exercise_version_exam_per"), nullable=False),
    sa.Column("exam_keep", states(Keep, "ck_exercise_version_exam_keep"), nullable=False),
    sa.Column("exam_wait_ms", sa.Integer, nullable=False),
    sa.Column("min_time_ms", sa.Integer, nullable=False),
    sa.Column("variants", sa.Integer, nullable=False),
    sa.Column("released_at", Moment, nullable=False),
    sa.UniqueConstraint("exercise", "version", name="uq_exercise_version"),
    sa.CheckConstraint("minutes > 0", name="ck_exercise_version_minutes"),
    sa.CheckConstraint("pass_score BETWEEN 0 AND 100", name="ck_exercise_version_pass_score"),
    sa.CheckConstraint("exam_attempts >= 1", name="ck_exercise_version_exam_attempts"),
    sa.CheckConstraint("exam_wait_ms >= 0 AND min_time_ms >= 0", name="ck_exercise_version_times"),
    sa.CheckConstraint("variants >= 1", name="ck_exercise_version_variants"),
)
append_only(exercise_version)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("exercise_version", sa.Text, nullable=False),
    sa.Column("assignment", sa.Text),
    sa.Column("instance", sa.Text, nullable=False),
    sa.Column("state", states(AttemptState, "ck_attempt_state"), nullable=False),
    sa.Column("requested_at", Moment, nullable=False),
    sa.Column("opened_at", Moment),
    sa.Column("submitted_at", Moment),
    sa.Column("closed_at", Moment),
    sa.Column("mode", states(Mode, "ck_attempt_mode"), nullable=False),
    sa.Column("time_factor", sa.Integer, nullable=False),
    sa.Column("untimed", flag("ck_attempt_untimed"), nullable=False),
    sa.Column("variant", sa.Integer, nullable=False),
    sa.CheckConstraint("time_factor BETWEEN 1 AND 4", name="ck_attempt_time_factor"),
    sa.CheckConstraint("variant >= 0", name="ck_attempt_variant"),
    sa.CheckConstraint("state <> 'open' OR opened_at IS NOT NULL", name="ck_attempt_open_since"),
    sa.CheckConstraint(
        "state NOT IN ('submitted', 'sealed', 'graded') OR submitted_at IS NOT NULL", name="ck_attempt_submitted_at"
    ),
    sa.CheckConstraint(
        "(closed_at IS NOT NULL) = (state IN ('cancelled', 'abandoned', 'interrupted', 'graded'))",
        name="ck_attempt_closed_at",
    ),
)
sa.Index(
    "uq_attempt_one_live_per_instance",
    attempt.c.instance,
    unique=True,
    **only_where("state IN ('requested', 'open', 'submitted')"),
)
sa.Index("ix_attempt_person", attempt.c.person, attempt.c.exercise_version)
sa.Index("ix_attempt_state", attempt.c.state)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_evidence_attempt"), primary_key=True),
    sa.Column("journal_sha256", sa.Text, nullable=False),
    sa.Column("state_sha256", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("sealed_at", Moment, nullable=False),
)
append_only(evidence)

result = sa.Table(
    "result",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_result_attempt"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("exercise_version", sa.Text, nullable=False),
    sa.Column("score", sa.Text, nullable=False),
    sa.Column("score_to", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("pending", sa.Integer, nullable=False),
    sa.Column("faults", sa.Integer, nullable=False),
    sa.Column("adjustments", sa.Integer, nullable=False),
    sa.Column("report_sha256", sa.Text, nullable=False),
    sa.Column("grader", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("graded_at", Moment, nullable=False),
    sa.CheckConstraint("number >= 1", name="ck_result_number"),
    sa.CheckConstraint("verdict IN ('pass', 'fail', 'provisional', 'error')", name="ck_result_verdict"),
    sa.CheckConstraint("verdict <> 'error' OR score = ''", name="ck_result_error_has_no_score"),
    sa.CheckConstraint("verdict <> 'error' OR faults > 0", name="ck_result_error_has_a_fault"),
)
append_only(result)

hint_use = sa.Table(
    "hint_use",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_hint_use_attempt"), primary_key=True),
    sa.Column("hint", sa.Text, primary_key=True),
    sa.Column("working_ms", sa.Integer, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
)

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("exercise_version", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("mode", states(Mode, "ck_assignment_mode"), nullable=False),
    sa.Column("opens", Moment),
    sa.Column("due", Moment),
    sa.Column("max_attempts", sa.Integer),
    sa.Column("per", states(Per, "ck_assignment_per"), nullable=False),
    sa.Column("keep", states(Keep, "ck_assignment_keep"), nullable=False),
    sa.Column("wait_ms", sa.Integer, nullable=False),
    sa.Column("checks_allowed", flag("ck_assignment_checks_allowed"), nullable=False),
    sa.Column("reports_opened_at", Moment),
    sa.Column("assigned_by", sa.Text, nullable=False),
    sa.Column("assigned_at", Moment, nullable=False),
    sa.Column("withdrawn_at", Moment),
    sa.CheckConstraint("max_attempts IS NULL OR max_attempts >= 1", name="ck_assignment_max_attempts"),
    sa.CheckConstraint("wait_ms >= 0", name="ck_assignment_wait_ms"),
    sa.CheckConstraint("mode = 'class' OR NOT checks_allowed", name="ck_assignment_checks_in_class_only"),
)
sa.Index(
    "uq_assignment_one_per_person_version_and_mode",
    assignment.c.person,
    assignment.c.exercise_version,
    assignment.c.mode,
    unique=True,
    **only_where("withdrawn_at IS NULL"),
)

accommodation = sa.Table(
    "accommodation",
    metadata,
    sa.Column("assignment", sa.ForeignKey("assignment.id", name="fk_accommodation_assignment"), primary_key=True),
    sa.Column("time_factor", sa.Integer, nullable=False),
    sa.Column("untimed", flag("ck_accommodation_untimed"), nullable=False),
    sa.Column("granted_by", sa.Text, nullable=False),
    sa.Column("granted_at", Moment, nullable=False),
    sa.CheckConstraint("time_factor BETWEEN 1 AND 4", name="ck_accommodation_time_factor"),
)

check_request = sa.Table(
    "check_request",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("attempt", sa.ForeignKey("attempt.id", name="fk_check_request_attempt"), nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("answered_at", Moment),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
)
sa.Index(
    "uq_check_request_one_waiting_per_attempt",
    check_request.c.attempt,
    unique=True,
    **only_where("answered_at IS NULL"),
)
sa.Index("ix_check_request_attempt", check_request.c.attempt, check_request.c.asked_at)
