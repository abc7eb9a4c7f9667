ALTER TABLE job_ledger RENAME TO job_ledger_before

CREATE TABLE job_ring (
    job TEXT NOT NULL,
    rung_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (job)
)

CREATE TABLE night (
    job TEXT NOT NULL,
    local_date DATE NOT NULL,
    due_at VARCHAR(27) NOT NULL,
    begun_at VARCHAR(27),
    silent_since VARCHAR(27),
    ended_at VARCHAR(27),
    took_ms INTEGER,
    PRIMARY KEY (job, local_date),
    CONSTRAINT ck_night_ends_after_it_began CHECK (ended_at IS NULL OR begun_at IS NOT NULL)
)

CREATE TABLE job_ledger (
    job TEXT NOT NULL,
    local_date DATE NOT NULL,
    subject TEXT NOT NULL,
    fate VARCHAR(16) NOT NULL,
    reason VARCHAR(16) NOT NULL,
    until VARCHAR(27),
    trouble TEXT NOT NULL,
    enrolled_at VARCHAR(27) NOT NULL,
    begun_at VARCHAR(27),
    finished_at VARCHAR(27),
    took_ms INTEGER,
    epoch INTEGER,
    cell TEXT,
    copy_sha256 TEXT NOT NULL,
    digest TEXT NOT NULL,
    archive_sha256 TEXT NOT NULL,
    PRIMARY KEY (job, local_date, subject),
    CONSTRAINT ck_job_ledger_fate CHECK (fate IN ('waiting', 'deferred', 'running', 'reset', 'closed', 'retired', 'skipped', 'failed')),
    CONSTRAINT ck_job_ledger_reason CHECK (reason IN ('', 'exam', 'class', 'practice', 'at work', 'asleep', 'resetting', 'gone', 'next night'))
)

CREATE INDEX ix_job_ledger_unfinished ON job_ledger (job) WHERE fate IN ('waiting', 'deferred', 'running')

CREATE TABLE cell_verification (
    cell TEXT NOT NULL,
    copy_sha256 TEXT NOT NULL,
    digest TEXT NOT NULL,
    verified_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (cell),
    CONSTRAINT fk_cell_verification_cell FOREIGN KEY(cell) REFERENCES cell (id)
)

INSERT INTO job_ledger
SELECT job, local_date, subject,
    CASE WHEN outcome = '' THEN 'running' WHEN outcome LIKE 'skipped%' THEN 'skipped' ELSE outcome END,
    CASE WHEN outcome = 'skipped' THEN 'resetting' ELSE '' END,
    NULL,
    CASE WHEN outcome LIKE 'skipped %' THEN substr(outcome, 9) ELSE '' END,
    begun_at, begun_at, finished_at, NULL, NULL, NULL, '', '', ''
FROM job_ledger_before

INSERT INTO night
SELECT job, local_date, min(begun_at), min(begun_at), NULL,
    CASE WHEN sum(outcome = '') = 0 THEN max(finished_at) END, NULL
FROM job_ledger_before GROUP BY job, local_date

DROP TABLE job_ledger_before
