PRAGMA defer_foreign_keys = ON

CREATE TEMP TABLE kept_exercise_version AS SELECT * FROM exercise_version

DROP TABLE exercise_version

CREATE TABLE exercise_version (
    id TEXT NOT NULL,
    exercise TEXT NOT NULL,
    version INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    goal_zh TEXT NOT NULL,
    goal_en TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    pass_score INTEGER NOT NULL,
    modes TEXT NOT NULL,
    exam_attempts INTEGER NOT NULL,
    exam_per VARCHAR(16) NOT NULL,
    exam_keep VARCHAR(16) NOT NULL,
    exam_wait_ms INTEGER NOT NULL,
    min_time_ms INTEGER NOT NULL,
    variants INTEGER NOT NULL,
    released_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_exercise_version UNIQUE (exercise, version),
    CONSTRAINT ck_exercise_version_minutes CHECK (minutes > 0),
    CONSTRAINT ck_exercise_version_pass_score CHECK (pass_score BETWEEN 0 AND 100),
    CONSTRAINT ck_exercise_version_exam_attempts CHECK (exam_attempts >= 1),
    CONSTRAINT ck_exercise_version_times CHECK (exam_wait_ms >= 0 AND min_time_ms >= 0),
    CONSTRAINT ck_exercise_version_variants CHECK (variants >= 1),
    CONSTRAINT ck_exercise_version_exam_per CHECK (exam_per IN ('day', 'ever')),
    CONSTRAINT ck_exercise_version_exam_keep CHECK (exam_keep IN ('best', 'last', 'first'))
)

INSERT INTO exercise_version SELECT id, exercise, version, sha256, title_zh, title_en, goal_zh, goal_en, minutes, pass_score, '["practice", "class", "exam"]', 3, 'day', 'best', 0, 0, 1, released_at FROM kept_exercise_version

DROP TABLE kept_exercise_version

CREATE TRIGGER exercise_version_refuses_delete BEFORE DELETE ON exercise_version BEGIN SELECT RAISE(ABORT, 'exercise_version is append-only'); END

CREATE TRIGGER exercise_version_refuses_update BEFORE UPDATE ON exercise_version BEGIN SELECT RAISE(ABORT, 'exercise_version is append-only'); END

CREATE TEMP TABLE kept_attempt AS SELECT * FROM attempt

DROP TABLE attempt

CREATE TABLE attempt (
    id TEXT NOT NULL,
    person TEXT NOT NULL,
    exercise_version TEXT NOT NULL,
    assignment TEXT,
    instance TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    requested_at VARCHAR(27) NOT NULL,
    opened_at VARCHAR(27),
    submitted_at VARCHAR(27),
    closed_at VARCHAR(27),
    mode VARCHAR(16) NOT NULL,
    time_factor INTEGER NOT NULL,
    untimed BOOLEAN NOT NULL,
    variant INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_attempt_time_factor CHECK (time_factor BETWEEN 1 AND 4),
    CONSTRAINT ck_attempt_variant CHECK (variant >= 0),
    CONSTRAINT ck_attempt_open_since CHECK (state <> 'open' OR opened_at IS NOT NULL),
    CONSTRAINT ck_attempt_submitted_at CHECK (state NOT IN ('submitted', 'sealed', 'graded') OR submitted_at IS NOT NULL),
    CONSTRAINT ck_attempt_closed_at CHECK ((closed_at IS NOT NULL) = (state IN ('cancelled', 'abandoned', 'interrupted', 'graded'))),
    CONSTRAINT ck_attempt_state CHECK (state IN ('requested', 'open', 'cancelled', 'submitted', 'abandoned', 'interrupted', 'sealed', 'graded')),
    CONSTRAINT ck_attempt_mode CHECK (mode IN ('practice', 'class', 'exam')),
    CONSTRAINT ck_attempt_untimed CHECK (untimed IN (0, 1))
)

CREATE INDEX ix_attempt_person ON attempt (person, exercise_version)

CREATE INDEX ix_attempt_state ON attempt (state)

CREATE UNIQUE INDEX uq_attempt_one_live_per_instance ON attempt (instance) WHERE state IN ('requested', 'open', 'submitted')

INSERT INTO attempt SELECT id, person, exercise_version, assignment, instance, state, requested_at, opened_at, submitted_at, closed_at, CASE WHEN assignment IS NULL THEN 'practice' ELSE 'class' END, 1, 0, 0 FROM kept_attempt

DROP TABLE kept_attempt

CREATE TEMP TABLE kept_assignment AS SELECT * FROM assignment

DROP TABLE assignment

CREATE TABLE assignment (
    id TEXT NOT NULL,
    exercise_version TEXT NOT NULL,
    person TEXT NOT NULL,
    mode VARCHAR(16) NOT NULL,
    opens VARCHAR(27),
    due VARCHAR(27),
    max_attempts INTEGER,
    per VARCHAR(16) NOT NULL,
    keep VARCHAR(16) NOT NULL,
    wait_ms INTEGER NOT NULL,
    checks_allowed BOOLEAN NOT NULL,
    reports_opened_at VARCHAR(27),
    assigned_by TEXT NOT NULL,
    assigned_at VARCHAR(27) NOT NULL,
    withdrawn_at VARCHAR(27),
    PRIMARY KEY (id),
    CONSTRAINT ck_assignment_max_attempts CHECK (max_attempts IS NULL OR max_attempts >= 1),
    CONSTRAINT ck_assignment_wait_ms CHECK (wait_ms >= 0),
    CONSTRAINT ck_assignment_checks_in_class_only CHECK (mode = 'class' OR NOT checks_allowed),
    CONSTRAINT ck_assignment_mode CHECK (mode IN ('practice', 'class', 'exam')),
    CONSTRAINT ck_assignment_per CHECK (per IN ('day', 'ever')),
    CONSTRAINT ck_assignment_keep CHECK (keep IN ('best', 'last', 'first')),
    CONSTRAINT ck_assignment_checks_allowed CHECK (checks_allowed IN (0, 1))
)

CREATE UNIQUE INDEX uq_assignment_one_per_person_version_and_mode ON assignment (person, exercise_version, mode) WHERE withdrawn_at IS NULL

INSERT INTO assignment SELECT id, exercise_version, person, 'class', NULL, due, max_attempts, 'ever', 'best', 0, 0, assigned_at, assigned_by, assigned_at, withdrawn_at FROM kept_assignment

DROP TABLE kept_assignment

CREATE TABLE accommodation (
    assignment TEXT NOT NULL,
    time_factor INTEGER NOT NULL,
    untimed BOOLEAN NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (assignment),
    CONSTRAINT ck_accommodation_time_factor CHECK (time_factor BETWEEN 1 AND 4),
    CONSTRAINT fk_accommodation_assignment FOREIGN KEY(assignment) REFERENCES assignment (id),
    CONSTRAINT ck_accommodation_untimed CHECK (untimed IN (0, 1))
)

CREATE TABLE check_request (
    id TEXT NOT NULL,
    attempt TEXT NOT NULL,
    asked_at VARCHAR(27) NOT NULL,
    answered_at VARCHAR(27),
    answer TEXT NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT fk_check_request_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

CREATE INDEX ix_check_request_attempt ON check_request (attempt, asked_at)

CREATE UNIQUE INDEX uq_check_request_one_waiting_per_attempt ON check_request (attempt) WHERE answered_at IS NULL
