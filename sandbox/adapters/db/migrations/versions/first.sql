CREATE TABLE assignment (
    id TEXT NOT NULL,
    exercise_version TEXT NOT NULL,
    person TEXT NOT NULL,
    due VARCHAR(27),
    max_attempts INTEGER,
    assigned_by TEXT NOT NULL,
    assigned_at VARCHAR(27) NOT NULL,
    withdrawn_at VARCHAR(27),
    PRIMARY KEY (id),
    CONSTRAINT ck_assignment_max_attempts CHECK (max_attempts IS NULL OR max_attempts >= 1)
)

CREATE UNIQUE INDEX uq_assignment_one_per_person_and_version ON assignment (person, exercise_version) WHERE withdrawn_at IS NULL

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
    PRIMARY KEY (id),
    CONSTRAINT ck_attempt_open_since CHECK (state <> 'open' OR opened_at IS NOT NULL),
    CONSTRAINT ck_attempt_submitted_at CHECK (state NOT IN ('submitted', 'sealed', 'graded') OR submitted_at IS NOT NULL),
    CONSTRAINT ck_attempt_closed_at CHECK ((closed_at IS NOT NULL) = (state IN ('cancelled', 'abandoned', 'interrupted', 'graded'))),
    CONSTRAINT ck_attempt_state CHECK (state IN ('requested', 'open', 'cancelled', 'submitted', 'abandoned', 'interrupted', 'sealed', 'graded'))
)

CREATE INDEX ix_attempt_person ON attempt (person, exercise_version)

CREATE INDEX ix_attempt_state ON attempt (state)

CREATE UNIQUE INDEX uq_attempt_one_live_per_instance ON attempt (instance) WHERE state IN ('requested', 'open', 'submitted')

CREATE TABLE audit (
    seq INTEGER NOT NULL,
    at VARCHAR(27) NOT NULL,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    verb TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    facts TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (seq),
    CONSTRAINT ck_audit_seq CHECK (seq >= 1),
    CONSTRAINT ck_audit_outcome CHECK (outcome IN ('ok', 'refused', 'failed'))
)

CREATE TRIGGER audit_refuses_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END

CREATE TRIGGER audit_refuses_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END

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
    released_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_exercise_version UNIQUE (exercise, version),
    CONSTRAINT ck_exercise_version_minutes CHECK (minutes > 0),
    CONSTRAINT ck_exercise_version_pass_score CHECK (pass_score BETWEEN 0 AND 100)
)

CREATE TRIGGER exercise_version_refuses_delete BEFORE DELETE ON exercise_version BEGIN SELECT RAISE(ABORT, 'exercise_version is append-only'); END

CREATE TRIGGER exercise_version_refuses_update BEFORE UPDATE ON exercise_version BEGIN SELECT RAISE(ABORT, 'exercise_version is append-only'); END

CREATE TABLE golden_dataset (
    inputs_key TEXT NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    digest TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    built_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (inputs_key)
)

CREATE TABLE image (
    id TEXT NOT NULL,
    contract INTEGER NOT NULL,
    registered_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (id)
)

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
    PRIMARY KEY (id),
    CONSTRAINT ck_instance_epoch CHECK (epoch >= 0),
    CONSTRAINT ck_instance_cell_since_first_epoch CHECK ((cell IS NULL) = (epoch = 0)),
    CONSTRAINT ck_instance_open_has_a_cell CHECK (observed NOT IN ('open', 'replacing') OR cell IS NOT NULL),
    CONSTRAINT ck_instance_attempt_has_an_exercise CHECK ((attempt IS NULL) = (exercise_version IS NULL)),
    CONSTRAINT ck_instance_desired CHECK (desired IN ('open', 'closed')),
    CONSTRAINT ck_instance_observed CHECK (observed IN ('queued', 'launching', 'open', 'replacing', 'failed', 'closed'))
)

CREATE INDEX ix_instance_observed ON instance (observed)

CREATE UNIQUE INDEX uq_instance_one_wanted_per_owner ON instance (owner) WHERE desired = 'open' AND observed <> 'closed'

CREATE TABLE job_ledger (
    job TEXT NOT NULL,
    local_date DATE NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    begun_at VARCHAR(27) NOT NULL,
    finished_at VARCHAR(27),
    PRIMARY KEY (job, local_date, subject)
)

CREATE TABLE job_time (
    job TEXT NOT NULL,
    local_time TEXT NOT NULL,
    chosen_by TEXT NOT NULL,
    chosen_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (job)
)

CREATE TABLE lease (
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    expires_at VARCHAR(27) NOT NULL,
    checked_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (name),
    CONSTRAINT ck_lease_fence CHECK (fence >= 1)
)

CREATE TABLE person (
    id TEXT NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    language TEXT NOT NULL,
    must_change_password BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT uq_person_login UNIQUE (login),
    CONSTRAINT ck_person_language CHECK (language IN ('zh', 'en')),
    CONSTRAINT ck_person_must_change_password CHECK (must_change_password IN (0, 1)),
    CONSTRAINT ck_person_disabled CHECK (disabled IN (0, 1))
)

CREATE TABLE cell (
    id TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    instance TEXT,
    epoch INTEGER,
    attempt TEXT,
    uid INTEGER NOT NULL,
    image TEXT NOT NULL,
    pool_key TEXT NOT NULL,
    engine_id TEXT,
    nonce TEXT NOT NULL,
    dataset TEXT,
    since VARCHAR(27) NOT NULL,
    failures INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (id),
    CONSTRAINT ck_cell_epoch_with_instance CHECK ((instance IS NULL) = (epoch IS NULL)),
    CONSTRAINT ck_cell_ready_is_nobodys CHECK (state NOT IN ('planned', 'created', 'started', 'ready') OR instance IS NULL),
    CONSTRAINT ck_cell_claimed_is_somebodys CHECK (state NOT IN ('claimed', 'armed', 'sealed', 'archived', 'quarantined') OR instance IS NOT NULL),
    CONSTRAINT ck_cell_failures CHECK (failures >= 0),
    CONSTRAINT ck_cell_state CHECK (state IN ('planned', 'created', 'started', 'ready', 'claimed', 'armed', 'sealed', 'archived', 'gone', 'broken', 'quarantined')),
    CONSTRAINT fk_cell_instance FOREIGN KEY(instance) REFERENCES instance (id)
)

CREATE INDEX ix_cell_attempt ON cell (attempt)

CREATE INDEX ix_cell_state ON cell (state, pool_key, since)

CREATE UNIQUE INDEX uq_cell_one_armed_per_instance ON cell (instance) WHERE state = 'armed'

CREATE UNIQUE INDEX uq_cell_one_claimed_per_epoch ON cell (instance, epoch) WHERE state IN ('claimed', 'armed')

CREATE UNIQUE INDEX uq_cell_uid_of_the_present ON cell (uid) WHERE state <> 'gone'

CREATE TABLE credential (
    person TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    failures INTEGER NOT NULL,
    locked_until VARCHAR(27),
    PRIMARY KEY (person),
    CONSTRAINT ck_credential_failures CHECK (failures >= 0),
    CONSTRAINT fk_credential_person FOREIGN KEY(person) REFERENCES person (id)
)

CREATE TABLE evidence (
    attempt TEXT NOT NULL,
    journal_sha256 TEXT NOT NULL,
    state_sha256 TEXT NOT NULL,
    nonce TEXT NOT NULL,
    rows INTEGER NOT NULL,
    sealed_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (attempt),
    CONSTRAINT fk_evidence_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

CREATE TRIGGER evidence_refuses_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END

CREATE TRIGGER evidence_refuses_update BEFORE UPDATE ON evidence BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END

CREATE TABLE hint_use (
    attempt TEXT NOT NULL,
    hint TEXT NOT NULL,
    working_ms INTEGER NOT NULL,
    opened_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (attempt, hint),
    CONSTRAINT fk_hint_use_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

CREATE TABLE login (
    token_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    seen_at VARCHAR(27) NOT NULL,
    csrf TEXT NOT NULL,
    PRIMARY KEY (token_hash),
    CONSTRAINT uq_login_person UNIQUE (person),
    CONSTRAINT fk_login_person FOREIGN KEY(person) REFERENCES person (id)
)

CREATE TABLE move (
    instance TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at VARCHAR(27) NOT NULL,
    closed_at VARCHAR(27),
    PRIMARY KEY (instance, epoch),
    CONSTRAINT ck_move_kind CHECK (kind IN ('reset', 'nightly')),
    CONSTRAINT fk_move_instance FOREIGN KEY(instance) REFERENCES instance (id)
)

CREATE TABLE person_role (
    person TEXT NOT NULL,
    role VARCHAR(16) NOT NULL,
    PRIMARY KEY (person, role),
    CONSTRAINT fk_person_role_person FOREIGN KEY(person) REFERENCES person (id),
    CONSTRAINT ck_person_role CHECK (role IN ('trainee', 'trainer', 'it'))
)

CREATE TABLE result (
    attempt TEXT NOT NULL,
    number INTEGER NOT NULL,
    score TEXT NOT NULL,
    verdict TEXT NOT NULL,
    report_sha256 TEXT NOT NULL,
    grader TEXT NOT NULL,
    graded_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (attempt, number),
    CONSTRAINT ck_result_number CHECK (number >= 1),
    CONSTRAINT ck_result_verdict CHECK (verdict IN ('pass', 'fail', 'provisional', 'error')),
    CONSTRAINT ck_result_error_has_no_score CHECK (verdict <> 'error' OR score = ''),
    CONSTRAINT fk_result_attempt FOREIGN KEY(attempt) REFERENCES attempt (id)
)

CREATE TRIGGER result_refuses_delete BEFORE DELETE ON result BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TRIGGER result_refuses_update BEFORE UPDATE ON result BEGIN SELECT RAISE(ABORT, 'result is append-only'); END

CREATE TABLE ticket (
    token_hash TEXT NOT NULL,
    instance TEXT NOT NULL,
    person TEXT NOT NULL,
    expires_at VARCHAR(27) NOT NULL,
    used_at VARCHAR(27),
    PRIMARY KEY (token_hash),
    CONSTRAINT fk_ticket_instance FOREIGN KEY(instance) REFERENCES instance (id)
)

CREATE TABLE cell_archive (
    cell TEXT NOT NULL,
    instance TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    attempt TEXT,
    journal_sha256 TEXT NOT NULL,
    state_sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL,
    chain TEXT NOT NULL,
    archived_at VARCHAR(27) NOT NULL,
    PRIMARY KEY (cell),
    CONSTRAINT fk_cell_archive_cell FOREIGN KEY(cell) REFERENCES cell (id)
)

CREATE INDEX ix_cell_archive_attempt ON cell_archive (attempt)

CREATE TRIGGER cell_archive_refuses_delete BEFORE DELETE ON cell_archive BEGIN SELECT RAISE(ABORT, 'cell_archive is append-only'); END

CREATE TRIGGER cell_archive_refuses_update BEFORE UPDATE ON cell_archive BEGIN SELECT RAISE(ABORT, 'cell_archive is append-only'); END
