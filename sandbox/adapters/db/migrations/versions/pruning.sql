CREATE TABLE prune_request (
    id TEXT NOT NULL,
    approved TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at VARCHAR(27) NOT NULL,
    answered_at VARCHAR(27),
    answer TEXT NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (id)
)
