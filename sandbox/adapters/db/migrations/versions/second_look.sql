PRAGMA defer_foreign_keys = ON

CREATE TEMP TABLE kept_result AS SELECT * FROM result

DROP TABLE result

CREATE TABLE result (
    attempt TEXT NOT NULL,
    number INTEGER NOT NULL,
    exercise_version TEXT NOT NULL,
    score TEXT NOT NULL,
    score_to TEXT NOT NULL,
    verdict TEXT NOT NULL,
    pending INTEGER NOT NULL,
    faults INTEGER NOT NULL,
    adjustments INTEGER NOT NULL,
    report_sha256 TEXT NOT NULL,
    grader TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    graded_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (attempt, number),
    CONSTRAINT ck_result_number CHECK (number >= 1),
    CONSTRAINT ck_result_verdict CHECK (verdict IN ('pass', 'fail', 'provisional', 'error')),
    CONSTRAINT ck_result_error_has_no_score CHECK (verdict <> 'error' OR score = ''),
    CONSTRAINT ck_result_error_has_a_fault CHECK (verdict <> 'error' OR faults > 0),
    CONSTRAINT fk_result_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

INSERT INTO result SELECT kept_result.attempt, number, attempt.exercise_version, score, '', verdict, 0, CASE WHEN verdict IN ('error', 'provisional') THEN 1 ELSE 0 END, 0, report_sha256, grader, 'worker', '', graded_at FROM kept_result JOIN attempt ON attempt.id = kept_result.attempt

DROP TABLE kept_result

CREATE TRIGGER result_refuses_update BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TRIGGER result_refuses_delete BEFORE DELETE ON result BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TABLE adjustment (
    attempt TEXT NOT NULL,
    number INTEGER NOT NULL,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    points TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at VARCHAR(27) NOT NULL,
    PRIMARY KEY (attempt, number),
    CONSTRAINT ck_adjustment_number CHECK (number >= 1),
    CONSTRAINT ck_adjustment_kind CHECK (kind IN ('mark', 'set', 'add', 'waive', 'withdraw')),
    CONSTRAINT ck_adjustment_points CHECK ((points = '') = (kind IN ('waive', 'withdraw'))),
    CONSTRAINT ck_adjustment_reason CHECK (reason <> '' OR kind = 'mark'),
    CONSTRAINT fk_adjustment_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

CREATE TRIGGER adjustment_refuses_update BEFORE UPDATE ON adjustment BEGIN SELECT RAISE(ABORT, 'adjustment is append-only'); END

CREATE TRIGGER adjustment_refuses_delete BEFORE DELETE ON adjustment BEGIN SELECT RAISE(ABORT, 'adjustment is append-only'); END

CREATE TABLE attempt_void (
    attempt TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at VARCHAR(27) NOT NULL,
    PRIMARY KEY (attempt),
    CONSTRAINT ck_attempt_void_reason CHECK (reason <> ''),
    CONSTRAINT fk_attempt_void_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

CREATE TRIGGER attempt_void_refuses_update BEFORE UPDATE ON attempt_void BEGIN SELECT RAISE(ABORT, 'attempt_void is append-only'); END

CREATE TRIGGER attempt_void_refuses_delete BEFORE DELETE ON attempt_void BEGIN SELECT RAISE(ABORT, 'attempt_void is append-only'); END

CREATE TABLE regrade (
    id TEXT NOT NULL,
    exercise TEXT,
    assignment TEXT,
    person TEXT,
    attempt TEXT,
    max_version INTEGER,
    target TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at VARCHAR(27) NOT NULL,
    state VARCHAR(16) NOT NULL,
    since VARCHAR(27) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_regrade_reason CHECK (reason <> ''),
    CONSTRAINT ck_regrade_scope CHECK (coalesce(exercise, assignment, person, attempt) IS NOT NULL),
    CONSTRAINT ck_regrade_state CHECK (state IN ('requested', 'computing', 'ready', 'applying', 'applied', 'discarded'))
)

CREATE TABLE regrade_decision (
    regrade TEXT NOT NULL,
    choice TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at VARCHAR(27) NOT NULL,
    PRIMARY KEY (regrade),
    CONSTRAINT ck_regrade_decision_choice CHECK (choice IN ('all', 'higher', 'discard')),
    CONSTRAINT fk_regrade_decision_regrade FOREIGN KEY(regrade) REFERENCES regrade (id)
)

CREATE TRIGGER regrade_decision_refuses_update BEFORE UPDATE ON regrade_decision BEGIN SELECT RAISE(ABORT, 'regrade_decision is append-only'); END

CREATE TRIGGER regrade_decision_refuses_delete BEFORE DELETE ON regrade_decision BEGIN SELECT RAISE(ABORT, 'regrade_decision is append-only'); END

CREATE TABLE regrade_item (
    regrade TEXT NOT NULL,
    attempt TEXT NOT NULL,
    number INTEGER NOT NULL,
    old_score TEXT NOT NULL,
    old_verdict TEXT NOT NULL,
    exercise_version TEXT NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    new_score TEXT NOT NULL,
    new_score_to TEXT NOT NULL,
    new_verdict TEXT NOT NULL,
    new_report TEXT NOT NULL,
    grader TEXT NOT NULL,
    pending INTEGER NOT NULL,
    faults INTEGER NOT NULL,
    adjustments INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (regrade, attempt),
    CONSTRAINT ck_regrade_item_report CHECK ((new_report = '') = (outcome IN ('waiting', 'failed'))),
    CONSTRAINT fk_regrade_item_regrade FOREIGN KEY(regrade) REFERENCES regrade (id),
    CONSTRAINT fk_regrade_item_attempt FOREIGN KEY(attempt) REFERENCES attempt (id),
    CONSTRAINT ck_regrade_item_outcome CHECK (outcome IN ('waiting', 'computed', 'applied', 'same', 'kept', 'overtaken', 'failed'))
)

CREATE INDEX ix_regrade_item_outcome ON regrade_item (regrade, outcome)

CREATE TABLE regrade_change (
    regrade TEXT NOT NULL,
    attempt TEXT NOT NULL,
    subject TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    PRIMARY KEY (regrade, attempt, subject),
    CONSTRAINT fk_regrade_change_item FOREIGN KEY(regrade, attempt) REFERENCES regrade_item (regrade, attempt)
)

CREATE TRIGGER regrade_change_refuses_update BEFORE UPDATE ON regrade_change BEGIN SELECT RAISE(ABORT, 'regrade_change is append-only'); END

CREATE TRIGGER regrade_change_refuses_delete BEFORE DELETE ON regrade_change BEGIN SELECT RAISE(ABORT, 'regrade_change is append-only'); END

CREATE TABLE paper (
    report TEXT NOT NULL,
    language TEXT NOT NULL,
    audience TEXT NOT NULL,
    attempt TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    wanted_by TEXT NOT NULL,
    wanted_at VARCHAR(27) NOT NULL,
    made_at VARCHAR(27),
    file TEXT NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (report, language, audience),
    CONSTRAINT ck_paper_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_paper_audience CHECK (audience IN ('trainee', 'trainer')),
    CONSTRAINT ck_paper_file CHECK ((file <> '') = (state = 'made')),
    CONSTRAINT fk_paper_attempt FOREIGN KEY(attempt) REFERENCES attempt (id),
    CONSTRAINT ck_paper_state CHECK (state IN ('wanted', 'made', 'failed'))
)

CREATE INDEX ix_paper_wanted ON paper (wanted_at) WHERE state = 'wanted'
