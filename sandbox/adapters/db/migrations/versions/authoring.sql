CREATE TABLE exercise_draft (
    sha256 TEXT NOT NULL,
    exercise TEXT NOT NULL,
    version INTEGER NOT NULL,
    title_zh TEXT NOT NULL,
    title_en TEXT NOT NULL,
    library TEXT NOT NULL,
    roles TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    content BLOB NOT NULL,
    author TEXT NOT NULL,
    saved_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (sha256),
    CONSTRAINT ck_exercise_draft_content CHECK (length(content) <= 262144)
)

CREATE TRIGGER exercise_draft_refuses_update BEFORE UPDATE ON exercise_draft BEGIN SELECT RAISE(ABORT, 'exercise_draft is append-only'); END

CREATE TRIGGER exercise_draft_refuses_delete BEFORE DELETE ON exercise_draft BEGIN SELECT RAISE(ABORT, 'exercise_draft is append-only'); END

CREATE TABLE gate_request (
    id TEXT NOT NULL,
    draft TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at VARCHAR(27) NOT NULL,
    stage TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    answered_at VARCHAR(27),
    trouble TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_gate_request_done CHECK (done BETWEEN 0 AND total),
    CONSTRAINT fk_gate_request_draft FOREIGN KEY(draft) REFERENCES exercise_draft (sha256)
)

CREATE UNIQUE INDEX uq_gate_request_one_waiting_per_draft ON gate_request (draft) WHERE answered_at IS NULL

CREATE TABLE gate_report (
    id TEXT NOT NULL,
    draft TEXT NOT NULL,
    image TEXT NOT NULL,
    findings INTEGER NOT NULL,
    releasable BOOLEAN NOT NULL,
    report TEXT NOT NULL,
    ran_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_gate_report_green_without_findings CHECK (NOT releasable OR findings = 0),
    CONSTRAINT fk_gate_report_draft FOREIGN KEY(draft) REFERENCES exercise_draft (sha256),
    CONSTRAINT ck_gate_report_releasable CHECK (releasable IN (0, 1))
)

CREATE INDEX ix_gate_report_draft ON gate_report (draft, ran_at)

CREATE TRIGGER gate_report_refuses_update BEFORE UPDATE ON gate_report BEGIN SELECT RAISE(ABORT, 'gate_report is append-only'); END

CREATE TRIGGER gate_report_refuses_delete BEFORE DELETE ON gate_report BEGIN SELECT RAISE(ABORT, 'gate_report is append-only'); END

CREATE TABLE exercise_retirement (
    version TEXT NOT NULL,
    retired_by TEXT NOT NULL,
    retired_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (version),
    CONSTRAINT fk_exercise_retirement_version FOREIGN KEY(version) REFERENCES exercise_version (id)
)

CREATE TRIGGER exercise_retirement_refuses_update BEFORE UPDATE ON exercise_retirement BEGIN SELECT RAISE(ABORT, 'exercise_retirement is append-only'); END

CREATE TRIGGER exercise_retirement_refuses_delete BEFORE DELETE ON exercise_retirement BEGIN SELECT RAISE(ABORT, 'exercise_retirement is append-only'); END
