PRAGMA defer_foreign_keys = ON

CREATE TEMP TABLE kept_instance AS SELECT * FROM instance

DROP TABLE instance

CREATE TABLE instance (
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    exercise_version TEXT,
    attempt TEXT,
    desired VARCHAR(16) NOT NULL,
    observed VARCHAR(16) NOT NULL,
    epoch INTEGER NOT NULL,
    cell TEXT,
    queued_at VARCHAR(27) NOT NULL,
    opened_at VARCHAR(27),
    last_request_at VARCHAR(27),
    trouble TEXT NOT NULL,
    expires_at VARCHAR(27),
    cause TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_instance_epoch CHECK (epoch >= 0),
    CONSTRAINT ck_instance_slot CHECK (slot >= 0),
    CONSTRAINT ck_instance_cell_since_first_epoch CHECK ((cell IS NULL) = (epoch = 0)),
    CONSTRAINT ck_instance_open_has_a_cell CHECK (observed NOT IN ('open', 'replacing', 'hibernated', 'waking') OR cell IS NOT NULL),
    CONSTRAINT ck_instance_attempt_has_an_exercise CHECK ((attempt IS NULL) = (exercise_version IS NULL)),
    CONSTRAINT ck_instance_desired CHECK (desired IN ('open', 'hibernated', 'closed')),
    CONSTRAINT ck_instance_observed CHECK (observed IN ('queued', 'launching', 'open', 'replacing', 'hibernated', 'waking', 'failed', 'closed'))
)

INSERT INTO instance (id, owner, exercise_version, attempt, desired, observed, epoch, cell, queued_at, opened_at, last_request_at, trouble, expires_at, cause, urgency, slot) SELECT id, owner, exercise_version, attempt, desired, observed, epoch, cell, queued_at, opened_at, last_request_at, trouble, NULL, '', 1, 0 FROM kept_instance

DROP TABLE kept_instance

CREATE INDEX ix_instance_observed ON instance (observed)

CREATE INDEX ix_instance_owner ON instance (owner, queued_at)

CREATE UNIQUE INDEX uq_instance_one_wanted_per_place ON instance (owner, slot) WHERE desired <> 'closed' AND observed <> 'closed'

ALTER TABLE cell ADD COLUMN begun_at VARCHAR(27)

ALTER TABLE cell ADD COLUMN ready_at VARCHAR(27)

ALTER TABLE cell ADD COLUMN resting_since VARCHAR(27)

CREATE TEMP TABLE kept_move AS SELECT * FROM move

DROP TABLE move

CREATE TABLE move (
    instance TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    closed_at VARCHAR(27),
    cause TEXT NOT NULL,
    flipped_at VARCHAR(27),
    PRIMARY KEY (instance, epoch),
    CONSTRAINT ck_move_kind CHECK (kind IN ('reset', 'nightly')),
    CONSTRAINT fk_move_instance FOREIGN KEY(instance) REFERENCES instance (id)
)

INSERT INTO move (instance, epoch, kind, actor, created_at, closed_at, cause) SELECT instance, epoch, kind, actor, created_at, closed_at, '' FROM kept_move

DROP TABLE kept_move

CREATE TABLE rest (
    cell TEXT NOT NULL,
    rested_at VARCHAR(27) NOT NULL,
    journal_sha256 TEXT NOT NULL,
    state_sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    chain TEXT NOT NULL,
    woken_at VARCHAR(27),
    PRIMARY KEY (cell, rested_at),
    CONSTRAINT fk_rest_cell FOREIGN KEY(cell) REFERENCES cell (id)
)

CREATE UNIQUE INDEX uq_rest_one_asleep_per_cell ON rest (cell) WHERE woken_at IS NULL
