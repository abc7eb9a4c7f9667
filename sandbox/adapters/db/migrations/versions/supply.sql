CREATE TABLE worker_vitals (
    name TEXT NOT NULL,
    fence INTEGER NOT NULL,
    at VARCHAR(27) NOT NULL,
    base INTEGER NOT NULL,
    lessons INTEGER NOT NULL,
    recent INTEGER NOT NULL,
    target INTEGER NOT NULL,
    occupied INTEGER NOT NULL,
    by_memory INTEGER NOT NULL,
    by_disk INTEGER NOT NULL,
    by_site INTEGER NOT NULL,
    pressure INTEGER NOT NULL,
    memory_total BIGINT NOT NULL,
    memory_available BIGINT NOT NULL,
    memory_reserve BIGINT NOT NULL,
    swap_used BIGINT NOT NULL,
    disk_free BIGINT NOT NULL,
    stalled FLOAT,
    strict BOOLEAN NOT NULL,
    cell_bytes BIGINT NOT NULL,
    measured INTEGER NOT NULL,
    rate FLOAT NOT NULL,
    trouble TEXT NOT NULL,
    failures INTEGER NOT NULL,
    failing_since VARCHAR(27),
    resting_until VARCHAR(27),
    PRIMARY KEY (name),
    CONSTRAINT ck_worker_vitals_one_row CHECK (name = 'worker'),
    CONSTRAINT ck_worker_vitals_target CHECK (target >= 0 AND target <= base + lessons + recent),
    CONSTRAINT ck_worker_vitals_pressure CHECK (pressure BETWEEN 0 AND 2),
    CONSTRAINT ck_worker_vitals_strict CHECK (strict IN (0, 1))
)

CREATE TABLE capacity_sample (
    minute VARCHAR(27) NOT NULL,
    occupied INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    waiting INTEGER NOT NULL,
    target INTEGER NOT NULL,
    seats INTEGER NOT NULL,
    memory_total BIGINT NOT NULL,
    memory_available BIGINT NOT NULL,
    cell_bytes BIGINT NOT NULL,
    PRIMARY KEY (minute)
)

CREATE INDEX ix_instance_queued_at ON instance (queued_at)

CREATE INDEX ix_move_created_at ON move (created_at)

CREATE INDEX ix_move_open ON move (created_at) WHERE closed_at IS NULL

CREATE INDEX ix_assignment_opens ON assignment (opens) WHERE opens IS NOT NULL

CREATE INDEX ix_cell_ready_at ON cell (ready_at) WHERE ready_at IS NOT NULL
